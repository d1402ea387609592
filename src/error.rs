//! The one error that leaves the library: what was tried, what came back, what to do.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::wire::Reason;

/// What kind of failure an [`Error`] is; decides how a program reacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A value passed in is bad; nothing was sent.
    InvalidArgument,
    /// The call does not fit the state of the session.
    WrongState,
    /// The session is closed.
    Closed,
    /// The operation was cancelled.
    Cancelled,
    /// The time allowed is over.
    Timeout,
    /// Unknown or expired id, or an unknown configuration key.
    NotFound,
    /// The server offers no link for this now; nothing was sent.
    NotAllowed,
    /// The server or this build lacks it.
    Unsupported,
    /// Credentials were asked for and nobody gave them.
    CredentialsNeeded,
    /// No connection, or it broke.
    Network,
    /// The server's certificate or the TLS version was not accepted.
    Tls,
    /// Autodiscovery found no server.
    Discovery,
    /// The server did not accept the credentials.
    Auth,
    /// The answer could not be understood, or an origin was refused.
    Protocol,
    /// The server answered with an error of its own: see [`Error::reason`].
    Server,
    /// Too many requests: see [`Error::retry_after`].
    Throttled,
    /// A defect in this library, caught.
    Internal,
}

/// A failure, cheap to clone. Its text reads "tried: what came; what to do" and holds no secret.
#[derive(Clone)]
pub struct Error(Arc<Detail>);

#[derive(Clone)]
struct Detail {
    kind: ErrorKind,
    tried: String,
    came: String,
    advice: String,
    http_status: Option<u16>,
    reason: Option<Reason>,
    retryable: bool,
    may_have_worked: bool,
    retry_after: Option<Duration>,
    diagnostics: Option<String>,
}

impl Error {
    /// `tried` is what was under way ("POST https://host/path", "sign in"), `came` what came of it.
    pub fn new(kind: ErrorKind, tried: impl Into<String>, came: impl Into<String>) -> Self {
        Error(Arc::new(Detail {
            kind,
            tried: tried.into(),
            came: came.into(),
            advice: String::new(),
            http_status: None,
            reason: None,
            retryable: false,
            may_have_worked: false,
            retry_after: None,
            diagnostics: None,
        }))
    }

    fn edit(mut self, change: impl FnOnce(&mut Detail)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// Says what the reader can do about it.
    #[must_use]
    pub fn advise(self, advice: impl Into<String>) -> Self {
        self.edit(|d| d.advice = advice.into())
    }

    /// Adds the HTTP status of the answer.
    #[must_use]
    pub fn with_http_status(self, status: u16) -> Self {
        self.edit(|d| d.http_status = Some(status))
    }

    /// Adds the server's own reason (PROTOCOL 10.1).
    #[must_use]
    pub fn with_reason(self, reason: Reason) -> Self {
        self.edit(|d| d.reason = Some(reason))
    }

    /// Marks that the same call may succeed later, after `after` when the server said so.
    #[must_use]
    pub fn retryable(self, after: Option<Duration>) -> Self {
        self.edit(|d| {
            d.retryable = true;
            d.retry_after = after;
        })
    }

    /// Marks that the request left and no answer of the server came: it may have done its work.
    #[must_use]
    pub fn maybe_worked(self) -> Self {
        self.edit(|d| d.may_have_worked = true)
    }

    /// Adds the server's own mark of the request (`X-MS-Server-Fqdn`, `X-Ms-diagnostics`), for the reader of its log.
    #[must_use]
    pub fn with_diagnostics(self, diagnostics: impl Into<String>) -> Self {
        self.edit(|d| d.diagnostics = Some(diagnostics.into()))
    }

    /// The kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What was under way.
    pub fn tried(&self) -> &str {
        &self.0.tried
    }

    /// What came of it.
    pub fn came(&self) -> &str {
        &self.0.came
    }

    /// What to do about it; may be empty.
    pub fn advice(&self) -> &str {
        &self.0.advice
    }

    /// The HTTP status, when an answer came.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// The server's own code, subcode and message.
    pub fn reason(&self) -> Option<&Reason> {
        self.0.reason.as_ref()
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Whether the request may have done its work although it failed: it left, and no answer of the server came.
    pub fn may_have_worked(&self) -> bool {
        self.0.may_have_worked
    }

    /// How long the server asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The server's mark of the request; may be absent.
    pub fn diagnostics(&self) -> Option<&str> {
        self.0.diagnostics.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.tried, self.0.came)?;
        if !self.0.advice.is_empty() {
            write!(f, "; {}", self.0.advice)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}: {self})", self.0.kind)
    }
}

impl std::error::Error for Error {}
