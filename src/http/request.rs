//! The way of one request: pass, exchange, 401, redirects, another try.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use url::Url;

use super::answer;
use super::grant::{self, ATTEMPTS};
use super::origin::{Origin, shown};
use super::retry::dice;
use super::tokens::{Challenged, Pass, Slot, Standing, Turn};
use super::transport::{Raw, Request};
use super::trouble::Trouble;
use super::{Answer, Call, Http, Inner, Method, Retry, sign_in_log};
use crate::wire::{self, Href};
use crate::{Error, ErrorKind};

impl Http {
    /// Sends one request and reads its answer whole. 2xx and 304 are an [`Answer`]; all else is an error with
    /// [`Error::http_status`] and, when the body was UCWA's own, [`Error::reason`]. Dropping the future gives the
    /// request up; the server may have acted on it.
    pub async fn send(&self, call: Call) -> Result<Answer, Error> {
        let tried = format!("{} {}", call.method.as_str(), shown(&call.url));
        self.0.inner.repeat(call.retry, &tried, || self.attempt(&call)).await
    }

    /// One try: the request, and those that HTTP redirects lead to.
    async fn attempt(&self, call: &Call) -> Result<Answer, Trouble> {
        let mut url = call.url.clone();
        let mut redirects = 0;
        loop {
            let raw = self.authorized(call, &url).await?;
            let tried = format!("{} {}", call.method.as_str(), shown(&url));
            let raw_status = raw.status;
            let Some(next) = redirect(call.method, &url, &raw, &tried)? else {
                return answer::read(raw, &url, tried);
            };
            redirects += 1;
            if redirects > self.0.inner.settings.max_redirects {
                return Err(too_many(&tried, redirects - 1, raw.status));
            }
            sign_in_log::redirect(&url, &next, Some(raw_status));
            url = next;
        }
    }

    /// The request with the token of its origin, which is got or renewed when the server asks for it.
    async fn authorized(&self, call: &Call, url: &Url) -> Result<Raw, Trouble> {
        let inner = &self.0.inner;
        let origin = inner.origins.check(url).map_err(Trouble::last)?;
        let slot = inner.tokens.slot(&origin);
        let mut renewals = 0;
        loop {
            let pass = match slot.standing() {
                Standing::Renew(pass, challenged) if renewals < ATTEMPTS => {
                    renewals += 1;
                    inner.renew(&origin, &slot, &pass, false, challenged).await.map_err(Trouble::last)?;
                    continue;
                }
                Standing::GoAndRenew(pass, challenged) => {
                    self.renew_beside(&origin, &slot, &pass, challenged);
                    pass
                }
                Standing::Go(pass) | Standing::Renew(pass, _) => pass,
            };
            let departed = call.departed.set();
            let raw = inner.transport.exchange(request(call, url, &pass, inner), &origin).await?;
            drop(departed);
            if raw.status != 401 {
                // A gateway's word proves nothing.
                if raw.status < 500 && raw.status != 407 {
                    slot.proved(&pass);
                }
                return Ok(raw);
            }
            let issued_here = pass.token.as_ref().is_some_and(|token| token.issued_here);
            if renewals >= ATTEMPTS || (renewals > 0 && issued_here) {
                return Err(Trouble::last(refused(&raw, url, call)));
            }
            renewals += 1;
            let challenged = challenged(&raw, url);
            inner.renew(&origin, &slot, &pass, true, challenged).await.map_err(Trouble::last)?;
        }
    }

    /// Renews while the old token is still good, so that no request waits for a person at a sign-in window.
    fn renew_beside(&self, origin: &Origin, slot: &Arc<Slot>, pass: &Pass, challenged: Challenged) {
        let (inner, origin) = (self.0.inner.clone(), origin.clone());
        let (slot, pass) = (slot.clone(), pass.clone());
        let mut beside = self.0.beside.lock();
        while beside.try_join_next().is_some() {}
        beside.spawn(async move {
            if let Err(error) = inner.renew(&origin, &slot, &pass, false, challenged).await {
                tracing::warn!(target: "ucwa::http", %origin, %error, "the token could not be renewed ahead of its end");
            }
        });
    }
}

impl Inner {
    /// Gets a new token, or waits for the one who does. `refused`: a 401 came back for this pass.
    async fn renew(
        &self,
        origin: &Origin,
        slot: &Slot,
        pass: &Pass,
        refused: bool,
        challenged: Challenged,
    ) -> Result<(), Error> {
        let was_refused = refused;
        let (turn, _guard) = slot.turn(pass, refused).await?;
        let Turn::Yours { refused, issued_here } = turn else {
            return Ok(());
        };
        let challenged = slot.known(challenged);
        if was_refused {
            sign_in_log::challenge(&challenged, grant::way(&challenged.challenges).as_str());
        }
        tracing::debug!(target: "ucwa::http", %origin, refused, "getting a token");
        let result = if issued_here && refused > 0 {
            Err(Error::new(
                ErrorKind::Auth,
                format!("sign in at {origin}"),
                "HTTP 401 for a token just issued",
            )
            .advise("check on the server whether this user may use UCWA")
            .with_http_status(401))
        } else {
            self.acquire(origin, &challenged, refused).await
        };
        sign_in_log::token(origin, !slot.had_one(), result.as_deref());
        slot.renewed(&result, &challenged);
        result.map(|_| ())
    }

    /// Repeats by the policy.
    pub(super) async fn repeat<T, F, A>(&self, retry: Retry, tried: &str, mut attempt: F) -> Result<T, Error>
    where
        F: FnMut() -> A,
        A: Future<Output = Result<T, Trouble>>,
    {
        let mut tries = 0u32;
        loop {
            tries = tries.saturating_add(1);
            let trouble = match attempt().await {
                Ok(done) => return Ok(done),
                Err(trouble) => trouble,
            };
            match self.settings.retry.pause(retry, tries, &trouble.failure, dice()) {
                None => return Err(trouble.error),
                Some(pause) => {
                    tracing::debug!(target: "ucwa::http", %tried, tries, ?pause, error = %trouble.error, "trying again");
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }
}

fn request<'a>(call: &'a Call, url: &'a Url, pass: &'a Pass, inner: &Inner) -> Request<'a> {
    Request {
        method: call.method,
        url,
        bearer: pass.token.as_ref().map(|token| &token.secret),
        content_type: call.body.as_ref().map(|body| body.content_type.as_str()),
        body: call.body.as_ref().map_or_else(Bytes::new, |body| body.bytes.clone()),
        timeout: call.timeout.unwrap_or(inner.settings.request_timeout),
    }
}

fn challenged(raw: &Raw, url: &Url) -> Challenged {
    let headers = raw.headers.get_all("www-authenticate");
    let headers = || headers.iter().filter_map(|value| value.to_str().ok());
    let challenges = wire::challenges(headers());
    let mut schemes: Vec<String> = Vec::new();
    let known =
        [challenges.ms_rtc.as_ref().map(|_| "MsRtcOAuth"), challenges.bearer.as_ref().map(|_| "Bearer")];
    // Of several in one header, those that are not known are left out.
    let first = headers().filter_map(|header| header.split([' ', ',']).find(|word| !word.is_empty()));
    for scheme in first.chain(known.into_iter().flatten()) {
        if !schemes.iter().any(|listed| listed.eq_ignore_ascii_case(scheme)) {
            schemes.push(scheme.to_owned());
        }
    }
    Challenged { challenges, schemes, url: url.clone() }
}

fn refused(raw: &Raw, url: &Url, call: &Call) -> Error {
    let tried = format!("{} {}", call.method.as_str(), shown(url));
    let error = Error::new(ErrorKind::Auth, tried, "HTTP 401 even with a new token")
        .advise("check on the server whether this user may do this")
        .with_http_status(401);
    match answer::diagnostics(raw) {
        Some(marks) => error.with_diagnostics(marks),
        None => error,
    }
}

/// Where an HTTP redirect leads, if the answer is one. 307 and 308 keep the method; the older ones are followed for GET
/// only, since a POST that silently becomes a GET would look like a success.
pub(super) fn redirect(method: Method, url: &Url, raw: &Raw, tried: &str) -> Result<Option<Url>, Trouble> {
    let refuse = |why: String| {
        let came = format!("HTTP {}: {why}", raw.status);
        Trouble::last(Error::new(ErrorKind::Protocol, tried, came).with_http_status(raw.status))
    };
    match raw.status {
        301..=303 if method != Method::Get => {
            Err(refuse(format!("a redirect that would drop the {}", method.as_str())))
        }
        301..=303 | 307 | 308 => {
            let Some(location) = raw.header("location") else {
                return Err(refuse("a redirect without an address".to_owned()));
            };
            let next = Href::new(location).resolve(url).map_err(|why| refuse(why.to_string()))?;
            if url.scheme() == "https" && next.scheme() != "https" {
                return Err(refuse(format!("https leads down to {}", shown(&next))));
            }
            Ok(Some(next))
        }
        _ => Ok(None),
    }
}

/// The error of a chain of redirects that does not end.
pub(super) fn too_many(tried: &str, followed: u32, status: u16) -> Trouble {
    let came = format!("HTTP {status}: the last of {followed} redirects leads on");
    Trouble::last(Error::new(ErrorKind::Protocol, tried, came).with_http_status(status))
}
