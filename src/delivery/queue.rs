//! What waits for one reader, and what is given up when the reader is slow. Pure: no locks, no threads, no clock.
//!
//! While the queue is shorter than its capacity, events stand in it as they came. Once it is full:
//!
//! - **Roster deltas** of one conversation (that with the most of them) become one [`Overflow`] with the revision
//!   of the last of them. It stands where the first of them stood, under its `seq`: what followed the first delta
//!   (a message of the new person, the end of the conversation) still follows. While it is queued, later deltas of
//!   that conversation only raise its revision, so a delta that is read after an Overflow always has a higher
//!   revision than the Overflow, and none is missing between: the host takes its snapshot when it reads the
//!   Overflow and applies the deltas above the snapshot.
//! - **Invitations**: a non-terminal event is put in the place of the last queued non-terminal one of the same
//!   invitation, under its `seq`, and stays `started` if that was. The completed event is always kept.
//! - **State**: a non-terminal change is joined with the last queued one (`old` of that, the rest of the new one).
//!   Closed and Failed are always kept.
//! - **All else** is kept and may exceed the capacity: results of operations and credential requests (as many as the
//!   host started or left unanswered), conversation events (which hold back the channel, see [`Queue::holds_back`]).
//!
//! So within a session `seq` always rises from one event to the next.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use super::{Event, EventBody, Overflow, StateChange};
use crate::model::{ConversationId, InvitationChange, InvitationId, ParticipantChange, Phase};

/// How far what is never dropped may exceed the capacity before it, too, holds back the channel.
const SPARE: usize = 4096;

/// Whose roster: the session's number and the conversation.
type RosterKey = (u64, ConversationId);
/// The order in the queue.
type Ticket = u64;

/// The queue of one reader.
pub(super) struct Queue {
    capacity: usize,
    next_ticket: Ticket,
    entries: BTreeMap<Ticket, Arc<Event>>,
    /// The queued deltas, oldest first. No key has an empty list.
    deltas: HashMap<RosterKey, VecDeque<Ticket>>,
    delta_count: usize,
    /// The queued Overflow of a conversation; while there is one, none of its deltas is queued.
    overflows: HashMap<RosterKey, Ticket>,
    /// The last queued non-terminal event of an invitation.
    invitations: HashMap<(u64, InvitationId), Ticket>,
    /// The last queued change of state of a session, if it is not terminal.
    states: HashMap<u64, Ticket>,
    /// How many queued events hold back the channel.
    holding: usize,
}

impl Queue {
    /// An empty queue. A capacity of 0 counts as 1.
    pub(super) fn new(capacity: usize) -> Self {
        Queue {
            capacity: capacity.max(1),
            next_ticket: 0,
            entries: BTreeMap::new(),
            deltas: HashMap::new(),
            delta_count: 0,
            overflows: HashMap::new(),
            invitations: HashMap::new(),
            states: HashMap::new(),
            holding: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the next page should wait: what cannot be folded fills the queue, and there is something among it that
    /// the server sends without end. A flood of deltas alone never holds anything back.
    pub(super) fn holds_back(&self) -> bool {
        let kept = self.entries.len() - self.delta_count;
        (self.holding > 0 && kept >= self.capacity) || kept >= self.capacity + SPARE
    }

    /// Takes the next event in order.
    pub(super) fn pop(&mut self) -> Option<Arc<Event>> {
        let (ticket, event) = self.entries.pop_first()?;
        match &event.body {
            EventBody::Participant(change) => self.forget_delta((event.session, change.conversation)),
            EventBody::Overflow(overflow) => {
                self.overflows.remove(&(event.session, overflow.conversation));
            }
            EventBody::Invitation(change) => {
                let key = (event.session, change.invitation.id);
                if self.invitations.get(&key) == Some(&ticket) {
                    self.invitations.remove(&key);
                }
            }
            EventBody::State(_) => {
                if self.states.get(&event.session) == Some(&ticket) {
                    self.states.remove(&event.session);
                }
            }
            EventBody::Conversation(_) => self.holding -= 1,
            EventBody::OperationDone(_) | EventBody::CredentialsNeeded(_) => {}
        }
        Some(event)
    }

    /// Puts an event in, by the rules at the top of this file.
    pub(super) fn push(&mut self, event: Arc<Event>) {
        match &event.body {
            EventBody::Participant(change) => self.push_delta(&event, change),
            EventBody::Overflow(overflow) => self.fold(&event, *overflow),
            EventBody::Invitation(change) => self.push_invitation(&event, change),
            EventBody::State(change) => self.push_state(&event, change),
            EventBody::Conversation(_) => {
                self.holding += 1;
                self.append(event);
            }
            EventBody::OperationDone(_) | EventBody::CredentialsNeeded(_) => {
                self.append(event);
            }
        }
    }

    /// Drops everything of one session.
    pub(super) fn purge(&mut self, session: u64) {
        self.entries.retain(|_, event| event.session != session);
        self.deltas.retain(|key, _| key.0 != session);
        self.overflows.retain(|key, _| key.0 != session);
        self.invitations.retain(|key, _| key.0 != session);
        self.states.remove(&session);
        self.delta_count = self.deltas.values().map(VecDeque::len).sum();
        self.holding =
            self.entries.values().filter(|event| matches!(event.body, EventBody::Conversation(_))).count();
    }

    /// Drops everything.
    pub(super) fn clear(&mut self) {
        *self = Queue::new(self.capacity);
    }

    fn is_full(&self) -> bool {
        self.entries.len() >= self.capacity
    }

    fn append(&mut self, event: Arc<Event>) -> Ticket {
        if self.is_full()
            && let Some((key, count)) = self.most_deltas()
            && count > 1
        {
            self.fold_queued(key);
        }
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.entries.insert(ticket, event);
        ticket
    }

    fn push_delta(&mut self, event: &Arc<Event>, change: &ParticipantChange) {
        let key = (event.session, change.conversation);
        if self.overflows.contains_key(&key) || (self.is_full() && self.gives_most(key)) {
            let overflow = Overflow { conversation: change.conversation, revision: change.revision };
            return self.fold(event, overflow);
        }
        let ticket = self.append(Arc::clone(event));
        self.deltas.entry(key).or_default().push_back(ticket);
        self.delta_count += 1;
    }

    fn push_invitation(&mut self, event: &Arc<Event>, change: &InvitationChange) {
        let key = (event.session, change.invitation.id);
        if change.phase == Phase::Completed {
            self.invitations.remove(&key);
            self.append(Arc::clone(event));
            return;
        }
        if self.is_full()
            && let Some(queued) = self.invitations.get(&key).and_then(|t| self.entries.get_mut(t))
            && let EventBody::Invitation(first) = &queued.body
        {
            // Who waits for `started` to ring must see it.
            let phase = first.phase;
            let invitation = Arc::clone(&change.invitation);
            *queued = in_place_of(queued, EventBody::Invitation(InvitationChange { phase, invitation }));
            return;
        }
        let ticket = self.append(Arc::clone(event));
        self.invitations.insert(key, ticket);
    }

    fn push_state(&mut self, event: &Arc<Event>, change: &StateChange) {
        if change.new.is_terminal() {
            self.states.remove(&event.session);
            self.append(Arc::clone(event));
            return;
        }
        if self.is_full()
            && let Some(queued) = self.states.get(&event.session).and_then(|t| self.entries.get_mut(t))
            && let EventBody::State(first) = &queued.body
        {
            let old = first.old;
            let joined = StateChange { old, ..change.clone() };
            *queued = in_place_of(queued, EventBody::State(joined));
            return;
        }
        let ticket = self.append(Arc::clone(event));
        self.states.insert(event.session, ticket);
    }

    /// The conversation with the most queued deltas; of equals the one whose deltas wait longest.
    fn most_deltas(&self) -> Option<(RosterKey, usize)> {
        self.deltas
            .iter()
            .max_by_key(|(_, tickets)| (tickets.len(), std::cmp::Reverse(tickets.front().copied())))
            .map(|(key, tickets)| (*key, tickets.len()))
    }

    /// Whether no other conversation has more deltas than this one with one more.
    fn gives_most(&self, key: RosterKey) -> bool {
        let own = self.deltas.get(&key).map_or(0, VecDeque::len);
        self.most_deltas().is_none_or(|(_, most)| most <= own + 1)
    }

    /// Puts one Overflow in the place of the queued deltas of a conversation.
    fn fold_queued(&mut self, key: RosterKey) {
        let last = self.deltas.get(&key).and_then(|tickets| tickets.back());
        if let Some(event) = last.and_then(|ticket| self.entries.get(ticket)).cloned()
            && let EventBody::Participant(change) = &event.body
        {
            let overflow = Overflow { conversation: key.1, revision: change.revision };
            self.fold(&event, overflow);
        }
    }

    /// Puts `overflow` in the place of the queued deltas of its conversation, raises the one that is already queued,
    /// or queues it as `event`, which it then stands for.
    fn fold(&mut self, event: &Arc<Event>, mut overflow: Overflow) {
        let key = (event.session, overflow.conversation);
        if let Some(queued) = self.overflows.get(&key).and_then(|t| self.entries.get_mut(t)) {
            if let EventBody::Overflow(first) = &mut Arc::make_mut(queued).body {
                first.revision = first.revision.max(overflow.revision);
            }
            return;
        }
        let tickets = self.deltas.remove(&key).unwrap_or_default();
        self.delta_count -= tickets.len();
        let mut first = None;
        for ticket in tickets {
            let Some(dropped) = self.entries.remove(&ticket) else {
                continue;
            };
            if let EventBody::Participant(change) = &dropped.body {
                overflow.revision = overflow.revision.max(change.revision);
            }
            first = first.or(Some((ticket, dropped)));
        }
        let body = EventBody::Overflow(overflow);
        let ticket = match first {
            Some((ticket, first)) => {
                self.entries.insert(ticket, in_place_of(&first, body));
                ticket
            }
            None => self.append(in_place_of(event, body)),
        };
        self.overflows.insert(key, ticket);
    }

    fn forget_delta(&mut self, key: RosterKey) {
        if let Some(tickets) = self.deltas.get_mut(&key) {
            tickets.pop_front();
            self.delta_count -= 1;
            if tickets.is_empty() {
                self.deltas.remove(&key);
            }
        }
    }
}

/// An event with another body, under the number and time of the first that it stands for.
fn in_place_of(first: &Event, body: EventBody) -> Arc<Event> {
    Arc::new(Event { body, seq: first.seq, unix_ms: first.unix_ms, session: first.session, tag: first.tag })
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
