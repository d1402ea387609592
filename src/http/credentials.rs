//! Who answers when a server wants to know who signs in.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use secrecy::SecretString;

use crate::Error;

/// Gives credentials when asked; the session answers from its configuration or asks its host.
pub trait CredentialSource: Send + Sync {
    /// Answers one question. May take as long as a person needs; dropping the future withdraws the question. An
    /// error ends the sign-in with that error. What was given once is asked for again when the token is used up, so a
    /// source that asks a person may want to keep the answer.
    fn ask(&self, question: Question) -> Pin<Box<dyn Future<Output = Result<Credentials, Error>> + Send>>;
}

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// A bearer token for `resource`, from whoever issues it.
    Bearer,
    /// A user name and a password (a token made elsewhere is taken as well).
    Password,
}

/// One question for credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What is wanted.
    pub kind: Wanted,
    /// From 1; above it the answer before was refused.
    pub attempt: u32,
    /// The origin that the token is for, or that the password goes to.
    pub resource: String,
    /// `authorization_uri` of the challenge, else its trusted issuers, else empty (PROTOCOL 2.1).
    pub authority: String,
    /// `client_id` of the challenge, else empty.
    pub client_id: String,
}

/// The answer. Secrets are wiped from memory when dropped; `Debug` hides them.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// For the grant `password` (PROTOCOL 2.2).
    Password {
        /// As the server knows the user: `user@domain` or `DOMAIN\user`.
        user: String,
        /// The password.
        password: SecretString,
    },
    /// A token made elsewhere, without the word `Bearer`.
    Token {
        /// The token.
        token: SecretString,
        /// How long it is good from now; absent: until it is refused.
        expires_in: Option<Duration>,
    },
}
