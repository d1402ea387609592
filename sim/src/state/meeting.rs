//! Meetings, ad hoc and scheduled, and what happens in them by itself.

use serde_json::{Map, Value};

use super::conversation::State;
use super::ids::{ConversationId, MemberId, RoomId};
use super::media::Medium;
use super::reasons;
use super::room::{Newcomer, Place, Role};
use super::world::{Action, World, unix_ms};
use crate::settings::{AccessLevel, PlannedMeeting};
use crate::story::{StoryAction, StoryStep};

const EIGHT_HOURS_MS: u64 = 8 * 3600 * 1000;

/// A meeting.
#[derive(Debug, Clone)]
pub(crate) struct Meeting {
    pub(crate) id: String,
    pub(crate) uri: String,
    pub(crate) room: RoomId,
    pub(crate) organizer: String,
    pub(crate) access_level: AccessLevel,
    pub(crate) automatic_leaders: String,
    pub(crate) subject: String,
    pub(crate) description: String,
    pub(crate) leaders: Vec<String>,
    pub(crate) attendees: Vec<String>,
    pub(crate) expires_ms: u64,
    /// Scheduled rather than ad hoc: it is listed in myOnlineMeetings.
    pub(crate) scheduled: bool,
    pub(crate) etag: u64,
    /// Name of the property that has to come back in a PUT.
    pub(crate) guid: String,
    /// Settings that are kept but do nothing.
    pub(crate) more: Map<String, Value>,
    pub(crate) story_begun: bool,
    /// Deleted by its organizer.
    pub(crate) deleted: bool,
}

impl World {
    pub(crate) fn new_meeting(&mut self, organizer: &str, id: Option<String>) -> String {
        let id = id.unwrap_or_else(crate::random::conference_key);
        let room = self.new_room(Some(id.clone()));
        let uri = format!("sip:{};gruu;opaque=app:conf:focus:id:{id}", crate::uri::account(organizer));
        let meeting = Meeting {
            id: id.clone(),
            uri,
            room,
            organizer: organizer.to_owned(),
            access_level: self.switches.adhoc_access_level,
            automatic_leaders: "Disabled".into(),
            subject: String::new(),
            description: String::new(),
            leaders: Vec::new(),
            attendees: Vec::new(),
            expires_ms: unix_ms() + EIGHT_HOURS_MS,
            scheduled: false,
            etag: crate::random::number() % 4_000_000_000,
            guid: crate::random::guid(),
            more: Map::new(),
            story_begun: false,
            deleted: false,
        };
        self.meetings.insert(id.clone(), meeting);
        id
    }

    pub(crate) fn plan_meeting(&mut self, planned: &PlannedMeeting) {
        let id = self.new_meeting(&planned.organizer, Some(planned.id.clone()));
        if let Some(meeting) = self.meetings.get_mut(&id) {
            meeting.scheduled = true;
            meeting.access_level = planned.access_level;
            meeting.subject.clone_from(&planned.subject);
            meeting.leaders.clone_from(&planned.leaders);
            meeting.attendees.clone_from(&planned.attendees);
        }
    }

    /// The meeting that a conference URI names.
    pub(crate) fn meeting_by_uri(&self, uri: &str) -> Option<&Meeting> {
        self.meetings.values().find(|meeting| !meeting.deleted && crate::uri::same(&meeting.uri, uri))
    }

    fn same_company(&self, meeting: &Meeting, uri: &str) -> bool {
        let domain = |uri: &str| crate::uri::domain(uri).map(str::to_ascii_lowercase);
        domain(uri).is_some() && domain(uri) == domain(&meeting.organizer)
    }

    /// Whether somebody passes the lobby.
    pub(crate) fn is_admitted(&self, meeting: &str, uri: &str, anonymous: bool) -> bool {
        let Some(meeting) = self.meetings.get(meeting) else {
            return false;
        };
        let named = |list: &[String]| list.iter().any(|named| crate::uri::same(named, uri));
        let colleague = !anonymous && self.same_company(meeting, uri);
        crate::uri::same(&meeting.organizer, uri)
            || match meeting.access_level {
                AccessLevel::Everyone => true,
                AccessLevel::SameEnterprise => colleague,
                AccessLevel::Invited => colleague && (named(&meeting.attendees) || named(&meeting.leaders)),
                AccessLevel::Locked => false,
            }
    }

    pub(crate) fn role_on_joining(&self, meeting: &str, uri: &str, anonymous: bool) -> Role {
        let Some(meeting) = self.meetings.get(meeting) else {
            return Role::Attendee;
        };
        let automatic = match meeting.automatic_leaders.as_str() {
            "Everyone" => true,
            "SameEnterprise" => !anonymous && self.same_company(meeting, uri),
            _ => false,
        };
        let named = meeting.leaders.iter().any(|leader| crate::uri::same(leader, uri));
        if automatic || named || crate::uri::same(&meeting.organizer, uri) {
            Role::Leader
        } else {
            Role::Attendee
        }
    }

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
        let uri = step.uri.clone().unwrap_or_default();
        let there = self.rooms.get(&room).and_then(|room| room.by_uri(&uri)).map(|member| member.id);
        match (step.action, there) {
            (StoryAction::End, _) => self.end_meeting(room),
            (StoryAction::Join, None) => {
                self.walk_in(room, step, Role::Attendee, Place::Inside);
            }
            (StoryAction::JoinAsLeader, None) => {
                self.walk_in(room, step, Role::Leader, Place::Inside);
            }
            (StoryAction::Lobby, None) => {
                self.walk_in(room, step, Role::Attendee, Place::Lobby);
            }
            (StoryAction::Admit, Some(id)) => return self.admit(room, id),
            (StoryAction::Reject, Some(id)) => return self.reject(room, id),
            (StoryAction::Promote, Some(id)) => return self.set_role(room, id, Role::Leader),
            (StoryAction::Demote, Some(id)) => return self.set_role(room, id, Role::Attendee),
            (StoryAction::Leave, Some(id)) => self.go(room, id),
            (StoryAction::Eject, Some(id)) => self.remove(room, id, reasons::EJECTED),
            (StoryAction::Typing, Some(id)) => self.start_typing(room, id),
            (StoryAction::JoinMessaging, Some(id)) => self.set_messaging(room, id, true),
            (StoryAction::LeaveMessaging, Some(id)) => self.set_messaging(room, id, false),
            (StoryAction::JoinAudio, Some(id)) => return self.set_medium(room, id, Medium::Audio, true),
            (StoryAction::LeaveAudio, Some(id)) => return self.set_medium(room, id, Medium::Audio, false),
            (StoryAction::MuteAudio, Some(id)) => return self.set_muted(room, id, Medium::Audio, true),
            (StoryAction::UnmuteAudio, Some(id)) => return self.set_muted(room, id, Medium::Audio, false),
            (StoryAction::JoinVideo, Some(id)) => return self.set_medium(room, id, Medium::Video, true),
            (StoryAction::LeaveVideo, Some(id)) => return self.set_medium(room, id, Medium::Video, false),
            (StoryAction::Message, Some(id)) => {
                self.set_messaging(room, id, true);
                self.say(room, id, "text/plain", step.text.as_deref().unwrap_or_default());
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

    /// A simulated person comes in by himself.
    fn walk_in(&mut self, room: RoomId, step: &StoryStep, role: Role, place: Place) {
        let uri = step.uri.clone().unwrap_or_default();
        let name = step.name.clone().unwrap_or_else(|| self.name_of(&uri));
        let joins_messaging = self.person(&uri).is_some_and(|person| person.joins_messaging);
        let anonymous = uri.to_ascii_lowercase().ends_with("@anonymous.invalid");
        let newcomer = Newcomer { uri, name, role, organizer: false, anonymous, conversation: None };
        let id = self.add_member(room, newcomer);
        if let Some(member) = self.member_mut(room, id) {
            member.in_messaging = joins_messaging;
        }
        self.come_in(room, id, place);
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
