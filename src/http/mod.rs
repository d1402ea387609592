//! The one door to the network: requests, credentials, origins, retries, discovery. It never sees a roster.
//!
//! A session has one [`Http`]. [`Http::discover`] finds the `user` resource, [`Http::sign_in`] goes from there to
//! `applications`, [`Http::send`] does the rest. What has to hold for every request holds here and nowhere else: a
//! token goes only to a trusted origin, a redirect is followed by hand under the same rule, a 401 is renewed once for
//! all who wait, a body has a limit, a POST that creates is never blindly repeated.

mod answer;
mod call;
mod credentials;
mod discovery;
mod grant;
mod origin;
mod request;
mod retry;
mod settings;
mod sign_in;
pub(crate) mod sign_in_log;
mod tls;
mod tokens;
mod transport;
mod trouble;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use crate::sync::Mutex;
use tokio::task::JoinSet;
use url::Url;

use crate::Error;

pub use call::{Answer, Call, Content, Departed, Method, Payload, Retry};
pub use credentials::{CredentialSource, Credentials, Question, Wanted};
pub use retry::RetryPolicy;
pub use settings::{Entry, Proxy, Settings};
pub use sign_in::SignedIn;

/// The door of one session. Cheap to clone; all clones share connections and tokens. Its calls need a tokio runtime.
#[derive(Clone)]
pub struct Http(Arc<Door>);

struct Door {
    inner: Arc<Inner>,
    /// Renewals ahead of time; given up with the last clone of the door.
    beside: Mutex<JoinSet<()>>,
}

struct Inner {
    settings: Settings,
    entries: Vec<Url>,
    origins: origin::Origins,
    tokens: tokens::Tokens,
    transport: transport::Transport,
    credentials: Arc<dyn CredentialSource>,
}

impl Http {
    /// Checks the settings and makes the door; sends nothing and reads nothing.
    pub fn new(settings: Settings, credentials: Arc<dyn CredentialSource>) -> Result<Http, Error> {
        let entries = discovery::entries(&settings.entry)?;
        let origins = origin::Origins::new(&entries, &settings.trusted_origins, settings.allow_http)?;
        let transport = transport::Transport::new(settings.clone())?;
        let tokens = tokens::Tokens::default();
        let inner = Arc::new(Inner { settings, entries, origins, tokens, transport, credentials });
        Ok(Http(Arc::new(Door { inner, beside: Mutex::new(JoinSet::new()) })))
    }

    /// Whether a URL may be asked, credentials included; else why not. For the `baseuri` of documents that are fed in.
    pub fn check_origin(&self, url: &Url) -> Result<(), Error> {
        self.0.inner.origins.check(url).map(|_| ())
    }

    /// How long to wait before the next try of something that this door was told never to repeat by itself.
    pub fn pause(&self, tries: u32) -> Duration {
        self.0.inner.settings.retry.own_pause(tries, retry::dice())
    }

    /// Forgets the tokens: the next request to each origin gets a new one, as at the first sign-in.
    pub fn forget_tokens(&self) {
        self.0.inner.tokens.forget();
    }

    /// Drops idle connections, so that the next requests make new ones: after sleep or a change of network. Requests
    /// under way go on.
    pub fn reset_connections(&self) {
        self.0.inner.transport.reset();
    }
}
