//! Who comes into a meeting, who waits, who leads, who goes.

use super::conversation::State;
use super::event::{EventType, Reason};
use super::ids::{ConversationId, MemberId, RoomId};
use super::reasons;
use super::room::{Place, Role};
use super::world::{Action, World};
use crate::truth::Outcome;
use crate::without::Effect;

impl World {
    /// Somebody comes to the door of a meeting and is let in, or into its lobby.
    pub(crate) fn come_in(&mut self, room: RoomId, id: MemberId, place: Place) {
        let invited = self.member(room, id).is_some_and(|member| !member.brought_by.is_empty());
        if invited && place == Place::Inside && self.lacks(Effect::RosterFirst) {
            self.arrived(room, id);
        }
        self.appear(room, id, place);
        if place == Place::Inside {
            self.arrived(room, id);
            return;
        }
        if let Some(millis) = self.switches.lobby_timeout_ms {
            self.after(millis, Action::LobbyTimeout(room, id));
        }
    }

    /// Somebody is in: his invitation has succeeded, and there is one more.
    fn arrived(&mut self, room: RoomId, id: MemberId) {
        let Some(member) = self.member_mut(room, id) else {
            return;
        };
        let brought_by = std::mem::take(&mut member.brought_by);
        let member = member.clone();
        for invitation in brought_by {
            self.succeed(invitation, Some(member.clone()));
        }
        self.tell_count(room);
    }

    /// From the lobby into the meeting; false when he is not in the lobby.
    pub(crate) fn admit(&mut self, room: RoomId, id: MemberId) -> bool {
        let Some(member) = self.member(room, id).filter(|member| member.place == Place::Lobby).cloned()
        else {
            return false;
        };
        // Told while the room still has him in the lobby for those who watch, then once more with his new links.
        for viewer in self.others(room, id) {
            self.tell_participant(viewer, id, EventType::Deleted, Some("lobby"));
        }
        self.place_member(room, id, Place::Inside);
        for viewer in self.others(room, id) {
            self.tell_participant(viewer, id, EventType::Added, Some(member.role.collection()));
            self.tell_participant(viewer, id, EventType::Updated, None);
            self.tell_modalities(viewer, id, EventType::Added);
        }
        self.arrived(room, id);
        if let Some(conversation) = member.conversation {
            if self.switches.local_membership_events {
                self.tell_local_in(conversation, EventType::Deleted, "lobby");
            }
            self.conferenced(conversation, true);
        }
        true
    }

    /// Turned away from the lobby; false when he is not in the lobby.
    pub(crate) fn reject(&mut self, room: RoomId, id: MemberId) -> bool {
        let waits = self.member(room, id).is_some_and(|member| member.place == Place::Lobby);
        if waits {
            self.turn_away(room, id, &reasons::DENIED);
        }
        waits
    }

    /// Somebody does not get in: his own invitation fails, and the one that brought him.
    pub(crate) fn turn_away(&mut self, room: RoomId, id: MemberId, reason: &Reason) {
        let Some(member) = self.member(room, id).cloned() else {
            return;
        };
        for invitation in member.brought_by {
            self.fail(invitation, reason.clone(), Outcome::Failed);
        }
        if let Some(conversation) = member.conversation {
            for invitation in self.joining(conversation) {
                self.fail(invitation, reason.clone(), Outcome::Failed);
            }
            self.end_conversation(conversation, None);
        }
        self.depart(room, id);
    }

    /// Promotes or demotes; false when there is nothing to change.
    pub(crate) fn set_role(&mut self, room: RoomId, id: MemberId, role: Role) -> bool {
        let Some(member) = self.member_mut(room, id).filter(|m| m.place == Place::Inside && m.role != role)
        else {
            return false;
        };
        let former = member.role;
        member.role = role;
        let own = member.conversation;
        for viewer in self.others(room, id) {
            self.tell_participant(viewer, id, EventType::Deleted, Some(former.collection()));
            self.tell_participant(viewer, id, EventType::Added, Some(role.collection()));
            self.tell_participant(viewer, id, EventType::Updated, None);
        }
        if let Some(conversation) = own {
            self.own_role_changed(room, conversation, former, role);
        }
        true
    }

    /// What a leader may do with others is in their links: with his own role all of them change.
    fn own_role_changed(&mut self, room: RoomId, id: ConversationId, former: Role, role: Role) {
        let Some(conversation) = self.live(id) else { return };
        let (viewer, own) = ((conversation.app, id), conversation.member);
        let reason = (role == Role::Attendee).then_some(reasons::DEMOTED);
        self.tell_local_in(id, EventType::Deleted, former.collection());
        self.tell_local_in(id, EventType::Added, role.collection());
        self.tell_local_because(id, EventType::Updated, reason);
        let others = self.present_but(room, own);
        for other in &others {
            self.tell_participant(viewer, other.id, EventType::Updated, None);
        }
        for other in &others {
            self.tell_mute_links(viewer, other.id);
        }
        self.tell_conversation(id, EventType::Updated, None);
    }

    /// Removed by a leader or by the server.
    pub(crate) fn remove(&mut self, room: RoomId, id: MemberId, reason: Reason) {
        let Some(member) = self.member(room, id).cloned() else {
            return;
        };
        if let Some(conversation) = member.conversation
            && !self.lacks(Effect::EjectionEnds)
        {
            self.end_conversation(conversation, Some(reason));
        }
        self.depart(room, id);
    }

    /// The server ends a meeting for everybody.
    pub(crate) fn end_meeting(&mut self, room: RoomId) {
        self.forget_story(room);
        let of_room = |c: &super::conversation::Conversation| c.room == room && !c.ended;
        let all: Vec<_> = self.conversations.iter().filter(|(_, c)| of_room(c)).map(|(id, _)| *id).collect();
        for id in all {
            self.end_conversation(id, Some(reasons::ENDED));
        }
        let invited: Vec<_> = match self.rooms.get_mut(&room) {
            Some(room) => std::mem::take(&mut room.members).into_iter().flat_map(|m| m.brought_by).collect(),
            None => Vec::new(),
        };
        if !invited.is_empty() && self.lacks(Effect::EndingFails) {
            return;
        }
        for invitation in invited {
            self.fail(invitation, reasons::ENDED, Outcome::Failed);
        }
    }

    /// Whether the story of a room can go on: some user's application is still in it.
    pub(crate) fn is_watched(&self, room: RoomId) -> bool {
        self.conversations.values().any(|c| c.room == room && !c.ended && c.state == State::Conferenced)
    }
}
