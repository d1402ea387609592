//! What is really the case, for tests to compare with what a client believes.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::state::conversation::Conversation;
use crate::state::ids::{AppId, ConversationId};
use crate::state::invitation::Invitation;
use crate::state::meeting::Meeting;
use crate::state::room::Room;
use crate::state::world::World;

/// The truth about everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// Every meeting.
    pub meetings: Vec<MeetingTruth>,
    /// Every invitation, in the order in which they were made.
    pub invitations: Vec<InvitationTruth>,
    /// Every conversation of an application, ended ones too.
    pub conversations: Vec<ConversationTruth>,
    /// Every application that is alive.
    pub applications: Vec<ApplicationTruth>,
    /// The story has run to its end (or there is none).
    pub story_done: bool,
    /// There is an application, and every one is quiet.
    pub quiet: bool,
}

/// The truth about a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingTruth {
    /// Its conference key.
    pub id: String,
    /// Its URI.
    pub uri: String,
    /// Its organizer.
    pub organizer: String,
    /// Its subject.
    #[serde(default)]
    pub subject: String,
    /// AccessLevel.
    #[serde(default)]
    pub access_level: String,
    /// Attendees may write.
    #[serde(default)]
    pub audience_messaging: bool,
    /// Attendees are kept muted.
    #[serde(default)]
    pub audience_mute_lock: bool,
    /// It is being recorded.
    #[serde(default)]
    pub recording: bool,
    /// URI of the one who shares an application.
    #[serde(default)]
    pub sharer: Option<String>,
    /// Who is there, in the order of coming, the lobby included.
    pub roster: Vec<RosterEntry>,
}

/// Somebody in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterEntry {
    /// SIP URI.
    pub uri: String,
    /// Display name.
    pub name: String,
    /// `Leader` or `Attendee`.
    pub role: String,
    /// Waits in the lobby.
    pub in_lobby: bool,
    /// Organized the meeting.
    pub organizer: bool,
    /// Is a guest.
    pub anonymous: bool,
    /// Takes part in the messaging.
    pub messaging: bool,
    /// Takes part in the audio.
    #[serde(default)]
    pub audio: bool,
    /// Takes part in the video.
    #[serde(default)]
    pub video: bool,
    /// Takes part in the panoramic video.
    #[serde(default)]
    pub panoramic_video: bool,
    /// Takes part in the sharing of applications.
    #[serde(default)]
    pub application_sharing: bool,
    /// Takes part in the data collaboration.
    #[serde(default)]
    pub data_collaboration: bool,
    /// His audio is muted.
    #[serde(default)]
    pub audio_muted: bool,
    /// His video is muted.
    #[serde(default)]
    pub video_muted: bool,
    /// Is typing.
    pub typing: bool,
    /// SourceNetwork.
    #[serde(default)]
    pub source_network: String,
    /// The last part of his path: what two presences of one account differ in.
    #[serde(default)]
    pub path: String,
}

/// How an invitation ended, in the simulator's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// He came.
    Accepted,
    /// He said no.
    Declined,
    /// He was busy or did not want to be disturbed.
    Busy,
    /// He did not answer.
    NoAnswer,
    /// He could not be reached, or does not exist.
    Unreachable,
    /// Another application of his answered it.
    Elsewhere,
    /// Its sender took it back, or left.
    Cancelled,
    /// Anything else, such as being turned away from the lobby.
    Failed,
}

/// The truth about an invitation, as one application sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationTruth {
    /// The last part of its path.
    pub id: String,
    /// The application.
    pub application: String,
    /// Its rel.
    pub kind: String,
    /// `Outgoing` or `Incoming`.
    pub direction: String,
    /// Its conversation.
    pub conversation: String,
    /// Whom it is from.
    #[serde(default)]
    pub from: Option<String>,
    /// Whom it is for.
    pub to: Option<String>,
    /// Its subject.
    #[serde(default)]
    pub subject: String,
    /// The client's name for it.
    pub operation_id: Option<String>,
    /// InvitationState.
    pub state: String,
    /// `Success` or `Failure`, once it is completed.
    pub status: Option<String>,
    /// Code of the reason.
    pub code: Option<String>,
    /// Subcode of the reason.
    pub subcode: Option<String>,
    /// Message of the reason.
    #[serde(default)]
    pub message: Option<String>,
    /// URI of the participant who accepted.
    #[serde(default)]
    pub accepted_by: Option<String>,
    /// How it ended, once it is completed.
    pub outcome: Option<Outcome>,
}

/// The truth about a conversation of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationTruth {
    /// The last part of its path.
    pub id: String,
    /// The application.
    pub application: String,
    /// The user of the application.
    pub user: String,
    /// The meeting's URI, for a conversation in a meeting.
    pub meeting: Option<String>,
    /// ConversationState.
    pub state: String,
    /// activeModalities.
    #[serde(default)]
    pub active_modalities: Vec<String>,
    /// It is over.
    pub ended: bool,
    /// Who is in the room, or was when this user left it.
    pub roster: Vec<RosterEntry>,
}

/// The truth about an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationTruth {
    /// The last part of its path.
    pub id: String,
    /// The one who signed in.
    pub user: String,
    /// One entry for each event channel.
    pub channels: Vec<ChannelTruth>,
    /// Invitations that have not ended.
    pub pending_invitations: usize,
    /// The story is done, no invitation is pending, nothing is queued or unacknowledged, and a P-GET waits on
    /// every channel.
    pub quiet: bool,
}

/// The truth about an event channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelTruth {
    /// The instanceId it belongs to.
    pub instance_id: Option<String>,
    /// A P-GET is waiting.
    pub parked: bool,
    /// Events that no page holds yet.
    pub queued: usize,
    /// Events of the page that is out.
    pub unacknowledged: usize,
}

impl Truth {
    /// The meeting that an application's user is or was in, by the meeting's URI.
    #[must_use]
    pub fn meeting(&self, uri: &str) -> Option<&MeetingTruth> {
        self.meetings.iter().find(|meeting| meeting.uri.eq_ignore_ascii_case(uri))
    }

    /// The invitation that a client named so.
    #[must_use]
    pub fn invitation(&self, operation_id: &str) -> Option<&InvitationTruth> {
        self.invitations.iter().find(|invitation| invitation.operation_id.as_deref() == Some(operation_id))
    }
}

impl World {
    pub(crate) fn truth(&self) -> Truth {
        let story_done = self.story_is_over();
        let applications: Vec<_> =
            self.applications.keys().filter_map(|id| self.application_truth(*id, story_done)).collect();
        let meetings = self
            .meetings
            .values()
            .filter(|meeting| !meeting.deleted)
            .map(|meeting| self.meeting_truth(meeting));
        let invitations = self.invitations.iter().map(|(id, i)| invitation_truth(id.to_string(), i));
        let conversations = self.conversations.iter().map(|(id, c)| self.conversation_truth(*id, c));
        Truth {
            meetings: meetings.collect(),
            invitations: invitations.collect(),
            conversations: conversations.collect(),
            story_done,
            quiet: !applications.is_empty() && applications.iter().all(|app| app.quiet),
            applications,
        }
    }

    fn meeting_truth(&self, meeting: &Meeting) -> MeetingTruth {
        let room = self.rooms.get(&meeting.room);
        let is = |on: fn(&Room) -> bool| room.is_some_and(on);
        let sharer = room.and_then(|room| room.member(room.sharer?));
        MeetingTruth {
            id: meeting.id.clone(),
            uri: meeting.uri.clone(),
            organizer: meeting.organizer.clone(),
            subject: meeting.subject.clone(),
            access_level: format!("{:?}", meeting.access_level),
            audience_messaging: is(|room| room.audience_messaging),
            audience_mute_lock: is(|room| room.audience_mute_lock),
            recording: is(|room| room.recording),
            sharer: sharer.map(|member| member.uri.clone()),
            roster: self.roster(meeting.room),
        }
    }

    fn application_truth(&self, id: AppId, story_done: bool) -> Option<ApplicationTruth> {
        let application = self.applications.get(&id)?;
        let channels = application.instances.iter().map(|instance| ChannelTruth {
            instance_id: instance.id.clone(),
            parked: instance.channel.is_parked(),
            queued: instance.channel.queued(),
            unacknowledged: instance.channel.unacknowledged(),
        });
        let channels: Vec<_> = channels.collect();
        let pending = self.invitations.values().filter(|i| i.app == id && i.is_pending()).count();
        let still = channels.iter().all(|c| c.parked && c.queued == 0 && c.unacknowledged == 0);
        Some(ApplicationTruth {
            id: id.to_string(),
            user: application.owner.uri().to_owned(),
            quiet: story_done && pending == 0 && still && self.is_settled(id),
            pending_invitations: pending,
            channels,
        })
    }

    fn conversation_truth(&self, id: ConversationId, conversation: &Conversation) -> ConversationTruth {
        let room = self.rooms.get(&conversation.room);
        let meeting = room.and_then(|room| room.meeting.as_ref()).and_then(|id| self.meetings.get(id));
        ConversationTruth {
            id: id.to_string(),
            application: conversation.app.to_string(),
            user: conversation.user.clone(),
            meeting: meeting.map(|meeting| meeting.uri.clone()),
            state: conversation.state.word().into(),
            active_modalities: self.modalities(id).into_iter().map(str::to_owned).collect(),
            ended: conversation.ended,
            roster: conversation.roster_at_end.clone().unwrap_or_else(|| self.roster(conversation.room)),
        }
    }
}

fn invitation_truth(id: String, invitation: &Invitation) -> InvitationTruth {
    let reason = invitation.end.as_ref().and_then(|end| end.reason.as_ref());
    InvitationTruth {
        id,
        application: invitation.app.to_string(),
        kind: invitation.kind.rel().into(),
        direction: if invitation.incoming { "Incoming" } else { "Outgoing" }.into(),
        conversation: invitation.conversation.to_string(),
        from: invitation.from.as_ref().map(|from| from.uri.clone()),
        to: invitation.to.clone(),
        subject: invitation.wish.subject.clone(),
        operation_id: invitation.wish.operation_id.clone(),
        state: invitation.state.clone().into_owned(),
        status: invitation.end.as_ref().and_then(|end| end.status.clone()).map(Cow::into_owned),
        code: reason.map(|reason| reason.code.clone().into_owned()),
        subcode: reason.map(|reason| reason.subcode.clone().into_owned()),
        message: reason.and_then(|reason| reason.message.clone()).map(Cow::into_owned),
        accepted_by: invitation.accepted_by.as_ref().map(|by| by.uri.clone()),
        outcome: invitation.end.as_ref().map(|end| end.outcome),
    }
}
