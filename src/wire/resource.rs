//! Bodies of the resources that the engine understands. Every property is optional: servers leave out, and add.

use serde::de::MapAccess;

use super::links::links;
use super::read::{
    Object, count, document, instant, label, many, object, one, skip, string, truth, word, words,
};
use super::{
    AccessLevel, AudienceSetting, CallState, ConversationState, Direction, EventStatus, Importance,
    InvitationState, Links, MediaDirection, Modality, Rel, Role, SourceNetwork, WireError,
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
    pub description: Option<String>,
    pub disclaimer_title: Option<String>,
    pub disclaimer_body: Option<String>,
    pub hosting_network: Option<String>,
    pub leaders: Option<Vec<String>>,
    pub attendees: Option<Vec<String>>,
    /// Words of the protocol: automaticLeaderAssignment, entryExitAnnouncement, largeMeeting, lobbyBypassForPhoneUsers,
    /// phoneUserAdmission.
    pub automatic_leader_assignment: Option<String>,
    pub entry_exit_announcement: Option<String>,
    pub large_meeting: Option<String>,
    pub lobby_bypass_for_phone_users: Option<String>,
    pub phone_user_admission: Option<String>,
    /// Milliseconds since 1970, UTC.
    pub expiration_time: Option<i64>,
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

/// A participant or a localParticipant.
pub fn participant(bytes: &[u8]) -> Result<ParticipantBody, WireError> {
    document("participant", bytes)
}

/// A conversation.
pub fn conversation(bytes: &[u8]) -> Result<ConversationBody, WireError> {
    document("conversation", bytes)
}

/// An invitation of any kind.
pub fn invitation(bytes: &[u8]) -> Result<InvitationBody, WireError> {
    document("invitation", bytes)
}

/// One of the six participant modalities.
pub fn participant_modality(bytes: &[u8]) -> Result<ParticipantModalityBody, WireError> {
    document("participant modality", bytes)
}

/// The onlineMeeting of a conversation.
pub fn online_meeting(bytes: &[u8]) -> Result<OnlineMeetingBody, WireError> {
    document("onlineMeeting", bytes)
}

/// An application.
pub fn application(bytes: &[u8]) -> Result<ApplicationBody, WireError> {
    document("application", bytes)
}

/// leaders, attendees, lobby.
pub fn collection(bytes: &[u8]) -> Result<CollectionBody, WireError> {
    document("roster collection", bytes)
}

/// Any resource of which only the links matter.
pub fn plain(bytes: &[u8]) -> Result<PlainBody, WireError> {
    document("resource", bytes)
}

/// A resource by its rel: what a link of this rel leads to.
pub fn body(rel: &Rel, bytes: &[u8]) -> Result<Body, WireError> {
    Body::read(rel, &super::read::text(bytes))
}

impl Body {
    pub(super) fn read(rel: &Rel, text: &str) -> Result<Self, WireError> {
        Ok(match rel {
            Rel::Participant | Rel::LocalParticipant | Rel::From | Rel::AcceptedByParticipant => {
                Body::Participant(object("participant", text)?)
            }
            Rel::Conversation => Body::Conversation(object("conversation", text)?),
            Rel::ParticipantInvitation
            | Rel::OnlineMeetingInvitation
            | Rel::MessagingInvitation
            | Rel::PhoneAudioInvitation
            | Rel::AudioVideoInvitation => Body::Invitation(object("invitation", text)?),
            Rel::OnlineMeeting => Body::OnlineMeeting(object("onlineMeeting", text)?),
            Rel::Messaging
            | Rel::PhoneAudio
            | Rel::AudioVideo
            | Rel::ApplicationSharing
            | Rel::DataCollaboration => Body::Modality(object("modality", text)?),
            Rel::ParticipantMessaging
            | Rel::ParticipantAudio
            | Rel::ParticipantVideo
            | Rel::ParticipantPanoramicVideo
            | Rel::ParticipantApplicationSharing
            | Rel::ParticipantDataCollaboration => {
                Body::ParticipantModality(object("participant modality", text)?)
            }
            Rel::Message => Body::Message(object("message", text)?),
            other => Body::Plain(other.clone(), object("resource", text)?),
        })
    }
}

impl<'de, T: Object<'de>> Object<'de> for Box<T> {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        T::property(self, name, map)
    }
}

impl<'de> Object<'de> for ParticipantBody {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "uri" => self.uri = string(map)?,
            "name" => self.name = string(map)?,
            "role" => self.role = word(map, Role::from_word)?,
            "sourceNetwork" => self.source_network = word(map, SourceNetwork::from_word)?,
            "organizer" => self.organizer = truth(map)?,
            "anonymous" => self.anonymous = truth(map)?,
            "local" => self.local = truth(map)?,
            "inLobby" => self.in_lobby = truth(map)?,
            "workPhoneNumber" => self.work_phone_number = string(map)?,
            "otherPhoneNumber" => self.other_phone_number = string(map)?,
            "_links" => self.links = links(map)?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Object<'de> for ConversationBody {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "state" => self.state = word(map, ConversationState::from_word)?,
            "subject" => self.subject = string(map)?,
            "threadId" => self.thread_id = string(map)?,
            "importance" => self.importance = word(map, Importance::from_word)?,
            "activeModalities" => self.active_modalities = words(map, Modality::from_word)?,
            "participantCount" => self.participant_count = count(map)?,
            "audienceMute" => self.audience_mute = word(map, AudienceSetting::from_word)?,
            "audienceMessaging" => self.audience_messaging = word(map, AudienceSetting::from_word)?,
            "recording" => self.recording = truth(map)?,
            "created" => self.created = instant(map)?,
            "expirationTime" => self.expiration_time = instant(map)?,
            "_links" => self.links = links(map)?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Object<'de> for InvitationBody {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "direction" => self.direction = word(map, Direction::from_word)?,
            "importance" => self.importance = word(map, Importance::from_word)?,
            "operationId" => self.operation_id = label(map)?,
            "state" => self.state = word(map, InvitationState::from_word)?,
            "subject" => self.subject = string(map)?,
            "threadId" => self.thread_id = string(map)?,
            "to" => self.to = string(map)?,
            "onBehalfOf" => self.on_behalf_of = string(map)?,
            "onlineMeetingUri" => self.online_meeting_uri = string(map)?,
            "anonymousDisplayName" => self.anonymous_display_name = string(map)?,
            "availableModalities" => self.available_modalities = words(map, Modality::from_word)?,
            "phoneNumber" => self.phone_number = label(map)?,
            "_links" => self.links = links(map)?,
            "_embedded" => {
                let people = one::<_, InvitationPeople>(map)?.unwrap_or_default();
                self.from = people.from;
                self.accepted_by = people.accepted_by;
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// What an invitation embeds.
#[derive(Default)]
struct InvitationPeople {
    from: Option<ParticipantBody>,
    accepted_by: Vec<ParticipantBody>,
}

impl<'de> Object<'de> for InvitationPeople {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match Rel::parse(name) {
            Rel::From => self.from = one(map)?,
            Rel::AcceptedByParticipant => self.accepted_by = many(map)?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Object<'de> for OnlineMeetingBody {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "onlineMeetingUri" => self.online_meeting_uri = string(map)?,
            "onlineMeetingId" => self.online_meeting_id = label(map)?,
            "joinUrl" => self.join_url = string(map)?,
            "conferenceId" => self.conference_id = label(map)?,
            "subject" => self.subject = string(map)?,
            "accessLevel" => self.access_level = word(map, AccessLevel::from_word)?,
            "organizerUri" => self.organizer_uri = string(map)?,
            "organizerName" => self.organizer_name = string(map)?,
            "description" => self.description = string(map)?,
            "disclaimerTitle" => self.disclaimer_title = string(map)?,
            "disclaimerBody" => self.disclaimer_body = string(map)?,
            "hostingNetwork" => self.hosting_network = string(map)?,
            "leaders" => self.leaders = words(map, str::to_owned)?,
            "attendees" => self.attendees = words(map, str::to_owned)?,
            "automaticLeaderAssignment" => self.automatic_leader_assignment = string(map)?,
            "entryExitAnnouncement" => self.entry_exit_announcement = string(map)?,
            "largeMeeting" => self.large_meeting = string(map)?,
            "lobbyBypassForPhoneUsers" => self.lobby_bypass_for_phone_users = string(map)?,
            "phoneUserAdmission" => self.phone_user_admission = string(map)?,
            "expirationTime" => self.expiration_time = instant(map)?,
            "_links" => self.links = links(map)?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Object<'de> for ModalityBody {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "state" => self.state = word(map, CallState::from_word)?,
            "_links" => self.links = links(map)?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Object<'de> for ParticipantModalityBody {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "audioDirection"
            | "videoDirection"
            | "panoramicVideoDirection"
            | "applicationSharingDirection" => self.direction = word(map, MediaDirection::from_word)?,
            "audioMuted" | "videoMuted" | "panoramicVideoMuted" => self.muted = truth(map)?,
            "audioSourceId" | "videoSourceId" | "panoramicVideoSourceId" | "applicationSharingSourceId" => {
                self.source_id = label(map)?;
            }
            "_links" => self.links = links(map)?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Object<'de> for MessageBody {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "direction" => self.direction = word(map, Direction::from_word)?,
            "operationId" => self.operation_id = label(map)?,
            "status" => self.status = word(map, EventStatus::from_any_case)?,
            "timeStamp" => self.time_stamp = instant(map)?,
            "_links" => self.links = links(map)?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Object<'de> for ApplicationBody {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "_links" => self.links = links(map)?,
            "_embedded" => {
                let parts = one::<_, ApplicationParts>(map)?.unwrap_or_default();
                self.communication = parts.communication.links;
                self.me = parts.me.links;
                self.me_uri = parts.me.uri;
                self.me_name = parts.me.name;
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// What an application embeds, as far as it matters here.
#[derive(Default)]
struct ApplicationParts {
    communication: PlainBody,
    me: ParticipantBody,
}

impl<'de> Object<'de> for ApplicationParts {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match Rel::parse(name) {
            Rel::Communication => self.communication = one(map)?.unwrap_or_default(),
            Rel::Me => self.me = one(map)?.unwrap_or_default(),
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Object<'de> for CollectionBody {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "_links" => self.links = links(map)?,
            "_embedded" => self.members = one::<_, Members>(map)?.unwrap_or_default().0,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// What a collection embeds: members, under whatever name (trap T-5).
#[derive(Default)]
struct Members(Vec<ParticipantBody>);

impl<'de> Object<'de> for Members {
    fn property<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        self.0.append(&mut many(map)?);
        Ok(())
    }
}

impl<'de> Object<'de> for PlainBody {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "_links" => self.links = links(map)?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
