//! Who is in the room: a persistent map, so that a snapshot costs the same for 10 and for 10,000 people.

use std::sync::Arc;

use super::{ConversationId, Participant, ParticipantId};

/// A consistent, immutable picture of one room. Deltas with a revision above its own lead on from it.
#[derive(Debug, Clone)]
pub struct Roster {
    pub(super) conversation: ConversationId,
    pub(super) revision: u64,
    pub(super) complete: bool,
    /// Ids are given in the order of joining, so the order of the keys is the order of joining.
    pub(super) people: rpds::RedBlackTreeMapSync<ParticipantId, Arc<Participant>>,
}

impl Roster {
    pub(super) fn new(conversation: ConversationId) -> Self {
        Roster { conversation, revision: 0, complete: false, people: rpds::RedBlackTreeMapSync::new_sync() }
    }

    /// Whose roster this is.
    pub fn conversation(&self) -> ConversationId {
        self.conversation
    }

    /// Grows by one with each delta.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// False while the server has not told everything yet (collections not read, or not offered).
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// How many entries, the lobby and the user himself included.
    pub fn len(&self) -> usize {
        self.people.size()
    }

    /// Nobody is known.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// The entries in the order of joining.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Participant>> {
        self.people.values()
    }

    /// The entry with this id.
    pub fn get(&self, id: ParticipantId) -> Option<&Arc<Participant>> {
        self.people.get(&id)
    }
}
