//! An invitation, as the host sees it (PROTOCOL 6).

use std::sync::Arc;

use super::{ConversationId, InvitationId, ParticipantId, Phase};
use crate::wire::{
    Base, Direction, EventStatus, Importance, InvitationBody, InvitationState, Link, Modality, Reason, Rel,
    Target, data_uri,
};

/// Which invitation resource (PROTOCOL 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InvitationKind {
    /// `messagingInvitation`
    Messaging,
    /// `onlineMeetingInvitation`
    OnlineMeeting,
    /// `audioVideoInvitation`
    AudioVideo,
    /// `phoneAudioInvitation`
    PhoneAudio,
    /// `participantInvitation`: made by addParticipant, never incoming
    Participant,
}

impl InvitationKind {
    /// The rel of the resource.
    pub fn as_str(self) -> &'static str {
        match self {
            InvitationKind::Messaging => "messagingInvitation",
            InvitationKind::OnlineMeeting => "onlineMeetingInvitation",
            InvitationKind::AudioVideo => "audioVideoInvitation",
            InvitationKind::PhoneAudio => "phoneAudioInvitation",
            InvitationKind::Participant => "participantInvitation",
        }
    }

    /// The kind behind a rel; `None` when it is no invitation.
    pub fn from_rel(rel: &Rel) -> Option<Self> {
        Some(match rel {
            Rel::MessagingInvitation => InvitationKind::Messaging,
            Rel::OnlineMeetingInvitation => InvitationKind::OnlineMeeting,
            Rel::AudioVideoInvitation => InvitationKind::AudioVideo,
            Rel::PhoneAudioInvitation => InvitationKind::PhoneAudio,
            Rel::ParticipantInvitation => InvitationKind::Participant,
            _ => return None,
        })
    }
}

/// How an invitation ended. Each ends exactly once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Taken.
    Accepted,
    /// Refused by the one invited.
    Declined,
    /// Busy, or not to be disturbed.
    Busy,
    /// Nobody answered in time.
    NoAnswer,
    /// No such address, or it cannot be reached.
    Unreachable,
    /// Taken back by the one who invited.
    Cancelled,
    /// Any other failure; see the reason.
    Failed,
    /// The application, the conversation or the session is gone, or the request got no answer, and the server never said.
    Lost,
}

impl Outcome {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Accepted => "accepted",
            Outcome::Declined => "declined",
            Outcome::Busy => "busy",
            Outcome::NoAnswer => "no_answer",
            Outcome::Unreachable => "unreachable",
            Outcome::Cancelled => "cancelled",
            Outcome::Failed => "failed",
            Outcome::Lost => "lost",
        }
    }
}

/// One invitation. Immutable: a change makes a new one. Strings are empty when absent.
#[derive(Debug, Clone, PartialEq)]
pub struct Invitation {
    /// Known from the call that made it on.
    pub id: InvitationId,
    /// Which resource it is.
    pub kind: InvitationKind,
    /// Outgoing or Incoming.
    pub direction: Direction,
    /// The conversation that it belongs to, once known.
    pub conversation: Option<ConversationId>,
    /// Who invites.
    pub from_uri: String,
    /// The display name of who invites.
    pub from_name: String,
    /// Who is invited.
    pub to: String,
    /// Subject of the conversation.
    pub subject: String,
    /// Text that comes along, decoded.
    pub message: String,
    /// The meeting, for an onlineMeetingInvitation.
    pub meeting_uri: String,
    /// Normal, Urgent, Emergency; `None` when not said.
    pub importance: Option<Importance>,
    /// Ties the request to its events; ours, or the server's for incoming ones.
    pub operation_id: String,
    /// Display name shown to the invited person.
    pub on_behalf_of: String,
    /// Identifies the thread over conversations.
    pub thread_id: String,
    /// The server's state, raw; `None` before its first event.
    pub state: Option<InvitationState>,
    /// `None` while under way, then set once.
    pub outcome: Option<Outcome>,
    /// The raw `status` of the completed event.
    pub status: Option<EventStatus>,
    /// The raw reason, when the server gave one.
    pub reason: Option<Reason>,
    /// Who took it; may differ from `to`.
    pub accepted_by: Vec<ParticipantId>,
    /// The roster entry of who is invited, once there is one.
    pub participant: Option<ParticipantId>,
    /// It was accepted, and whoever took it is not in the roster yet: his entry follows.
    pub entry_missing: bool,
    /// Content of the inviter's own that comes along, decoded.
    pub custom_content: String,
    /// Its media type.
    pub custom_content_type: String,
    /// What can be joined.
    pub available_modalities: Vec<Modality>,
    /// The phone that is called.
    pub phone_number: String,
    /// Under which name a guest joins.
    pub anonymous_display_name: String,
    /// What the server offers with it now.
    pub can: InvitationCan,
    /// Its links with absolute addresses, by rel: of several the first; content that travels in a link is not here.
    pub links: Vec<(Rel, String)>,
}

/// What can be done with an invitation; offered while its link is present (PROTOCOL 6.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InvitationCan {
    /// Take it.
    pub accept: bool,
    /// Refuse it.
    pub decline: bool,
    /// Take it back.
    pub cancel: bool,
}

impl InvitationCan {
    /// The rels of what is offered.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let all = [(self.accept, "accept"), (self.decline, "decline"), (self.cancel, "cancel")];
        all.into_iter().filter(|(offered, _)| *offered).map(|(_, name)| name)
    }
}

impl Invitation {
    /// An outgoing one of which nothing is known yet.
    pub(crate) fn new(id: InvitationId, kind: InvitationKind) -> Self {
        Invitation {
            id,
            kind,
            direction: Direction::Outgoing,
            conversation: None,
            from_uri: String::new(),
            from_name: String::new(),
            to: String::new(),
            subject: String::new(),
            message: String::new(),
            meeting_uri: String::new(),
            importance: None,
            operation_id: String::new(),
            on_behalf_of: String::new(),
            thread_id: String::new(),
            state: None,
            outcome: None,
            status: None,
            reason: None,
            accepted_by: Vec::new(),
            participant: None,
            entry_missing: false,
            custom_content: String::new(),
            custom_content_type: String::new(),
            available_modalities: Vec::new(),
            phone_number: String::new(),
            anonymous_display_name: String::new(),
            can: InvitationCan::default(),
            links: Vec::new(),
        }
    }

    /// What a body says wins; what it leaves out stays.
    pub(super) fn take_from(&mut self, body: &InvitationBody, base: &Base) {
        let texts = [
            (&mut self.to, &body.to),
            (&mut self.subject, &body.subject),
            (&mut self.meeting_uri, &body.online_meeting_uri),
            (&mut self.operation_id, &body.operation_id),
            (&mut self.on_behalf_of, &body.on_behalf_of),
            (&mut self.thread_id, &body.thread_id),
            (&mut self.phone_number, &body.phone_number),
            (&mut self.anonymous_display_name, &body.anonymous_display_name),
        ];
        for (field, value) in texts {
            if let Some(value) = value {
                field.clone_from(value);
            }
        }
        if let Some(direction) = &body.direction {
            self.direction = direction.clone();
        }
        self.importance = body.importance.clone().or(self.importance.take());
        self.state = body.state.clone().or(self.state.take());
        if let Some(modalities) = &body.available_modalities {
            self.available_modalities.clone_from(modalities);
        }
        if let Some(from) = &body.from {
            self.from_uri = from.uri.clone().unwrap_or_default();
            self.from_name = from.name.clone().unwrap_or_default();
        }
        let title = body.links.get(&Rel::From).and_then(|link| link.title.as_deref());
        if let Some(title) = title.filter(|title| !title.is_empty() && self.from_name.is_empty()) {
            self.from_name = title.to_owned();
        }
        let content = |rel| body.links.get(rel).and_then(|link| data_uri(&link.href));
        if let Some(message) = content(&Rel::Message) {
            self.message = message.text();
        }
        if let Some(custom) = content(&Rel::CustomContent) {
            self.custom_content = custom.text();
            self.custom_content_type = custom.media_type;
        }
        self.can = InvitationCan {
            accept: body.links.has(&Rel::Accept),
            decline: body.links.has(&Rel::Decline),
            cancel: body.links.has(&Rel::Cancel),
        };
        self.links = addresses(body, base);
    }

    /// It is over: nothing can be done with it any more.
    pub(super) fn close(&mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
        self.can = InvitationCan::default();
    }
}

/// The links of a body, those of the people that it embeds included.
fn addresses(body: &InvitationBody, base: &Base) -> Vec<(Rel, String)> {
    let own = body.links.iter().map(|(rel, link)| (rel.clone(), link));
    let from = body.from.iter().map(|from| (Rel::From, from));
    let takers = body.accepted_by.iter().map(|person| (Rel::AcceptedByParticipant, person));
    let people = from.chain(takers);
    let people = people.filter_map(|(rel, person)| Some((rel, person.links.get(&Rel::SelfLink)?)));
    let mut all: Vec<(Rel, String)> = Vec::new();
    for (rel, link) in own.chain(people) {
        let is_content = data_uri(&link.href).is_some();
        if !is_content && !all.iter().any(|(known, _)| *known == rel) {
            all.push((rel, absolute(link, base)));
        }
    }
    all
}

fn absolute(link: &Link, base: &Base) -> String {
    let url = Target::new(link.href.clone(), base.clone()).url();
    url.map_or_else(|_| link.href.as_str().to_owned(), String::from)
}

/// An invitation began, moved or ended.
#[derive(Debug, Clone, PartialEq)]
pub struct InvitationChange {
    /// Started, Updated or Completed.
    pub phase: Phase,
    /// The invitation after the change.
    pub invitation: Arc<Invitation>,
}

impl InvitationChange {
    /// An invitation as it stands: Completed once it has its outcome, else Updated.
    pub fn of_now(invitation: Arc<Invitation>) -> Self {
        let phase = if invitation.outcome.is_some() { Phase::Completed } else { Phase::Updated };
        InvitationChange { phase, invitation }
    }
}
