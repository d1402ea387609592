//! The queue against a naive queue, and against a host that must never be wrong about a roster.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::delivery::SessionState;
use crate::delivery::SessionState::{Closed, Online, Recovering};
use crate::delivery::samples::{
    conversation_added, credentials_needed, delta, event, invitation_change, operation_done, short, state,
};
use crate::model::Phase::{Completed, Started, Updated};

/// What may happen to a queue. The first number is the session.
#[derive(Debug, Clone)]
enum Step {
    Delta(u64, u64),
    Invitation(u64, u64),
    Complete(u64, u64),
    State(u64),
    Close(u64),
    Conversation(u64),
    Operation(u64),
    Credentials(u64),
    Pop(usize),
    Purge(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let session = 1..3u64;
    let step = prop_oneof![
        12 => (session.clone(), 1..4u64).prop_map(|(s, c)| Step::Delta(s, c)),
        5 => (session.clone(), 1..4u64).prop_map(|(s, i)| Step::Invitation(s, i)),
        2 => (session.clone(), 1..4u64).prop_map(|(s, i)| Step::Complete(s, i)),
        3 => session.clone().prop_map(Step::State),
        1 => session.clone().prop_map(Step::Close),
        2 => session.clone().prop_map(Step::Conversation),
        1 => session.clone().prop_map(Step::Operation),
        1 => session.clone().prop_map(Step::Credentials),
        8 => (1..4usize).prop_map(Step::Pop),
        1 => session.prop_map(Step::Purge),
    ];
    prop::collection::vec(step, 0..150)
}

/// The sessions behind the steps: they number their events, revisions and versions.
#[derive(Default)]
struct World {
    seq: HashMap<u64, u64>,
    revisions: HashMap<(u64, u64), u64>,
    /// Of an invitation: how many ended before this one (it then has a new id), and its version.
    invitations: HashMap<(u64, u64), (u64, u64)>,
    states: HashMap<u64, (SessionState, u32)>,
}

impl World {
    fn event(&mut self, step: &Step) -> Option<Arc<Event>> {
        let (session, body) = match *step {
            Step::Delta(session, conversation) => {
                let revision = self.revisions.entry((session, conversation)).or_default();
                *revision += 1;
                (session, delta(conversation, *revision))
            }
            Step::Invitation(session, slot) => {
                let (ended, version) = self.invitations.entry((session, slot)).or_default();
                *version += 1;
                let phase = if *version == 1 { Started } else { Updated };
                (session, invitation_change(slot + 10 * *ended, phase, &version.to_string()))
            }
            Step::Complete(session, slot) => {
                let (ended, version) = self.invitations.entry((session, slot)).or_default();
                let body = invitation_change(slot + 10 * *ended, Completed, "end");
                (*ended, *version) = (*ended + 1, 0);
                (session, body)
            }
            Step::State(session) => {
                let (old, attempt) = self.states.get(&session).copied().unwrap_or((Online, 0));
                let new = if attempt % 3 == 2 { Online } else { Recovering };
                self.states.insert(session, (new, attempt + 1));
                (session, state(old, new, attempt + 1))
            }
            Step::Close(session) => {
                let (old, attempt) = self.states.get(&session).copied().unwrap_or((Online, 0));
                self.states.insert(session, (Closed, attempt));
                (session, state(old, Closed, attempt))
            }
            Step::Conversation(session) => (session, conversation_added(1)),
            Step::Operation(session) => (session, operation_done(1)),
            Step::Credentials(session) => (session, credentials_needed(1)),
            Step::Pop(_) | Step::Purge(_) => return None,
        };
        let seq = self.seq.entry(session).or_default();
        *seq += 1;
        Some(event(session, *seq, body))
    }
}

/// The same rules over a plain list, found by looking through it each time.
struct Naive {
    capacity: usize,
    list: Vec<Event>,
}

impl Naive {
    fn delta_of(event: &Event) -> Option<(RosterKey, u64)> {
        match &event.body {
            EventBody::Participant(change) => Some(((event.session, change.conversation), change.revision)),
            _ => None,
        }
    }

    fn count(&self, key: RosterKey) -> usize {
        self.list.iter().filter(|e| Self::delta_of(e).is_some_and(|(k, _)| k == key)).count()
    }

    fn fold(&mut self, key: RosterKey, extra: Option<&Event>) {
        let of_key = |event: &Event| Self::delta_of(event).is_some_and(|(k, _)| k == key);
        let at = self.list.iter().position(of_key).unwrap_or(self.list.len());
        let all: Vec<&Event> = self.list.iter().filter(|e| of_key(e)).chain(extra).collect();
        let revision = all.iter().filter_map(|e| Self::delta_of(e)).map(|(_, r)| r).max().unwrap();
        let body = EventBody::Overflow(Overflow { conversation: key.1, revision });
        let overflow = Event { body, ..all[0].clone() };
        self.list.retain(|e| !of_key(e));
        self.list.insert(at, overflow);
    }

    fn fold_biggest(&mut self) {
        let keys: Vec<_> = self.list.iter().filter_map(Self::delta_of).map(|(key, _)| key).collect();
        let mut best = None;
        for key in keys {
            let count = self.count(key);
            if best.is_none_or(|(_, most)| count > most) {
                best = Some((key, count));
            }
        }
        if let Some((key, count)) = best
            && count > 1
        {
            self.fold(key, None);
        }
    }

    fn push(&mut self, event: &Event) {
        let full = self.list.len() >= self.capacity;
        if let Some((key, revision)) = Self::delta_of(event) {
            for queued in &mut self.list {
                if let EventBody::Overflow(overflow) = &mut queued.body
                    && (queued.session, overflow.conversation) == key
                {
                    overflow.revision = revision;
                    return;
                }
            }
            let own = self.count(key);
            let most = self.list.iter().filter_map(Self::delta_of).map(|(k, _)| self.count(k)).max();
            if full && most.unwrap_or(0) <= own + 1 {
                return self.fold(key, Some(event));
            }
        }
        if full && self.merge(event) {
            return;
        }
        if full {
            self.fold_biggest();
        }
        self.list.push(event.clone());
    }

    fn merge(&mut self, event: &Event) -> bool {
        for queued in self.list.iter_mut().rev().filter(|queued| queued.session == event.session) {
            match (&mut queued.body, &event.body) {
                (EventBody::Invitation(old), EventBody::Invitation(new))
                    if old.invitation.id == new.invitation.id =>
                {
                    let both_go_on = old.phase != Completed && new.phase != Completed;
                    if both_go_on {
                        old.invitation = new.invitation.clone();
                    }
                    return both_go_on;
                }
                (EventBody::State(old), EventBody::State(new)) => {
                    let both_go_on = old.new != Closed && new.new != Closed;
                    if both_go_on {
                        *old = StateChange { old: old.old, ..new.clone() };
                    }
                    return both_go_on;
                }
                _ => {}
            }
        }
        false
    }
}

/// A host that reads, takes snapshots when told to, and notes what it was told.
#[derive(Default)]
struct Host {
    rosters: HashMap<(u64, u64), u64>,
    seq: HashMap<u64, u64>,
    states: HashMap<u64, SessionState>,
    /// Of an invitation: the phases told, and the version told last.
    invitations: HashMap<(u64, u64), (Vec<Phase>, String)>,
    plain: Vec<(u64, u64)>,
}

impl Host {
    fn read(&mut self, event: &Event, world: &World) -> Result<(), TestCaseError> {
        let before = self.seq.insert(event.session, event.seq).unwrap_or(0);
        prop_assert!(event.seq > before, "seq {before} then {}", event.seq);
        match &event.body {
            EventBody::Participant(change) => {
                let key = (event.session, change.conversation.get());
                let known = self.rosters.entry(key).or_default();
                if change.revision > *known {
                    prop_assert_eq!(change.revision, *known + 1, "a delta is missing");
                    *known = change.revision;
                }
            }
            EventBody::Overflow(overflow) => {
                let key = (event.session, overflow.conversation.get());
                let snapshot = world.revisions[&key];
                prop_assert!(overflow.revision <= snapshot);
                prop_assert!(
                    Some(&overflow.revision) > self.rosters.get(&key) || self.rosters[&key] == snapshot
                );
                self.rosters.insert(key, snapshot);
            }
            EventBody::Invitation(change) => {
                let key = (event.session, change.invitation.id.get());
                let told = self.invitations.entry(key).or_default();
                told.0.push(change.phase);
                if change.phase != Completed {
                    told.1 = change.invitation.subject.clone();
                }
            }
            EventBody::State(change) => {
                let known = self.states.insert(event.session, change.new).unwrap_or(Online);
                prop_assert_eq!(known, change.old, "the chain of states broke");
            }
            _ => self.plain.push((event.session, event.seq)),
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn the_queue_does_what_the_naive_queue_does(capacity in 1..12usize, steps in steps()) {
        let (mut queue, mut world) = (Queue::new(capacity), World::default());
        let mut naive = Naive { capacity, list: Vec::new() };
        for step in &steps {
            match *step {
                Step::Purge(session) => {
                    queue.purge(session);
                    naive.list.retain(|event| event.session != session);
                }
                Step::Pop(count) => {
                    for _ in 0..count {
                        let expected = (!naive.list.is_empty()).then(|| naive.list.remove(0));
                        prop_assert_eq!(
                            queue.pop().map(|event| short(&event)),
                            expected.map(|event| short(&event))
                        );
                    }
                }
                _ => {
                    let event = world.event(step).unwrap();
                    naive.push(&event);
                    queue.push(event);
                }
            }
            let deltas = naive.list.iter().filter_map(Naive::delta_of).count();
            let conversations = naive.list.iter().any(|e| matches!(e.body, EventBody::Conversation(_)));
            prop_assert_eq!(queue.is_empty(), naive.list.is_empty());
            prop_assert_eq!(queue.holds_back(), conversations && naive.list.len() - deltas >= capacity);
        }
        let rest: Vec<_> = naive.list.iter().map(short).collect();
        let drained: Vec<_> = std::iter::from_fn(|| queue.pop()).map(|event| short(&event)).collect();
        prop_assert_eq!(drained, rest);
    }

    #[test]
    fn a_slow_host_is_never_wrong(capacity in 1..12usize, steps in steps()) {
        let (mut queue, mut world, mut host) = (Queue::new(capacity), World::default(), Host::default());
        let mut pushed: Vec<Arc<Event>> = Vec::new();
        for step in &steps {
            if let Step::Pop(count) = step {
                for event in (0..*count).map_while(|_| queue.pop()) {
                    host.read(&event, &world)?;
                }
            } else if let Some(event) = world.event(step) {
                pushed.push(Arc::clone(&event));
                queue.push(event);
                let foldable = queue.deltas.values().any(|tickets| tickets.len() > 1);
                prop_assert!(queue.entries.len() <= capacity || !foldable, "too long for nothing");
            }
        }
        while let Some(event) = queue.pop() {
            host.read(&event, &world)?;
        }

        for (key, revision) in &world.revisions {
            prop_assert_eq!(host.rosters.get(key), Some(revision), "the roster of {:?}", key);
        }
        for (session, (state, _)) in &world.states {
            prop_assert_eq!(host.states.get(session), Some(state));
        }
        let mut plain = Vec::new();
        let mut told: HashMap<(u64, u64), (Vec<Phase>, String)> = HashMap::new();
        for event in &pushed {
            match &event.body {
                EventBody::Invitation(change) => {
                    let invitation = told.entry((event.session, change.invitation.id.get())).or_default();
                    invitation.0.push(change.phase);
                    if change.phase != Completed {
                        invitation.1 = change.invitation.subject.clone();
                    }
                }
                EventBody::State(_) | EventBody::Participant(_) => {}
                _ => plain.push((event.session, event.seq)),
            }
        }
        prop_assert_eq!(&host.plain, &plain, "results, conversations, credential requests: all, in order");
        prop_assert_eq!(host.invitations.len(), told.len());
        for (key, (phases, last)) in &told {
            let (seen, last_seen) = &host.invitations[key];
            prop_assert_eq!(last_seen, last, "the newest of {:?}", key);
            let ends = |phases: &[Phase]| phases.iter().filter(|p| **p == Completed).count();
            prop_assert_eq!(ends(seen), ends(phases), "the end of {:?}", key);
            prop_assert_eq!(seen.first(), phases.first(), "the start of {:?}", key);
            prop_assert_eq!(seen.last() == Some(&Completed), phases.last() == Some(&Completed));
        }
    }
}
