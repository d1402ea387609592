//! What people take part in besides messaging: seen in the roster, muted by leaders, and nothing is ever heard.

use super::conversation::CallState;
use super::event::{Event, EventType, Link};
use super::ids::{AppId, ConversationId, MemberId, RoomId};
use super::room::{Member, Place, Role};
use super::world::World;
use crate::choices::ActiveModalities;
use crate::people::Medium;
use crate::resources::href;
use crate::without::Effect;

/// The words of MediaDirectionType.
const DIRECTIONS: [&str; 5] = ["Inactive", "ReceiveOnly", "SendOnly", "SendReceive", "Unknown"];

/// Somebody's part in a medium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stream {
    pub(crate) muted: bool,
    pub(crate) direction: &'static str,
    pub(crate) source_id: String,
}

impl Stream {
    pub(crate) fn new(owner: MemberId, medium: Medium) -> Self {
        Self { muted: false, direction: "SendReceive", source_id: format!("{}{}", owner.0, medium as u8) }
    }
}

impl Medium {
    pub(crate) const ALL: [Self; 5] =
        [Self::Audio, Self::Video, Self::PanoramicVideo, Self::ApplicationSharing, Self::DataCollaboration];

    /// ConversationModalityType.
    pub(crate) fn word(self) -> &'static str {
        self.rel().trim_start_matches("participant")
    }

    /// The resource of one who takes part in it.
    pub(crate) fn rel(self) -> &'static str {
        match self {
            Self::Audio => "participantAudio",
            Self::Video => "participantVideo",
            Self::PanoramicVideo => "participantPanoramicVideo",
            Self::ApplicationSharing => "participantApplicationSharing",
            Self::DataCollaboration => "participantDataCollaboration",
        }
    }

    /// The beginning of its properties' names; none: it has no properties.
    pub(crate) fn prefix(self) -> Option<&'static str> {
        match self {
            Self::Audio => Some("audio"),
            Self::Video => Some("video"),
            Self::PanoramicVideo => Some("panoramicVideo"),
            Self::ApplicationSharing => Some("applicationSharing"),
            Self::DataCollaboration => None,
        }
    }

    /// Whether one can be muted in it.
    pub(crate) fn can_be_muted(self) -> bool {
        matches!(self, Self::Audio | Self::Video | Self::PanoramicVideo)
    }

    /// The links that mute and unmute it.
    pub(crate) fn actions(self) -> Option<[&'static str; 2]> {
        match self {
            Self::Audio => Some(["muteAudio", "unmuteAudio"]),
            Self::Video => Some(["muteVideo", "unmuteVideo"]),
            _ => None,
        }
    }

    /// The modality of a conversation that it belongs to.
    pub(crate) fn modality(self) -> &'static str {
        match self {
            Self::ApplicationSharing => "applicationSharing",
            Self::DataCollaboration => "dataCollaboration",
            _ => "audioVideo",
        }
    }
}

impl World {
    /// Somebody joins a medium, or leaves it; false when that changes nothing.
    pub(crate) fn set_medium(&mut self, room: RoomId, id: MemberId, medium: Medium, on: bool) -> bool {
        let locked = self.rooms.get(&room).is_some_and(|room| room.audience_mute_lock);
        let Some(member) = self.member_mut(room, id).filter(|member| member.place == Place::Inside) else {
            return false;
        };
        if member.media.contains_key(&medium) == on {
            return false;
        }
        let kind = if on { EventType::Added } else { EventType::Deleted };
        if on {
            let muted = locked && medium == Medium::Audio && member.role == Role::Attendee;
            member.media.insert(medium, Stream { muted, ..Stream::new(id, medium) });
        }
        for viewer in self.viewers(room) {
            self.tell_medium(viewer, id, medium, kind);
        }
        if let Some(member) = self.member_mut(room, id).filter(|_| !on) {
            member.media.remove(&medium);
        }
        if let Some(conversation) = self.member(room, id).and_then(|member| member.conversation) {
            self.tell_modality(conversation, medium.modality());
        }
        self.modalities_changed(room, id);
        true
    }

    /// Somebody is muted or heard again; false when that changes nothing.
    pub(crate) fn set_muted(&mut self, room: RoomId, id: MemberId, medium: Medium, muted: bool) -> bool {
        self.change_stream(room, id, medium, |stream| {
            medium.can_be_muted() && std::mem::replace(&mut stream.muted, muted) != muted
        })
    }

    /// Somebody sends or receives another way; false when that changes nothing.
    pub(crate) fn set_direction(
        &mut self,
        room: RoomId,
        id: MemberId,
        medium: Medium,
        direction: &str,
    ) -> bool {
        let word = DIRECTIONS.into_iter().find(|word| word.eq_ignore_ascii_case(direction));
        word.is_some_and(|word| {
            self.change_stream(room, id, medium, |stream| {
                std::mem::replace(&mut stream.direction, word) != word
            })
        })
    }

    fn change_stream(
        &mut self,
        room: RoomId,
        id: MemberId,
        medium: Medium,
        change: impl FnOnce(&mut Stream) -> bool,
    ) -> bool {
        let member = self.member_mut(room, id).filter(|member| member.place == Place::Inside);
        let changed = member.and_then(|member| member.media.get_mut(&medium)).is_some_and(change);
        if changed {
            for viewer in self.viewers(room) {
                self.tell_medium(viewer, id, medium, EventType::Updated);
            }
        }
        changed
    }

    fn tell_medium(
        &mut self,
        viewer: (AppId, ConversationId),
        member: MemberId,
        medium: Medium,
        kind: EventType,
    ) {
        let (app, id) = viewer;
        let Some(conversation) = self.conversations.get(&id) else {
            return;
        };
        let own = conversation.member == member;
        let Some(member) = self.member(conversation.room, member).cloned() else {
            return;
        };
        let Some(stream) = member.media.get(&medium) else {
            return;
        };
        let path = href::participant(app, id, &member.key);
        let mut link = Link::new(medium.rel(), format!("{path}/{}", medium.rel()));
        link.title = medium.prefix().map(|_| stream.source_id.clone());
        let within = Link::titled(if own { "localParticipant" } else { "participant" }, path, member.title());
        let mut event = Event::of_conversation(app, id, kind, link).within(within);
        if self.switches.embed_modalities && kind != EventType::Deleted {
            event.embedded = self.medium_json(id, &member, medium);
        }
        self.tell(app, event);
    }

    /// What one may do with somebody's audio and video has changed with one's own role.
    pub(crate) fn tell_mute_links(&mut self, viewer: (AppId, ConversationId), id: MemberId) {
        for medium in Medium::ALL.into_iter().filter(|medium| medium.actions().is_some()) {
            self.tell_medium(viewer, id, medium, EventType::Updated);
        }
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

    /// Somebody takes part in something more or less: activeModalities follow.
    pub(crate) fn modalities_changed(&mut self, room: RoomId, id: MemberId) {
        if self.rooms.get(&room).is_none_or(|room| room.meeting.is_none()) {
            return;
        }
        let anybody = self.switches.active_modalities == ActiveModalities::Anybody;
        for (_, conversation) in self.viewers(room) {
            if anybody || self.live(conversation).is_some_and(|c| c.member == id) {
                self.tell_conversation(conversation, EventType::Updated, None);
            }
        }
    }

    /// activeModalities of a conversation.
    pub(crate) fn modalities(&self, id: ConversationId) -> Vec<&'static str> {
        let Some(conversation) = self.live(id) else {
            return Vec::new();
        };
        let anybody = self.switches.active_modalities == ActiveModalities::Anybody;
        let counts =
            |member: &&Member| member.place == Place::Inside && (anybody || member.id == conversation.member);
        let room = self.rooms.get(&conversation.room);
        let members: Vec<_> = room.into_iter().flat_map(|room| room.members.iter()).filter(counts).collect();
        let messaging = conversation.messaging == CallState::Connected
            || (anybody && members.iter().any(|member| member.is_messaging()));
        let has = |medium: &Medium| members.iter().any(|member| member.media.contains_key(medium));
        let media = Medium::ALL.into_iter().filter(has).map(Medium::word);
        messaging.then_some("Messaging").into_iter().chain(media).collect()
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
        let attendees = found.members.iter().filter(|member| member.role == Role::Attendee);
        let attendees: Vec<_> = attendees.map(|member| (member.id, member.conversation)).collect();
        let mutes = on && !self.lacks(Effect::MuteLockMutes);
        for (id, conversation) in attendees {
            let muted = mutes && self.set_muted(room, id, Medium::Audio, true);
            // His own link to unmute comes and goes with the lock.
            if let Some((conversation, app)) =
                conversation.and_then(|id| Some((id, self.live(id)?.app))).filter(|_| !muted)
            {
                self.tell_medium((app, conversation), id, Medium::Audio, EventType::Updated);
            }
        }
        for (_, id) in self.viewers(room) {
            self.tell_conversation(id, EventType::Updated, None);
        }
    }

    /// Recording begins or ends; false when that changes nothing.
    pub(crate) fn set_recording(&mut self, room: RoomId, on: bool) -> bool {
        let found = self.rooms.get_mut(&room);
        if found.is_none_or(|room| std::mem::replace(&mut room.recording, on) == on) {
            return false;
        }
        for (_, id) in self.viewers(room) {
            self.tell_conversation(id, EventType::Updated, None);
        }
        true
    }

    /// Somebody becomes the one who shares an application, or on whom the video is locked; none: nobody does.
    pub(crate) fn set_spotlight(
        &mut self,
        room: RoomId,
        spotlight: Spotlight,
        who: Option<MemberId>,
    ) -> bool {
        let Some(found) = self.rooms.get_mut(&room) else {
            return false;
        };
        let place = match spotlight {
            Spotlight::Sharer => &mut found.sharer,
            Spotlight::VideoLock => &mut found.video_lock,
        };
        let before = std::mem::replace(place, who);
        if before == who {
            return false;
        }
        let kind = match (before, who) {
            (None, _) => EventType::Added,
            (_, Some(_)) => EventType::Updated,
            (_, None) => EventType::Deleted,
        };
        let (rel, modality) = spotlight.rels();
        for (app, id) in self.viewers(room) {
            let link = Link::new(rel, href::in_conversation(app, id, &format!("{modality}/{rel}")));
            let within = Link::new(modality, href::in_conversation(app, id, modality));
            self.tell(app, Event::of_conversation(app, id, kind, link).within(within));
        }
        true
    }
}

/// What one participant at a time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spotlight {
    Sharer,
    VideoLock,
}

impl Spotlight {
    pub(crate) const ALL: [Self; 2] = [Self::Sharer, Self::VideoLock];

    /// Its own rel, and that of the modality that it belongs to.
    pub(crate) fn rels(self) -> (&'static str, &'static str) {
        match self {
            Self::Sharer => ("applicationSharer", "applicationSharing"),
            Self::VideoLock => ("videoLockedOnParticipant", "audioVideo"),
        }
    }
}
