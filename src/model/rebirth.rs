//! A lost application and the one in its place: what ends, what lives on, and who is who.
//!
//! All addresses are void with their application (PROTOCOL 3.4). A meeting that was joined keeps its conversation and is joined
//! again by its URI; the people in it keep their ids: the user himself first, then by address, as often as it stands there.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::hotel::Hotel;
use super::ledger::Ledger;
use super::step::Step;
use super::{Participant, ParticipantId, Roster};
use crate::wire::{Reason, ResourceId};

/// Who was in a room before, until the new application has told who is there.
#[derive(Debug)]
pub(super) struct Former {
    /// The user himself, as often as he was there, if not found again yet.
    own: VecDeque<Arc<Participant>>,
    /// The others not found again yet. Who is told apart by nothing goes in the order of joining.
    others: HashMap<Who, VecDeque<Arc<Participant>>>,
    /// Those found again. What is different about them is told when all are known.
    found: HashSet<ParticipantId>,
    /// Entries of which it is not known yet who they are.
    unknown: HashSet<ResourceId>,
    /// The server has told who is there.
    all_told: bool,
}

/// What a person is known by: the address, whatever its case; who has none goes by the name.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Who {
    Uri(String),
    Name(String),
}

impl Who {
    fn of(person: &Participant) -> Self {
        match person.uri.is_empty() {
            false => Who::Uri(person.uri.to_ascii_lowercase()),
            true => Who::Name(person.name.clone()),
        }
    }
}

/// What is known of an entry that nothing was told of.
#[derive(Debug, PartialEq)]
pub(super) enum Known {
    /// Too little to say who he is.
    Not,
    /// He was not there before.
    New,
    /// He was there before, as this one.
    As(Arc<Participant>),
}

impl Former {
    pub(super) fn of(roster: &Roster) -> Self {
        let mut own = VecDeque::new();
        let mut others: HashMap<Who, VecDeque<_>> = HashMap::new();
        for person in roster.iter() {
            let place = if person.local { &mut own } else { others.entry(Who::of(person)).or_default() };
            place.push_back(person.clone());
        }
        Former { own, others, found: HashSet::new(), unknown: HashSet::new(), all_told: false }
    }

    /// Who a new entry is.
    pub(super) fn recognise(&mut self, key: &ResourceId, person: &Participant) -> Known {
        let says_little = person.partial && person.uri.is_empty() && !person.local;
        if says_little && !(self.own.is_empty() && self.others.is_empty()) {
            self.unknown.insert(key.clone());
            return Known::Not;
        }
        self.unknown.remove(key);
        let before = if person.local { self.take_own(person) } else { self.take(person) };
        match before {
            Some(before) => {
                self.found.insert(before.id);
                Known::As(before)
            }
            None => Known::New,
        }
    }

    fn take_own(&mut self, person: &Participant) -> Option<Arc<Participant>> {
        let same = self.own.iter().position(|own| Who::of(own) == Who::of(person));
        self.own.remove(same.unwrap_or_default())
    }

    fn take(&mut self, person: &Participant) -> Option<Arc<Participant>> {
        let who = Who::of(person);
        let same = self.others.get_mut(&who)?;
        let before = same.pop_front();
        if same.is_empty() {
            self.others.remove(&who);
        }
        before
    }

    /// Whether what changes about this person is to wait.
    pub(super) fn holds(&self, id: ParticipantId) -> bool {
        self.found.contains(&id)
    }

    /// Whether this entry waits for being known.
    pub(super) fn is_unknown(&self, key: &ResourceId) -> bool {
        self.unknown.contains(key)
    }

    /// Nothing more will be known of this entry, or it is gone.
    pub(super) fn give_up(&mut self, key: &ResourceId) {
        self.unknown.remove(key);
    }

    /// Nobody is left to be found. The user himself is there, whether or not the server has told so yet.
    pub(super) fn is_over(&self) -> bool {
        self.own.is_empty()
    }

    /// The server has told who is there.
    pub(super) fn told_all(&mut self) {
        self.all_told = true;
    }

    /// Whether everybody who is there is known.
    pub(super) fn is_settled(&self) -> bool {
        self.all_told && self.unknown.is_empty()
    }

    /// Who is not there any more, and who is there still, each in the order of joining.
    pub(super) fn part(&mut self) -> (Vec<Arc<Participant>>, Vec<ParticipantId>) {
        let mut gone: Vec<_> = std::mem::take(&mut self.others).into_values().flatten().collect();
        gone.sort_unstable_by_key(|person| person.id);
        let mut found: Vec<ParticipantId> = std::mem::take(&mut self.found).into_iter().collect();
        found.sort_unstable();
        (gone, found)
    }
}

/// The application is gone, and with it all addresses. Invitations under way end as lost; conversations end but those of
/// meetings that were joined, which wait to be joined again.
pub(super) fn lose_application(
    step: &mut Step<'_>,
    rooms: &mut Hotel,
    ledger: &mut Ledger,
    reason: Option<&Reason>,
) {
    step.fetches.clear();
    ledger.lose_all(step);
    ledger.forget_addresses();
    rooms.lose_application(step, reason);
}
