//! Operations of the host: each ends exactly once, as an event and for whoever waits.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::sync::{Condvar, Mutex, MutexGuard};
use tokio::sync::watch;

use crate::delivery::{EventBody, Hub, OperationDone};
use crate::model::{ConversationId, Moment, OperationId};
use crate::{Error, ErrorKind};

/// How many results can be waited for after the fact.
const RESULTS_KEPT: usize = 1000;

/// What an operation gives: a conversation's or an invitation's id, 0 when there is none.
pub(super) type OperationResult = Result<u64, Error>;

/// All operations of one session.
pub(super) struct Operations {
    hub: Arc<Hub>,
    table: Mutex<Table>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Table {
    last: u64,
    open: HashMap<OperationId, Open>,
    ended: VecDeque<(OperationId, OperationResult)>,
    unanswered_questions: usize,
    /// Who waited was told of a question that is still open, and may be asking his user now.
    told_of_question: bool,
    waiting: usize,
    /// Nobody is to wait any more.
    abandoned: bool,
}

#[derive(Debug)]
struct Open {
    /// What the host asked for, for the error when time is over.
    what: &'static str,
    deadline: Option<Moment>,
    task: Task,
    about: Option<About>,
    /// Tells its work that it was cancelled; gone with the end of the operation.
    cancelled: watch::Sender<bool>,
}

/// What kind of operation it is, as far as cancelling it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    /// Opens the session.
    Open,
    /// Closes the session, which cannot be cancelled.
    Close,
    /// Asks the server for something.
    Work,
}

/// What an operation is about: whether it can be done again in another application depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// It does something there.
    Inside(ConversationId),
    /// It ends the user's part in it.
    Leaving(ConversationId),
    /// It answers an invitation, or takes one back.
    Invitation,
}

/// Tells the work of an operation that it was cancelled.
#[derive(Debug, Clone)]
pub(super) struct Cancelled(watch::Receiver<bool>);

impl Cancelled {
    /// Resolves when the operation has been cancelled (true), or has ended in another way.
    pub(super) async fn told(&mut self) -> bool {
        self.0.wait_for(|cancelled| *cancelled).await.is_ok()
    }
}

impl Operations {
    pub(super) fn new(hub: Arc<Hub>) -> Self {
        Operations { hub, table: Mutex::default(), changed: Condvar::new() }
    }

    /// A new operation; ends as timed out at `deadline`, if there is one.
    pub(super) fn begin(
        &self,
        what: &'static str,
        task: Task,
        deadline: Option<Moment>,
    ) -> (OperationId, Cancelled) {
        let (cancelled, told) = watch::channel(false);
        let mut table = self.table.lock();
        loop {
            table.last = table.last.wrapping_add(1);
            if let Some(id) = OperationId::new(table.last) {
                table.open.insert(id, Open { what, deadline, task, about: None, cancelled });
                return (id, Cancelled(told));
            }
        }
    }

    /// Ends an operation as cancelled and tells its work; `None` when it has ended before.
    pub(super) fn cancel(&self, id: OperationId) -> Result<Option<Task>, Error> {
        let tried = || format!("cancel operation {id}");
        let table = self.table.lock();
        let Some(open) = table.open.get(&id) else {
            return match id.get() <= table.last {
                true => Ok(None),
                false => Err(Error::new(ErrorKind::NotFound, tried(), "no such operation")),
            };
        };
        let task = open.task;
        if task == Task::Close {
            let error = Error::new(ErrorKind::WrongState, tried(), "it closes the session");
            return Err(error.advise("a session that is closing comes to its end within close.timeout_s"));
        }
        let error = Error::new(ErrorKind::Cancelled, open.what, "cancelled by the program");
        open.cancelled.send_replace(true);
        self.end_in(table, id, Err(error));
        Ok(Some(task))
    }

    /// Ends an operation. The second end of the same one is nothing.
    pub(super) fn end(&self, id: OperationId, result: OperationResult) {
        self.end_in(self.table.lock(), id, result);
    }

    fn end_in(&self, mut table: MutexGuard<'_, Table>, id: OperationId, result: OperationResult) {
        if table.open.remove(&id).is_none() {
            return;
        }
        table.ended.push_back((id, result.clone()));
        if table.ended.len() > RESULTS_KEPT {
            table.ended.pop_front();
        }
        self.hub.publish(EventBody::OperationDone(OperationDone { operation: id, result }));
        self.changed.notify_all();
    }

    /// Ends all that are open, but `spare`.
    pub(super) fn end_all(&self, error: &Error, spare: Option<OperationId>) {
        let mut open: Vec<OperationId> = self.table.lock().open.keys().copied().collect();
        open.sort_unstable();
        for id in open.into_iter().filter(|id| Some(*id) != spare) {
            self.end(id, Err(error.clone()));
        }
    }

    /// Says what the operation is about.
    pub(super) fn is_about(&self, id: OperationId, about: About) {
        if let Some(open) = self.table.lock().open.get_mut(&id) {
            open.about = Some(about);
        }
    }

    /// The application is gone: ends all that are open, but `spare`, by what they were and what they were about.
    pub(super) fn lose_application(
        &self,
        spare: Option<OperationId>,
        end: impl Fn(&'static str, Option<About>) -> OperationResult,
    ) {
        let mut open: Vec<_> = {
            let table = self.table.lock();
            table.open.iter().map(|(id, open)| (*id, open.what, open.about)).collect()
        };
        open.retain(|(id, _, _)| Some(*id) != spare);
        open.sort_unstable_by_key(|(id, _, _)| *id);
        for (id, what, about) in open {
            self.end(id, end(what, about));
        }
    }

    /// Ends those whose time is over.
    pub(super) fn expire(&self, now: Moment) {
        let due: Vec<(OperationId, &'static str)> = {
            let table = self.table.lock();
            let is_due = |open: &Open| open.deadline.is_some_and(|deadline| deadline <= now);
            table.open.iter().filter(|(_, open)| is_due(open)).map(|(id, open)| (*id, open.what)).collect()
        };
        for (id, what) in due {
            let error = Error::new(ErrorKind::Timeout, what, "no result within operation.timeout_s");
            self.end(id, Err(error));
        }
    }

    /// The operation now takes as long as it takes.
    pub(super) fn without_deadline(&self, id: OperationId) {
        if let Some(open) = self.table.lock().open.get_mut(&id) {
            open.deadline = None;
        }
    }

    /// When [`Operations::expire`] has something to do next.
    pub(super) fn next_deadline(&self) -> Option<Moment> {
        self.table.lock().open.values().filter_map(|open| open.deadline).min()
    }

    /// Waits for the end of an operation. Returns at once with `CredentialsNeeded` while a question is unanswered.
    pub(super) fn wait(&self, id: OperationId, timeout: Option<Duration>) -> OperationResult {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut table = self.table.lock();
        table.waiting += 1;
        let result = loop {
            if let Some((_, result)) = table.ended.iter().find(|(ended, _)| *ended == id) {
                break result.clone();
            }
            let Some(open) = table.open.get(&id) else {
                let error =
                    Error::new(ErrorKind::NotFound, format!("wait for operation {id}"), "no such operation");
                break Err(error);
            };
            let what = open.what;
            if table.abandoned {
                break Err(Error::new(ErrorKind::Closed, what, "the session was freed"));
            }
            if table.unanswered_questions > 0 {
                table.told_of_question = true;
                let error = Error::new(ErrorKind::CredentialsNeeded, what, "an event asks for credentials");
                break Err(error.advise("answer it by supply_password or supply_token, then wait again"));
            }
            let timed_out = match deadline {
                None => {
                    self.changed.wait(&mut table);
                    false
                }
                Some(deadline) => self.changed.wait_until(&mut table, deadline),
            };
            if timed_out && table.open.contains_key(&id) {
                break Err(Error::new(ErrorKind::Timeout, what, "not done within the time given to wait"));
            }
        };
        table.waiting -= 1;
        result
    }

    /// How an operation ended; `None` while it is under way, or when it is not known (any more).
    pub(super) fn result(&self, id: OperationId) -> Option<OperationResult> {
        let table = self.table.lock();
        table.ended.iter().find(|(ended, _)| *ended == id).map(|(_, result)| result.clone())
    }

    /// Whoever waits, or comes to wait, goes away with `Closed`.
    pub(super) fn abandon(&self) {
        self.table.lock().abandoned = true;
        self.changed.notify_all();
    }

    /// So many questions for credentials are unanswered now: those who wait look again.
    pub(super) fn questions_changed(&self, unanswered: usize) {
        let mut table = self.table.lock();
        table.unanswered_questions = unanswered;
        table.told_of_question &= unanswered > 0;
        self.changed.notify_all();
    }

    /// Whether somebody waits for an operation right now, or was sent off by [`Operations::wait`] to answer a question
    /// that is still open.
    pub(super) fn knows_of_question(&self) -> bool {
        let table = self.table.lock();
        table.waiting > 0 || table.told_of_question
    }
}
