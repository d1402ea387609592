//! All rooms of the world, by id and by address.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::ledger::Rooms;
use super::room::Room;
use super::step::Step;
use super::{ConversationId, Participant};
use crate::wire::{ResourceId, Target};

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
}

impl Rooms for Hotel {
    fn conversation(&mut self, step: &mut Step<'_>, target: &Target) -> Option<ConversationId> {
        self.enter(step, target).map(|room| room.id())
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
