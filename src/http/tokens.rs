//! The tokens of a session, one per origin (its audience, PROTOCOL 2.7), and how one is renewed for all who wait.
//!
//! Every request takes a [`Pass`] first. One that comes back with 401 hands its pass in again: the first to do so
//! renews, the others wait and then go on with what it got, or fail with what it failed with. So ten refused requests
//! make one token request, and a wrong password is sent once and not ten times.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::sync::Mutex;
use secrecy::SecretString;
use tokio::time::Instant;
use url::Url;

use super::origin::Origin;
use crate::Error;
use crate::wire::Challenges;

/// A token and what is known of it.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) secret: SecretString,
    /// Made by the server's own token endpoint, not given by the host.
    pub(super) issued_here: bool,
    /// How long it is good from its making on, if that was said.
    pub(super) lifetime: Option<Duration>,
    /// When it ends; absent: when it is refused.
    expires: Option<Instant>,
    /// From when on a new one should be got.
    stale: Option<Instant>,
}

impl Token {
    pub(super) fn new(secret: SecretString, issued_here: bool, lifetime: Option<Duration>) -> Self {
        let now = Instant::now();
        let lifetime = lifetime.filter(|lifetime| !lifetime.is_zero());
        let expires = lifetime.and_then(|lifetime| now.checked_add(lifetime));
        let stale = lifetime.and_then(|lifetime| now.checked_add(lifetime - margin(lifetime)));
        Token { secret, issued_here, lifetime, expires, stale }
    }

    fn is_over(&self, now: Instant) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }
}

/// How long before its end a token is renewed: a tenth of its life but a minute at least, and never more than half.
fn margin(lifetime: Duration) -> Duration {
    (lifetime / 10).max(Duration::from_secs(60)).min(lifetime / 2)
}

/// A 401's challenge and the request that it answered.
#[derive(Debug, Clone)]
pub(super) struct Challenged {
    pub(super) challenges: Challenges,
    /// The names of all that was offered, also of what this library cannot meet.
    pub(super) schemes: Vec<String>,
    pub(super) url: Url,
}

/// What a request goes out with.
#[derive(Debug, Clone, Default)]
pub(super) struct Pass {
    pub(super) token: Option<Arc<Token>>,
    /// How many renewals had ended by then.
    round: u64,
}

/// What is known of one origin.
#[derive(Debug, Default)]
pub(super) struct Slot {
    state: Mutex<State>,
    /// Held by the one who renews.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    token: Option<Arc<Token>>,
    /// Whether the server took the token at least once.
    proven: bool,
    /// How many tokens in a row were refused before they were ever taken.
    refused: u32,
    /// A renewal ahead of time was begun for this token; one is enough.
    ahead: bool,
    challenged: Option<Challenged>,
    /// A token was got before.
    had_one: bool,
    /// Renewals that ended, and the error of the last if it failed.
    round: u64,
    failed: Option<Error>,
}

/// What the holder of a pass has to do.
#[derive(Debug)]
pub(super) enum Standing {
    /// Send the request with it.
    Go(Pass),
    /// Send the request with it, and renew beside it.
    GoAndRenew(Pass, Challenged),
    /// Renew first, the token is over.
    Renew(Pass, Challenged),
}

/// What is to be done with a pass that was handed in.
#[derive(Debug)]
pub(super) enum Turn {
    /// Somebody else has renewed meanwhile: try again.
    Done,
    /// Renew; so many tokens in a row were refused unused.
    Yours { refused: u32, issued_here: bool },
}

impl Slot {
    /// The pass for a request that goes out now.
    pub(super) fn standing(&self) -> Standing {
        let now = Instant::now();
        let mut state = self.state.lock();
        let pass = Pass { token: state.token.clone(), round: state.round };
        let Some(challenged) = state.challenged.clone() else {
            return Standing::Go(pass);
        };
        match &pass.token {
            None => Standing::Renew(pass, challenged),
            Some(token) if token.is_over(now) => Standing::Renew(pass, challenged),
            Some(token) if token.stale.is_some_and(|at| at <= now) && !state.ahead => {
                state.ahead = true;
                Standing::GoAndRenew(pass, challenged)
            }
            Some(_) => Standing::Go(pass),
        }
    }

    /// The server took this token.
    pub(super) fn proved(&self, pass: &Pass) {
        let mut state = self.state.lock();
        if pass.token.is_some() && same(&state.token, &pass.token) {
            state.proven = true;
            state.refused = 0;
        }
    }

    /// Waits for the turn to renew. `refused`: the server did not take the token of the pass, which is then forgotten.
    pub(super) async fn turn(
        &self,
        pass: &Pass,
        refused: bool,
    ) -> Result<(Turn, tokio::sync::MutexGuard<'_, ()>), Error> {
        let guard = self.turn.lock().await;
        let mut state = self.state.lock();
        if state.token.is_some() && !same(&state.token, &pass.token) {
            return Ok((Turn::Done, guard));
        }
        if state.round != pass.round
            && let Some(error) = &state.failed
        {
            return Err(error.clone());
        }
        let mut issued_here = false;
        if let (true, Some(token)) = (refused, &pass.token) {
            issued_here = token.issued_here;
            if !state.proven && state.token.is_some() {
                state.refused += 1;
            }
            state.token = None;
        }
        Ok((Turn::Yours { refused: state.refused, issued_here }, guard))
    }

    /// The challenge to meet: the new one, or the last known when the new one says nothing.
    pub(super) fn known(&self, new: Challenged) -> Challenged {
        if new.challenges != Challenges::default() {
            return new;
        }
        self.state.lock().challenged.clone().unwrap_or(new)
    }

    /// Whether a token was got here before.
    pub(super) fn had_one(&self) -> bool {
        self.state.lock().had_one
    }

    /// The end of a renewal, by the one whose turn it was.
    pub(super) fn renewed(&self, result: &Result<Arc<Token>, Error>, challenged: &Challenged) {
        let mut state = self.state.lock();
        state.round += 1;
        match result {
            Ok(token) => {
                state.token = Some(token.clone());
                state.had_one = true;
                state.proven = false;
                state.ahead = false;
                state.failed = None;
                state.challenged = Some(challenged.clone());
            }
            Err(error) => {
                state.failed = Some(error.clone());
                state.refused = 0;
            }
        }
    }
}

fn same(one: &Option<Arc<Token>>, other: &Option<Arc<Token>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        _ => false,
    }
}

/// The slots of all origins of a session.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<HashMap<Origin, Arc<Slot>>>);

impl Tokens {
    /// The next request to each origin gets a new one first.
    pub(super) fn forget(&self) {
        for slot in self.0.lock().values() {
            slot.state.lock().token = None;
        }
    }

    pub(super) fn slot(&self, origin: &Origin) -> Arc<Slot> {
        self.0.lock().entry(origin.clone()).or_default().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    fn challenged() -> Challenged {
        let (challenges, schemes) = Default::default();
        Challenged { challenges, schemes, url: Url::parse("https://contoso.com/").unwrap() }
    }

    fn token(seconds: u64) -> Arc<Token> {
        Arc::new(Token::new("t".into(), true, Some(Duration::from_secs(seconds))))
    }

    fn standing(slot: &Slot) -> &'static str {
        match slot.standing() {
            Standing::Go(_) => "go",
            Standing::GoAndRenew(..) => "go and renew",
            Standing::Renew(..) => "renew",
        }
    }

    #[test]
    fn margins() {
        for (life, before) in [(28800, 2880), (3600, 360), (300, 60), (100, 50), (1, 0)] {
            assert_eq!(margin(Duration::from_secs(life)).as_secs(), before, "{life}");
        }
        let endless = Token::new("t".into(), true, Some(Duration::MAX));
        assert!(endless.expires.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_grows_old() {
        let slot = Slot::default();
        assert_eq!(standing(&slot), "go"); // the server has asked for nothing yet
        slot.renewed(&Ok(token(3600)), &challenged());
        advance(Duration::from_secs(3239)).await;
        assert_eq!(standing(&slot), "go");
        advance(Duration::from_secs(1)).await;
        assert_eq!(standing(&slot), "go and renew");
        assert_eq!(standing(&slot), "go"); // one renewal ahead is enough
        advance(Duration::from_secs(360)).await;
        assert_eq!(standing(&slot), "renew");
        slot.renewed(&Ok(token(0)), &challenged());
        assert_eq!(standing(&slot), "go"); // a life of nothing means that the server did not say
    }
}
