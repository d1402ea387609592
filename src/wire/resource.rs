//! Bodies of the resources that the engine understands. Every property is optional: servers leave out, and add.

use super::{
    AccessLevel, AudienceSetting, CallState, ConversationState, Direction, EventStatus, Importance,
    InvitationState, Links, MediaDirection, Modality, Rel, Role, SourceNetwork,
};

/// participant and localParticipant (PROTOCOL 7.4, 7.5).
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)] // the protocol's own names
pub struct ParticipantBody {
    pub uri: Option<String>,
    pub name: Option<String>,
    pub role: Option<Role>,
    pub source_network: Option<SourceNetwork>,
    pub organizer: Option<bool>,
    pub anonymous: Option<bool>,
    pub local: Option<bool>,
    pub in_lobby: Option<bool>,
    pub work_phone_number: Option<String>,
    pub other_phone_number: Option<String>,
    pub links: Links,
}

/// conversation (PROTOCOL 7.1).
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct ConversationBody {
    pub state: Option<ConversationState>,
    pub subject: Option<String>,
    pub thread_id: Option<String>,
    pub importance: Option<Importance>,
    pub active_modalities: Option<Vec<Modality>>,
    pub participant_count: Option<u64>,
    pub audience_mute: Option<AudienceSetting>,
    pub audience_messaging: Option<AudienceSetting>,
    pub recording: Option<bool>,
    /// Milliseconds since 1970, UTC.
    pub created: Option<i64>,
    /// Milliseconds since 1970, UTC.
    pub expiration_time: Option<i64>,
    pub links: Links,
}

/// Every kind of invitation (PROTOCOL 6.2, 6.3, 7.3).
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct InvitationBody {
    pub direction: Option<Direction>,
    pub importance: Option<Importance>,
    pub operation_id: Option<String>,
    pub state: Option<InvitationState>,
    pub subject: Option<String>,
    pub thread_id: Option<String>,
    pub to: Option<String>,
    pub on_behalf_of: Option<String>,
    pub online_meeting_uri: Option<String>,
    pub anonymous_display_name: Option<String>,
    pub available_modalities: Option<Vec<Modality>>,
    pub phone_number: Option<String>,
    /// With `message` and `customContent` as data URIs.
    pub links: Links,
    /// Embedded `from`.
    pub from: Option<ParticipantBody>,
    /// Embedded `acceptedByParticipant`.
    pub accepted_by: Vec<ParticipantBody>,
}

/// onlineMeeting of a conversation (PROTOCOL 8.3).
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct OnlineMeetingBody {
    pub online_meeting_uri: Option<String>,
    pub online_meeting_id: Option<String>,
    pub join_url: Option<String>,
    pub conference_id: Option<String>,
    pub subject: Option<String>,
    pub access_level: Option<AccessLevel>,
    pub organizer_uri: Option<String>,
    pub organizer_name: Option<String>,
    pub links: Links,
}

/// messaging, phoneAudio, audioVideo, applicationSharing, dataCollaboration of a conversation (PROTOCOL 7.9, 9).
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct ModalityBody {
    pub state: Option<CallState>,
    pub links: Links,
}

/// The six participant modalities (PROTOCOL 7.7).
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct ParticipantModalityBody {
    /// audioDirection, videoDirection, panoramicVideoDirection or applicationSharingDirection
    pub direction: Option<MediaDirection>,
    /// audioMuted, videoMuted or panoramicVideoMuted
    pub muted: Option<bool>,
    /// audioSourceId and its like
    pub source_id: Option<String>,
    pub links: Links,
}

/// message (PROTOCOL 9).
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct MessageBody {
    pub direction: Option<Direction>,
    pub operation_id: Option<String>,
    pub status: Option<EventStatus>,
    /// Milliseconds since 1970, UTC.
    pub time_stamp: Option<i64>,
    /// With `plainMessage` and `htmlMessage` as data URIs.
    pub links: Links,
}

/// What is read of an application (PROTOCOL 3.2).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ApplicationBody {
    /// Links of the application itself: self, events, batch.
    pub links: Links,
    /// Links of the embedded `communication`.
    pub communication: Links,
    /// Links of the embedded `me`.
    pub me: Links,
    /// The signed-in user's address.
    pub me_uri: Option<String>,
    /// The signed-in user's name.
    pub me_name: Option<String>,
}

/// leaders, attendees, lobby: members as links or embedded (PROTOCOL 7.6).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CollectionBody {
    /// Links of the collection itself, the members' included (rel participant).
    pub links: Links,
    /// Embedded members.
    pub members: Vec<ParticipantBody>,
}

/// A resource of which only the links matter: root, user, redirect, discover, anything unknown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PlainBody {
    /// Its links.
    pub links: Links,
}

/// A resource embedded in an event, by the event's target rel.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Body {
    Participant(Box<ParticipantBody>),
    Conversation(Box<ConversationBody>),
    Invitation(Box<InvitationBody>),
    OnlineMeeting(Box<OnlineMeetingBody>),
    Modality(Box<ModalityBody>),
    ParticipantModality(Box<ParticipantModalityBody>),
    Message(Box<MessageBody>),
    /// Any other resource.
    Plain(Rel, Box<PlainBody>),
}
