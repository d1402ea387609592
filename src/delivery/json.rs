//! An event as JSON: the same document in C, in Python and in a log. docs/EVENTS.md specifies every kind.
//!
//! The order of the fields is part of the shape. What is unknown or absent is left out, unless docs/EVENTS.md says
//! that it is `null`.

mod failure;
mod invitation;
mod person;

use serde::Serialize;
use serde::ser::Serializer;

use self::failure::{ErrorJson, ReasonJson};
use self::invitation::InvitationJson;
use self::person::ParticipantChangeJson;
use super::{CredentialKind, CredentialsNeeded, Event, EventBody, OperationDone, Overflow, StateChange};
use crate::model::{Conversation, ConversationChange, Meeting};
use crate::wire::Modality;

impl Event {
    /// This event as one line of JSON (docs/EVENTS.md).
    pub fn to_json(&self) -> String {
        let document = Document {
            seq: self.seq,
            unix_ms: self.unix_ms,
            kind: self.body.kind().as_str(),
            body: Body::of(&self.body),
        };
        // Plain structs with text keys cannot fail; should they, the reader still gets a document.
        serde_json::to_string(&document).unwrap_or_else(|error| {
            tracing::error!(target: "ucwa::delivery", %error, seq = self.seq, "an event has no JSON");
            format!(r#"{{"seq":{},"unix_ms":{},"type":"raw"}}"#, self.seq, self.unix_ms)
        })
    }
}

#[derive(Serialize)]
struct Document<'a> {
    seq: u64,
    unix_ms: i64,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    body: Body<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Body<'a> {
    OperationDone(OperationDoneJson<'a>),
    State(StateJson<'a>),
    CredentialsNeeded(CredentialsNeededJson<'a>),
    Overflow(OverflowJson),
    Invitation(Box<InvitationJson<'a>>),
    Conversation(Box<ConversationJson<'a>>),
    Participant(ParticipantChangeJson<'a>),
}

impl<'a> Body<'a> {
    fn of(body: &'a EventBody) -> Self {
        match body {
            EventBody::OperationDone(done) => Body::OperationDone(OperationDoneJson::of(done)),
            EventBody::State(change) => Body::State(StateJson::of(change)),
            EventBody::CredentialsNeeded(asked) => Body::CredentialsNeeded(CredentialsNeededJson::of(asked)),
            EventBody::Overflow(overflow) => Body::Overflow(OverflowJson::of(overflow)),
            EventBody::Invitation(change) => Body::Invitation(Box::new(InvitationJson::of(change))),
            EventBody::Conversation(change) => Body::Conversation(Box::new(ConversationJson::of(change))),
            EventBody::Participant(change) => Body::Participant(ParticipantChangeJson::of(change)),
        }
    }
}

#[derive(Serialize)]
struct OperationDoneJson<'a> {
    operation: u64,
    result: Option<u64>,
    error: Option<ErrorJson<'a>>,
}

impl<'a> OperationDoneJson<'a> {
    fn of(done: &'a OperationDone) -> Self {
        OperationDoneJson {
            operation: done.operation.get(),
            result: done.result.as_ref().ok().copied().filter(|id| *id != 0),
            error: done.result.as_ref().err().map(ErrorJson::of),
        }
    }
}

#[derive(Serialize)]
struct StateJson<'a> {
    old: &'static str,
    new: &'static str,
    reason: Option<ErrorJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_in_ms: Option<u64>,
}

impl<'a> StateJson<'a> {
    fn of(change: &'a StateChange) -> Self {
        StateJson {
            old: change.old.as_str(),
            new: change.new.as_str(),
            reason: change.reason.as_ref().map(ErrorJson::of),
            attempt: Some(change.attempt).filter(|attempt| *attempt != 0),
            retry_in_ms: change.retry_in.map(millis),
        }
    }
}

#[derive(Serialize)]
struct CredentialsNeededJson<'a> {
    request_id: u64,
    kind: &'static str,
    attempt: u32,
    resource: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    authority: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    client_id: &'a str,
}

impl<'a> CredentialsNeededJson<'a> {
    fn of(asked: &'a CredentialsNeeded) -> Self {
        CredentialsNeededJson {
            request_id: asked.request_id,
            kind: match asked.kind {
                CredentialKind::Bearer => "bearer",
                CredentialKind::Password => "password",
            },
            attempt: asked.attempt,
            resource: &asked.resource,
            authority: &asked.authority,
            client_id: &asked.client_id,
        }
    }
}

#[derive(Serialize)]
struct OverflowJson {
    conversation: u64,
    revision: u64,
}

impl OverflowJson {
    fn of(overflow: &Overflow) -> Self {
        OverflowJson { conversation: overflow.conversation.get(), revision: overflow.revision }
    }
}

#[derive(Serialize)]
struct ConversationJson<'a> {
    phase: &'static str,
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    importance: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    thread_id: &'a str,
    active_modalities: Modalities<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    participant_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recording: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience_mute: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience_messaging: Option<&'a str>,
    can_add_participant: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    can: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meeting: Option<MeetingJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ReasonJson<'a>>,
}

impl<'a> ConversationJson<'a> {
    fn of(change: &'a ConversationChange) -> Self {
        let conversation: &Conversation = &change.conversation;
        ConversationJson {
            phase: change.phase.as_str(),
            id: conversation.id.get(),
            state: conversation.state.as_ref().map(|word| word.as_str()),
            subject: &conversation.subject,
            importance: conversation.importance.as_ref().map(|word| word.as_str()),
            thread_id: &conversation.thread_id,
            active_modalities: Modalities(&conversation.active_modalities),
            participant_count: conversation.participant_count,
            recording: conversation.recording,
            audience_mute: conversation.audience_mute.as_ref().map(|word| word.as_str()),
            audience_messaging: conversation.audience_messaging.as_ref().map(|word| word.as_str()),
            can_add_participant: conversation.can_add_participant,
            can: conversation.can.iter().map(|action| action.as_str()).collect(),
            meeting: conversation.meeting.as_ref().map(MeetingJson::of),
            reason: conversation.reason.as_ref().map(ReasonJson::of),
        }
    }
}

#[derive(Serialize)]
struct MeetingJson<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    uri: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    join_url: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_level: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    organizer_uri: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    organizer_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    conference_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    disclaimer_title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    disclaimer_body: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    hosting_network: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    leaders: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    attendees: &'a [String],
    #[serde(skip_serializing_if = "str::is_empty")]
    automatic_leader_assignment: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    entry_exit_announcement: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    large_meeting: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    lobby_bypass_for_phone_users: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    phone_user_admission: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_time: Option<i64>,
}

impl<'a> MeetingJson<'a> {
    fn of(meeting: &'a Meeting) -> Self {
        MeetingJson {
            uri: &meeting.uri,
            join_url: &meeting.join_url,
            id: &meeting.id,
            subject: &meeting.subject,
            access_level: meeting.access_level.as_ref().map(|word| word.as_str()),
            organizer_uri: &meeting.organizer_uri,
            organizer_name: &meeting.organizer_name,
            conference_id: &meeting.conference_id,
            description: &meeting.description,
            disclaimer_title: &meeting.disclaimer_title,
            disclaimer_body: &meeting.disclaimer_body,
            hosting_network: &meeting.hosting_network,
            leaders: &meeting.leaders,
            attendees: &meeting.attendees,
            automatic_leader_assignment: &meeting.automatic_leader_assignment,
            entry_exit_announcement: &meeting.entry_exit_announcement,
            large_meeting: &meeting.large_meeting,
            lobby_bypass_for_phone_users: &meeting.lobby_bypass_for_phone_users,
            phone_user_admission: &meeting.phone_user_admission,
            expiration_time: meeting.expiration_time,
        }
    }
}

struct Modalities<'a>(&'a [Modality]);

impl Modalities<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Modalities<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Modality::as_str))
    }
}

fn millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
