//! A conversation, as the host sees it (PROTOCOL 7.1) and its meeting (PROTOCOL 8.3).

use std::sync::Arc;

use super::{ConversationId, Phase};
use crate::wire::{AccessLevel, AudienceSetting, ConversationState, Importance, Modality, Reason};

/// One conversation. Immutable: a change makes a new one. Strings are empty when absent.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// Belongs to one joining of ours.
    pub id: ConversationId,
    /// The server's state, raw; `None` while only the link is known.
    pub state: Option<ConversationState>,
    /// Subject.
    pub subject: String,
    /// Importance.
    pub importance: Option<Importance>,
    /// Identifies the thread over conversations.
    pub thread_id: String,
    /// What is going on in it.
    pub active_modalities: Vec<Modality>,
    /// The server's own count, independent of the roster (PROTOCOL 7.6).
    pub participant_count: Option<u64>,
    /// Somebody records.
    pub recording: Option<bool>,
    /// Audience mute lock.
    pub audience_mute: Option<AudienceSetting>,
    /// Whether the audience may send messages.
    pub audience_messaging: Option<AudienceSetting>,
    /// The meeting behind it, once known.
    pub meeting: Option<Meeting>,
    /// People can be invited now (the addParticipant link is there).
    pub can_add_participant: bool,
    /// What the server lets the user do with the audience now.
    pub can: Vec<AudienceAction>,
    /// Why it ended or changed, when the server said.
    pub reason: Option<Reason>,
}

impl Conversation {
    /// One of which nothing is known yet.
    pub(crate) fn new(id: ConversationId) -> Self {
        Conversation {
            id,
            state: None,
            subject: String::new(),
            importance: None,
            thread_id: String::new(),
            active_modalities: Vec::new(),
            participant_count: None,
            recording: None,
            audience_mute: None,
            audience_messaging: None,
            meeting: None,
            can_add_participant: false,
            can: Vec::new(),
            reason: None,
        }
    }
}

/// Something that can be done with all attendees at once; allowed while its link is present (PROTOCOL 7.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AudienceAction {
    /// Mutes the attendees, who cannot unmute themselves then.
    EnableMuteLock,
    /// Lets the attendees unmute themselves; it does not unmute them.
    DisableMuteLock,
    /// Lets all members write.
    EnableMessaging,
    /// Lets only leaders write.
    DisableMessaging,
}

impl AudienceAction {
    /// Every one.
    pub const ALL: [AudienceAction; 4] = [
        AudienceAction::EnableMuteLock,
        AudienceAction::DisableMuteLock,
        AudienceAction::EnableMessaging,
        AudienceAction::DisableMessaging,
    ];

    /// The rel of the link.
    pub fn as_str(self) -> &'static str {
        match self {
            AudienceAction::EnableMuteLock => "enableAudienceMuteLock",
            AudienceAction::DisableMuteLock => "disableAudienceMuteLock",
            AudienceAction::EnableMessaging => "enableAudienceMessaging",
            AudienceAction::DisableMessaging => "disableAudienceMessaging",
        }
    }
}

/// What is known of a conversation's meeting. Strings are empty when absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Meeting {
    /// The conference URI: what another person needs to join.
    pub uri: String,
    /// The https address for people.
    pub join_url: String,
    /// Short id.
    pub id: String,
    /// Subject.
    pub subject: String,
    /// Who skips the lobby.
    pub access_level: Option<AccessLevel>,
    /// Who owns the meeting.
    pub organizer_uri: String,
    /// Display name of the owner.
    pub organizer_name: String,
    /// What a caller by phone keys in.
    pub conference_id: String,
    /// What it is about.
    pub description: String,
    /// Heading of what everybody has to know before he joins.
    pub disclaimer_title: String,
    /// What everybody has to know before he joins.
    pub disclaimer_body: String,
    /// Where it is held.
    pub hosting_network: String,
    /// Who leads it: addresses.
    pub leaders: Vec<String>,
    /// Who is invited: addresses.
    pub attendees: Vec<String>,
    /// Who becomes a leader by joining: the protocol's word, as the next four.
    pub automatic_leader_assignment: String,
    /// Whether coming and going is announced.
    pub entry_exit_announcement: String,
    /// Whether it is a large meeting.
    pub large_meeting: String,
    /// Whether callers by phone skip the lobby.
    pub lobby_bypass_for_phone_users: String,
    /// Whether people may call in by phone.
    pub phone_user_admission: String,
    /// When it ends to be: milliseconds since 1970, UTC.
    pub expiration_time: Option<i64>,
}

/// A conversation came, changed or went.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationChange {
    /// Added, Updated or Deleted.
    pub phase: Phase,
    /// The conversation after the change.
    pub conversation: Arc<Conversation>,
}
