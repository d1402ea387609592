//! The one primitive of delivery: a mask, a bounded queue, and ways to learn that something is in it.

use std::io;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::os::{Signal, WaitHandle};
use super::queue::Queue;
use super::sync::{Condvar, Mutex, MutexGuard, Notify};
use super::wakeup::Wakeup;
use super::{Event, Hub, Mask};

/// The capacity of a reader that names none.
pub const DEFAULT_CAPACITY: usize = 4096;

/// What [`Reader::next`] found.
#[derive(Debug, Clone)]
pub enum Next {
    /// The next event.
    Event(Arc<Event>),
    /// Nothing came in the time given.
    Empty,
    /// Nothing will come: the reader is closed, or every session that it was attached to is gone and the queue is
    /// drained.
    Closed,
}

/// Takes events of one or several sessions, by a mask. Readers never take events from each other.
///
/// A clone is the same reader. Every function may be called from any thread; several threads may wait on one reader,
/// each event goes to one of them. The last clone closes the reader.
///
/// A reader that nobody reads costs its queue; see the rules of what is given up at the top of `queue.rs` and in
/// docs/EVENTS.md. If it takes conversations or messages and stays full of what must not be dropped, the sessions
/// that it is attached to stop asking their servers for events until it is read, closed or detached
/// ([`Hub::room`]).
#[derive(Clone)]
pub struct Reader(Arc<Owner>);

/// Closes the reader with its last clone, although hubs still hold what is behind it.
struct Owner(Arc<Shared>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// What hubs and the clones of a reader share.
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    mask: Mask,
    queue: Queue,
    attached: Vec<Attached>,
    /// The last attached session went.
    ended: bool,
    closed: bool,
    signal: Option<Signal>,
    wakeup: Option<Wakeup>,
    /// What waiters were last told.
    ready: bool,
}

struct Attached {
    number: u64,
    hub: Weak<Hub>,
    room: Arc<Notify>,
}

impl Reader {
    /// A reader attached to nothing. `capacity` is a number of events; 0 means [`DEFAULT_CAPACITY`].
    pub fn new(mask: Mask, capacity: usize) -> Self {
        let capacity = if capacity == 0 { DEFAULT_CAPACITY } else { capacity };
        Reader(Arc::new(Owner(Arc::new(Shared {
            state: Mutex::new(State {
                mask,
                queue: Queue::new(capacity),
                attached: Vec::new(),
                ended: false,
                closed: false,
                signal: None,
                wakeup: None,
                ready: false,
            }),
            changed: Condvar::new(),
        }))))
    }

    /// Takes other kinds of events from now on. It holds for what is published after it returns, by whichever of the
    /// sessions that the reader is attached to; what is queued stays. What was not taken before is not replayed: a
    /// program that begins to take participants takes a snapshot of the roster after this call.
    pub fn set_mask(&self, mask: Mask) {
        self.0.0.set_mask(mask);
    }

    /// What it takes now.
    pub fn mask(&self) -> Mask {
        self.0.0.mask()
    }

    /// Takes events of this session from now on; earlier ones are not replayed. Attaching twice is attaching once. A
    /// reader whose sessions were all gone goes on with the new one.
    pub fn attach(&self, hub: &Arc<Hub>) {
        hub.add_reader(&self.0.0);
    }

    /// Takes nothing of this session any more; what of it is queued is dropped. When it returns, no call of
    /// [`Reader::next`] gives an event of it. A reader that is attached to nothing waits.
    pub fn detach(&self, hub: &Arc<Hub>) {
        hub.remove_reader(&self.0.0);
    }

    /// The next event. `None` waits for ever, zero polls.
    pub fn next(&self, timeout: Option<Duration>) -> Next {
        self.0.0.next(timeout)
    }

    /// Ends the reader: its queue is dropped, threads that wait in [`Reader::next`] get Closed, the wait handle stays
    /// signalled for good, a wake-up callback is dropped (on its own thread; not waited for). Twice is once.
    pub fn close(&self) {
        self.0.0.close();
    }

    /// A handle that is signalled (readable) exactly while the queue is not empty, and for good once the reader is
    /// closed or its last session is gone (unless another is attached). Level-triggered: do not read or reset it,
    /// call [`Reader::next`] until it is Empty. Each call gives a duplicate of its own, which outlives the reader.
    pub fn wait_handle(&self) -> io::Result<WaitHandle> {
        let mut state = self.0.0.state.lock();
        if state.signal.is_none() {
            let mut signal = Signal::new()?;
            signal.set(state.is_ready());
            state.signal = Some(signal);
        }
        match &state.signal {
            Some(signal) => signal.duplicate(),
            None => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Runs `wake` after each step of the queue from empty to not empty, and when the last session goes; at once if
    /// the queue is not empty now. Steps that come while it runs give one run more. It runs on a thread of its own,
    /// under no lock of ours, and should only post to a loop, which then calls [`Reader::next`] until it is Empty.
    /// A panic in it is caught. `None` removes it. An earlier one is dropped after its run, on its thread; this
    /// does not wait for it. A clone of the reader that `wake` captures keeps the reader open until it is closed.
    pub fn set_wakeup(&self, wake: Option<Box<dyn FnMut() + Send>>) -> io::Result<()> {
        let wakeup = wake.map(Wakeup::start).transpose()?;
        let mut state = self.0.0.state.lock();
        if state.closed {
            return Ok(());
        }
        if let Some(wakeup) = &wakeup
            && state.is_ready()
        {
            wakeup.wake();
        }
        state.wakeup = wakeup;
        Ok(())
    }
}

impl Shared {
    pub(super) fn mask(&self) -> Mask {
        self.state.lock().mask
    }

    fn set_mask(&self, mask: Mask) {
        let hubs: Vec<_> = {
            let mut state = self.state.lock();
            state.mask = mask;
            state.attached.iter().filter_map(|attached| attached.hub.upgrade()).collect()
        };
        // Not under the lock: a hub's comes before a reader's. A hub that the reader is attached to from here on finds
        // the new mask by itself.
        for hub in hubs {
            hub.mask_changed();
        }
    }

    fn next(&self, timeout: Option<Duration>) -> Next {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut state = self.state.lock();
        loop {
            if state.closed {
                return Next::Closed;
            }
            let held_back = state.queue.holds_back();
            if let Some(event) = state.queue.pop() {
                self.settle(state, held_back);
                return Next::Event(event);
            }
            if state.ended {
                return Next::Closed;
            }
            match deadline {
                None => self.changed.wait(&mut state),
                Some(deadline) if Instant::now() < deadline => {
                    self.changed.wait_until(&mut state, deadline);
                }
                Some(_) => return Next::Empty,
            }
        }
    }

    /// Called by a hub under its lock, so that events keep its order. What the mask leaves out is not queued.
    pub(super) fn push(&self, event: &Arc<Event>) {
        let mut state = self.state.lock();
        if state.closed || !state.mask.takes(event.body.kind()) {
            return;
        }
        state.queue.push(Arc::clone(event));
        self.changed.notify_one();
        self.settle(state, false);
    }

    /// Called by a hub under its lock. False: the reader is closed.
    pub(super) fn attached(&self, hub: &Arc<Hub>) -> bool {
        let mut state = self.state.lock();
        if state.closed {
            return false;
        }
        state.ended = false;
        state.attached.push(Attached {
            number: hub.number(),
            hub: Arc::downgrade(hub),
            room: hub.room_bell(),
        });
        self.settle(state, false);
        true
    }

    /// The session that the host attached was gone already.
    pub(super) fn attached_too_late(&self) {
        let mut state = self.state.lock();
        state.ended |= state.attached.is_empty();
        self.changed.notify_all();
        self.settle(state, false);
    }

    /// The session is gone: its queued events can still be read, unless `purge`.
    pub(super) fn session_gone(&self, number: u64, purge: bool) {
        let mut state = self.state.lock();
        let held_back = state.queue.holds_back();
        let before = state.attached.len();
        state.attached.retain(|attached| attached.number != number);
        state.ended |= state.attached.is_empty() && before > 0;
        if purge {
            state.queue.purge(number);
        }
        self.changed.notify_all();
        self.settle(state, held_back);
    }

    /// The host wants nothing of this session any more.
    pub(super) fn detached(&self, number: u64) {
        let mut state = self.state.lock();
        let held_back = state.queue.holds_back();
        state.attached.retain(|attached| attached.number != number);
        state.queue.purge(number);
        self.settle(state, held_back);
    }

    pub(super) fn holds_back(&self) -> bool {
        self.state.lock().queue.holds_back()
    }

    pub(super) fn close(self: &Arc<Self>) {
        let mut state = self.state.lock();
        if state.closed {
            return;
        }
        state.closed = true;
        state.queue.clear();
        state.wakeup = None;
        let attached = std::mem::take(&mut state.attached);
        self.changed.notify_all();
        self.settle(state, false);
        for hub in attached.iter().filter_map(|attached| attached.hub.upgrade()) {
            hub.remove_reader(self);
        }
    }

    /// Ends each change: brings the wait handle and the wake-up in line with the queue while the lock is still
    /// held, so that neither can be late or lost, then tells the sessions if the queue holds them back no longer.
    fn settle(&self, mut state: MutexGuard<'_, State>, held_back: bool) {
        let ready = state.is_ready();
        if let Some(signal) = &mut state.signal {
            signal.set(ready);
        }
        if ready
            && !state.ready
            && let Some(wakeup) = &state.wakeup
        {
            wakeup.wake();
        }
        state.ready = ready;
        if held_back && !state.queue.holds_back() {
            let rooms: Vec<_> = state.attached.iter().map(|attached| Arc::clone(&attached.room)).collect();
            drop(state);
            for room in rooms {
                room.notify_waiters();
            }
        }
    }
}

impl State {
    fn is_ready(&self) -> bool {
        self.closed || self.ended || !self.queue.is_empty()
    }
}

#[cfg(test)]
mod tests;
