//! Access tokens and whom they stand for.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// No token lives longer than ten years.
const FAR_S: u64 = 315_360_000;

/// Who somebody is to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    /// A user, by the URI of his account.
    User(String),
    /// A guest of one meeting.
    Guest {
        /// His made-up URI.
        uri: String,
        /// The conference key of the meeting.
        meeting: String,
    },
}

impl Identity {
    pub(crate) fn uri(&self) -> &str {
        match self {
            Self::User(uri) | Self::Guest { uri, .. } => uri,
        }
    }

    pub(crate) fn is_guest(&self) -> bool {
        matches!(self, Self::Guest { .. })
    }
}

#[derive(Debug)]
struct Token {
    identity: Identity,
    expires: Instant,
}

/// All tokens that were given out.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    tokens: BTreeMap<String, Token>,
}

impl Tokens {
    /// A new token.
    pub(crate) fn issue(&mut self, identity: Identity, lifetime_s: u64) -> String {
        let text = format!("cwt={}{}", crate::random::thread_id(), crate::random::thread_id());
        let expires = Instant::now() + Duration::from_secs(lifetime_s.min(FAR_S));
        self.tokens.insert(text.clone(), Token { identity, expires });
        text
    }

    /// Whom a token stands for, while it lives.
    pub(crate) fn identity(&self, token: &str) -> Option<&Identity> {
        self.tokens.get(token).filter(|token| token.expires > Instant::now()).map(|token| &token.identity)
    }

    /// Whom a token stood for, though it may have expired: enough to keep a guest's identity.
    pub(crate) fn former_identity(&self, token: &str) -> Option<&Identity> {
        self.tokens.get(token).map(|token| &token.identity)
    }

    /// Ends tokens: those of one account, or all. Says how many.
    pub(crate) fn expire(&mut self, of: Option<&str>) -> usize {
        let now = Instant::now();
        let mut ended = 0;
        for token in self.tokens.values_mut().filter(|token| token.expires > now) {
            if of.is_none_or(|uri| crate::uri::same(uri, token.identity.uri())) {
                token.expires = now;
                ended += 1;
            }
        }
        ended
    }
}
