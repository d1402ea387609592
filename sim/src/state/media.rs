//! Audio and video of simulated people: seen in the roster, muted by leaders, and nothing is ever heard.

use super::event::{Event, EventType, Link};
use super::ids::{AppId, ConversationId, MemberId, RoomId};
use super::room::{Place, Role};
use super::world::World;
use crate::resources::href;

/// What somebody can take part in besides messaging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Medium {
    Audio,
    Video,
}

impl Medium {
    pub(crate) const ALL: [Self; 2] = [Self::Audio, Self::Video];

    /// The resource of one who takes part in it.
    pub(crate) fn rel(self) -> &'static str {
        match self {
            Self::Audio => "participantAudio",
            Self::Video => "participantVideo",
        }
    }

    /// The beginning of its properties' names.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Video => "video",
        }
    }

    /// The links that mute and unmute it.
    pub(crate) fn actions(self) -> [&'static str; 2] {
        match self {
            Self::Audio => ["muteAudio", "unmuteAudio"],
            Self::Video => ["muteVideo", "unmuteVideo"],
        }
    }
}

impl World {
    /// Somebody joins a medium, or leaves it; false when that changes nothing.
    pub(crate) fn set_medium(&mut self, room: RoomId, id: MemberId, medium: Medium, on: bool) -> bool {
        let Some(member) = self.member_mut(room, id).filter(|member| member.place == Place::Inside) else {
            return false;
        };
        if member.media.contains_key(&medium) == on {
            return false;
        }
        let kind = if on { EventType::Added } else { EventType::Deleted };
        if on {
            member.media.insert(medium, false);
        }
        for viewer in self.viewers(room) {
            self.tell_medium(viewer, id, medium, kind);
        }
        if let Some(member) = self.member_mut(room, id).filter(|_| !on) {
            member.media.remove(&medium);
        }
        true
    }

    /// Somebody is muted or heard again; false when that changes nothing.
    pub(crate) fn set_muted(&mut self, room: RoomId, id: MemberId, medium: Medium, muted: bool) -> bool {
        let member = self.member_mut(room, id).filter(|member| member.place == Place::Inside);
        let Some(now) = member.and_then(|member| member.media.get_mut(&medium)).filter(|now| **now != muted)
        else {
            return false;
        };
        *now = muted;
        for viewer in self.viewers(room) {
            self.tell_medium(viewer, id, medium, EventType::Updated);
        }
        true
    }

    fn tell_medium(
        &mut self,
        viewer: (AppId, ConversationId),
        member: MemberId,
        medium: Medium,
        kind: EventType,
    ) {
        let (app, id) = viewer;
        let Some(room) = self.conversations.get(&id).map(|conversation| conversation.room) else {
            return;
        };
        let Some(member) = self.member(room, member).cloned() else {
            return;
        };
        let path = href::participant(app, id, &member.key);
        let link = Link::titled(medium.rel(), format!("{path}/{}", medium.rel()), &member.source_id());
        let within = Link::titled("participant", path, &member.name);
        self.tell(app, Event::of_conversation(app, id, kind, link).within(within));
    }

    /// Tells one conversation of everything that somebody takes part in, as it comes or goes with him.
    pub(crate) fn tell_modalities(&mut self, viewer: (AppId, ConversationId), id: MemberId, kind: EventType) {
        let Some(room) = self.conversations.get(&viewer.1).map(|conversation| conversation.room) else {
            return;
        };
        let Some(member) = self.member(room, id).cloned() else {
            return;
        };
        if member.is_messaging() {
            self.tell_participant_messaging(viewer, id, kind);
        }
        for medium in member.media.keys().filter(|_| member.place == Place::Inside) {
            self.tell_medium(viewer, id, *medium, kind);
        }
    }

    /// enableAudienceMessaging and disableAudienceMessaging.
    pub(crate) fn set_audience_messaging(&mut self, room: RoomId, on: bool) {
        if let Some(room) = self.rooms.get_mut(&room) {
            room.audience_messaging = on;
        }
        for (_, id) in self.viewers(room) {
            // What attendees may do with their messaging changes with it.
            if self.own_member(id).is_some_and(|own| own.role == Role::Attendee) {
                self.tell_messaging(id);
            }
            self.tell_conversation(id, EventType::Updated, None);
        }
    }

    /// enableAudienceMuteLock mutes all attendees; disableAudienceMuteLock lets them unmute themselves.
    pub(crate) fn set_audience_mute_lock(&mut self, room: RoomId, on: bool) {
        let Some(found) = self.rooms.get_mut(&room) else { return };
        found.audience_mute_lock = on;
        let attendees = found.members.iter().filter(|member| on && member.role == Role::Attendee);
        for id in attendees.map(|member| member.id).collect::<Vec<_>>() {
            self.set_muted(room, id, Medium::Audio, true);
        }
        for (_, id) in self.viewers(room) {
            self.tell_conversation(id, EventType::Updated, None);
        }
    }
}
