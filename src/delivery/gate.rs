//! Between a dispatcher and who wants it gone: after [`Gate::stop`] no callback starts, and [`Gate::wait`] returns when
//! the last one has returned and its captures are dropped.

use std::cell::RefCell;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

/// One dispatcher's gate.
#[derive(Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    finished: Condvar,
}

#[derive(Default)]
struct State {
    stopped: bool,
    finished: bool,
}

thread_local! {
    /// The gate of the dispatcher that this thread is.
    static OWN: RefCell<Option<Arc<Gate>>> = const { RefCell::new(None) };
}

/// Which dispatcher waits for which now. Two callbacks that free each other's subscriptions would wait for ever; the one
/// that would close the circle does not wait.
static WAITS: Mutex<Vec<(Arc<Gate>, Arc<Gate>)>> = Mutex::new(Vec::new());

impl Gate {
    /// Says that this thread is the dispatcher behind this gate, until what is returned is dropped.
    pub(super) fn adopt_thread(self: &Arc<Self>) -> LastWord {
        OWN.set(Some(Arc::clone(self)));
        LastWord(Arc::clone(self))
    }

    /// Whether a callback may start.
    pub(super) fn is_open(&self) -> bool {
        !self.state.lock().stopped
    }

    /// From now on no callback starts. One that has started goes on.
    pub(super) fn stop(&self) {
        self.state.lock().stopped = true;
    }

    /// The dispatcher's last word.
    pub(super) fn finish(&self) {
        let mut state = self.state.lock();
        state.stopped = true;
        state.finished = true;
        self.finished.notify_all();
    }

    /// Waits for the dispatcher's last word. Does not wait on the dispatcher's own thread, nor where two callbacks would
    /// wait for each other.
    pub(super) fn wait(self: &Arc<Self>) {
        let own = OWN.try_with(|own| own.borrow().clone()).unwrap_or_default();
        let Some(own) = own else {
            return self.wait_finished();
        };
        if !begin_wait(&own, self) {
            return;
        }
        self.wait_finished();
        WAITS.lock().retain(|(waiter, _)| !Arc::ptr_eq(waiter, &own));
    }

    fn wait_finished(&self) {
        let mut state = self.state.lock();
        while !state.finished {
            self.finished.wait(&mut state);
        }
    }
}

/// Says [`Gate::finish`] however the dispatcher ends.
pub(super) struct LastWord(Arc<Gate>);

impl Drop for LastWord {
    fn drop(&mut self) {
        self.0.finish();
    }
}

/// Notes that `own` waits for `other`, unless that (over others) leads back to `own`.
fn begin_wait(own: &Arc<Gate>, other: &Arc<Gate>) -> bool {
    let mut waits = WAITS.lock();
    let mut at = other;
    loop {
        if Arc::ptr_eq(at, own) {
            tracing::debug!(target: "ucwa::delivery", "inside its own callback, or in a circle: not waited for");
            return false;
        }
        match waits.iter().find(|(waiter, _)| Arc::ptr_eq(waiter, at)) {
            Some((_, next)) => at = next,
            None => break,
        }
    }
    waits.push((Arc::clone(own), Arc::clone(other)));
    true
}
