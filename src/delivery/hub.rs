//! Where the events of one session begin their way out.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use super::gate::Gate;
use super::reader::Shared;
use super::sync::{Mutex, Notify};
use super::{Event, EventBody, EventKind, Mask};

/// Of one session: numbers its events and gives them to every attached reader, in one order.
pub struct Hub {
    number: u64,
    clock: Box<dyn Fn() -> i64 + Send + Sync>,
    tag: AtomicUsize,
    /// Rings when a reader may hold back no longer.
    room: Arc<Notify>,
    state: Mutex<State>,
}

struct State {
    last_seq: u64,
    closed: bool,
    /// A session that is over may be held for long; it keeps nothing of a reader that the host has let go.
    readers: Vec<Weak<Shared>>,
    /// What any of the readers takes.
    mask: Mask,
    subscriptions: Vec<Weak<Gate>>,
}

impl Hub {
    /// A hub that tells the time by the system's clock.
    pub fn new() -> Arc<Self> {
        Hub::with_clock(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
        })
    }

    /// A hub with another clock: milliseconds since 1970, UTC. It is called under a lock and must not call the hub.
    pub fn with_clock(clock: impl Fn() -> i64 + Send + Sync + 'static) -> Arc<Self> {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Arc::new(Hub {
            number: LAST.fetch_add(1, Ordering::Relaxed) + 1,
            clock: Box::new(clock),
            tag: AtomicUsize::new(0),
            room: Arc::new(Notify::new()),
            state: Mutex::new(State {
                last_seq: 0,
                closed: false,
                readers: Vec::new(),
                mask: Mask::NONE,
                subscriptions: Vec::new(),
            }),
        })
    }

    /// Tells this session's events from others' ([`Event::session`]): never 0, never given twice in a process.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// A mark of the host that events carry from now on ([`Event::tag`]).
    pub fn set_tag(&self, tag: usize) {
        self.tag.store(tag, Ordering::Relaxed);
    }

    /// Gives the event its number and time and puts it into the queue of every reader that takes its kind. Never
    /// waits for a reader. The number counts also what nobody takes; 0 when the hub is closed.
    ///
    /// What a host can look up (rosters above all) must be up to date before: a host that reads an Overflow takes a
    /// snapshot and trusts that it holds all deltas up to the Overflow's revision.
    pub fn publish(&self, body: EventBody) -> u64 {
        let mut state = self.state.lock();
        if state.closed {
            return 0;
        }
        state.last_seq += 1;
        let seq = state.last_seq;
        let kind = body.kind();
        if !state.mask.takes(kind) {
            return seq;
        }
        let event = self.event(seq, body);
        for reader in state.readers() {
            reader.push(&event);
        }
        seq
    }

    /// An event of now that no reader is given: what is true, as a call looked it up. Its number is 0.
    pub fn of_now(&self, body: EventBody) -> Arc<Event> {
        self.event(0, body)
    }

    fn event(&self, seq: u64, body: EventBody) -> Arc<Event> {
        Arc::new(Event {
            seq,
            unix_ms: (self.clock)(),
            session: self.number,
            tag: self.tag.load(Ordering::Relaxed),
            body,
        })
    }

    /// Nothing is published after this. Readers drain what they have, then see the end.
    pub fn close(&self) {
        self.end(false);
    }

    /// As [`Hub::close`], and what is still queued is dropped. When it returns, no reader gives an event of this
    /// session and no callback of a subscription to it runs, except one that it was called from (or that waits for
    /// the caller's). So never call it with a lock that a callback takes; [`Hub::close`] does not wait.
    pub fn discard(&self) {
        self.end(true);
        // Looked up after the end: a subscription that comes later than this gets no event.
        let subscriptions: Vec<_> = {
            let state = self.state.lock();
            state.subscriptions.iter().filter_map(Weak::upgrade).collect()
        };
        for gate in &subscriptions {
            gate.wait();
        }
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.state.lock().closed
    }

    /// Resolves when no attached reader holds the channel back, or when the hub is closed. The session awaits it
    /// before each P-GET: messages and conversation events are never dropped, so while a queue is full of what must
    /// stay, the server is not asked for more. A reader that is never read holds its sessions back for ever, until
    /// it is closed or detached; the server then ends the application for want of a P-GET, and the host is told by
    /// State.
    pub async fn room(&self) {
        until(&self.room, || self.has_room()).await;
    }

    /// Whether [`Hub::room`] would resolve at once.
    pub fn has_room(&self) -> bool {
        let state = self.state.lock();
        state.closed || !state.readers().any(|reader| reader.holds_back())
    }

    /// Whether any attached reader takes this kind: a credential request that no reader takes must fail at once.
    pub fn is_taken(&self, kind: EventKind) -> bool {
        self.state.lock().mask.takes(kind)
    }

    pub(super) fn room_bell(&self) -> Arc<Notify> {
        Arc::clone(&self.room)
    }

    pub(super) fn add_reader(self: &Arc<Self>, reader: &Arc<Shared>) {
        let mut state = self.state.lock();
        if state.closed {
            return reader.attached_too_late();
        }
        if state.readers().any(|known| Arc::ptr_eq(&known, reader)) {
            return;
        }
        if reader.attached(self) {
            state.readers.push(Arc::downgrade(reader));
            state.mask = state.mask.union(reader.mask());
        }
    }

    pub(super) fn remove_reader(&self, reader: &Arc<Shared>) {
        let mut state = self.state.lock();
        state.readers.retain(|known| !std::ptr::eq(known.as_ptr(), Arc::as_ptr(reader)));
        state.look_at_masks();
        reader.detached(self.number);
        drop(state);
        self.room.notify_waiters();
    }

    /// A reader takes other kinds than before.
    pub(super) fn mask_changed(&self) {
        self.state.lock().look_at_masks();
    }

    /// Lets [`Hub::discard`] wait for the callbacks of a subscription.
    pub(super) fn add_subscription(&self, gate: &Arc<Gate>) {
        let mut state = self.state.lock();
        state.subscriptions.retain(|known| known.strong_count() > 0);
        state.subscriptions.push(Arc::downgrade(gate));
    }

    fn end(&self, purge: bool) {
        let mut state = self.state.lock();
        state.closed = true;
        state.mask = Mask::NONE;
        // A reader keeps its queue when the session is closed, so a later discard has to find it: it stays in the
        // list.
        for reader in state.readers() {
            reader.session_gone(self.number, purge);
        }
        drop(state);
        self.room.notify_waiters();
    }
}

impl State {
    fn readers(&self) -> impl Iterator<Item = Arc<Shared>> {
        self.readers.iter().filter_map(Weak::upgrade)
    }

    /// Takes together what the readers take now.
    fn look_at_masks(&mut self) {
        if !self.closed {
            self.mask = self.readers().fold(Mask::NONE, |mask, reader| mask.union(reader.mask()));
        }
    }
}

/// Looks now and after each ring of the bell, until `done`.
async fn until(bell: &Notify, done: impl Fn() -> bool) {
    loop {
        // Hears what rings from its making on, so a ring between looking and waiting is not lost.
        let ring = bell.notified();
        if done() {
            return;
        }
        ring.await;
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.end(false);
    }
}

#[cfg(test)]
mod tests;
