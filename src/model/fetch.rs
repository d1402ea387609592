//! What is worth fetching, and when a fetched body may still be believed.
//!
//! A body is stale when an event touched its subject after the GET was sent: the answer may have been made before
//! that event. Stale bodies are dropped, and wanted again if the subject still lacks one.

use std::collections::HashMap;

use super::{ConversationId, InvitationId};
use crate::wire::{Modality, ResourceId, Target};

/// What a fetch is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The list of the conversations there are.
    Conversations,
    /// A conversation itself.
    Conversation(ConversationId),
    /// The onlineMeeting of a conversation.
    Meeting(ConversationId),
    /// One of the three roster collections of a conversation.
    Collection(ConversationId, Collection),
    /// A participant of a conversation, under the identity of its address.
    Participant(ConversationId, ResourceId),
    /// How a participant takes part in a modality.
    Modality(ConversationId, ResourceId, Modality),
    /// An invitation.
    Invitation(InvitationId),
    /// An invitation of which only the address is known.
    UnknownInvitation(ResourceId),
}

/// A roster collection (PROTOCOL 7.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Collection {
    /// People with role Leader.
    Leaders,
    /// People with role Attendee.
    Attendees,
    /// People who are not admitted yet.
    Lobby,
}

/// A resource worth fetching. Ask [`super::World::begin_fetch`] right before the GET leaves.
#[derive(Debug, Clone)]
pub struct Want {
    /// What it is about; hand it back with the answer.
    pub subject: Subject,
    /// Where it is.
    pub target: Target,
}

/// A point in the order of all inputs; later is greater.
pub(super) type Stamp = u64;

#[derive(Debug)]
struct Fetch {
    target: Target,
    /// When the GET was sent; `None` while it waits.
    sent: Option<Stamp>,
}

/// All fetches that are wanted or under way, at most one for each subject.
#[derive(Debug, Default)]
pub(super) struct Fetches {
    open: HashMap<Subject, Fetch>,
    new: Vec<Want>,
}

impl Fetches {
    /// Wants a subject, unless it is wanted already. While a GET is under way nothing is added: its answer is judged
    /// by the stamps when it comes.
    pub(super) fn want(&mut self, subject: Subject, target: Target) {
        if self.open.contains_key(&subject) {
            return;
        }
        self.open.insert(subject.clone(), Fetch { target: target.clone(), sent: None });
        self.new.push(Want { subject, target });
    }

    /// Nobody needs it any more. A GET under way stays known, so that its answer is recognised.
    pub(super) fn drop_waiting(&mut self, subject: &Subject) {
        if self.open.get(subject).is_some_and(|fetch| fetch.sent.is_none()) {
            self.open.remove(subject);
        }
    }

    /// The GET leaves now. `None` when it is not needed any more.
    pub(super) fn begin(&mut self, subject: &Subject, now: Stamp) -> Option<Target> {
        // A want that was dropped and wanted again stands twice in the session's queue: only one GET leaves.
        let fetch = self.open.get_mut(subject).filter(|fetch| fetch.sent.is_none())?;
        fetch.sent = Some(now);
        Some(fetch.target.clone())
    }

    /// The answer is there (or will never be): when its GET was sent, and where to.
    pub(super) fn end(&mut self, subject: &Subject) -> Option<(Stamp, Target)> {
        let fetch = self.open.remove(subject)?;
        Some((fetch.sent.unwrap_or_default(), fetch.target))
    }

    /// Forgets everything about a conversation.
    pub(super) fn forget(&mut self, conversation: ConversationId) {
        self.open.retain(|subject, _| match subject {
            Subject::Conversation(id)
            | Subject::Meeting(id)
            | Subject::Collection(id, _)
            | Subject::Participant(id, _)
            | Subject::Modality(id, _, _) => *id != conversation,
            Subject::Conversations | Subject::Invitation(_) | Subject::UnknownInvitation(_) => true,
        });
    }

    /// Nothing of this can be had any more: answers under way belong to nobody.
    pub(super) fn clear(&mut self) {
        self.open.clear();
        self.new.clear();
    }

    /// What is newly wanted since the last call.
    pub(super) fn take_new(&mut self) -> Vec<Want> {
        std::mem::take(&mut self.new)
    }
}
