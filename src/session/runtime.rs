//! The runtime that all sessions of a process share: made with the first session, dropped with the last.

use std::future::Future;
use std::sync::{Arc, Weak};

use once_cell::sync::Lazy;
use parking_lot::Mutex;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use crate::{Error, ErrorKind};

/// Two workers: one may apply a page while the other keeps the sockets going.
const WORKERS: usize = 2;

static SHARED: Lazy<Mutex<Weak<Shared>>> = Lazy::new(Mutex::default);

/// The runtime; lives while somebody holds it.
#[derive(Debug)]
pub(super) struct Shared(Option<Runtime>);

/// The shared runtime, started if it does not run.
pub(super) fn shared() -> Result<Arc<Shared>, Error> {
    let mut slot = SHARED.lock();
    if let Some(running) = slot.upgrade() {
        return Ok(running);
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_name("ucwa")
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| {
            Error::new(ErrorKind::Internal, "start the engine's threads", error.to_string())
                .advise("the process is out of threads or file descriptors")
        })?;
    let shared = Arc::new(Shared(Some(runtime)));
    *slot = Arc::downgrade(&shared);
    Ok(shared)
}

impl Shared {
    /// Runs a future to its end in the background. `None` when the runtime is being dropped.
    pub(super) fn spawn<F>(&self, future: F) -> Option<JoinHandle<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.0.as_ref().map(|runtime| runtime.spawn(future))
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // The last one to let go may be a task of this very runtime, where waiting would be a panic.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
