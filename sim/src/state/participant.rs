//! Participants in the eyes of one conversation: the events about them.

use super::event::{Event, EventType, Link};
use super::ids::{AppId, ConversationId, MemberId, RoomId};
use super::media::Spotlight;
use super::reasons;
use super::room::{Member, Place};
use super::world::World;
use crate::resources::href;
use crate::truth::Outcome;
use crate::without::Effect;

/// The path of a collection below its conversation.
pub(crate) fn path_of(collection: &'static str) -> &'static str {
    if collection == "typingParticipants" { "messaging/typingParticipants" } else { collection }
}

impl World {
    fn participant_link(&self, app: AppId, id: ConversationId, member: &Member) -> Link {
        Link::titled("participant", href::participant(app, id, &member.key), member.title())
    }

    /// Tells one conversation about a participant; `within` names the collection of a membership event.
    pub(crate) fn tell_participant(
        &mut self,
        viewer: (AppId, ConversationId),
        member: MemberId,
        kind: EventType,
        within: Option<&'static str>,
    ) {
        let (app, id) = viewer;
        let Some(room) = self.conversations.get(&id).map(|conversation| conversation.room) else {
            return;
        };
        let Some(member) = self.member(room, member).cloned() else {
            return;
        };
        let mut event = Event::of_conversation(app, id, kind, self.participant_link(app, id, &member));
        if let Some(collection) = within {
            let path = href::in_conversation(app, id, path_of(collection));
            event = event.within(Link::new(collection, path));
        }
        if self.switches.embed_participants && kind != EventType::Deleted {
            event.embedded = self.participant_json(id, member.id);
        }
        self.tell(app, event);
    }

    /// Tells one conversation that a participant's messaging came or went. The user's own is embedded and lies in
    /// localParticipant.
    pub(crate) fn tell_participant_messaging(
        &mut self,
        viewer: (AppId, ConversationId),
        member: MemberId,
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
        let path = href::participant(app, id, &member.key);
        let link = Link::new("participantMessaging", format!("{path}/messaging"));
        let within = Link::titled(if own { "localParticipant" } else { "participant" }, path, member.title());
        let mut event = Event::of_conversation(app, id, kind, link).within(within);
        if own && kind == EventType::Added {
            event = event.embed(crate::resources::participant::messaging(app, id, &member));
        }
        self.tell(app, event);
    }

    /// Everybody in the room but the participant himself.
    pub(crate) fn others(&self, room: RoomId, member: MemberId) -> Vec<(AppId, ConversationId)> {
        let own = self.member(room, member).and_then(|member| member.conversation);
        self.viewers(room).into_iter().filter(|(_, id)| Some(*id) != own).collect()
    }

    /// Lets somebody be seen: in the room, or in its lobby.
    pub(crate) fn appear(&mut self, room: RoomId, id: MemberId, place: Place) {
        self.place_member(room, id, place);
        for viewer in self.others(room, id) {
            self.tell_both(viewer, id, EventType::Added);
            self.tell_modalities(viewer, id, EventType::Added);
        }
    }

    /// Somebody comes or goes: he himself, and his membership in a collection. As a rule the membership is inside the
    /// life of the participant.
    fn tell_both(&mut self, viewer: (AppId, ConversationId), id: MemberId, kind: EventType) {
        let room =
            self.conversations.get(&viewer.1).and_then(|conversation| self.rooms.get(&conversation.room));
        let collection = room.filter(|room| room.meeting.is_some()).and_then(|room| room.member(id));
        let collection = collection.map(Member::collection);
        let Some(collection) = collection else {
            return self.tell_participant(viewer, id, kind, None);
        };
        let membership_first = (kind == EventType::Deleted) != self.switches.membership_first;
        let order = if membership_first { [Some(collection), None] } else { [None, Some(collection)] };
        for within in order {
            self.tell_participant(viewer, id, kind, within);
        }
    }

    /// Takes somebody out of the room in the eyes of all others.
    pub(crate) fn depart(&mut self, room: RoomId, id: MemberId) {
        let Some(member) = self.member(room, id).cloned() else {
            return;
        };
        self.stop_typing(room, id, None);
        self.leave_spotlights(room, id);
        for invitation in member.brought_by.clone() {
            // He was asked to come, waited in the lobby, and went away again.
            self.fail(invitation, reasons::DECLINED, Outcome::Declined);
        }
        if member.place != Place::Outside {
            let modalities = !self.lacks(Effect::ModalitiesGo);
            for viewer in self.others(room, id) {
                if modalities {
                    self.tell_modalities(viewer, id, EventType::Deleted);
                }
                self.tell_both(viewer, id, EventType::Deleted);
            }
        }
        self.remove_member(room, id);
        if member.place == Place::Inside {
            self.tell_count(room);
        }
    }

    /// Who goes no longer shares, and no video is locked on him.
    fn leave_spotlights(&mut self, room: RoomId, id: MemberId) {
        for spotlight in Spotlight::ALL {
            if self.rooms.get(&room).is_some_and(|room| room.spotlight(spotlight) == Some(id)) {
                self.set_spotlight(room, spotlight, None);
            }
        }
    }

    /// Somebody joins the messaging of his room, or leaves it.
    pub(crate) fn set_messaging(&mut self, room: RoomId, id: MemberId, on: bool) {
        let Some(member) = self.member_mut(room, id).filter(|member| member.in_messaging != on) else {
            return;
        };
        member.in_messaging = on;
        let seen = member.place == Place::Inside;
        let kind = if on { EventType::Added } else { EventType::Deleted };
        for viewer in self.viewers(room).into_iter().filter(|_| seen) {
            self.tell_participant_messaging(viewer, id, kind);
        }
        if seen {
            self.modalities_changed(room, id);
        }
    }

    /// Somebody types.
    pub(crate) fn start_typing(&mut self, room: RoomId, id: MemberId) {
        let serial = self.number();
        let inside = |member: &&mut Member| member.place == Place::Inside;
        let Some(member) = self.member_mut(room, id).filter(inside) else {
            return;
        };
        let fresh = member.typing == 0;
        member.typing = serial;
        self.after(self.switches.typing_ms, super::world::Action::StopTyping(room, id, serial));
        if fresh {
            self.tell_typing(room, id, EventType::Added);
        }
    }

    /// He stopped. With a serial number only if he has not typed again since.
    pub(crate) fn stop_typing(&mut self, room: RoomId, id: MemberId, serial: Option<u64>) {
        let Some(member) = self.member_mut(room, id).filter(|member| member.typing != 0) else {
            return;
        };
        if serial.is_some_and(|serial| serial != member.typing) {
            return;
        }
        if serial.is_some() && self.lacks(Effect::TypingEnds) {
            return;
        }
        if let Some(member) = self.member_mut(room, id) {
            member.typing = 0;
        }
        self.tell_typing(room, id, EventType::Deleted);
    }

    fn tell_typing(&mut self, room: RoomId, id: MemberId, kind: EventType) {
        for viewer in self.others(room, id) {
            self.tell_participant(viewer, id, kind, Some("typingParticipants"));
        }
        let own = self.member(room, id).and_then(|member| member.conversation);
        if let Some(own) = own.filter(|_| self.switches.local_repeated_events) {
            self.tell_local_in(own, kind, "typingParticipants");
        }
    }
}
