//! From a challenge to a token: which grant, whose credentials, the token endpoint (PROTOCOL 2.1 to 2.5).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use zeroize::Zeroizing;

use super::answer;
use super::origin::Origin;
use super::tokens::{Challenged, Token};
use super::transport::{Raw, Request};
use super::{Content, Credentials, Inner, Method, Question, Retry, Wanted};
use crate::wire::{self, BearerChallenge, Challenges, MsRtcChallenge};
use crate::{Error, ErrorKind};

/// How many credentials in a row may be refused before the sign-in is given up: accounts get locked.
pub(super) const ATTEMPTS: u32 = 3;

/// What the server's own token endpoint takes of what this engine can give.
const PASSWORD: &str = "password";
const FORM: &str = "application/x-www-form-urlencoded;charset=UTF-8";

/// What of a challenge is met.
pub(super) enum Way<'a> {
    /// The grant `password` at the server's own token endpoint.
    Password(&'a MsRtcChallenge),
    /// A token made elsewhere.
    Bearer(&'a BearerChallenge),
    /// Nothing of it.
    None,
}

/// The first of what this library can do and the server offers.
pub(super) fn way(offers: &Challenges) -> Way<'_> {
    let takes_password =
        |it: &&MsRtcChallenge| it.grant_types.iter().any(|grant| grant.eq_ignore_ascii_case(PASSWORD));
    match (offers.ms_rtc.as_ref().filter(takes_password), &offers.bearer) {
        (Some(ms_rtc), _) => Way::Password(ms_rtc),
        (None, Some(bearer)) => Way::Bearer(bearer),
        (None, None) => Way::None,
    }
}

impl Way<'_> {
    /// The word in the log.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Way::Password(_) => PASSWORD,
            Way::Bearer(_) => "bearer",
            Way::None => "none",
        }
    }
}

impl Inner {
    /// Gets a token for `origin`. `refused` counts those that were given before and not taken.
    pub(super) async fn acquire(
        &self,
        origin: &Origin,
        challenged: &Challenged,
        refused: u32,
    ) -> Result<Arc<Token>, Error> {
        let offers = &challenged.challenges;
        match way(offers) {
            Way::Password(ms_rtc) => {
                let endpoint = ms_rtc.href.resolve(&challenged.url).map_err(|why| {
                    Error::new(ErrorKind::Protocol, "sign in", format!("the token endpoint: {why}"))
                })?;
                let place = self.origins.learn(&challenged.url, &endpoint)?;
                return self.by_password(&endpoint, &place, offers.bearer.as_ref(), refused).await;
            }
            Way::Bearer(bearer) => return self.by_token(origin, bearer, refused).await,
            Way::None => {}
        }
        let offered = offers.ms_rtc.as_ref().map(|ms_rtc| ms_rtc.grant_types.join(", "));
        let came = match offered {
            Some(offered) => format!("the server offers only these ways to sign in: {offered}"),
            None => "HTTP 401 without a challenge that this library can meet".to_owned(),
        };
        Err(Error::new(ErrorKind::Auth, format!("sign in at {origin}"), came)
            .advise("the server has to offer the grant `password` (forms-based) or take bearer tokens")
            .with_http_status(401))
    }

    /// The password grant. A source may answer with a token made elsewhere instead.
    async fn by_password(
        &self,
        endpoint: &Url,
        place: &Origin,
        bearer: Option<&BearerChallenge>,
        refused: u32,
    ) -> Result<Arc<Token>, Error> {
        let mut last: Option<Error> = None;
        for attempt in refused.saturating_add(1)..=ATTEMPTS {
            let question = question(Wanted::Password, attempt, place, bearer);
            let given = match (self.credentials.ask(question).await, last.take()) {
                (Ok(given), _) => given,
                (Err(silent), Some(refusal)) if has_no_other(&silent) => return Err(refusal),
                (Err(error), _) => return Err(error),
            };
            let (user, password) = match given {
                Credentials::Token { token, expires_in } => {
                    return Ok(Arc::new(Token::new(token, false, expires_in)));
                }
                Credentials::Password { user, password } => (user, password),
            };
            match self.exchange_password(endpoint, place, &user, &password).await? {
                Ok(token) => return Ok(Arc::new(token)),
                Err(refusal) => last = Some(refusal),
            }
        }
        Err(last.unwrap_or_else(|| {
            Error::new(ErrorKind::Auth, format!("sign in at {place}"), "the token was refused")
                .advise("check for whom and for what the token was made")
        }))
    }

    /// A token of another issuer, made by the host.
    async fn by_token(
        &self,
        origin: &Origin,
        bearer: &BearerChallenge,
        refused: u32,
    ) -> Result<Arc<Token>, Error> {
        let tried = || format!("sign in at {origin}");
        let attempt = refused.saturating_add(1);
        if attempt > ATTEMPTS {
            return Err(Error::new(
                ErrorKind::Auth,
                tried(),
                format!("{refused} tokens in a row were refused"),
            )
            .advise(format!("the token has to be made for the resource {origin}"))
            .with_http_status(401));
        }
        let question = question(Wanted::Bearer, attempt, origin, Some(bearer));
        match self.credentials.ask(question).await {
            Ok(Credentials::Token { token, expires_in }) => {
                Ok(Arc::new(Token::new(token, false, expires_in)))
            }
            Ok(Credentials::Password { .. }) => {
                Err(Error::new(ErrorKind::Auth, tried(), "the server takes no password, only a bearer token")
                    .advise(format!("supply a token for the resource {origin}")))
            }
            Err(error) if refused > 0 && has_no_other(&error) => {
                Err(Error::new(ErrorKind::Auth, tried(), "the server refused the token")
                    .advise(format!("the token has to be made for the resource {origin}"))
                    .with_http_status(401))
            }
            Err(error) => Err(error),
        }
    }

    /// Sends the password; the inner error is a refusal of the credentials, the outer one anything else.
    async fn exchange_password(
        &self,
        endpoint: &Url,
        place: &Origin,
        user: &str,
        password: &SecretString,
    ) -> Result<Result<Token, Error>, Error> {
        // Wiped when the connection has let go of it.
        let form = Bytes::from_owner(Form(wire::password_form(user, password)));
        let request = || Request {
            method: Method::Post,
            url: endpoint,
            bearer: None,
            content_type: Some(FORM),
            body: form.clone(),
            timeout: self.settings.request_timeout,
        };
        let tried = request().tried();
        let raw = self.repeat(Retry::Once, &tried, || self.transport.exchange(request(), place)).await?;
        self.read_token(raw, tried)
    }

    fn read_token(&self, mut raw: Raw, tried: String) -> Result<Result<Token, Error>, Error> {
        if raw.status == 200 && answer::content(&raw) == Content::Json {
            let body = Zeroizing::new(std::mem::take(&mut raw.body));
            let token = wire::token_answer(&body).map_err(|why| {
                Error::new(ErrorKind::Protocol, tried, why.to_string()).with_http_status(raw.status)
            })?;
            let lifetime = token.expires_in.map(Duration::from_secs);
            return Ok(Ok(Token::new(token.access_token, true, lifetime)));
        }
        if (300..400).contains(&raw.status) {
            return Err(Error::new(
                ErrorKind::Protocol,
                tried,
                format!("HTTP {}: a password is not sent on to another address", raw.status),
            )
            .with_http_status(raw.status));
        }
        if raw.status == 400 && answer::content(&raw) == Content::Json {
            return refusal(&raw, tried);
        }
        if raw.status == 200 {
            let came = "HTTP 200 with something else than a token";
            return Err(Error::new(ErrorKind::Protocol, tried, came)
                .advise(
                    "something on the way answered instead of the server: check the address and the proxy",
                )
                .with_http_status(200));
        }
        Err(answer::reject(&raw, tried).error)
    }
}

/// A body that is wiped from memory.
struct Form(SecretString);

impl AsRef<[u8]> for Form {
    fn as_ref(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

/// Reads a 400 of the token endpoint (PROTOCOL 2.5).
fn refusal(raw: &Raw, tried: String) -> Result<Result<Token, Error>, Error> {
    let said = wire::token_error(&raw.body);
    let word = said.as_ref().map(|said| said.error.as_str()).unwrap_or_default();
    let make = |kind, came: String, advice: &str| {
        let error = Error::new(kind, tried.clone(), came).advise(advice).with_http_status(raw.status);
        match answer::diagnostics(raw) {
            Some(marks) => error.with_diagnostics(marks),
            None => error,
        }
    };
    match word {
        "invalid_grant" => Ok(Err(make(
            ErrorKind::Auth,
            "the server refused the credentials (invalid_grant)".to_owned(),
            "check user name and password; the name may have to be user@domain or DOMAIN\\user",
        ))),
        "server_error" => Err(make(
            ErrorKind::Server,
            "the token service failed (server_error)".to_owned(),
            "come again later",
        )
        .retryable(None)),
        "" => Err(make(ErrorKind::Protocol, "HTTP 400 without a reason".to_owned(), "")),
        other => {
            let other: String = other.chars().take(60).collect();
            Err(make(ErrorKind::Auth, format!("the server refused the request for a token ({other})"), ""))
        }
    }
}

fn question(kind: Wanted, attempt: u32, resource: &Origin, bearer: Option<&BearerChallenge>) -> Question {
    let authority = bearer.map(|bearer| match &bearer.authorization_uri {
        Some(address) => address.clone(),
        None => bearer.trusted_issuers.join(","),
    });
    Question {
        kind,
        attempt,
        resource: resource.to_string(),
        authority: authority.unwrap_or_default(),
        client_id: bearer.and_then(|bearer| bearer.client_id.clone()).unwrap_or_default(),
    }
}

/// Whether the source only says that it has nothing better than what was refused; then the refusal is the news.
fn has_no_other(error: &Error) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::Closed
            | ErrorKind::Cancelled
            | ErrorKind::Timeout
            | ErrorKind::Internal
            | ErrorKind::WrongState
    )
}
