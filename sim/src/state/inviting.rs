//! addParticipant, and how everybody answers an invitation.

use super::conversation::Wish;
use super::event::EventType;
use super::event::Reason;
use super::ids::{AppId, ConversationId, InvitationId, MemberId, RoomId};
use super::invitation::Kind;
use super::reasons;
use super::room::{Member, Newcomer, Place};
use super::world::{Action, World};
use crate::choices::NoAnswer;
use crate::errors::ErrorName;
use crate::people::{Answer, Behaviour, ScriptedEnd};
use crate::settings::AccessLevel;
use crate::truth::Outcome;
use crate::without::Effect;

impl World {
    /// Whether the server knows this address at all.
    pub(crate) fn is_known(&self, uri: &str) -> bool {
        self.user(uri).is_some()
            || self.person(uri).is_some_and(|person| person.behaviour.answer != Answer::Unknown)
    }

    /// The error with which an invitation of somebody is answered, with its parameters.
    pub(crate) fn refusal(&self, uri: &str) -> Option<(ErrorName, Vec<(String, String)>)> {
        let person = self.person(uri)?;
        Some((person.refused.clone()?, person.refused_parameters.clone()))
    }

    /// Whether somebody with this address is in the meeting of a conversation, past its lobby.
    pub(crate) fn is_there(&self, conversation: ConversationId, uri: &str) -> bool {
        let room = self.live(conversation).and_then(|conversation| self.rooms.get(&conversation.room));
        room.and_then(|room| room.by_uri(uri)).is_some_and(|member| member.place == Place::Inside)
    }

    /// addParticipant in a meeting.
    pub(crate) fn invite(
        &mut self,
        conversation: ConversationId,
        to: &str,
        wish: Wish,
    ) -> Option<InvitationId> {
        let id = self.start_inviting(conversation, to, wish)?;
        self.ring(id);
        Some(id)
    }

    /// The beginning of an invitation, before anything rings.
    pub(crate) fn start_inviting(
        &mut self,
        conversation: ConversationId,
        to: &str,
        wish: Wish,
    ) -> Option<InvitationId> {
        let mut invitation = self.outgoing(Kind::Participant, conversation, wish)?;
        invitation.to = Some(to.to_owned());
        let id = self.new_invitation(invitation);
        self.tell_invitation(id, EventType::Started);
        Some(id)
    }

    /// Brings an invitation to the one it is for.
    pub(crate) fn ring(&mut self, id: InvitationId) {
        let Some(invitation) = self.pending(id) else {
            return;
        };
        let (to, call) = (invitation.to.clone().unwrap_or_default(), invitation.call);
        let (conversation, from) = (invitation.conversation, invitation.from.clone());
        let wish = self.passed_on(&invitation.wish);
        let room = self.live(conversation).and_then(|conversation| self.rooms.get(&conversation.room));
        let Some(meeting) = room.and_then(|room| room.meeting.clone()) else {
            return;
        };
        if self.is_there(conversation, &to) {
            return self.after(self.switches.connect_ms, Action::Answer(id));
        }
        let mut ringing = false;
        for app in self.endpoints(&to) {
            if let Some(from) = from.clone().filter(|_| !self.is_in(app, &meeting)) {
                ringing |= self.open_meeting(app, &meeting, wish.clone(), Some((call, from))).is_some();
            }
        }
        self.ring_on(id, &to, ringing);
    }

    /// What the other end sees of what an inviter says.
    pub(crate) fn passed_on(&self, wish: &Wish) -> Wish {
        let operation_id = wish.operation_id.clone().filter(|_| self.switches.incoming_operation_id);
        Wish { operation_id, anonymous_name: None, ..wish.clone() }
    }

    /// The applications of a user that ring for him.
    pub(crate) fn endpoints(&self, uri: &str) -> Vec<AppId> {
        let mut all = self.reachable_all(uri);
        if all.len() > 1 && self.lacks(Effect::EveryEndpoint) {
            all.truncate(1);
        }
        all
    }

    /// It rings somewhere, or somebody without an application will answer.
    pub(crate) fn ring_on(&mut self, id: InvitationId, to: &str, ringing: bool) {
        let behaviour = self.behaviour_of(to);
        let limit = self.switches.answer_timeout_ms;
        let answers = !ringing && behaviour.answer != Answer::Ignore && behaviour.after_ms < limit;
        let end = if answers { behaviour.after_ms } else { limit };
        let mut steps = self.person(to).map(|person| person.steps.clone()).unwrap_or_default();
        if self.switches.invitation_alerting {
            steps.insert(0, "Alerting".into());
        }
        let parts = steps.len() as u64 + 1;
        for (number, state) in (1..).zip(steps) {
            self.after(
                (end * number / parts).min(number * self.switches.connect_ms),
                Action::Step(id, state),
            );
        }
        self.after(end, if answers { Action::Answer(id) } else { Action::NoAnswer(id) });
    }

    /// A user without a reachable application cannot be reached; who is not known does not exist.
    fn behaviour_of(&self, uri: &str) -> Behaviour {
        const AT_ONCE_MS: u64 = 50;
        match self.person(uri) {
            _ if crate::uri::is_phone(uri) && !self.switches.dial_out => {
                Behaviour::new(Answer::Unreachable, AT_ONCE_MS)
            }
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
        let (call, incoming) = (invitation.call, invitation.incoming);
        let answered = incoming && !invitation.offered;
        if answered || self.lacks(Effect::AnswerTimeout) {
            return;
        }
        let local = reasons::MISSED.with_code("LocalFailure");
        if incoming {
            return self.take_back(call, &local, Outcome::NoAnswer);
        }
        let reason = match self.switches.no_answer {
            NoAnswer::Missed => reasons::MISSED,
            NoAnswer::Timeout => reasons::TIMEOUT,
        };
        self.finish_scripted(id, reason, Outcome::NoAnswer);
        self.take_back(call, &local, Outcome::NoAnswer);
    }

    /// A simulated person answers.
    pub(crate) fn answer(&mut self, id: InvitationId) {
        let Some(invitation) = self.pending(id) else {
            return;
        };
        let (kind, conversation) = (invitation.kind, invitation.conversation);
        let to = invitation.to.clone().unwrap_or_default();
        if kind == Kind::Participant && self.is_there(conversation, &to) {
            return self.accept_as_person(id, conversation, &to);
        }
        if crate::uri::is_phone(&to) && !self.switches.dial_out {
            return self.finish(id, reasons::DIAL_OUT, Outcome::Failed);
        }
        match self.behaviour_of(&to).answer {
            Answer::Accept if kind == Kind::Messaging => self.answer_call(id),
            Answer::Accept => self.accept_as_person(id, conversation, &to),
            Answer::Decline => self.finish_scripted(id, reasons::DECLINED, Outcome::Declined),
            Answer::Busy => self.finish_scripted(id, reasons::BUSY, Outcome::Busy),
            Answer::DoNotDisturb => self.finish_scripted(id, reasons::DO_NOT_DISTURB, Outcome::Busy),
            Answer::Ignore => self.no_answer(id),
            Answer::Unreachable => self.finish_scripted(id, reasons::UNREACHABLE, Outcome::Unreachable),
            Answer::Unknown => self.finish_scripted(id, reasons::NOT_FOUND, Outcome::Unreachable),
        }
    }

    /// An invitation fails as the script says of the one it is for, or as it usually does.
    fn finish_scripted(&mut self, id: InvitationId, reason: Reason, outcome: Outcome) {
        let to = self.pending(id).and_then(|invitation| invitation.to.clone()).unwrap_or_default();
        match self.person(&to).and_then(|person| person.end.clone()) {
            Some(end) => self.finish_as(id, &end),
            None => self.finish(id, reason, outcome),
        }
    }

    fn finish_as(&mut self, id: InvitationId, end: &ScriptedEnd) {
        let call = self.pending(id).filter(|i| i.kind == Kind::Messaging).map(|i| i.conversation);
        self.end_as(id, end);
        if let Some(conversation) = call {
            self.close_failed_call(conversation);
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
            self.close_failed_call(conversation);
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
        let locked = self.access_level(room) == Some(AccessLevel::Locked) && !self.lacks(Effect::Lobby);
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
    pub(crate) fn wait_for(&mut self, room: RoomId, member: MemberId, id: InvitationId) {
        if let Some(found) = self.member_mut(room, member) {
            found.brought_by.push(id);
            if let Some(invitation) = self.invitations.get_mut(&id) {
                invitation.invited = Some(member);
            }
        }
    }

    /// A simulated person at the door of a meeting.
    pub(crate) fn bring(&mut self, room: RoomId, uri: &str) -> MemberId {
        let newcomer = self.visitor(room, uri);
        self.add_member(room, newcomer)
    }

    /// A simulated person as he comes into a room.
    pub(crate) fn visitor(&self, room: RoomId, uri: &str) -> Newcomer {
        let person = self.person(uri);
        let anonymous = crate::uri::is_guest(uri) || person.is_some_and(|person| person.anonymous);
        let meeting = self.rooms.get(&room).and_then(|room| room.meeting.as_ref());
        let organizer = meeting.and_then(|meeting| self.meetings.get(meeting));
        let organizer = organizer.is_some_and(|meeting| crate::uri::same(&meeting.organizer, uri));
        let role = meeting.map_or(super::room::Role::Attendee, |m| self.role_on_joining(m, uri, anonymous));
        Newcomer {
            uri: person.map_or(uri, |person| &person.uri).to_owned(),
            name: self.name_of(uri),
            role,
            organizer,
            anonymous,
            conversation: None,
        }
    }

    /// The `cancel` link of a participantInvitation.
    pub(crate) fn cancel(&mut self, id: InvitationId) -> bool {
        let Some(invitation) = self.pending(id).filter(|invitation| !invitation.incoming) else {
            return false;
        };
        let (call, conversation) = (invitation.call, invitation.conversation);
        let room = self.live(conversation).map(|conversation| conversation.room);
        self.finish(id, reasons::CANCELED, Outcome::Cancelled);
        self.take_back(call, &reasons::CANCELED.with_code("RemoteFailure"), Outcome::Cancelled);
        if let Some(room) = room {
            self.send_away(room, id);
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
        let Member { id, conversation, .. } = member.clone();
        // A user who said yes is on his way by himself; his own application decides.
        if member.brought_by.is_empty() && conversation.is_none() {
            self.depart(room, id);
        }
    }
}
