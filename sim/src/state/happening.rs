//! What happens in meetings by itself: stories, and what the control API asks for.

use super::conversation::State;
use super::ids::{ConversationId, MemberId, RoomId};
use super::media::Spotlight;
use super::reasons;
use super::room::{Newcomer, Place, Role};
use super::world::{Action, World};
use crate::people::Medium;
use crate::settings::AccessLevel;
use crate::story::{StoryAction, StoryStep};
use crate::without::Effect;

/// What somebody does with a medium.
enum Turn {
    On,
    Off,
    Mute,
    Unmute,
    Direct,
}

/// The actions that concern a medium.
fn medium_turn(action: StoryAction) -> Option<(Medium, Turn)> {
    use StoryAction as A;
    Some(match action {
        A::JoinAudio => (Medium::Audio, Turn::On),
        A::LeaveAudio => (Medium::Audio, Turn::Off),
        A::MuteAudio => (Medium::Audio, Turn::Mute),
        A::UnmuteAudio => (Medium::Audio, Turn::Unmute),
        A::AudioDirection => (Medium::Audio, Turn::Direct),
        A::JoinVideo => (Medium::Video, Turn::On),
        A::LeaveVideo => (Medium::Video, Turn::Off),
        A::MuteVideo => (Medium::Video, Turn::Mute),
        A::UnmuteVideo => (Medium::Video, Turn::Unmute),
        A::VideoDirection => (Medium::Video, Turn::Direct),
        A::JoinPanoramicVideo => (Medium::PanoramicVideo, Turn::On),
        A::LeavePanoramicVideo => (Medium::PanoramicVideo, Turn::Off),
        A::MutePanoramicVideo => (Medium::PanoramicVideo, Turn::Mute),
        A::UnmutePanoramicVideo => (Medium::PanoramicVideo, Turn::Unmute),
        A::PanoramicVideoDirection => (Medium::PanoramicVideo, Turn::Direct),
        A::JoinApplicationSharing => (Medium::ApplicationSharing, Turn::On),
        A::LeaveApplicationSharing => (Medium::ApplicationSharing, Turn::Off),
        A::ApplicationSharingDirection => (Medium::ApplicationSharing, Turn::Direct),
        A::JoinDataCollaboration => (Medium::DataCollaboration, Turn::On),
        A::LeaveDataCollaboration => (Medium::DataCollaboration, Turn::Off),
        _ => return None,
    })
}

impl World {
    /// The story begins when the organizer is in the meeting for the first time.
    pub(crate) fn begin_story(&mut self, room: RoomId, id: ConversationId) {
        if !self.own_member(id).is_some_and(|member| member.organizer) {
            return;
        }
        let meeting = self.rooms.get(&room).and_then(|room| room.meeting.clone());
        let Some(meeting) = meeting.and_then(|meeting| self.meetings.get_mut(&meeting)) else {
            return;
        };
        if std::mem::replace(&mut meeting.story_begun, true) {
            return;
        }
        let times: Vec<u64> = self.story.iter().map(|step| step.at_ms).collect();
        for (step, at_ms) in times.into_iter().enumerate() {
            self.after(at_ms, Action::Story(room, step));
        }
    }

    pub(crate) fn tell_story(&mut self, room: RoomId, step: usize) {
        let Some(step) = self.story.get(step).cloned() else {
            return;
        };
        if self.is_watched(room) {
            self.happen(room, &step);
        }
    }

    /// Makes one thing happen in a meeting; false when it cannot.
    pub(crate) fn happen(&mut self, room: RoomId, step: &StoryStep) -> bool {
        if !step.action.is_about_somebody() {
            return self.happen_to_meeting(room, step);
        }
        let uri = step.uri.clone().unwrap_or_default();
        let there = self.rooms.get(&room).and_then(|room| room.by_name(&uri)).map(|member| member.id);
        match (there, step.action) {
            (None, StoryAction::Join) => self.walk_in(room, step, Some(Role::Attendee), Some(Place::Inside)),
            (None, StoryAction::JoinAsLeader) => {
                self.walk_in(room, step, Some(Role::Leader), Some(Place::Inside))
            }
            (None, StoryAction::Lobby) => self.walk_in(room, step, Some(Role::Attendee), Some(Place::Lobby)),
            (None, StoryAction::Arrive) => self.walk_in(room, step, None, None),
            (Some(_), StoryAction::JoinAgain) => {
                self.walk_in(room, step, Some(Role::Attendee), Some(Place::Inside))
            }
            (Some(id), _) => self.happen_to(room, id, step),
            (None, _) => false,
        }
    }

    fn happen_to(&mut self, room: RoomId, id: MemberId, step: &StoryStep) -> bool {
        let text = step.text.as_deref().unwrap_or_default();
        if let Some((medium, turn)) = medium_turn(step.action) {
            return match turn {
                Turn::On => self.set_medium(room, id, medium, true),
                Turn::Off => self.set_medium(room, id, medium, false),
                Turn::Mute => self.set_muted(room, id, medium, true),
                Turn::Unmute => self.set_muted(room, id, medium, false),
                Turn::Direct => self.set_direction(room, id, medium, text),
            };
        }
        let inside = self.member(room, id).is_some_and(|member| member.place == Place::Inside);
        match step.action {
            StoryAction::Admit => return self.admit(room, id),
            StoryAction::Reject => return self.reject(room, id),
            StoryAction::Promote => return self.set_role(room, id, Role::Leader),
            StoryAction::Demote => return self.set_role(room, id, Role::Attendee),
            StoryAction::Leave => self.go(room, id),
            StoryAction::Eject => self.remove(room, id, reasons::EJECTED),
            StoryAction::Typing => self.start_typing(room, id),
            StoryAction::JoinMessaging => self.set_messaging(room, id, true),
            StoryAction::LeaveMessaging => self.set_messaging(room, id, false),
            StoryAction::RemoveMessaging => return self.remove_messaging(room, id),
            StoryAction::Share => return inside && self.set_spotlight(room, Spotlight::Sharer, Some(id)),
            StoryAction::LockVideo => {
                return inside && self.set_spotlight(room, Spotlight::VideoLock, Some(id));
            }
            StoryAction::Message => {
                self.set_messaging(room, id, true);
                self.say(room, id, "text/plain", text);
            }
            _ => return false,
        }
        true
    }

    fn happen_to_meeting(&mut self, room: RoomId, step: &StoryStep) -> bool {
        let text = step.text.as_deref().unwrap_or_default();
        match step.action {
            StoryAction::End => self.end_meeting(room),
            StoryAction::StopSharing => return self.set_spotlight(room, Spotlight::Sharer, None),
            StoryAction::UnlockVideo => return self.set_spotlight(room, Spotlight::VideoLock, None),
            StoryAction::StartRecording => return self.set_recording(room, true),
            StoryAction::StopRecording => return self.set_recording(room, false),
            StoryAction::LockAudience => self.set_audience_mute_lock(room, true),
            StoryAction::UnlockAudience => self.set_audience_mute_lock(room, false),
            StoryAction::SilenceAudience => self.set_audience_messaging(room, false),
            StoryAction::HearAudience => self.set_audience_messaging(room, true),
            StoryAction::Subject => self.set_subject(room, text),
            StoryAction::AccessLevel => {
                let Ok(level) = serde_json::from_value::<AccessLevel>(text.into()) else {
                    return false;
                };
                self.set_access_level(room, level);
            }
            _ => return false,
        }
        true
    }

    fn go(&mut self, room: RoomId, id: MemberId) {
        match self.member(room, id).and_then(|member| member.conversation) {
            Some(conversation) => self.leave(conversation, None),
            None => self.depart(room, id),
        }
    }

    /// A simulated person comes by himself. Without a role or a place the meeting decides; false when he cannot.
    fn walk_in(&mut self, room: RoomId, step: &StoryStep, role: Option<Role>, place: Option<Place>) -> bool {
        let uri = step.uri.clone().unwrap_or_default();
        let visitor = self.visitor(room, &uri);
        let meeting = self.meeting_in(room);
        let dials_in = place.is_none() && crate::uri::is_phone(&uri);
        if dials_in && !meeting.is_some_and(|meeting| meeting.phones_admitted) {
            return false;
        }
        let passes = self.lacks(Effect::Lobby)
            || meeting.is_none_or(|meeting| self.is_admitted(&meeting.id, &uri, visitor.anonymous));
        let place = place.unwrap_or(if passes { Place::Inside } else { Place::Lobby });
        let id = self.add_member(
            room,
            Newcomer {
                name: step.name.clone().unwrap_or_else(|| visitor.name.clone()),
                role: role.unwrap_or(visitor.role),
                organizer: visitor.organizer && role.is_none(),
                ..visitor
            },
        );
        self.come_in(room, id, place);
        true
    }

    /// Whether a room's story is over or will never be told.
    pub(crate) fn story_is_over(&self) -> bool {
        let begun = self.story.is_empty() || self.meetings.values().any(|meeting| meeting.story_begun);
        begun && self.story_steps_left() == 0
    }

    /// Whether some conversation is on its way into or out of something.
    pub(crate) fn is_settled(&self, app: super::ids::AppId) -> bool {
        let moving = |state: State| matches!(state, State::Connecting | State::Conferencing);
        !self.conversations.values().any(|c| c.app == app && !c.ended && moving(c.state))
    }
}
