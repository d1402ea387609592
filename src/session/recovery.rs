//! A lost application: whether it is, and a new one in its place (PROTOCOL 1.5, 3.4, 5.5; trap T-12).

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::channel::LONGEST_REST;
use super::core::Core;
use super::operations::About;
use super::{application, availability, rejoin};
use crate::delivery::SessionState;
use crate::http::{Answer, Call};
use crate::model::Input;
use crate::{Error, ErrorKind};

/// An application that lived so long was a good one: when it is lost, the attempts are counted anew.
const GOOD_LIFE: Duration = Duration::from_secs(60);

/// How long an application that was found alive is believed to be.
const BELIEF: Duration = Duration::from_secs(5);

/// Ends of an application that a new one would not mend: somebody has to do something first (PROTOCOL 3.4).
const ENDS: [(&str, &str); 3] = [
    ("TooManyApplications", "the user is signed in too often: sign out elsewhere, then open a new session"),
    (
        "InactiveApplicationExpired",
        "nobody was active for too long: open a new session when the user is back",
    ),
    ("UserAgentNotAllowed", "the server does not let this program in: ask its administrator"),
];

/// What a host can do about a call that the loss of the application ended.
pub(super) const AGAIN: &str = "call again when the session is Online";

/// What is known after a look at the application itself.
#[derive(Debug)]
pub(super) enum Found {
    /// It is there.
    Alive,
    /// It was gone; a new one is there.
    Renewed,
    /// Whether it is there cannot be said.
    Unknown(Error),
}

/// Looks after the application.
#[derive(Debug)]
pub(super) struct Recovery {
    /// Attempts to make it since it was good last.
    attempts: u32,
    born: Instant,
    /// When it was found alive last although something said that it is not.
    alive: Option<Instant>,
}

impl Recovery {
    pub(super) fn new() -> Self {
        Recovery { attempts: 0, born: Instant::now(), alive: None }
    }

    /// Waits until another request says that the application is gone. Where many say so of something inside it, that is
    /// not looked into each time.
    pub(super) async fn doubted(&self, core: &Core) {
        core.doubt.notified().await;
        if let Some(alive) = self.alive {
            tokio::time::sleep_until(alive + BELIEF).await;
        }
    }

    /// Something says that the application is gone: asks the application itself, and makes a new one if so. An error: the
    /// session cannot go on.
    pub(super) async fn look(&mut self, core: &Arc<Core>) -> Result<Found, Error> {
        let Err(error) = application::reread(core).await else {
            self.alive = Some(Instant::now());
            return Ok(Found::Alive);
        };
        if !may_be_lost(&error) {
            return Ok(Found::Unknown(error));
        }
        if is_the_end(&error) {
            return Err(explained(error));
        }
        if self.born.elapsed() >= GOOD_LIFE {
            self.attempts = 0;
        }
        if self.attempts >= core.config.event_attempts {
            return Err(error);
        }
        core.lose_application(&error);
        self.make_anew(core, error).await?;
        self.born = Instant::now();
        Ok(Found::Renewed)
    }

    async fn make_anew(&mut self, core: &Arc<Core>, lost: Error) -> Result<(), Error> {
        let mut why = lost;
        let mut way = Way::Known;
        loop {
            self.attempts += 1;
            let pause = why.retry_after().unwrap_or_else(|| core.http.pause(self.attempts));
            if self.attempts > core.config.event_attempts || pause > LONGEST_REST {
                return Err(why);
            }
            tracing::warn!(target: "ucwa::session", error = %why, attempt = self.attempts, ?pause,
                "the application is made anew");
            core.enter(SessionState::Recovering, Some(why), Some((self.attempts, pause)));
            tokio::time::sleep(pause).await;
            let Err(error) = make(core, way).await else { break };
            way = match way.after(&error) {
                Some(way) => way,
                None => return Err(explained(error)),
            };
            why = error;
        }
        after_creation(core).await;
        core.enter(SessionState::Online, None, None);
        rejoin::all(core);
        Ok(())
    }
}

/// How the place is found where applications are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// As the last sign-in found it.
    Known,
    /// By autodiscovery and sign-in. `fresh`: with a new token.
    Found { fresh: bool },
}

impl Way {
    /// The way to go after this error; `None`: no other will do.
    fn after(self, error: &Error) -> Option<Way> {
        let status = error.http_status();
        let refused = error.kind() == ErrorKind::Server && matches!(status, Some(403 | 404));
        match error.kind() {
            // A 403 may say that the user is homed elsewhere now, or that he may not (T-31): that is known after asking anew.
            ErrorKind::Server if refused && self == Way::Known => {
                Some(Way::Found { fresh: status == Some(403) })
            }
            // What autodiscovery found stays good but for these (PROTOCOL 1.5).
            _ if status == Some(502) => Some(Way::Found { fresh: false }),
            ErrorKind::Network | ErrorKind::Tls | ErrorKind::Timeout => Some(Way::Found { fresh: false }),
            ErrorKind::Discovery | ErrorKind::Protocol => Some(Way::Found { fresh: false }),
            _ if error.is_retryable() => Some(self),
            _ => None,
        }
    }
}

async fn make(core: &Core, way: Way) -> Result<(), Error> {
    let applications = match (way, core.applications()) {
        (Way::Known, Some(url)) => url,
        (way, _) => {
            if way == (Way::Found { fresh: true }) {
                core.http.forget_tokens();
            }
            let user = core.http.discover().await?;
            core.http.sign_in(&user).await?.applications
        }
    };
    application::create(core, applications).await
}

/// What a new application has to be told before its event channel is opened.
async fn after_creation(core: &Core) {
    if let Err(error) = availability::again(core).await {
        tracing::warn!(target: "ucwa::session", %error, "the user is not available any more");
    }
}

/// Whether this may mean that the application is gone: on the event channel, or of the application itself.
pub(super) fn may_be_lost(error: &Error) -> bool {
    error.kind() == ErrorKind::Server && matches!(error.http_status(), Some(404 | 410))
}

/// Whether the application is gone for good, by the server's own word.
pub(super) fn is_the_end(error: &Error) -> bool {
    error.http_status() == Some(410)
}

/// Says what can be done about the end of an application.
pub(super) fn explained(error: Error) -> Error {
    let advice = end_of(&error);
    advice.map_or(error.clone(), |advice| error.advise(advice))
}

fn end_of(error: &Error) -> Option<&'static str> {
    let said = &error.reason()?.subcode;
    ENDS.iter().find(|(subcode, _)| subcode.eq_ignore_ascii_case(said)).map(|(_, advice)| *advice)
}

/// Whether the answer to any request says that the application is gone; it may be about something else (T-12).
pub(super) fn speaks_of_the_end(error: &Error) -> bool {
    let lost = |subcode: &str| subcode.eq_ignore_ascii_case("ApplicationNotFound");
    may_be_lost(error)
        && (end_of(error).is_some() || error.reason().is_some_and(|reason| lost(&reason.subcode)))
}

impl Core {
    /// Sends a request. What its answer says of the application is looked into.
    pub(super) async fn send(&self, call: Call) -> Result<Answer, Error> {
        let sent = self.http.send(call).await;
        sent.map_err(|error| {
            if !speaks_of_the_end(&error) {
                return error;
            }
            self.doubt.notify_one();
            match is_the_end(&error) {
                true => explained(error),
                false => error.retryable(None).advise(AGAIN),
            }
        })
    }

    /// Work that ends with the application that it is for.
    pub(super) fn for_this_application(
        &self,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> impl Future<Output = ()> + Send + 'static {
        let mut lost = self.lost.subscribe();
        let before = *lost.borrow_and_update();
        async move {
            tokio::select! {
                biased;
                _ = lost.wait_for(|now| *now != before) => {}
                () = work => {}
            }
        }
    }

    /// The application is gone: what was under way in it ends, what can be had again waits for a new one.
    fn lose_application(&self, error: &Error) {
        self.set_application(None);
        self.forget_all_joining();
        self.apply_loss(Input::ApplicationLost { reason: error.reason().cloned() });
        let lives_on: Vec<_> = self.world().to_join_again().into_iter().map(|(id, _)| id).collect();
        self.operations.lose_application(self.closing_operation(), |what, about| match about {
            Some(About::Leaving(conversation)) => Ok(conversation.get()),
            Some(About::Inside(conversation)) if !lives_on.contains(&conversation) => {
                Err(lost(what, error).advise("its conversation ended with it"))
            }
            Some(About::Invitation) => Err(lost(what, error).advise("its invitation ended with it")),
            _ => Err(lost(what, error).retryable(None).advise(AGAIN)),
        });
    }
}

fn lost(what: &str, error: &Error) -> Error {
    let lost = Error::new(ErrorKind::Server, what, "the server lost the application meanwhile");
    match error.reason() {
        Some(reason) => lost.with_reason(reason.clone()),
        None => lost,
    }
}
