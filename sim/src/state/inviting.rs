//! addParticipant, and how everybody answers an invitation.

use super::conversation::{CallState, Wish};
use super::event::{EventType, Reason};
use super::ids::{ConversationId, InvitationId, MemberId, RoomId};
use super::invitation::{Invitation, Kind};
use super::reasons;
use super::room::{Member, Newcomer, Place, Role};
use super::world::{Action, World};
use crate::settings::{AccessLevel, Answer, Behaviour};
use crate::switches::NoAnswer;
use crate::truth::Outcome;

impl World {
    /// Whether the server knows this address at all.
    pub(crate) fn is_known(&self, uri: &str) -> bool {
        self.user(uri).is_some()
            || self.person(uri).is_some_and(|person| person.behaviour.answer != Answer::Unknown)
    }

    /// addParticipant in a meeting.
    pub(crate) fn invite(
        &mut self,
        conversation: ConversationId,
        to: &str,
        wish: Wish,
    ) -> Option<InvitationId> {
        let found = self.live(conversation)?;
        let (app, room) = (found.app, found.room);
        let from = self.own_member(conversation).cloned();
        let id = self.new_invitation(Invitation {
            app,
            kind: Kind::Participant,
            incoming: false,
            conversation,
            from: from.clone(),
            to: Some(to.to_owned()),
            wish,
            state: "Connecting",
            offered: false,
            online_meeting_uri: None,
            accepted_by: None,
            end: None,
            peer: None,
        });
        self.tell_invitation(id, EventType::Started);
        self.ring(id, room, to, from);
        Some(id)
    }

    /// Brings an invitation to the one it is for.
    fn ring(&mut self, id: InvitationId, room: RoomId, to: &str, from: Option<Member>) {
        let meeting = self.rooms.get(&room).and_then(|room| room.meeting.clone());
        if let (Some(app), Some(meeting), Some(from)) = (self.reachable(to), meeting, from)
            && !self.is_in(app, &meeting)
        {
            let subject = self.invitations.get(&id).map(|i| i.wish.subject.clone()).unwrap_or_default();
            let wish = Wish { subject, ..Wish::default() };
            let opened = self.open_meeting(app, &meeting, wish, Some((id, from)));
            if let (Some((peer, _)), Some(invitation)) = (opened, self.invitations.get_mut(&id)) {
                invitation.peer = Some(peer);
            }
            self.after(self.switches.answer_timeout_ms, Action::NoAnswer(id));
            return;
        }
        self.expect_answer(id, to);
    }

    /// Sets the clock for the answer of somebody without an application.
    pub(crate) fn expect_answer(&mut self, id: InvitationId, to: &str) {
        let behaviour = self.behaviour_of(to);
        let limit = self.switches.answer_timeout_ms;
        if behaviour.answer != Answer::Ignore && behaviour.after_ms < limit {
            self.after(behaviour.after_ms, Action::Answer(id));
        } else {
            self.after(limit, Action::NoAnswer(id));
        }
    }

    /// A user without a reachable application cannot be reached; who is not known does not exist.
    fn behaviour_of(&self, uri: &str) -> Behaviour {
        const AT_ONCE_MS: u64 = 50;
        match self.person(uri) {
            Some(person) => person.behaviour,
            None if self.user(uri).is_some() => Behaviour::new(Answer::Unreachable, AT_ONCE_MS),
            None => Behaviour::new(Answer::Unknown, AT_ONCE_MS),
        }
    }

    pub(crate) fn no_answer(&mut self, id: InvitationId) {
        // He said yes in time and is only still on his way, or waits in the lobby.
        let on_the_way = |room: &super::room::Room| room.members.iter().any(|m| m.brought_by.contains(&id));
        if self.rooms.values().any(on_the_way) {
            return;
        }
        let Some(invitation) = self.pending(id) else {
            return;
        };
        let peer = invitation.peer;
        let reason = match self.switches.no_answer {
            NoAnswer::Missed => reasons::MISSED,
            NoAnswer::Timeout => reasons::TIMEOUT,
        };
        self.finish(id, reason, Outcome::NoAnswer);
        if let Some(peer) = peer {
            self.withdraw(peer);
        }
    }

    /// A simulated person answers.
    pub(crate) fn answer(&mut self, id: InvitationId) {
        let Some(invitation) = self.pending(id) else {
            return;
        };
        let (kind, conversation) = (invitation.kind, invitation.conversation);
        let to = invitation.to.clone().unwrap_or_default();
        match self.behaviour_of(&to).answer {
            Answer::Accept if kind == Kind::Messaging => self.connect_call(id),
            Answer::Accept => self.accept_as_person(id, conversation, &to),
            Answer::Decline => self.finish(id, reasons::DECLINED, Outcome::Declined),
            Answer::Busy => self.finish(id, reasons::BUSY, Outcome::Busy),
            Answer::DoNotDisturb => self.finish(id, reasons::DO_NOT_DISTURB, Outcome::Busy),
            Answer::Ignore => self.no_answer(id),
            Answer::Unreachable => self.finish(id, reasons::UNREACHABLE, Outcome::Unreachable),
            Answer::Unknown => self.finish(id, reasons::NOT_FOUND, Outcome::Unreachable),
        }
    }

    /// An invitation failed at the other end. A peer-to-peer conversation ends with it.
    pub(crate) fn finish(&mut self, id: InvitationId, reason: Reason, outcome: Outcome) {
        let Some(invitation) = self.pending(id) else {
            return;
        };
        let (kind, conversation) = (invitation.kind, invitation.conversation);
        self.fail(id, reason, outcome);
        if kind == Kind::Messaging {
            self.set_call_state(conversation, CallState::Disconnected);
            self.leave(conversation, None);
        }
    }

    /// A simulated person says yes and comes in. Who is asked to come passes the lobby, except that of a locked
    /// meeting.
    fn accept_as_person(&mut self, id: InvitationId, conversation: ConversationId, to: &str) {
        let Some(room) = self.live(conversation).map(|conversation| conversation.room) else {
            return;
        };
        let Some(found) = self.rooms.get(&room) else {
            return;
        };
        let there = found.by_uri(to).cloned();
        let meeting = found.meeting.as_ref().and_then(|meeting| self.meetings.get(meeting));
        let locked = meeting.is_some_and(|meeting| meeting.access_level == AccessLevel::Locked);
        let Some(there) = there else {
            let member = self.bring(room, to);
            self.wait_for(room, member, id);
            return self.come_in(room, member, if locked { Place::Lobby } else { Place::Inside });
        };
        if there.place == Place::Inside {
            // He is in already: nothing changes but the invitation.
            return self.succeed(id, Some(there));
        }
        self.wait_for(room, there.id, id);
        if !locked {
            self.admit(room, there.id);
        }
    }

    /// An invitation is decided by whether he gets in.
    fn wait_for(&mut self, room: RoomId, member: MemberId, id: InvitationId) {
        if let Some(member) = self.member_mut(room, member) {
            member.brought_by.push(id);
        }
    }

    /// A simulated person at the door of a meeting.
    fn bring(&mut self, room: RoomId, uri: &str) -> MemberId {
        let meeting = self.rooms.get(&room).and_then(|room| room.meeting.clone());
        let role = meeting.map_or(Role::Attendee, |meeting| self.role_on_joining(&meeting, uri, false));
        let person = self.person(uri).cloned();
        let newcomer = Newcomer {
            uri: person.as_ref().map_or(uri, |person| &person.uri).to_owned(),
            name: self.name_of(uri),
            role,
            organizer: false,
            anonymous: false,
            conversation: None,
        };
        let id = self.add_member(room, newcomer);
        if let Some(member) = self.member_mut(room, id) {
            member.in_messaging = person.is_some_and(|person| person.joins_messaging);
        }
        id
    }

    /// The `cancel` link of a participantInvitation.
    pub(crate) fn cancel(&mut self, id: InvitationId) -> bool {
        let Some(invitation) = self.pending(id).filter(|invitation| !invitation.incoming) else {
            return false;
        };
        let (peer, conversation) = (invitation.peer, invitation.conversation);
        let room = self.live(conversation).map(|conversation| conversation.room);
        self.finish(id, reasons::CANCELED, Outcome::Cancelled);
        match (peer, room) {
            (Some(peer), _) => self.withdraw(peer),
            (None, Some(room)) => self.send_away(room, id),
            _ => {}
        }
        true
    }

    /// Whoever waits in the lobby of a locked meeting on the strength of this invitation alone goes away.
    fn send_away(&mut self, room: RoomId, id: InvitationId) {
        let Some(found) = self.rooms.get_mut(&room) else {
            return;
        };
        let Some(member) = found.members.iter_mut().find(|m| m.brought_by.contains(&id)) else {
            return;
        };
        member.brought_by.retain(|other| *other != id);
        if member.brought_by.is_empty() {
            let member = member.id;
            self.depart(room, member);
        }
    }
}
