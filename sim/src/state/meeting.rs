//! Meetings, ad hoc and scheduled.

use serde_json::{Map, Value};

use super::ids::{ConversationId, RoomId};
use super::room::Role;
use super::world::{World, unix_ms};
use crate::settings::{AccessLevel, AutomaticLeaders, PlannedMeeting};

const EIGHT_HOURS_MS: u64 = 8 * 3600 * 1000;

/// A meeting.
#[derive(Debug, Clone)]
pub(crate) struct Meeting {
    pub(crate) id: String,
    pub(crate) uri: String,
    pub(crate) room: RoomId,
    pub(crate) organizer: String,
    pub(crate) access_level: AccessLevel,
    pub(crate) automatic_leaders: AutomaticLeaders,
    /// Callers by phone pass the lobby, unless it is locked.
    pub(crate) phones_bypass: bool,
    /// One can call in by phone.
    pub(crate) phones_admitted: bool,
    pub(crate) conference_id: String,
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
        self.make_meeting(organizer, id.clone(), room);
        id
    }

    /// A meeting in a room.
    pub(crate) fn make_meeting(&mut self, organizer: &str, id: String, room: RoomId) {
        let uri = format!("sip:{};gruu;opaque=app:conf:focus:id:{id}", crate::uri::account(organizer));
        let meeting = Meeting {
            id: id.clone(),
            uri,
            room,
            organizer: organizer.to_owned(),
            access_level: self.switches.adhoc_access_level,
            automatic_leaders: AutomaticLeaders::Disabled,
            phones_bypass: false,
            phones_admitted: false,
            conference_id: (100_000 + crate::random::number() % 900_000).to_string(),
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
        self.meetings.insert(id, meeting);
    }

    pub(crate) fn meeting_in(&self, room: RoomId) -> Option<&Meeting> {
        self.meetings.get(self.rooms.get(&room)?.meeting.as_ref()?)
    }

    /// The meeting of a conversation that goes on.
    pub(crate) fn meeting_of(&self, id: ConversationId) -> Option<&Meeting> {
        self.meeting_in(self.live(id)?.room)
    }

    pub(crate) fn access_level(&self, room: RoomId) -> Option<AccessLevel> {
        self.meeting_in(room).map(|meeting| meeting.access_level)
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
        let phone = crate::uri::is_phone(uri);
        crate::uri::same(&meeting.organizer, uri)
            || (phone && meeting.phones_bypass && meeting.access_level != AccessLevel::Locked)
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
        let automatic = match meeting.automatic_leaders {
            AutomaticLeaders::Everyone => true,
            AutomaticLeaders::SameEnterprise => !anonymous && self.same_company(meeting, uri),
            AutomaticLeaders::Disabled => false,
        };
        let named = meeting.leaders.iter().any(|leader| crate::uri::same(leader, uri));
        if automatic || named || crate::uri::same(&meeting.organizer, uri) {
            Role::Leader
        } else {
            Role::Attendee
        }
    }

    /// The subject of a meeting, and of the conversations in it, changes.
    pub(crate) fn set_subject(&mut self, room: RoomId, subject: &str) {
        let key = self.meeting_in(room).filter(|meeting| meeting.subject != subject).map(|m| m.id.clone());
        let Some(meeting) = key.and_then(|key| self.meetings.get_mut(&key)) else {
            return;
        };
        meeting.subject = subject.to_owned();
        for (app, id) in self.viewers(room) {
            if let Some(conversation) = self.conversations.get_mut(&id) {
                conversation.subject = subject.to_owned();
            }
            self.tell_conversation(id, super::event::EventType::Updated, None);
            self.tell_online_meeting(app, id, super::event::EventType::Updated);
        }
    }

    /// Who passes the lobby from now on; who waits already goes on waiting.
    pub(crate) fn set_access_level(&mut self, room: RoomId, level: AccessLevel) {
        let key = self.meeting_in(room).map(|meeting| meeting.id.clone());
        if let Some(meeting) = key.and_then(|key| self.meetings.get_mut(&key)) {
            meeting.access_level = level;
        }
        for (app, id) in self.viewers(room) {
            self.tell_online_meeting(app, id, super::event::EventType::Updated);
        }
    }
}
