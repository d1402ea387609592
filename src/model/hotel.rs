//! All rooms of the world, by id and by address.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::ledger::Rooms;
use super::room::Room;
use super::step::Step;
use super::{ConversationId, Participant};
use crate::wire::{Reason, ResourceId, Target};

/// How many ended conversations are remembered, so that a late event does not revive one.
const ENDED_KEPT: usize = 100;

#[derive(Debug, Default)]
pub(super) struct Hotel {
    rooms: BTreeMap<ConversationId, Room>,
    by_address: HashMap<ResourceId, ConversationId>,
    ended: VecDeque<ResourceId>,
}

impl Hotel {
    pub(super) fn get(&self, id: ConversationId) -> Option<&Room> {
        self.rooms.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: ConversationId) -> Option<&mut Room> {
        self.rooms.get_mut(&id)
    }

    /// Oldest first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Room> {
        self.rooms.values()
    }

    /// Oldest first.
    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Room> {
        self.rooms.values_mut()
    }

    /// Whether a conversation is at this address.
    pub(super) fn knows(&self, target: &Target) -> bool {
        self.by_address.contains_key(&target.id())
    }

    /// The room behind an address, made if it is new. `None` when that conversation has ended.
    pub(super) fn enter(&mut self, step: &mut Step<'_>, target: &Target) -> Option<&mut Room> {
        let key = target.id();
        if self.ended.contains(&key) {
            tracing::debug!(target: "ucwa::model", conversation = %key, "an event of an ended conversation is left out");
            return None;
        }
        let id = *self.by_address.entry(key).or_insert_with(|| step.ids.conversation());
        Some(self.rooms.entry(id).or_insert_with(|| Room::new(id, target.clone())))
    }

    /// The server uses the address of an ended conversation for a new one.
    pub(super) fn begin_anew(&mut self, target: &Target) {
        let key = target.id();
        self.ended.retain(|ended| *ended != key);
    }

    /// Takes out a room that is gone. What comes from there later is late.
    pub(super) fn leave(&mut self, target: &Target) -> Option<Room> {
        let room = self.lose(target);
        if room.is_some() {
            self.ended.push_back(target.id());
            if self.ended.len() > ENDED_KEPT {
                self.ended.pop_front();
            }
        }
        room
    }

    /// Takes out a room that seems to be gone. What comes from there later proves the contrary.
    pub(super) fn lose(&mut self, target: &Target) -> Option<Room> {
        let id = self.by_address.remove(&target.id())?;
        self.rooms.remove(&id)
    }

    /// Takes out a room wherever it is.
    pub(super) fn remove(&mut self, id: ConversationId) -> Option<Room> {
        self.by_address.retain(|_, known| *known != id);
        self.rooms.remove(&id)
    }

    /// The application is gone: all addresses are void, and what cannot be joined again ends.
    pub(super) fn lose_application(&mut self, step: &mut Step<'_>, reason: Option<&Reason>) {
        self.by_address.clear();
        self.ended.clear();
        self.rooms.retain(|_, room| {
            let lives_on = room.can_be_joined_again();
            if lives_on {
                room.lose_application(step);
            } else {
                room.delete(step, reason);
            }
            lives_on
        });
    }
}

impl Rooms for Hotel {
    fn conversation(&mut self, step: &mut Step<'_>, target: &Target) -> Option<ConversationId> {
        self.enter(step, target).map(|room| room.id())
    }

    fn again(
        &mut self,
        step: &mut Step<'_>,
        conversation: ConversationId,
        target: &Target,
    ) -> Option<ConversationId> {
        if !self.rooms.contains_key(&conversation) {
            return self.conversation(step, target);
        }
        let other = self.by_address.insert(target.id(), conversation).filter(|other| *other != conversation);
        let other = other.and_then(|other| self.rooms.remove(&other));
        if let Some(room) = self.rooms.get_mut(&conversation) {
            room.joined_again_at(step, target);
            if let Some(mut other) = other {
                // Its events came before the one that says which it is: what they told is read.
                other.delete(step, None);
                step.fetches.forget(other.id());
                room.people.take_over(step, other.people);
                room.compare(step);
            }
        }
        Some(conversation)
    }

    fn meeting_uri(&mut self, step: &mut Step<'_>, conversation: ConversationId, uri: &str) {
        if let Some(room) = self.rooms.get_mut(&conversation) {
            room.meeting_uri(step, uri);
        }
    }

    fn participant(&self, conversation: ConversationId, target: &Target) -> Option<&Participant> {
        self.rooms.get(&conversation)?.people.at(target)
    }
}
