//! What happens in a meeting by itself.

use serde::{Deserialize, Serialize};

/// One thing that happens in a meeting, so many milliseconds after its organizer's conversation is Conferenced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoryStep {
    /// When.
    pub at_ms: u64,
    /// What.
    pub action: StoryAction,
    /// To whom; needed by everything that is about somebody. The second one of an account is `sip:bo@contoso.com;2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// The display name of somebody who is not in `people`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The text of a `message`, a direction, a subject, an access level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// The things that can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoryAction {
    /// Comes in as an attendee, past the lobby.
    Join,
    /// Comes in as a leader.
    JoinAsLeader,
    /// Comes in once more, though he is there: from a second device.
    JoinAgain,
    /// Comes to the door: the meeting's access level decides whether he waits, and his role.
    Arrive,
    /// Comes into the lobby.
    Lobby,
    /// Is let in from the lobby by another leader.
    Admit,
    /// Is turned away from the lobby.
    Reject,
    /// Becomes a leader.
    Promote,
    /// Becomes an attendee.
    Demote,
    /// Goes.
    Leave,
    /// Is thrown out by another leader.
    Eject,
    /// Is seen typing.
    Typing,
    /// Joins the meeting's messaging.
    JoinMessaging,
    /// Leaves the meeting's messaging.
    LeaveMessaging,
    /// Is removed from the meeting's messaging by the server.
    RemoveMessaging,
    /// Is heard in the meeting.
    JoinAudio,
    /// Is heard no longer.
    LeaveAudio,
    /// Is muted.
    MuteAudio,
    /// Is unmuted.
    UnmuteAudio,
    /// Sends or receives audio another way: `text` is a MediaDirectionType.
    AudioDirection,
    /// Is seen in the meeting.
    JoinVideo,
    /// Is seen no longer.
    LeaveVideo,
    /// His video is muted.
    MuteVideo,
    /// His video is unmuted.
    UnmuteVideo,
    /// Sends or receives video another way: `text` is a MediaDirectionType.
    VideoDirection,
    /// Joins with a panoramic camera.
    JoinPanoramicVideo,
    /// The panoramic camera goes.
    LeavePanoramicVideo,
    /// The panoramic video is muted.
    MutePanoramicVideo,
    /// The panoramic video is unmuted.
    UnmutePanoramicVideo,
    /// The panoramic video goes another way: `text` is a MediaDirectionType.
    PanoramicVideoDirection,
    /// Joins the sharing of applications.
    JoinApplicationSharing,
    /// Leaves the sharing of applications.
    LeaveApplicationSharing,
    /// Shares another way: `text` is a MediaDirectionType.
    ApplicationSharingDirection,
    /// Joins the data collaboration.
    JoinDataCollaboration,
    /// Leaves the data collaboration.
    LeaveDataCollaboration,
    /// Becomes the one who shares an application.
    Share,
    /// Nobody shares any more.
    StopSharing,
    /// Everybody's video is locked on him.
    LockVideo,
    /// The video is locked on nobody.
    UnlockVideo,
    /// Recording begins.
    StartRecording,
    /// Recording ends.
    StopRecording,
    /// Attendees are muted and kept so.
    LockAudience,
    /// Attendees may unmute themselves.
    UnlockAudience,
    /// Attendees may not write.
    SilenceAudience,
    /// Attendees may write.
    HearAudience,
    /// The subject becomes `text`.
    Subject,
    /// The access level becomes `text`.
    AccessLevel,
    /// Says `text`, joining the messaging if need be.
    Message,
    /// The server ends the meeting.
    End,
}

impl StoryAction {
    /// Whether it is about somebody rather than about the meeting.
    pub(crate) fn is_about_somebody(self) -> bool {
        !matches!(
            self,
            Self::StopSharing
                | Self::UnlockVideo
                | Self::StartRecording
                | Self::StopRecording
                | Self::LockAudience
                | Self::UnlockAudience
                | Self::SilenceAudience
                | Self::HearAudience
                | Self::Subject
                | Self::AccessLevel
                | Self::End
        )
    }

    fn needs_text(self) -> bool {
        matches!(
            self,
            Self::Message
                | Self::AudioDirection
                | Self::VideoDirection
                | Self::PanoramicVideoDirection
                | Self::ApplicationSharingDirection
                | Self::Subject
                | Self::AccessLevel
        )
    }
}

impl StoryStep {
    /// A step without name and text.
    #[must_use]
    pub fn new(at_ms: u64, action: StoryAction, uri: &str) -> Self {
        let uri = (!uri.is_empty()).then(|| uri.to_owned());
        Self { at_ms, action, uri, name: None, text: None }
    }

    pub(crate) fn problem(&self) -> Option<&'static str> {
        if self.uri.is_none() && self.action.is_about_somebody() {
            return Some("uri: this action needs to know who");
        }
        if self.text.is_none() && self.action.needs_text() {
            return Some("text: this action needs a text");
        }
        None
    }
}
