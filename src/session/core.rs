//! What the tasks of a session and the calls of its host share.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::sync::{Mutex, MutexGuard};
use tokio::sync::{Notify, mpsc, watch};
use url::Url;

use super::application::Application;
use super::availability::Availability;
use super::config::Config;
use super::new_id;
use super::operations::{Cancelled, Operations, Task};
use super::questions::Questions;
use super::recovery::AGAIN;
use super::runtime::Shared;
use crate::delivery::{EventBody, Hub, SessionState, StateChange};
use crate::http::Http;
use crate::model::{Change, Input, InvitationId, Moment, OperationId, Outcome, Phase, Want, World};
use crate::{Error, ErrorKind};

/// Work for the supervisor to carry: it joins every task, so that none dies in silence.
pub(super) type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(super) struct Core {
    pub(super) config: Config,
    pub(super) hub: Arc<Hub>,
    pub(super) operations: Arc<Operations>,
    pub(super) questions: Arc<Questions>,
    pub(super) http: Http,
    pub(super) runtime: Arc<Shared>,
    /// Changes and the events that follow from them stand in one order: both happen under this lock.
    world: Mutex<World>,
    status: Mutex<Status>,
    /// The application, while there is one.
    application: Mutex<Option<Arc<Application>>>,
    /// Where applications are made, as the last sign-in found it.
    applications: Mutex<Option<Url>>,
    /// Names this endpoint, through all its applications (PROTOCOL 3.3).
    endpoint_id: Mutex<Option<String>>,
    /// How many applications were lost.
    pub(super) lost: watch::Sender<u64>,
    /// Something says that the application is gone.
    pub(super) doubt: Notify,
    /// Conversations being started, joined or accepted: the invitation that tells how it went, and who asked for what.
    joining: Mutex<Vec<Joining>>,
    /// The application is otherwise now, and has to be read to know how.
    pub(super) application_changed: Notify,
    /// How the user was made available, if he was.
    pub(super) availability: watch::Sender<Option<Availability>>,
    pub(super) wants: mpsc::UnboundedSender<Want>,
    pub(super) jobs: mpsc::UnboundedSender<Job>,
    /// Set once, when the session is to end.
    pub(super) closing: watch::Sender<bool>,
    /// Set once, when something outside of the session's tasks ends it as failed.
    pub(super) failing: watch::Sender<Option<Error>>,
    /// A deadline changed.
    pub(super) alarm: Notify,
    /// Something was applied to the world.
    pub(super) applied: watch::Sender<()>,
    started: Instant,
}

/// An operation that ends with an invitation.
#[derive(Debug)]
struct Joining {
    invitation: InvitationId,
    operation: OperationId,
    what: &'static str,
}

#[derive(Debug)]
struct Status {
    state: SessionState,
    failure: Option<Error>,
    /// The operation that ends when the session is closed.
    close: Option<OperationId>,
}

/// The other ends of the queues that the supervisor drains.
pub(super) struct Queues {
    pub(super) wants: mpsc::UnboundedReceiver<Want>,
    pub(super) jobs: mpsc::UnboundedReceiver<Job>,
}

impl Core {
    pub(super) fn new(
        config: Config,
        http: Http,
        runtime: Arc<Shared>,
        hub: Arc<Hub>,
        operations: Arc<Operations>,
        questions: Arc<Questions>,
    ) -> (Self, Queues) {
        let (wants, wants_out) = mpsc::unbounded_channel();
        let (jobs, jobs_out) = mpsc::unbounded_channel();
        let config_endpoint = config.endpoint_id.clone();
        let core = Core {
            config,
            hub,
            operations,
            questions,
            http,
            runtime,
            world: Mutex::new(World::new()),
            status: Mutex::new(Status { state: SessionState::New, failure: None, close: None }),
            application: Mutex::new(None),
            applications: Mutex::new(None),
            endpoint_id: Mutex::new(config_endpoint),
            lost: watch::Sender::new(0),
            doubt: Notify::new(),
            joining: Mutex::default(),
            application_changed: Notify::new(),
            availability: watch::Sender::new(None),
            wants,
            jobs,
            closing: watch::Sender::new(false),
            failing: watch::Sender::new(None),
            alarm: Notify::new(),
            applied: watch::Sender::new(()),
            started: Instant::now(),
        };
        (core, Queues { wants: wants_out, jobs: jobs_out })
    }

    /// The session's own time, for the model and for deadlines.
    pub(super) fn now(&self) -> Moment {
        self.started.elapsed()
    }

    /// Reads the world.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock()
    }

    /// Applies an input and tells everybody what follows from it, in one order for all.
    pub(super) fn apply(&self, input: Input) {
        self.apply_if(input, || true);
    }

    /// Applies what an application said, which then was the one after so many that were lost; not if it is lost itself.
    pub(super) fn apply_of(&self, lost: u64, input: Input) {
        self.apply_if(input, || *self.lost.borrow() == lost);
    }

    /// Applies the loss of the application: what was for it alone is for nobody any more.
    pub(super) fn apply_loss(&self, input: Input) {
        self.apply_if(input, || {
            self.lost.send_modify(|lost| *lost += 1);
            true
        });
    }

    fn apply_if(&self, input: Input, is_due: impl FnOnce() -> bool) {
        let mut ended = Vec::new();
        let wants = {
            let mut world = self.world.lock();
            if !is_due() {
                return;
            }
            let output = world.apply(self.now(), input);
            for change in output.changes {
                self.publish(change, &mut ended);
            }
            output.wants
        };
        for (operation, result) in ended {
            self.operations.end(operation, result);
        }
        for want in wants {
            // Nobody receives once the session ends; then nothing is worth fetching.
            let _ = self.wants.send(want);
        }
        self.alarm.notify_one();
        self.applied.send_replace(());
    }

    fn publish(&self, change: Change, ended: &mut Vec<(OperationId, Result<u64, Error>)>) {
        match change {
            Change::Participant(change) => self.hub.publish(EventBody::Participant(change)),
            Change::Conversation(change) => self.hub.publish(EventBody::Conversation(change)),
            Change::Invitation(change) => {
                if change.phase == Phase::Completed {
                    self.joined(&change.invitation, ended);
                } else {
                    // From here on the server is in charge: somebody may wait in the lobby for long.
                    for operation in self.joining_operations(change.invitation.id) {
                        self.operations.without_deadline(operation);
                    }
                }
                self.hub.publish(EventBody::Invitation(change))
            }
        };
    }

    /// An invitation ended: so do the operations that started, joined or accepted what it is about.
    fn joined(
        &self,
        invitation: &crate::model::Invitation,
        ended: &mut Vec<(OperationId, Result<u64, Error>)>,
    ) {
        self.joining.lock().retain(|joining| {
            if joining.invitation != invitation.id {
                return true;
            }
            let result = match (invitation.outcome, invitation.conversation) {
                (Some(Outcome::Accepted), Some(conversation)) => Ok(conversation.get()),
                (Some(Outcome::Accepted), None) => {
                    Err(Error::new(ErrorKind::Protocol, joining.what, "the server named no conversation"))
                }
                (outcome, _) => Err(not_joined(joining.what, outcome.unwrap_or(Outcome::Failed), invitation)),
            };
            ended.push((joining.operation, result));
            false
        });
    }

    fn joining_operations(&self, invitation: InvitationId) -> Vec<OperationId> {
        let joining = self.joining.lock();
        let same = joining.iter().filter(|joining| joining.invitation == invitation);
        same.map(|joining| joining.operation).collect()
    }

    /// Ties the end of an operation to that of an invitation.
    pub(super) fn join_ends_with(
        &self,
        invitation: InvitationId,
        operation: OperationId,
        what: &'static str,
    ) {
        self.joining.lock().push(Joining { invitation, operation, what });
    }

    /// The session ended before the invitation could be sent: the host was told by the call.
    pub(super) fn withdraw(&self, invitation: InvitationId) {
        self.forget_joining(invitation);
        self.world.lock().withdraw(invitation);
    }

    /// What waits for the end of this invitation ended in another way.
    pub(super) fn forget_joining(&self, invitation: InvitationId) {
        self.joining.lock().retain(|joining| joining.invitation != invitation);
    }

    /// The application is gone: what becomes of operations says who knows that.
    pub(super) fn forget_all_joining(&self) {
        self.joining.lock().clear();
    }

    /// The operation ended in another way than with its invitation.
    pub(super) fn forget_operation(&self, operation: OperationId) {
        self.joining.lock().retain(|joining| joining.operation != operation);
    }

    pub(super) fn state(&self) -> SessionState {
        self.status.lock().state
    }

    /// Why the session failed, if it did.
    pub(super) fn failure(&self) -> Option<Error> {
        self.status.lock().failure.clone()
    }

    /// Goes to another state and says so. A session that has ended stays ended.
    pub(super) fn enter(
        &self,
        new: SessionState,
        reason: Option<Error>,
        retry: Option<(u32, Duration)>,
    ) -> bool {
        let mut status = self.status.lock();
        let old = status.state;
        if is_over(old) || (old == new && retry.is_none()) {
            return false;
        }
        status.state = new;
        let (attempt, retry_in) = retry.map_or((0, None), |(attempt, pause)| (attempt, Some(pause)));
        self.hub.publish(EventBody::State(StateChange { old, new, reason, attempt, retry_in }));
        true
    }

    /// Says the last state there is: Failed with its reason, which ends all operations, or Closed, which ends the one that
    /// closed the session. Whoever reads finds the end instead of waiting for what cannot come, and who waited for an
    /// operation finds that state.
    pub(super) fn say_the_end(&self, failure: Option<&Error>) {
        let mut status = self.status.lock();
        let old = status.state;
        let new = match failure {
            Some(_) if is_over(old) => return,
            Some(error) => {
                status.state = SessionState::Failed;
                status.failure = Some(error.clone());
                self.operations.end_all(error, status.close);
                SessionState::Failed
            }
            None => {
                status.state = SessionState::Closed;
                if let Some(operation) = status.close {
                    self.operations.end(operation, Ok(0));
                }
                SessionState::Closed
            }
        };
        // A session that failed has said its last word, and its hub is closed.
        let reason = failure.cloned();
        self.hub.publish(EventBody::State(StateChange { old, new, reason, attempt: 0, retry_in: None }));
        self.hub.close();
    }

    /// Leaves New for Discovering, once.
    pub(super) fn begin(&self) -> Result<(), Error> {
        if self.enter_from_new() {
            return Ok(());
        }
        let came = format!("the session is {}", self.state().as_str());
        Err(Error::new(ErrorKind::WrongState, "open the session", came)
            .advise("a session is opened once; make another"))
    }

    fn enter_from_new(&self) -> bool {
        let is_new = self.state() == SessionState::New;
        is_new && self.enter(SessionState::Discovering, None, None)
    }

    /// The operation that closing ends; the first one asked for serves all.
    pub(super) fn close_operation(&self, make: impl FnOnce() -> OperationId) -> (OperationId, bool) {
        let mut status = self.status.lock();
        match status.close {
            Some(operation) => (operation, false),
            None => {
                let operation = make();
                status.close = Some(operation);
                (operation, true)
            }
        }
    }

    pub(super) fn closing_operation(&self) -> Option<OperationId> {
        self.status.lock().close
    }

    pub(super) fn set_application(&self, application: Option<Arc<Application>>) {
        *self.application.lock() = application;
    }

    pub(super) fn applications(&self) -> Option<Url> {
        self.applications.lock().clone()
    }

    pub(super) fn set_applications(&self, url: Url) {
        *self.applications.lock() = Some(url);
    }

    /// The same for all applications of the session: one that is made twice is one.
    pub(super) fn endpoint_id(&self) -> Result<String, Error> {
        let mut known = self.endpoint_id.lock();
        if let Some(id) = &*known {
            return Ok(id.clone());
        }
        let id = new_id()?;
        *known = Some(id.clone());
        Ok(id)
    }

    pub(super) fn application(&self) -> Option<Arc<Application>> {
        self.application.lock().clone()
    }

    /// The application, for an operation of the host.
    pub(super) fn online(&self, what: &'static str) -> Result<Arc<Application>, Error> {
        // In this order: a session that is closing says so before it lets go of the application.
        let application = self.application();
        let state = self.state();
        match (application, state) {
            (Some(application), SessionState::Online | SessionState::Recovering) => return Ok(application),
            (None, SessionState::Online | SessionState::Recovering) => {
                let came = "the server lost the application; a new one is being made";
                let error = Error::new(ErrorKind::WrongState, what, came);
                return Err(error.retryable(None).advise(AGAIN));
            }
            _ => {}
        }
        let kind = match state {
            SessionState::Closing | SessionState::Closed => ErrorKind::Closed,
            _ => ErrorKind::WrongState,
        };
        let error = Error::new(kind, what, format!("the session is {}", state.as_str()));
        Err(error.advise("open the session and wait until it is Online"))
    }

    /// Begins an operation of the host and hands its work to the supervisor.
    pub(super) fn run<F>(
        &self,
        what: &'static str,
        work: impl FnOnce(OperationId, Cancelled) -> F,
    ) -> Result<OperationId, Error>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let deadline = self.now().checked_add(self.config.operation_timeout);
        let (operation, cancelled) = self.operations.begin(what, Task::Work, deadline);
        let job: Job = Box::pin(self.for_this_application(work(operation, cancelled)));
        if self.jobs.send(job).is_err() {
            let error = Error::new(ErrorKind::Closed, what, "the session ended");
            self.operations.end(operation, Err(error.clone()));
            return Err(error);
        }
        self.alarm.notify_one();
        Ok(operation)
    }

    /// When something has to be done by time alone.
    pub(super) fn next_deadline(&self) -> Option<Moment> {
        let world = self.world.lock().next_deadline();
        let operations = self.operations.next_deadline();
        world.into_iter().chain(operations).min()
    }
}

/// Nothing but the end follows.
fn is_over(state: SessionState) -> bool {
    matches!(state, SessionState::Failed | SessionState::Closing | SessionState::Closed)
}

fn not_joined(what: &str, outcome: Outcome, invitation: &crate::model::Invitation) -> Error {
    let kind = match outcome {
        Outcome::Lost => ErrorKind::Network,
        Outcome::Cancelled => ErrorKind::Cancelled,
        _ => ErrorKind::Server,
    };
    let said = invitation.reason.as_ref().map(|reason| format!(" ({}/{})", reason.code, reason.subcode));
    let came = format!("{}{}", outcome.as_str(), said.unwrap_or_default());
    let error = Error::new(kind, what, came);
    match &invitation.reason {
        Some(reason) => error.with_reason(reason.clone()),
        None => error,
    }
}
