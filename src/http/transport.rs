//! One exchange: a request goes out, an answer with a limited body comes back. Follows and repeats nothing.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::sync::Mutex;
use bytes::Bytes;
use once_cell::sync::OnceCell;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue,
};
use reqwest::{Client, ClientBuilder};
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use zeroize::Zeroizing;

use super::origin::{Origin, shown};
use super::trouble::Trouble;
use super::{Method, Proxy, Settings, tls};
use crate::{Error, ErrorKind};

/// What [`Transport::exchange`] sends.
pub(super) struct Request<'a> {
    pub(super) method: Method,
    pub(super) url: &'a Url,
    pub(super) bearer: Option<&'a SecretString>,
    pub(super) content_type: Option<&'a str>,
    pub(super) body: Bytes,
    pub(super) timeout: Duration,
}

impl Request<'_> {
    /// For errors and logs.
    pub(super) fn tried(&self) -> String {
        format!("{} {}", self.method.as_str(), shown(self.url))
    }
}

/// What came back, whatever its status.
pub(super) struct Raw {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Raw {
    /// A header's text, if it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// The connections of one session. What can be wrong with the settings shows when it is made; the platform's
/// certificates are read with the first https request.
pub(super) struct Transport {
    settings: Settings,
    agent: HeaderValue,
    roots: tls::Roots,
    proxy: Option<reqwest::Proxy>,
    tls: OnceCell<Arc<ClientConfig>>,
    https: Mutex<Option<Client>>,
    /// Plain http to this computer itself: never through a proxy, which would carry the token elsewhere.
    loopback: Mutex<Option<Client>>,
}

/// Idle connections are dropped before a server or balancer would (60 s and up), so that a POST does not die on one.
const IDLE: Duration = Duration::from_secs(30);
/// Finds out that the other side of a parked request is gone, after sleep or a change of network.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// What is set aside for a body at first, at most, whatever length its header claims.
const FIRST_PIECE: u64 = 64 * 1024;

impl Transport {
    pub(super) fn new(settings: Settings) -> Result<Transport, Error> {
        let bad = |tried: &str, why: String| Error::new(ErrorKind::InvalidArgument, tried, why);
        let agent = HeaderValue::from_str(&settings.user_agent)
            .map_err(|_| bad("user agent", "it has characters that no header may hold".to_owned()))?;
        let roots = tls::parse(&settings.extra_roots_pem)?;
        let proxy = match &settings.proxy {
            Proxy::Url(url) => Some(
                reqwest::Proxy::all(url.clone())
                    .map_err(|why| bad("proxy", why.without_url().to_string()))?,
            ),
            Proxy::System | Proxy::None => None,
        };
        let (tls, https, loopback) = Default::default();
        Ok(Transport { settings, agent, roots, proxy, tls, https, loopback })
    }

    /// Drops all idle connections; those in use end with their requests. For a computer that changed its network.
    pub(super) fn reset(&self) {
        *self.https.lock() = None;
        *self.loopback.lock() = None;
    }

    /// Sends one request and reads its answer whole. `origin` is the proof that the URL was checked.
    pub(super) async fn exchange(&self, request: Request<'_>, origin: &Origin) -> Result<Raw, Trouble> {
        let tried = request.tried();
        let headers = headers(&request, &tried).map_err(Trouble::last)?;
        let client = self.client(origin).map_err(Trouble::last)?;
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder =
            client.request(method, request.url.clone()).headers(headers).timeout(request.timeout);
        if !request.body.is_empty() {
            builder = builder.body(request.body);
        }
        let begun = Instant::now();
        let mut response = builder.send().await.map_err(|why| Trouble::of(&tried, &why, None))?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let body = self.read(response, &tried, status).await?;
        let (bytes, took) = (body.len(), begun.elapsed());
        tracing::debug!(target: "ucwa::http", %tried, status, bytes, ?took, "answered");
        Ok(Raw { status, headers, body })
    }

    fn client(&self, origin: &Origin) -> Result<Client, Error> {
        let secure = origin.is_secure();
        let mut client = if secure { self.https.lock() } else { self.loopback.lock() };
        if let Some(client) = &*client {
            return Ok(client.clone());
        }
        let builder = if secure { self.https()? } else { self.loopback()? };
        let made = builder.build().map_err(|why| {
            Error::new(ErrorKind::Internal, "prepare connections", why.without_url().to_string())
        })?;
        *client = Some(made.clone());
        Ok(made)
    }

    fn https(&self) -> Result<ClientBuilder, Error> {
        let tls = self.tls.get_or_try_init(|| tls::shared(&self.roots))?;
        let mut builder = self.common((**tls).clone()).https_only(true);
        builder = match (&self.settings.proxy, &self.proxy) {
            (_, Some(proxy)) => builder.proxy(proxy.clone()),
            (Proxy::System, None) => builder,
            (_, None) => builder.no_proxy(),
        };
        for (host, address) in &self.settings.resolve {
            builder = builder.resolve(&host.trim().to_ascii_lowercase(), *address);
        }
        Ok(builder)
    }

    fn loopback(&self) -> Result<ClientBuilder, Error> {
        // The one name of this computer is not left to a name server.
        let here = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
        Ok(self.common(tls::nobody()?).no_proxy().resolve_to_addrs("localhost", &here))
    }

    fn common(&self, tls: ClientConfig) -> ClientBuilder {
        Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(self.agent.clone())
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .http1_only()
            .connect_timeout(self.settings.connect_timeout)
            .pool_idle_timeout(IDLE)
            .tcp_keepalive(KEEPALIVE)
    }

    async fn read(
        &self,
        mut response: reqwest::Response,
        tried: &str,
        status: u16,
    ) -> Result<Vec<u8>, Trouble> {
        let limit = self.settings.max_body;
        let claimed = response.content_length().unwrap_or(0);
        if claimed > limit as u64 {
            return Err(too_large(tried, status, limit));
        }
        // Wiped when the read is given up in the middle: it may be a token.
        let first = usize::try_from(claimed.min(FIRST_PIECE)).unwrap_or(0);
        let mut body = Zeroizing::new(Vec::with_capacity(first));
        while let Some(piece) =
            response.chunk().await.map_err(|why| Trouble::of(tried, &why, Some(status)))?
        {
            if piece.len() > limit.saturating_sub(body.len()) {
                return Err(too_large(tried, status, limit));
            }
            body.extend_from_slice(&piece);
        }
        Ok(std::mem::take(&mut *body))
    }
}

fn too_large(tried: &str, status: u16, limit: usize) -> Trouble {
    Trouble::last(
        Error::new(ErrorKind::Protocol, tried, format!("the body is longer than {limit} bytes"))
            .with_http_status(status),
    )
}

fn headers(request: &Request<'_>, tried: &str) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    // Saying nothing would allow any coding (RFC 9110, 12.5.3), and none is read here.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if let Some(content_type) = request.content_type {
        let value = HeaderValue::from_str(content_type).map_err(|_| {
            Error::new(
                ErrorKind::InvalidArgument,
                tried,
                "a Content-Type with characters that no header may hold",
            )
        })?;
        headers.insert(CONTENT_TYPE, value);
    }
    // IIS answers 411 to a POST without a length, and the client writes none for an empty body.
    if request.body.is_empty() && matches!(request.method, Method::Post | Method::Put) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    if let Some(token) = request.bearer {
        let line = Zeroizing::new(format!("Bearer {}", token.expose_secret()));
        let mut value = HeaderValue::from_str(&line).map_err(|_| {
            Error::new(ErrorKind::Auth, tried, "the token has characters that no header may hold")
                .advise("give the token itself: one line, without the word Bearer")
        })?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(headers)
}
