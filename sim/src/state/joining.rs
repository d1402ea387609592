//! Starting and joining meetings: the sequence from the POST to the completed invitation.

use super::conversation::{CallState, State, Wish};
use super::event::{Event, EventType, Link};
use super::ids::{AppId, ConversationId, InvitationId, MemberId, RoomId};
use super::invitation::{Invitation, Kind};
use super::reasons;
use super::room::{Newcomer, Place};
use super::token::Identity;
use super::world::{Action, World};
use crate::resources::href;
use crate::settings::AccessLevel;
use crate::truth::Outcome;

impl World {
    /// Whether an application is in a meeting already.
    pub(crate) fn is_in(&self, app: AppId, meeting: &str) -> bool {
        let room = self.meetings.get(meeting).map(|meeting| meeting.room);
        self.conversations.values().any(|c| c.app == app && !c.ended && Some(c.room) == room)
    }

    /// startOnlineMeeting or joinOnlineMeeting.
    pub(crate) fn join(&mut self, app: AppId, meeting: &str, wish: Wish) -> Option<InvitationId> {
        let (id, conversation) = self.open_meeting(app, meeting, wish, None)?;
        self.after(self.switches.connect_ms, Action::EnterMeeting(conversation));
        Some(id)
    }

    /// The first three events of a meeting: the invitation, the conversation, oneself in it. `inviter` is the
    /// other end's invitation when somebody asked this user to come.
    pub(crate) fn open_meeting(
        &mut self,
        app: AppId,
        meeting: &str,
        wish: Wish,
        inviter: Option<(InvitationId, super::room::Member)>,
    ) -> Option<(InvitationId, ConversationId)> {
        let owner = self.applications.get(&app)?.owner.clone();
        let found = self.meetings.get(meeting)?;
        let (room, uri) = (found.room, found.uri.clone());
        let mut wish = wish;
        if wish.subject.is_empty() {
            wish.subject.clone_from(&found.subject);
        }
        let newcomer = self.newcomer(&owner, meeting, wish.anonymous_name.as_deref());
        let incoming = inviter.is_some();
        let state = if incoming { State::Incoming } else { State::Connecting };
        let conversation = self.new_conversation(app, room, state, &wish, newcomer);
        let (peer, from) = match inviter {
            Some((peer, from)) => (Some(peer), Some(from)),
            None => (None, self.own_member(conversation).cloned()),
        };
        let id = self.new_invitation(Invitation {
            app,
            kind: Kind::OnlineMeeting,
            incoming,
            conversation,
            from,
            to: incoming.then(|| owner.uri().to_owned()),
            wish,
            state: "Connecting",
            offered: incoming,
            online_meeting_uri: Some(uri),
            accepted_by: None,
            end: None,
            peer,
        });
        self.tell_invitation(id, EventType::Started);
        self.tell_conversation(conversation, EventType::Added, None);
        self.tell_local(conversation, EventType::Added);
        Some((id, conversation))
    }

    fn newcomer(&self, owner: &Identity, meeting: &str, called: Option<&str>) -> Newcomer {
        let uri = owner.uri().to_owned();
        let name = match called.filter(|name| !name.is_empty()) {
            Some(name) if owner.is_guest() => name.to_owned(),
            _ if owner.is_guest() => "Guest".to_owned(),
            _ => self.name_of(&uri),
        };
        let organizer = self.meetings.get(meeting).is_some_and(|m| crate::uri::same(&m.organizer, &uri));
        let role = self.role_on_joining(meeting, &uri, owner.is_guest());
        Newcomer { uri, name, role, organizer, anonymous: owner.is_guest(), conversation: None }
    }

    /// The server goes on: into the meeting or into its lobby.
    pub(crate) fn enter_meeting(&mut self, id: ConversationId) {
        let Some(conversation) = self.live(id) else { return };
        let (room, member) = (conversation.room, conversation.member);
        self.change_state(id, State::Conferencing);
        if self.passes_lobby(room, member) {
            self.come_in(room, member, Place::Inside);
            self.conferenced(id);
        } else {
            self.change_state(id, State::InLobby);
            self.come_in(room, member, Place::Lobby);
        }
    }

    fn passes_lobby(&self, room: RoomId, member: MemberId) -> bool {
        let Some(member) = self.member(room, member) else {
            return false;
        };
        let Some(meeting) = self.rooms.get(&room).and_then(|room| room.meeting.as_deref()) else {
            return true;
        };
        // Who was asked to come passes, unless the meeting is locked.
        let locked = self.meetings.get(meeting).is_none_or(|m| m.access_level == AccessLevel::Locked);
        let asked = !member.brought_by.is_empty() && !locked;
        asked || self.is_admitted(meeting, &member.uri, member.anonymous)
    }

    /// The user is in: he learns of the meeting, of everybody there, and that he may add messaging.
    pub(crate) fn conferenced(&mut self, id: ConversationId) {
        let Some(conversation) = self.live(id) else { return };
        let (app, room, own) = (conversation.app, conversation.room, conversation.member);
        self.change_state(id, State::Conferenced);
        self.tell_online_meeting(app, id, EventType::Added);
        let members = self.rooms.get(&room).map(|room| room.present().cloned().collect::<Vec<_>>());
        let members: Vec<_> = members.unwrap_or_default().into_iter().filter(|m| m.id != own).collect();
        for member in &members {
            self.tell_participant((app, id), member.id, EventType::Added, None);
        }
        for member in &members {
            self.tell_participant((app, id), member.id, EventType::Added, Some(member.collection()));
        }
        for member in &members {
            self.tell_modalities((app, id), member.id, EventType::Added);
        }
        if self.switches.local_membership_events
            && let Some(collection) = self.own_member(id).map(super::room::Member::collection)
        {
            self.tell_local_in(id, EventType::Added, collection);
        }
        self.tell_messaging(id);
        self.complete_joining(id);
        self.begin_story(room, id);
    }

    pub(crate) fn tell_online_meeting(&mut self, app: AppId, id: ConversationId, kind: EventType) {
        let link = Link::new("onlineMeeting", href::in_conversation(app, id, "onlineMeeting"));
        let within = Link::new("conversation", href::conversation(app, id));
        let mut event = Event::of_conversation(app, id, kind, link).within(within);
        event.embedded = self.online_meeting_json(id);
        self.tell(app, event);
    }

    fn complete_joining(&mut self, id: ConversationId) {
        let joins = |i: &Invitation| i.conversation == id && i.kind == Kind::OnlineMeeting && i.is_pending();
        let joining: Vec<_> = self.invitations.iter().filter(|(_, i)| joins(i)).map(|(id, _)| *id).collect();
        let own = self.own_member(id).cloned();
        for invitation in joining {
            self.succeed(invitation, own.clone());
        }
    }

    /// The user takes an incoming invitation to a meeting.
    pub(crate) fn accept_meeting(&mut self, id: InvitationId) {
        let Some(invitation) = self.pending(id) else {
            return;
        };
        let (conversation, peer) = (invitation.conversation, invitation.peer);
        self.close_offer(id);
        let Some((room, member)) = self.live(conversation).map(|c| (c.room, c.member)) else {
            return;
        };
        // The inviter's invitation succeeds when he is in, not when he says yes.
        if let Some(member) = self.member_mut(room, member) {
            member.brought_by.extend(peer);
        }
        self.after(self.switches.connect_ms, Action::EnterMeeting(conversation));
    }

    /// The user declines it: his conversation ends, the inviter learns why.
    pub(crate) fn decline_meeting(&mut self, id: InvitationId) {
        let Some(invitation) = self.pending(id) else {
            return;
        };
        let (conversation, peer) = (invitation.conversation, invitation.peer);
        self.close_offer(id);
        self.fail(id, super::event::Reason { code: "LocalFailure", ..reasons::DECLINED }, Outcome::Declined);
        self.leave(conversation, None);
        if let Some(peer) = peer {
            self.fail(peer, reasons::DECLINED, Outcome::Declined);
        }
    }

    pub(crate) fn tell_messaging(&mut self, id: ConversationId) {
        let Some(app) = self.conversations.get(&id).map(|conversation| conversation.app) else {
            return;
        };
        let link = Link::new("messaging", href::in_conversation(app, id, "messaging"));
        let mut event = Event::of_conversation(app, id, EventType::Updated, link);
        event.embedded = self.messaging_json(id);
        self.tell(app, event);
    }

    pub(crate) fn set_call_state(&mut self, id: ConversationId, state: CallState) {
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.messaging = state;
            self.tell_messaging(id);
        }
    }
}
