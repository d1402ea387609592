//! The life of a session from sign-in to the end, and its supervisor: whatever fails or panics becomes a state with a
//! reason, never silence.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::core::{Core, Job, Queues};
use super::{application, availability, channel, fetcher};
use crate::delivery::SessionState;
use crate::http::Call;
use crate::model::{Input, OperationId};
use crate::wire::Rel;
use crate::{Error, ErrorKind};

/// Lives the whole life. `open` ends when the session is online, or with why it is not. A life that is cut off (dropped,
/// also before it began, or panicking) leaves nobody waiting.
pub(super) fn live(
    core: Arc<Core>,
    queues: Queues,
    open: OperationId,
) -> impl Future<Output = ()> + Send + 'static {
    let last_word = LastWord(core.clone());
    async move {
        let _said_at_the_end = last_word;
        go_through_life(core, queues, open).await;
    }
}

/// Ends a session whose life ended without its last word: the engine was shut down, or there is a defect.
struct LastWord(Arc<Core>);

impl Drop for LastWord {
    fn drop(&mut self) {
        if self.0.state() == SessionState::Closed {
            return;
        }
        let stopped = match std::thread::panicking() {
            true => defect("it panicked"),
            false => Error::new(ErrorKind::Closed, "run the session", "the engine was shut down"),
        };
        fail(&self.0, &stopped);
        finish(&self.0);
    }
}

async fn go_through_life(core: Arc<Core>, queues: Queues, open: OperationId) {
    let mut closing = core.closing.subscribe();
    let mut failing = core.failing.subscribe();
    let mut tasks = JoinSet::new();
    let (own, queues_of) = (core.clone(), queues);
    tasks.spawn(async move { serve(own, queues_of, open).await });
    let failure = tokio::select! {
        biased;
        _ = closing.wait_for(|closing| *closing) => None,
        failed = failing.wait_for(Option::is_some) => {
            Some(failed.ok().and_then(|failed| failed.clone()).unwrap_or_else(|| defect("it was to fail")))
        }
        ended = tasks.join_next() => Some(match ended {
            Some(Ok(error)) => error,
            Some(Err(panic)) => defect(&panic.to_string()),
            None => defect("the session's task vanished"),
        }),
    };
    // Ends the pending GET and all other work before the application is signed out.
    tasks.shutdown().await;
    if let Some(error) = failure {
        fail(&core, &error);
        let _ = closing.wait_for(|closing| *closing).await;
    }
    sign_out(&core).await;
}

fn defect(came: &str) -> Error {
    Error::new(ErrorKind::Internal, "run the session", came)
        .advise("this is a defect of libucwa; please report it")
}

/// Signs in, then serves until something cannot go on.
async fn serve(core: Arc<Core>, queues: Queues, open: OperationId) -> Error {
    if let Err(error) = sign_in(&core).await {
        return error;
    }
    core.enter(SessionState::Online, None, None);
    core.operations.end(open, Ok(0));
    let mut work = JoinSet::new();
    work.spawn(channel::run(core.clone()));
    work.spawn(fetcher::run(core.clone(), queues.wants));
    work.spawn(carry(core.clone(), queues.jobs));
    work.spawn(application::keep(core.clone()));
    work.spawn(availability::keep(core.clone()));
    work.spawn(keep_time(core));
    match work.join_next().await {
        Some(Ok(error)) => error,
        Some(Err(panic)) => defect(&panic.to_string()),
        None => defect("the session's work vanished"),
    }
}

async fn sign_in(core: &Core) -> Result<(), Error> {
    let user = core.http.discover().await?;
    core.enter(SessionState::Authenticating, None, None);
    let signed_in = core.http.sign_in(&user).await?;
    application::create(core, signed_in.applications).await?;
    availability::at_sign_in(core).await
}

/// Carries the operations of the host. A panic in one becomes the failure of the session.
async fn carry(core: Arc<Core>, mut jobs: mpsc::UnboundedReceiver<Job>) -> Error {
    let mut under_way = JoinSet::new();
    loop {
        tokio::select! {
            Some(ended) = under_way.join_next() => {
                if let Err(panic) = ended {
                    return defect(&panic.to_string());
                }
            }
            job = jobs.recv() => match job {
                Some(job) => { under_way.spawn(job); }
                None => return Error::new(ErrorKind::Closed, "serve the session", core.state().as_str()),
            }
        }
    }
}

/// Lets time pass in the model and ends operations whose time is over.
async fn keep_time(core: Arc<Core>) -> Error {
    loop {
        match core.next_deadline() {
            None => core.alarm.notified().await,
            Some(deadline) => {
                let left = deadline.saturating_sub(core.now());
                tokio::select! {
                    () = tokio::time::sleep(left) => {
                        core.operations.expire(core.now());
                        core.apply(Input::Tick);
                    }
                    () = core.alarm.notified() => {}
                }
            }
        }
    }
}

pub(super) fn fail(core: &Core, error: &Error) {
    tracing::error!(target: "ucwa::session", %error, "the session failed");
    core.apply(Input::Silence);
    core.say_the_end(Some(error));
}

/// Deletes the application, within the bound, and says the last word.
async fn sign_out(core: &Core) {
    core.enter(SessionState::Closing, None, None);
    let closed = Error::new(ErrorKind::Closed, "wait for an operation", "the session was closed");
    core.operations.end_all(&closed, core.closing_operation());
    let target = core.application().and_then(|application| application.own(&Rel::SelfLink));
    core.set_application(None);
    if let Some(url) = target.and_then(|target| target.url().ok()) {
        let delete = core.http.send(Call::delete(url));
        match tokio::time::timeout(core.config.close_timeout, delete).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::warn!(target: "ucwa::session", %error, "the application was not deleted")
            }
            Err(_) => {
                tracing::warn!(target: "ucwa::session", "the application was not deleted within close.timeout_s")
            }
        }
    }
    finish(core);
}

/// The last word: nothing is published after it.
pub(super) fn finish(core: &Core) {
    core.apply(Input::Silence);
    let closing = core.closing_operation();
    let closed = Error::new(ErrorKind::Closed, "wait for an operation", "the session was closed");
    core.operations.end_all(&closed, closing);
    core.say_the_end(None);
}

/// Says that the session is to end.
pub(super) fn ask_to_close(closing: &watch::Sender<bool>) {
    closing.send_replace(true);
}
