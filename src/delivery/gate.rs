//! Between a dispatcher and who wants it gone. Closing its reader keeps it from starting another callback: an event
//! that was taken out before counts as started. [`Gate::wait`] then returns when the last callback has returned and
//! its captures are dropped.

use std::cell::RefCell;
use std::sync::Arc;

use super::sync::{self, Condvar, Mutex};
use crate::process::PerProcess;

/// One dispatcher's gate.
#[derive(Default)]
pub(super) struct Gate {
    finished: Mutex<bool>,
    changed: Condvar,
}

sync::per_thread! {
    /// The gate of the dispatcher that this thread is.
    static OWN: RefCell<Option<Arc<Gate>>> = RefCell::new(None);
}

/// Pairs of who waits and for whom.
type Waits = Vec<(Arc<Gate>, Arc<Gate>)>;

/// Which dispatcher waits for which now. Two callbacks that free each other's subscriptions would wait for ever;
/// the one that would close the circle does not wait.
static WAITS: PerProcess<Mutex<Waits>> = PerProcess::new();

impl Gate {
    /// Says that this thread is the dispatcher behind this gate, until what is returned is dropped.
    pub(super) fn adopt_thread(self: &Arc<Self>) -> LastWord {
        OWN.with(|own| own.replace(Some(Arc::clone(self))));
        LastWord(Arc::clone(self))
    }

    /// The dispatcher's last word.
    pub(super) fn finish(&self) {
        *self.finished.lock() = true;
        self.changed.notify_all();
    }

    /// Waits for the dispatcher's last word. Does not wait on the dispatcher's own thread, nor where two callbacks
    /// would wait for each other.
    pub(super) fn wait(self: &Arc<Self>) {
        let own = OWN.try_with(|own| own.borrow().clone()).unwrap_or_default();
        let Some(own) = own else {
            return self.wait_finished();
        };
        if !begin_wait(&own, self) {
            return;
        }
        self.wait_finished();
        WAITS.get().lock().retain(|(waiter, _)| !Arc::ptr_eq(waiter, &own));
    }

    fn wait_finished(&self) {
        let mut finished = self.finished.lock();
        while !*finished {
            self.changed.wait(&mut finished);
        }
    }
}

/// Says [`Gate::finish`] however the dispatcher ends.
pub(super) struct LastWord(Arc<Gate>);

impl Drop for LastWord {
    fn drop(&mut self) {
        self.0.finish();
        // A thread that is past its end waits like any other.
        let _ = OWN.try_with(|own| own.take());
    }
}

/// Notes that `own` waits for `other`, unless that (over others) leads back to `own`.
fn begin_wait(own: &Arc<Gate>, other: &Arc<Gate>) -> bool {
    let mut waits = WAITS.get().lock();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::samples::in_time;

    #[test]
    fn a_wait_that_is_over_leaves_no_trace() {
        in_time(|| {
            let (own, other) = (Arc::new(Gate::default()), Arc::new(Gate::default()));
            let last_word = own.adopt_thread();
            other.finish();
            other.wait();
            assert!(!WAITS.get().lock().iter().any(|(waiter, _)| Arc::ptr_eq(waiter, &own)));
            drop(last_word);
            own.wait_finished();
        });
    }

    #[test]
    fn a_dispatcher_that_ends_by_a_panic_is_not_waited_for_for_ever() {
        let gate = Arc::new(Gate::default());
        let dispatcher = Arc::clone(&gate);
        let ended = std::thread::spawn(move || {
            let _last_word = dispatcher.adopt_thread();
            panic!("a defect of ours");
        });
        in_time(move || gate.wait());
        assert!(ended.join().is_err());
    }
}
