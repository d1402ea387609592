//! A conversation between two becomes a meeting when a third one is invited.

use super::conversation::{CallState, State, Wish};
use super::event::EventType;
use super::ids::{ConversationId, InvitationId, MemberId, RoomId};
use super::invitation::{Invitation, Kind};
use super::reasons;
use super::room::{Member, Place, Role};
use super::world::{Action, World};
use crate::choices::{EscalatedPartner, Escalation};
use crate::truth::Outcome;
use crate::without::Effect;

impl World {
    /// Whether somebody can be invited into a conversation between two.
    pub(crate) fn can_escalate(&self, id: ConversationId) -> bool {
        let between_two = |room: RoomId| self.rooms.get(&room).is_some_and(|room| room.meeting.is_none());
        self.switches.escalation != Escalation::NotOffered
            && self.live(id).is_some_and(|c| c.state == State::Connected && between_two(c.room))
    }

    /// addParticipant in a conversation between two: the server makes a meeting of it first.
    pub(crate) fn escalate(&mut self, id: ConversationId, to: &str, wish: Wish) -> Option<InvitationId> {
        let invitation = self.start_inviting(id, to, wish)?;
        self.carry(id, true);
        self.change_state(id, State::Conferencing);
        if self.switches.escalation_reconnects {
            self.set_call_state(id, CallState::Connecting);
        }
        self.after(self.switches.connect_ms, Action::Escalate(id, invitation));
        Some(invitation)
    }

    /// While it is carried over a conversation goes on seeing what happens in it.
    fn carry(&mut self, id: ConversationId, on: bool) {
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.carried = on;
        }
    }

    /// The meeting is ready, or cannot be had.
    pub(crate) fn finish_escalation(&mut self, id: ConversationId, invitation: InvitationId) {
        let Some((room, user)) = self.live(id).map(|c| (c.room, c.user.clone())) else {
            return;
        };
        if self.switches.escalation == Escalation::Fails || self.lacks(Effect::Escalation) {
            self.fail(invitation, reasons::ESCALATION_FAILED, Outcome::Failed);
            self.carry(id, false);
            if self.switches.escalation_reconnects {
                self.set_call_state(id, CallState::Connected);
            }
            return self.change_state(id, State::Connected);
        }
        self.found_meeting(room, id, &user);
        self.carried_over(id);
        let of_room = |c: &super::conversation::Conversation| c.room == room && !c.ended;
        let others = self.conversations.iter().filter(|(other, c)| **other != id && of_room(c));
        for other in others.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.call_partner(other, id);
        }
        self.ring(invitation);
    }

    /// The meeting that a conversation becomes: whoever escalates it is its organizer.
    fn found_meeting(&mut self, room: RoomId, id: ConversationId, user: &str) {
        let key = crate::random::conference_key();
        self.make_meeting(user, key.clone(), room);
        let (subject, own) = self.live(id).map(|c| (c.subject.clone(), c.member)).unzip();
        if let Some(meeting) = self.meetings.get_mut(&key) {
            meeting.subject = subject.unwrap_or_default();
        }
        if let Some(room) = self.rooms.get_mut(&room) {
            room.meeting = Some(key);
        }
        if let Some(own) = own.and_then(|own| self.member_mut(room, own)) {
            own.role = Role::Leader;
            own.organizer = true;
        }
    }

    /// The partner gets an invitation into his own conversation, which becomes that of the meeting.
    fn call_partner(&mut self, partner: ConversationId, inviter: ConversationId) {
        if self.lacks(Effect::PartnerFollows) {
            return;
        }
        let asked = self.switches.escalated_partner == EscalatedPartner::Asked;
        let Some(made) = self.outgoing(Kind::OnlineMeeting, partner, Wish::default()) else {
            return;
        };
        let (from, to) = (self.own_member(inviter).cloned(), self.live(partner).map(|c| c.user.clone()));
        let subject = self.live(inviter).map(|c| c.subject.clone()).unwrap_or_default();
        let wish = Wish { subject, ..Wish::default() };
        let id = self.new_invitation(Invitation {
            incoming: true,
            offered: asked,
            from,
            to,
            wish,
            online_meeting_uri: self.meeting_of(partner).map(|meeting| meeting.uri.clone()),
            ..made
        });
        self.tell_invitation(id, EventType::Started);
        if asked {
            return self.after(self.switches.answer_timeout_ms, Action::NoAnswer(id));
        }
        self.change_state(partner, State::Conferencing);
        self.carried_over(partner);
    }

    /// A conversation goes on as that of a meeting: its user learns of the meeting and who is what in it.
    pub(crate) fn carried_over(&mut self, id: ConversationId) {
        let Some((app, room, own)) = self.live(id).map(|c| (c.app, c.room, c.member)) else {
            return;
        };
        self.carry(id, false);
        self.change_state(id, State::Conferenced);
        self.tell_meeting_begins(app, id);
        for other in self.shown_on_joining(room, own) {
            if self.switches.escalated_partner_again {
                self.tell_participant((app, id), other.id, EventType::Added, None);
            }
            self.tell_participant((app, id), other.id, EventType::Added, Some(other.collection()));
        }
        if self.switches.local_membership_events
            && let Some(collection) = self.own_member(id).map(Member::collection)
        {
            self.tell_local_in(id, EventType::Added, collection);
        }
        if self.switches.escalation_reconnects {
            self.set_call_state(id, CallState::Connected);
        }
        self.complete_joining(id);
        self.begin_story(room, id);
    }

    /// Everybody in a room or its lobby but one.
    pub(crate) fn present_but(&self, room: RoomId, own: MemberId) -> Vec<Member> {
        let room = self.rooms.get(&room);
        let members = room.into_iter().flat_map(|room| room.members.iter());
        members.filter(|member| member.place != Place::Outside && member.id != own).cloned().collect()
    }

    /// Of whom somebody is told who comes into a meeting.
    pub(crate) fn shown_on_joining(&self, room: RoomId, own: MemberId) -> Vec<Member> {
        if self.switches.present_on_joining { self.present_but(room, own) } else { Vec::new() }
    }
}
