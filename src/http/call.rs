//! A request as the session writes it, and the answer as it reads it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use url::Url;

use super::origin::shown;
use crate::wire::Href;
use crate::{Error, ErrorKind};

/// The verbs of the protocol (PROTOCOL 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the words say it
pub enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}

/// A body to send. `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    /// Its `Content-Type`.
    pub content_type: String,
    /// The body.
    pub bytes: Bytes,
}

impl Payload {
    /// A JSON body.
    pub fn json(bytes: impl Into<Bytes>) -> Self {
        Payload { content_type: "application/json".to_owned(), bytes: bytes.into() }
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of {}", self.bytes.len(), self.content_type)
    }
}

/// What may happen to a request that failed. A 401 is renewed and repeated under all three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retry {
    /// Repeating does no harm (GET, PUT, DELETE): by the policy.
    Safe,
    /// A POST that creates: only when it surely was not processed (no connection came about, or the server said so).
    Once,
    /// Not at all: the caller has a better way out.
    Never,
}

/// Whether a request may be at the server just now. While it may not (it waits for a token or for its next try), giving it
/// up means that it is not carried out.
#[derive(Debug, Clone, Default)]
pub struct Departed(Arc<AtomicBool>);

impl Departed {
    /// True from the moment on at which a connection is asked for, until an answer came or the try failed.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Sets it for as long as the returned value lives.
    pub(super) fn set(&self) -> impl Drop {
        struct Back(Arc<AtomicBool>);
        impl Drop for Back {
            fn drop(&mut self) {
                self.0.store(false, Ordering::SeqCst);
            }
        }
        self.0.store(true, Ordering::SeqCst);
        Back(self.0.clone())
    }
}

/// One request. `Debug` shows neither query nor body.
#[derive(Clone)]
pub struct Call {
    /// What to do.
    pub method: Method,
    /// Where; its origin has to be trusted.
    pub url: Url,
    /// What to send along.
    pub body: Option<Payload>,
    /// How long until the last byte of the answer, instead of [`Settings::request_timeout`](super::Settings); the
    /// pending GET needs more than its `timeout` parameter (PROTOCOL 5.1).
    pub timeout: Option<Duration>,
    /// What may happen when it fails.
    pub retry: Retry,
    /// Where to look whether it is at the server.
    pub departed: Departed,
}

impl Call {
    fn new(method: Method, url: Url, body: Option<Payload>, retry: Retry) -> Self {
        Call { method, url, body, timeout: None, retry, departed: Departed::default() }
    }

    /// A GET, retried by the policy.
    pub fn get(url: Url) -> Self {
        Call::new(Method::Get, url, None, Retry::Safe)
    }

    /// A POST, repeated only when it surely was not processed.
    pub fn post(url: Url, body: Option<Payload>) -> Self {
        Call::new(Method::Post, url, body, Retry::Once)
    }

    /// A PUT, retried by the policy.
    pub fn put(url: Url, body: Payload) -> Self {
        Call::new(Method::Put, url, Some(body), Retry::Safe)
    }

    /// A DELETE, retried by the policy.
    pub fn delete(url: Url) -> Self {
        Call::new(Method::Delete, url, None, Retry::Safe)
    }

    /// With another time limit.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// With another rule for failures.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", &self.method)
            .field("url", &shown(&self.url))
            .field("body", &self.body)
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .finish()
    }
}

/// What a body is, by its `Content-Type` (PROTOCOL 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Content {
    /// UCWA's own JSON, under any of its names.
    Json,
    /// A page for people: never UCWA's own, it comes from a proxy or a web server on the way.
    Html,
    /// No body.
    None,
    /// Anything else.
    Other,
}

/// A 2xx or 304 answer. `Debug` shows neither query nor body.
#[derive(Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The URL that answered: the one asked, or the last one of a chain of HTTP redirects. Relative addresses of the
    /// body and of `location` stand against it.
    pub url: Url,
    /// `Location`, as written.
    pub location: Option<Href>,
    /// The body; never longer than [`Settings::max_body`](super::Settings).
    pub body: Bytes,
    /// What the body is.
    pub content: Content,
    /// `Retry-After`, from now.
    pub retry_after: Option<Duration>,
    /// The server's marks of the request (`X-MS-Server-Fqdn`, `X-Ms-diagnostics`), for the reader of its log.
    pub diagnostics: Option<String>,
    pub(super) asked: String,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("url", &shown(&self.url))
            .field("content", &self.content)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Answer {
    /// The body when it is UCWA's JSON, else the error to report.
    pub fn json(&self) -> Result<&Bytes, Error> {
        if self.content == Content::Json {
            return Ok(&self.body);
        }
        let came = match self.content {
            Content::None => format!("HTTP {} without the expected body", self.status),
            _ => format!("HTTP {} with a body that is not UCWA's JSON", self.status),
        };
        Err(Error::new(ErrorKind::Protocol, self.asked.clone(), came).with_http_status(self.status))
    }
}
