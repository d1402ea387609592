//! Wake-up callbacks, for event loops that take posts and cannot wait on a handle.
//!
//! Each has a thread of its own: a callback that blocks, against the rules, holds up neither the engine nor the
//! thread that published, nor another reader.

use std::io;
use std::sync::Arc;

use super::callback;
use super::sync::{Condvar, Mutex};

/// Tells the thread of one wake-up callback to run it. Dropping it ends the thread.
pub(super) struct Wakeup(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    wanted: bool,
    stopped: bool,
}

impl Wakeup {
    /// Starts the thread. The callback and its captures are dropped on it, after the last run.
    pub(super) fn start(mut wake: Box<dyn FnMut() + Send>) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let seen = Arc::clone(&shared);
        callback::spawn("ucwa-wakeup", move |counted| {
            while seen.next() {
                callback::run("wake-up callback", &mut wake);
            }
            callback::run("end of a wake-up callback", || drop(wake));
            drop(counted);
        })?;
        Ok(Wakeup(shared))
    }

    /// A run begins after this. Cheap and never waits for a callback, so it may be called under a lock.
    pub(super) fn wake(&self) {
        self.0.state.lock().wanted = true;
        self.0.changed.notify_one();
    }
}

impl Drop for Wakeup {
    fn drop(&mut self) {
        self.0.state.lock().stopped = true;
        self.0.changed.notify_one();
    }
}

impl Shared {
    /// Waits until a run is wanted; false at the end.
    fn next(&self) -> bool {
        let mut state = self.state.lock();
        loop {
            if state.stopped {
                return false;
            }
            if std::mem::take(&mut state.wanted) {
                return true;
            }
            self.changed.wait(&mut state);
        }
    }
}
