//! One step of the world: what is handed down while an input is applied, and what comes of it.

use std::num::NonZeroU64;
use std::time::Duration;

use super::fetch::{Fetches, Stamp};
use super::{
    ConversationChange, ConversationId, InvitationChange, InvitationId, ParticipantChange, ParticipantId,
};

/// Time since some fixed moment of the session; the model never asks a clock.
pub type Moment = Duration;

/// Something that became true.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A roster delta.
    Participant(ParticipantChange),
    /// An invitation began, moved or ended.
    Invitation(InvitationChange),
    /// A conversation came, changed or went.
    Conversation(ConversationChange),
}

/// Gives out ids, each once.
#[derive(Debug)]
pub(super) struct Ids(NonZeroU64);

impl Ids {
    pub(super) fn new() -> Self {
        Ids(NonZeroU64::MIN)
    }

    fn next(&mut self) -> NonZeroU64 {
        let id = self.0;
        self.0 = self.0.saturating_add(1);
        id
    }

    pub(super) fn participant(&mut self) -> ParticipantId {
        ParticipantId(self.next())
    }

    pub(super) fn conversation(&mut self) -> ConversationId {
        ConversationId(self.next())
    }

    pub(super) fn invitation(&mut self) -> InvitationId {
        InvitationId(self.next())
    }
}

/// What every part of the model gets while an input is applied.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) stamp: Stamp,
    pub(super) now: Moment,
    pub(super) ids: &'a mut Ids,
    pub(super) fetches: &'a mut Fetches,
    pub(super) changes: &'a mut Vec<Change>,
}
