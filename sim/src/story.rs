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
    /// To whom; needed by everything but `end`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// The display name of somebody who is not in `people`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The text of a `message`.
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
    /// Is heard in the meeting.
    JoinAudio,
    /// Is heard no longer.
    LeaveAudio,
    /// Is muted.
    MuteAudio,
    /// Is unmuted.
    UnmuteAudio,
    /// Is seen in the meeting.
    JoinVideo,
    /// Is seen no longer.
    LeaveVideo,
    /// Says `text`, joining the messaging if need be.
    Message,
    /// The server ends the meeting.
    End,
}

impl StoryStep {
    /// A step without name and text.
    #[must_use]
    pub fn new(at_ms: u64, action: StoryAction, uri: &str) -> Self {
        let uri = (!uri.is_empty()).then(|| uri.to_owned());
        Self { at_ms, action, uri, name: None, text: None }
    }

    pub(crate) fn problem(&self) -> Option<&'static str> {
        if self.uri.is_none() && self.action != StoryAction::End {
            return Some("uri: this action needs to know who");
        }
        if self.text.is_none() && self.action == StoryAction::Message {
            return Some("text: a message needs a text");
        }
        None
    }
}
