//! What is true now: conversations, invitations, rosters. A pure state machine without I/O, clock or threads.
//!
//! [`World::apply`] takes one input and gives changes for the host and wants for the session. Events never wait for a
//! fetch: what is known is told at once, and what a fetched body adds follows as an update.

mod conversation;
mod entry;
mod fetch;
mod hotel;
mod ids;
mod invitation;
mod ledger;
mod outcome;
mod part;
mod participant;
mod people;
mod rebirth;
mod record;
mod room;
mod roster;
mod step;
#[cfg(test)]
mod tests;
mod unclaimed;
mod world;

pub use conversation::{AudienceAction, Conversation, ConversationChange, Meeting};
pub use fetch::{Collection, Subject, Want};
pub use ids::{ConversationId, InvitationId, OperationId, ParticipantId};
pub use invitation::{Invitation, InvitationCan, InvitationChange, InvitationKind, Outcome};
pub use ledger::Inviting;
pub use participant::{Capabilities, Capability, Changed, Media, Participant, ParticipantChange};
pub use roster::Roster;
pub use step::{Change, Moment};
pub use world::{Fetched, Input, Output, World};

/// Where in its life the subject of an event is; the words of the protocol (PROTOCOL 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// An operation began.
    Started,
    /// A resource came to be.
    Added,
    /// An operation or a resource changed.
    Updated,
    /// An operation ended; it comes exactly once.
    Completed,
    /// A resource is gone.
    Deleted,
}

impl Phase {
    /// The protocol's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Started => "started",
            Phase::Added => "added",
            Phase::Updated => "updated",
            Phase::Completed => "completed",
            Phase::Deleted => "deleted",
        }
    }
}
