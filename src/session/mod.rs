//! The life of a session: sign in, event channel, operations, recovery. The public Rust API.
//!
//! A [`Session`] runs on threads of its own. No call of it waits for the network but [`Session::wait`]; what comes of a
//! call arrives as events, read by a [`Reader`](crate::delivery::Reader) or a
//! [`Subscription`](crate::delivery::Subscription) attached to it. Every call may be made from any thread.

mod answer;
mod application;
mod availability;
mod cancel;
mod channel;
mod config;
mod core;
mod fetcher;
mod invite;
mod life;
mod operations;
mod pace;
mod questions;
mod recovery;
mod rejoin;
mod runtime;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::sync::Mutex;
use secrecy::SecretString;

use self::core::{Core, Queues};
use self::operations::{Operations, Task};
use self::questions::{Questions, Source};
use crate::delivery::{Hub, SessionState, threads};
use crate::http::{Credentials, Http, Payload};
use crate::model::{Conversation, ConversationId, Invitation, InvitationId, OperationId, Roster};
use crate::{Error, ErrorKind, wire};

pub use availability::Availability;
pub use config::Config;
pub use invite::{AddParticipant, Meeting, StartConversation};

/// One signed-in application endpoint of one user. Dropping it signs out in the background, within `close.timeout_s`.
pub struct Session {
    core: Arc<Core>,
    /// Taken when the session is opened.
    queues: Mutex<Option<Queues>>,
}

impl Session {
    /// Makes a session. Nothing is sent yet. Fails when the configuration does not make sense.
    pub fn new(config: &Config) -> Result<Session, Error> {
        let hub = Hub::new();
        let operations = Arc::new(Operations::new(hub.clone()));
        let questions = Arc::new(Questions::new(
            hub.clone(),
            operations.clone(),
            config.credentials.clone(),
            config.credentials_timeout,
            config.credentials_grace,
        ));
        let http = Http::new(config.http()?, Arc::new(Source(questions.clone())))?;
        let runtime = runtime::shared()?;
        let (core, queues) = Core::new(config.clone(), http, runtime, hub, operations, questions);
        Ok(Session { core: Arc::new(core), queues: Mutex::new(Some(queues)) })
    }

    /// Where the events of this session come out: attach readers to it, best before [`Session::open`].
    pub fn events(&self) -> &Arc<Hub> {
        &self.core.hub
    }

    /// Begins to sign in. The operation ends when the session is online. A session is opened once.
    pub fn open(&self) -> Result<OperationId, Error> {
        self.core.begin()?;
        let ended = || Error::new(ErrorKind::Closed, "open the session", "it was closed");
        // Who closes the session takes them too: whoever has them says the session's last word.
        let queues = self.queues.lock().take().ok_or_else(ended)?;
        let (open, _) = self.core.operations.begin("open the session", Task::Open, None);
        let life = life::live(self.core.clone(), queues, open);
        self.core.runtime.spawn(life);
        Ok(open)
    }

    /// Begins to sign out: what is under way ends, the application is deleted, the last event is the state Closed.
    /// Closing twice gives the same operation.
    pub fn close(&self) -> OperationId {
        let core = &self.core;
        let (operation, first) =
            core.close_operation(|| core.operations.begin("close the session", Task::Close, None).0);
        if first {
            life::ask_to_close(&core.closing);
            if self.queues.lock().take().is_some() {
                // Never opened: nobody else will say the last word.
                core.enter(SessionState::Closing, None, None);
                life::finish(core);
            }
        }
        if core.state() == SessionState::Closed {
            // It was closed otherwise, and who said so may have been too early for this operation.
            core.operations.end(operation, Ok(0));
        }
        operation
    }

    /// Waits until an operation has ended and gives its result: a conversation's or invitation's id, or 0. For
    /// programs without an event loop. `None` waits as long as it takes. Must not be called in a callback.
    ///
    /// [`ErrorKind::CredentialsNeeded`] comes at once while a question for credentials is unanswered: answer, then
    /// wait again. [`ErrorKind::Timeout`] leaves the operation under way.
    pub fn wait(&self, operation: OperationId, timeout: Option<Duration>) -> Result<u64, Error> {
        self.core.operations.wait(operation, timeout)
    }

    /// How an operation ended; `None` while it is under way, or when it is not one of the last thousand.
    pub fn result(&self, operation: OperationId) -> Option<Result<u64, Error>> {
        self.core.operations.result(operation)
    }

    /// Closes the session in the background, for a host that lets go of it: threads in [`Session::wait`] return with
    /// [`ErrorKind::Closed`] at once.
    pub fn abandon(&self) {
        self.close();
        self.core.operations.abandon();
    }

    /// Ends the session as failed, as a defect does that was caught outside of it. Nothing when it has ended already.
    pub fn fail(&self, error: Error) {
        self.core
            .failing
            .send_if_modified(|failing| failing.is_none() && failing.replace(error.clone()).is_none());
        let is_new = self.queues.lock().is_some();
        if is_new {
            // Not opened: nobody else will say it.
            life::fail(&self.core, &error);
        }
    }

    /// The state now.
    pub fn state(&self) -> SessionState {
        self.core.state()
    }

    /// Why the session failed, if it did.
    pub fn failure(&self) -> Option<Error> {
        self.core.failure()
    }

    /// Answers a question for a user name and a password.
    pub fn supply_password(
        &self,
        request: u64,
        user: &str,
        password: impl Into<SecretString>,
    ) -> Result<(), Error> {
        let credentials = Credentials::Password { user: user.to_owned(), password: password.into() };
        self.core.questions.answer(request, Ok(credentials))
    }

    /// Answers a question for a token; `expires_in` is how long it is good from now, if that is known.
    pub fn supply_token(
        &self,
        request: u64,
        token: impl Into<SecretString>,
        expires_in: Option<Duration>,
    ) -> Result<(), Error> {
        self.core.questions.answer(request, Ok(Credentials::Token { token: token.into(), expires_in }))
    }

    /// Answers a question with no: what needed the credentials fails with this reason.
    pub fn refuse_credentials(&self, request: u64, reason: &str) -> Result<(), Error> {
        let error = Error::new(ErrorKind::Auth, "get credentials", format!("refused by the host: {reason}"));
        self.core.questions.answer(request, Err(error))
    }

    /// The conversations that the host was told of, oldest first.
    pub fn conversations(&self) -> Vec<Arc<Conversation>> {
        self.core.world().conversations().cloned().collect()
    }

    /// A conversation as it is now; `None` when it is gone.
    pub fn conversation(&self, id: ConversationId) -> Option<Arc<Conversation>> {
        self.core.world().conversation(id).cloned()
    }

    /// Who is in a conversation: a consistent picture, from memory; `None` when the conversation is gone.
    pub fn roster(&self, id: ConversationId) -> Option<Roster> {
        self.core.world().roster(id)
    }

    /// An invitation under way, or one of the last thousand that ended.
    pub fn invitation(&self, id: InvitationId) -> Option<Arc<Invitation>> {
        self.core.world().invitation(id)
    }
}

/// Waits, at most so long, until every session of this process that was closed or dropped is signed out and the engine's
/// threads have ended; what is not done by then is stopped where it is. Meant for the end of a program, when no session
/// is held any more; a later session starts the threads again. False: not all was done in time. Must not be called in
/// a callback.
pub fn shutdown(timeout: Duration) -> bool {
    let now = Instant::now();
    let deadline = now.checked_add(timeout).unwrap_or(now + LONGEST_SHUTDOWN);
    let signed_out = runtime::end(deadline);
    threads::join_all(deadline) && signed_out
}

/// What a shutdown with a timeout beyond all clocks may take.
const LONGEST_SHUTDOWN: Duration = Duration::from_secs(3600);

/// How many threads the engine has now, those for callbacks not counted; for leak tests.
pub fn engine_threads() -> usize {
    runtime::thread_count()
}

impl Drop for Session {
    fn drop(&mut self) {
        self.close();
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("state", &self.state()).finish_non_exhaustive()
    }
}

/// A request's body.
fn payload(what: &str, request: &impl serde::Serialize) -> Result<Payload, Error> {
    let bytes = wire::request_body(request);
    bytes.map(Payload::json).map_err(|error| Error::new(ErrorKind::InvalidArgument, what, error.to_string()))
}

/// 32 hex digits that nobody can guess: an operationId or an endpointId.
fn new_id() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::new(ErrorKind::Internal, "get random numbers from the system", error.to_string())
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
