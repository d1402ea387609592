//! A callback registration: a reader of its own with a dispatcher thread.

use std::io;
use std::sync::Arc;

use super::gate::Gate;
use super::{Event, Hub, Mask, Next, Reader, callback};

/// Events of a session by callback: in order, one at a time, on a thread that starts with the subscription.
///
/// The callback may block and may call the library. A panic in it is caught and logged, and the subscription goes
/// on. The callback and its captures are dropped exactly once, on that thread, after its last run: when the
/// subscription is freed, or when the session is gone and all its events are delivered.
///
/// Only within one subscription is the order promised: two of one session have two threads. What has to come in order
/// together is one subscription; otherwise [`Event::seq`] tells which was first.
///
/// Dropping it is [`Subscription::free`].
pub struct Subscription {
    reader: Reader,
    gate: Arc<Gate>,
    waits: bool,
}

impl Subscription {
    /// Events of the kinds in `mask`, from now on. Fails when the system gives no thread; the callback is dropped
    /// then.
    pub fn new(
        hub: &Arc<Hub>,
        mask: Mask,
        callback: impl FnMut(&Arc<Event>) + Send + 'static,
    ) -> io::Result<Self> {
        let reader = Reader::new(mask, 0);
        let gate = Arc::new(Gate::default());
        let subscription = Subscription { reader: reader.clone(), gate: Arc::clone(&gate), waits: true };
        // Known to the hub before any event can come: see Hub::discard.
        hub.add_subscription(&gate);
        reader.attach(hub);
        let started = callback::spawn("ucwa-callbacks", {
            let gate = Arc::clone(&gate);
            move |counted| {
                let last_word = gate.adopt_thread();
                dispatch(&reader, callback);
                drop(counted);
                drop(last_word);
            }
        });
        if started.is_err() {
            gate.finish();
        }
        started.map(|()| subscription)
    }

    /// No callback starts after this is called. From another thread it returns when a running callback has returned
    /// and the callback's captures are dropped: so never hold a lock that the callback takes. From inside its own
    /// callback it does not wait; the captures are dropped when that has returned. Inside the callback of another
    /// subscription it waits, except where the two would wait for each other.
    pub fn free(self) {
        drop(self);
    }

    /// As [`Subscription::free`], but never waits: a callback that is running, or about to with an event taken
    /// before, still comes to its end; then its captures are dropped, which tells that it is over. For a window
    /// thread that the callback sends messages to.
    pub fn free_async(mut self) {
        self.waits = false;
    }
}

fn dispatch(reader: &Reader, mut callback: impl FnMut(&Arc<Event>)) {
    loop {
        match reader.next(None) {
            Next::Event(event) => callback::run("callback of a subscription", || callback(&event)),
            Next::Empty => {}
            Next::Closed => break,
        }
    }
    reader.close();
    callback::run("end of a subscription", || drop(callback));
}

impl Drop for Subscription {
    fn drop(&mut self) {
        // No callback starts after this.
        self.reader.close();
        if self.waits {
            self.gate.wait();
        }
    }
}

#[cfg(test)]
mod tests;
