//! Peer-to-peer conversations with messaging.

use super::conversation::{CallState, State, Wish};
use super::event::{Event, EventType, Link};
use super::ids::{AppId, ConversationId, InvitationId, MemberId, RoomId};
use super::invitation::{Invitation, Kind};
use super::reasons;
use super::room::{Newcomer, Place, Role};
use super::world::{Action, World};
use crate::resources::href;
use crate::truth::Outcome;

impl World {
    fn caller(&self, uri: &str, conversation: Option<ConversationId>) -> Newcomer {
        Newcomer {
            uri: uri.to_owned(),
            name: self.name_of(uri),
            role: Role::Attendee,
            organizer: false,
            anonymous: crate::uri::is_guest(uri) || self.person(uri).is_some_and(|person| person.anonymous),
            conversation,
        }
    }

    /// startMessaging.
    pub(crate) fn start_messaging(&mut self, app: AppId, to: &str, wish: Wish) -> Option<InvitationId> {
        let owner = self.applications.get(&app)?.owner.uri().to_owned();
        let room = self.new_room(None);
        let newcomer = self.caller(&owner, None);
        let conversation = self.new_conversation(app, room, State::Connecting, &wish, newcomer);
        let own = self.live(conversation)?.member;
        self.place_member(room, own, Place::Inside);
        let mut invitation = self.outgoing(Kind::Messaging, conversation, wish.clone())?;
        invitation.to = Some(to.to_owned());
        let call = invitation.call;
        let id = self.new_invitation(invitation);
        if let Some(conversation) = self.conversations.get_mut(&conversation) {
            conversation.messaging = CallState::Connecting;
        }
        self.tell_invitation(id, EventType::Started);
        self.tell_conversation(conversation, EventType::Added, None);
        self.tell_local(conversation, EventType::Added);
        self.tell_messaging(conversation);
        let mut ringing = false;
        for other in self.endpoints(to).into_iter().filter(|other| *other != app) {
            let wish = self.passed_on(&wish);
            ringing |= self.offer_messaging(other, room, own, wish, call).is_some();
        }
        if !ringing {
            let newcomer = self.caller(to, None);
            self.add_member(room, newcomer);
        }
        self.ring_on(id, to, ringing);
        Some(id)
    }

    /// A simulated person sends a user a message; none when the user cannot be reached.
    pub(crate) fn message_from_person(&mut self, from: &str, to: &str, wish: &Wish) -> Option<()> {
        let endpoints = self.endpoints(to);
        if endpoints.is_empty() {
            return None;
        }
        let room = self.new_room(None);
        let newcomer = self.caller(from, None);
        let caller = self.add_member(room, newcomer);
        self.place_member(room, caller, Place::Inside);
        let call = self.number();
        for app in endpoints {
            let asked = self.offer_messaging(app, room, caller, wish.clone(), call)?;
            self.after(self.switches.answer_timeout_ms, Action::NoAnswer(asked));
        }
        Some(())
    }

    /// The incoming side: invitation, conversation, oneself, and the one who calls.
    fn offer_messaging(
        &mut self,
        app: AppId,
        room: RoomId,
        caller: MemberId,
        wish: Wish,
        call: u64,
    ) -> Option<InvitationId> {
        let owner = self.applications.get(&app)?.owner.uri().to_owned();
        let newcomer = self.caller(&owner, None);
        let conversation = self.new_conversation(app, room, State::Incoming, &wish, newcomer);
        let from = self.member(room, caller).cloned();
        let made = self.outgoing(Kind::Messaging, conversation, wish)?;
        let to = Some(owner);
        let id = self.new_invitation(Invitation { incoming: true, offered: true, from, to, call, ..made });
        self.tell_invitation(id, EventType::Started);
        self.tell_conversation(conversation, EventType::Added, None);
        self.tell_local(conversation, EventType::Added);
        self.tell_participant((app, conversation), caller, EventType::Added, None);
        Some(id)
    }

    /// A simulated person takes a call.
    pub(crate) fn answer_call(&mut self, id: InvitationId) {
        let Some((room, own)) =
            self.pending(id).and_then(|i| self.live(i.conversation)).map(|c| (c.room, c.member))
        else {
            return;
        };
        let other = self.rooms.get(&room).and_then(|room| room.members.iter().find(|m| m.id != own));
        if let Some(other) = other.map(|member| member.id) {
            self.connect_call(id, other);
        }
    }

    /// An outgoing call is answered: its own side is told. The other member is there already when he has an
    /// application, otherwise he comes now.
    fn connect_call(&mut self, id: InvitationId, other: MemberId) {
        let Some(invitation) = self.pending(id) else {
            return;
        };
        let conversation = invitation.conversation;
        let Some((app, room, own)) = self.live(conversation).map(|c| (c.app, c.room, c.member)) else {
            return;
        };
        self.place_member(room, other, Place::Inside);
        if let Some(conversation) = self.conversations.get_mut(&conversation) {
            conversation.messaging = CallState::Connected;
        }
        for id in [other, own] {
            if let Some(member) = self.member_mut(room, id) {
                member.in_messaging = true;
            }
        }
        let viewer = (app, conversation);
        self.change_state(conversation, State::Connected);
        self.tell_participant(viewer, other, EventType::Added, None);
        self.tell_participant_messaging(viewer, other, EventType::Added);
        self.tell_participant_messaging(viewer, own, EventType::Added);
        self.tell_messaging(conversation);
        let other = self.member(room, other).cloned();
        self.succeed(id, other);
    }

    /// The user takes an incoming messagingInvitation.
    pub(crate) fn accept_messaging(&mut self, id: InvitationId) {
        let Some(invitation) = self.pending(id) else {
            return;
        };
        let (conversation, call, from) = (invitation.conversation, invitation.call, invitation.from.clone());
        let message = invitation.wish.message.clone();
        let Some((app, room, own)) = self.live(conversation).map(|c| (c.app, c.room, c.member)) else {
            return;
        };
        let Some(from) = from else { return };
        self.close_offer(id);
        self.answered(call, id);
        self.place_member(room, own, Place::Inside);
        for id in [from.id, own] {
            if let Some(member) = self.member_mut(room, id) {
                member.in_messaging = true;
            }
        }
        self.set_call_state(conversation, CallState::Connected);
        self.change_state(conversation, State::Connected);
        let viewer = (app, conversation);
        self.tell_participant_messaging(viewer, from.id, EventType::Added);
        self.tell_participant_messaging(viewer, own, EventType::Added);
        self.tell_participant(viewer, from.id, EventType::Updated, None);
        let myself = self.member(room, own).cloned();
        self.succeed(id, myself);
        if let Some(calling) = self.calling(call) {
            self.connect_call(calling, own);
        }
        if let Some((content_type, text)) = message.as_deref().and_then(super::messaging::read_data_uri) {
            self.deliver(conversation, from.id, &content_type, &text);
        }
    }

    /// A call that was not taken ends its conversation.
    pub(crate) fn close_failed_call(&mut self, conversation: ConversationId) {
        self.set_call_state(conversation, CallState::Disconnected);
        self.leave(conversation, None);
    }

    /// One has left a peer-to-peer conversation: it is over for the other one too.
    pub(crate) fn close_call(&mut self, room: RoomId) {
        let of_room = |c: &super::conversation::Conversation| c.room == room && !c.ended;
        let left: Vec<_> = self.conversations.iter().filter(|(_, c)| of_room(c)).map(|(id, _)| *id).collect();
        for id in left {
            if self.live(id).is_some_and(|c| c.messaging != CallState::Disconnected) {
                self.set_call_state(id, CallState::Disconnected);
            }
            self.end_conversation(id, None);
        }
        if let Some(room) = self.rooms.get_mut(&room) {
            room.members.clear();
        }
    }

    /// addMessaging in a meeting.
    pub(crate) fn add_messaging(&mut self, conversation: ConversationId, wish: Wish) -> Option<InvitationId> {
        let invitation = self.outgoing(Kind::Messaging, conversation, wish)?;
        let id = self.new_invitation(invitation);
        self.tell_invitation(id, EventType::Started);
        self.set_call_state(conversation, CallState::Connecting);
        self.after(self.switches.connect_ms, Action::ConnectMessaging(conversation, id));
        Some(id)
    }

    pub(crate) fn connect_messaging(&mut self, conversation: ConversationId, id: InvitationId) {
        let Some((room, own)) = self.live(conversation).map(|c| (c.room, c.member)) else {
            return;
        };
        let Some(message) = self.pending(id).map(|invitation| invitation.wish.message.clone()) else {
            return;
        };
        self.set_call_state(conversation, CallState::Connected);
        self.set_messaging(room, own, true);
        let myself = self.member(room, own).cloned();
        self.succeed(id, myself);
        if let Some((content_type, text)) = message.as_deref().and_then(super::messaging::read_data_uri) {
            self.say(room, own, &content_type, &text);
        }
    }

    /// stopMessaging, or cancel of a messagingInvitation: the end of a peer-to-peer conversation, in a meeting that
    /// of the messaging alone.
    pub(crate) fn stop_messaging(&mut self, conversation: ConversationId) {
        let Some((room, own)) = self.live(conversation).map(|c| (c.room, c.member)) else {
            return;
        };
        let is_open =
            |i: &Invitation| i.conversation == conversation && i.kind == Kind::Messaging && i.is_pending();
        let open = self.invitations.iter().find(|(_, i)| is_open(i)).map(|(id, i)| (*id, i.call, i.incoming));
        let meeting = self.rooms.get(&room).is_some_and(|room| room.meeting.is_some());
        if let Some((id, call, incoming)) = open {
            self.fail(id, reasons::CANCELED, Outcome::Cancelled);
            if incoming {
                self.one_less(call);
            } else {
                self.take_back(call, &reasons::CANCELED.with_code("RemoteFailure"), Outcome::Cancelled);
            }
        }
        self.set_call_state(conversation, CallState::Disconnected);
        if meeting {
            self.set_messaging(room, own, false);
        } else {
            self.leave(conversation, None);
        }
    }

    /// The server removes somebody from the messaging of his meeting; false when he is not in it.
    pub(crate) fn remove_messaging(&mut self, room: RoomId, id: MemberId) -> bool {
        let Some(member) = self.member(room, id).filter(|member| member.is_messaging()) else {
            return false;
        };
        if let Some(conversation) = member.conversation {
            if let Some(conversation) = self.conversations.get_mut(&conversation) {
                conversation.messaging = CallState::Disconnected;
            }
            self.tell_messaging_because(conversation, Some(reasons::REMOVED));
        }
        self.set_messaging(room, id, false);
        true
    }

    /// Where an event about a message belongs.
    pub(crate) fn message_event(&self, app: AppId, id: ConversationId, number: usize) -> Event {
        let link =
            Link::new("message", href::in_conversation(app, id, &format!("messaging/messages/{number}")));
        Event::of_conversation(app, id, EventType::Completed, link).ended(Some("Success".into()), None)
    }
}
