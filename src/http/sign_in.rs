//! From `user` to `applications`: challenge, token, `user` again, and once more when the user is homed elsewhere
//! (PROTOCOL 1.4, 2.1, 2.7, 3.1).

use url::Url;

use super::discovery::Lead;
use super::origin::shown;
use super::{Call, Http, sign_in_log};
use crate::{Error, ErrorKind};

/// What the sign-in found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Where applications are made (PROTOCOL 3.1). May be on another host than `user` and then wants a token of its own,
    /// which [`Http::send`] gets when it comes to that.
    pub applications: Url,
    /// `revision` of that link; "1" when the server names none.
    pub revision: String,
    /// The resource that named it, after all redirects.
    pub user: Url,
    /// The server's marks of the last answer, for the log.
    pub diagnostics: Option<String>,
}

impl Http {
    /// Goes from `user` to `applications`, with credentials. Follows `redirect` after authentication, authenticating
    /// anew at the place it leads to.
    pub async fn sign_in(&self, user: &Url) -> Result<SignedIn, Error> {
        let inner = &self.0.inner;
        let most = inner.settings.max_discovery_redirects;
        let (mut url, mut redirects, mut users) = (user.clone(), 0u32, 0u32);
        loop {
            let page = self.send(Call::get(url.clone())).await;
            let page = page.inspect_err(|error| sign_in_log::discovery(&url, Err(error)))?;
            match inner.lead_of(&page)? {
                Lead::Applications((applications, revision)) => {
                    return Ok(SignedIn {
                        applications,
                        revision,
                        user: page.url,
                        diagnostics: page.diagnostics,
                    });
                }
                // The user is homed elsewhere.
                Lead::Redirect(to) => (url, redirects) = (to, redirects + 1),
                Lead::User(to) => (url, users) = (to, users + 1),
            }
            // Each redirect leads to a root at most, and that to `user`.
            if redirects > most || users > redirects + 1 {
                let came = format!(
                    "refused, {redirects} redirect and {users} user links did not lead to applications"
                );
                return Err(Error::new(ErrorKind::Protocol, format!("GET {}", shown(&url)), came));
            }
        }
    }
}
