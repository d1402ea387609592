//! An invitation as JSON.

use serde::Serialize;
use serde::ser::Serializer;

use super::Modalities;
use super::failure::ReasonJson;
use crate::model::{Invitation, InvitationCan, InvitationChange, ParticipantId};
use crate::wire::Rel;

#[derive(Serialize)]
pub(super) struct InvitationJson<'a> {
    phase: &'static str,
    id: u64,
    kind: &'static str,
    direction: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation: Option<u64>,
    #[serde(skip_serializing_if = "str::is_empty")]
    from: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    from_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    to: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    on_behalf_of: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    subject: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    message: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    meeting_uri: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    importance: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    thread_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accepted_by: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    participant: Option<u64>,
    #[serde(skip_serializing_if = "is_false")]
    entry_missing: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    operation_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    custom_content: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    custom_content_type: &'a str,
    #[serde(skip_serializing_if = "Modalities::is_empty")]
    available_modalities: Modalities<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    phone_number: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    anonymous_display_name: &'a str,
    can: Can,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ReasonJson<'a>>,
    #[serde(skip_serializing_if = "Links::is_empty")]
    links: Links<'a>,
}

impl<'a> InvitationJson<'a> {
    pub(super) fn of(change: &'a InvitationChange) -> Self {
        let invitation: &Invitation = &change.invitation;
        InvitationJson {
            phase: change.phase.as_str(),
            id: invitation.id.get(),
            kind: invitation.kind.as_str(),
            direction: invitation.direction.as_str(),
            conversation: invitation.conversation.map(|id| id.get()),
            from: &invitation.from_uri,
            from_name: &invitation.from_name,
            to: &invitation.to,
            on_behalf_of: &invitation.on_behalf_of,
            subject: &invitation.subject,
            message: &invitation.message,
            meeting_uri: &invitation.meeting_uri,
            importance: invitation.importance.as_ref().map(|word| word.as_str()),
            thread_id: &invitation.thread_id,
            state: invitation.state.as_ref().map(|word| word.as_str()),
            outcome: invitation.outcome.map(|outcome| outcome.as_str()),
            status: invitation.status.as_ref().map(|word| word.as_str()),
            accepted_by: invitation.accepted_by.iter().map(|id| ParticipantId::get(*id)).collect(),
            participant: invitation.participant.map(|id| id.get()),
            entry_missing: invitation.entry_missing,
            operation_id: &invitation.operation_id,
            custom_content: &invitation.custom_content,
            custom_content_type: &invitation.custom_content_type,
            available_modalities: Modalities(&invitation.available_modalities),
            phone_number: &invitation.phone_number,
            anonymous_display_name: &invitation.anonymous_display_name,
            can: Can(invitation.can),
            reason: invitation.reason.as_ref().map(ReasonJson::of),
            links: Links(&invitation.links),
        }
    }
}

struct Can(InvitationCan);

impl Serialize for Can {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.names())
    }
}

struct Links<'a>(&'a [(Rel, String)]);

impl Links<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Links<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(rel, address)| (rel.as_str(), address)))
    }
}

fn is_false(truth: &bool) -> bool {
    !truth
}
