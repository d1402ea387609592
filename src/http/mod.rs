//! The one door to the network: requests, credentials, origins, retries, discovery. It never sees a roster.
//!
//! A session has one [`Http`]. [`Http::discover`] finds the `user` resource, [`Http::sign_in`] goes from there to
//! `applications`, [`Http::send`] does the rest. What has to hold for every request holds here and nowhere else: a
//! token goes only to a trusted origin, a redirect is followed by hand under the same rule, a 401 is renewed once for
//! all who wait, a body has a limit, a POST that creates is never blindly repeated.

mod call;
mod credentials;
mod origin;
mod retry;
mod settings;

use std::sync::Arc;

use url::Url;

use crate::{Error, ErrorKind};

pub use call::{Answer, Call, Content, Method, Payload, Retry};
pub use credentials::{CredentialSource, Credentials, Question, Wanted};
pub use retry::RetryPolicy;
pub use settings::{Entry, Proxy, Settings};

/// The door of one session. Cheap to clone; all clones share connections and tokens.
#[derive(Clone)]
pub struct Http(Arc<Inner>);

struct Inner {
    settings: Settings,
    credentials: Arc<dyn CredentialSource>,
}

/// What the sign-in found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Where applications are made (PROTOCOL 3.1).
    pub applications: Url,
    /// `revision` of that link; 1 when the server names none.
    pub revision: String,
    /// The `user` resource in the end, after all redirects.
    pub user: Url,
    /// The server's marks of the last answer, for the log.
    pub diagnostics: Option<String>,
}

impl Http {
    /// Checks the settings and makes the door; sends nothing. Reads the platform's certificates, unless another session
    /// of the same trust configuration has them already.
    pub fn new(settings: Settings, credentials: Arc<dyn CredentialSource>) -> Result<Http, Error> {
        Ok(Http(Arc::new(Inner {
            settings,
            credentials,
        })))
    }

    /// Finds the `user` resource (PROTOCOL 1.1 to 1.4), without credentials.
    pub async fn discover(&self) -> Result<Url, Error> {
        Err(Error::new(ErrorKind::Unsupported, "discover", "not there yet"))
    }

    /// Goes from `user` to `applications`, asking for credentials on the way, following `redirect`.
    pub async fn sign_in(&self, user: &Url) -> Result<SignedIn, Error> {
        let _ = (user, &self.0.credentials);
        Err(Error::new(ErrorKind::Unsupported, "sign in", "not there yet"))
    }

    /// Sends one request and reads its answer whole. 2xx and 304 are an [`Answer`]; all else is an error with
    /// [`Error::http_status`] and, when the body was UCWA's own, [`Error::reason`].
    pub async fn send(&self, call: Call) -> Result<Answer, Error> {
        let _ = &self.0.settings;
        Err(Error::new(
            ErrorKind::Unsupported,
            call.url.path().to_owned(),
            "not there yet",
        ))
    }

    /// Whether a URL may be asked, credentials included; else why not. For the `baseuri` of documents that are fed in.
    pub fn check_origin(&self, url: &Url) -> Result<(), Error> {
        origin::Origin::of(url).map(|_| ())
    }
}
