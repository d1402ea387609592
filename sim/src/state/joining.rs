//! Starting and joining meetings: the sequence from the POST to the completed invitation.

use super::conversation::{CallState, State, Wish};
use super::event::{Event, EventType, Link, Reason};
use super::ids::{AppId, ConversationId, InvitationId, MemberId, RoomId};
use super::invitation::{Invitation, Kind};
use super::reasons;
use super::room::{Newcomer, Place};
use super::token::Identity;
use super::world::{Action, World};
use crate::resources::href;
use crate::settings::AccessLevel;
use crate::without::Effect;

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
    /// call and the one who calls when somebody asked this user to come.
    pub(crate) fn open_meeting(
        &mut self,
        app: AppId,
        meeting: &str,
        wish: Wish,
        inviter: Option<(u64, super::room::Member)>,
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
        let mut invitation = self.outgoing(Kind::OnlineMeeting, conversation, wish)?;
        invitation.online_meeting_uri = Some(uri);
        if let Some((call, from)) = inviter {
            let to = Some(owner.uri().to_owned());
            invitation =
                Invitation { call, from: Some(from), to, incoming: true, offered: true, ..invitation };
        }
        let id = self.new_invitation(invitation);
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
        if self.member(room, member).is_some_and(|own| own.place == Place::Inside) {
            // He comes out of a conversation between two that has become this meeting.
            return self.carried_over(id);
        }
        if let Some(end) = self.switches.joining_fails.clone() {
            let joining = self.joining(id);
            joining.into_iter().for_each(|invitation| self.end_as(invitation, &end));
            self.end_conversation(id, None);
            return self.depart(room, member);
        }
        let passes = self.passes_lobby(room, member);
        if let Some(reason) = self.no_room(room, passes) {
            return self.turn_away(room, member, &reason);
        }
        if passes {
            self.come_in(room, member, Place::Inside);
            self.conferenced(id, false);
        } else {
            self.change_state(id, State::InLobby);
            if self.switches.local_membership_events {
                self.tell_local_in(id, EventType::Added, "lobby");
            }
            self.come_in(room, member, Place::Lobby);
        }
    }

    /// Why nobody more may come in, or wait.
    fn no_room(&self, room: RoomId, inside: bool) -> Option<Reason> {
        let found = self.rooms.get(&room)?;
        let (limit, now, reason) = if inside {
            (self.switches.meeting_size, found.count(), reasons::FULL)
        } else {
            (self.switches.lobby_size, found.waiting(), reasons::LOBBY_FULL)
        };
        limit.filter(|limit| now >= *limit).map(|_| reason)
    }

    fn passes_lobby(&self, room: RoomId, member: MemberId) -> bool {
        let Some(member) = self.member(room, member) else {
            return false;
        };
        let Some(meeting) = self.rooms.get(&room).and_then(|room| room.meeting.as_deref()) else {
            return true;
        };
        if self.lacks(Effect::Lobby) {
            return true;
        }
        // Who was asked to come passes, unless the meeting is locked.
        let locked = self.meetings.get(meeting).is_none_or(|m| m.access_level == AccessLevel::Locked);
        let asked = member.asked && !locked;
        asked || self.is_admitted(meeting, &member.uri, member.anonymous)
    }

    /// The user is in: he learns of the meeting, of everybody there, and that he may add messaging.
    pub(crate) fn conferenced(&mut self, id: ConversationId, admitted: bool) {
        let Some(conversation) = self.live(id) else { return };
        let (app, room, own) = (conversation.app, conversation.room, conversation.member);
        self.change_state(id, State::Conferenced);
        self.tell_meeting_begins(app, id);
        let members = self.shown_on_joining(room, own);
        for member in &members {
            self.tell_participant((app, id), member.id, EventType::Added, None);
        }
        for member in &members {
            self.tell_participant((app, id), member.id, EventType::Added, Some(member.collection()));
        }
        for member in &members {
            self.tell_modalities((app, id), member.id, EventType::Added);
        }
        let own_too =
            self.switches.local_membership_events || (admitted && self.switches.local_repeated_events);
        if own_too && let Some(collection) = self.own_member(id).map(super::room::Member::collection) {
            self.tell_local_in(id, EventType::Added, collection);
        }
        self.tell_messaging(id);
        self.complete_joining(id);
        self.begin_story(room, id);
    }

    /// The meeting comes in sight: whole, or its URI first and the rest after it.
    pub(crate) fn tell_meeting_begins(&mut self, app: AppId, id: ConversationId) {
        self.tell_online_meeting(app, id, EventType::Added);
        if self.switches.lean_online_meeting {
            self.tell_online_meeting(app, id, EventType::Updated);
        }
    }

    pub(crate) fn tell_online_meeting(&mut self, app: AppId, id: ConversationId, kind: EventType) {
        let link = Link::new("onlineMeeting", href::in_conversation(app, id, "onlineMeeting"));
        let within = Link::new("conversation", href::conversation(app, id));
        let mut event = Event::of_conversation(app, id, kind, link).within(within);
        event.embedded = if self.switches.lean_online_meeting && kind == EventType::Added {
            self.lean_online_meeting_json(id)
        } else {
            self.online_meeting_json(id)
        };
        self.tell(app, event);
    }

    /// The onlineMeetingInvitations by which a conversation is being joined.
    pub(crate) fn joining(&self, id: ConversationId) -> Vec<InvitationId> {
        let joins = |i: &Invitation| i.conversation == id && i.kind == Kind::OnlineMeeting && i.is_pending();
        self.invitations.iter().filter(|(_, i)| joins(i)).map(|(id, _)| *id).collect()
    }

    pub(crate) fn complete_joining(&mut self, id: ConversationId) {
        let own = self.own_member(id).cloned();
        for invitation in self.joining(id) {
            self.succeed(invitation, own.clone());
        }
    }

    /// The user takes an incoming invitation to a meeting.
    pub(crate) fn accept_meeting(&mut self, id: InvitationId) {
        let Some(invitation) = self.pending(id) else {
            return;
        };
        let (conversation, call) = (invitation.conversation, invitation.call);
        self.close_offer(id);
        self.answered(call, id);
        let Some((room, member)) = self.live(conversation).map(|c| (c.room, c.member)) else {
            return;
        };
        // The inviter's invitation succeeds when he is in, not when he says yes.
        if let Some(calling) = self.calling(call) {
            self.wait_for(room, member, calling);
        }
        if let Some(member) = self.member_mut(room, member) {
            member.asked = true;
        }
        self.after(self.switches.connect_ms, Action::EnterMeeting(conversation));
    }

    pub(crate) fn tell_messaging(&mut self, id: ConversationId) {
        self.tell_messaging_because(id, None);
    }

    pub(crate) fn tell_messaging_because(&mut self, id: ConversationId, reason: Option<Reason>) {
        let body = self.messaging_json(id);
        self.tell_modality_json(id, "messaging", body, reason);
    }

    /// A modality that is only shown has changed.
    pub(crate) fn tell_modality(&mut self, id: ConversationId, rel: &'static str) {
        let body = self.shown_modality_json(id, rel);
        self.tell_modality_json(id, rel, body, None);
    }

    fn tell_modality_json(
        &mut self,
        id: ConversationId,
        rel: &'static str,
        body: Option<serde_json::Value>,
        reason: Option<Reason>,
    ) {
        let Some(app) = self.conversations.get(&id).map(|conversation| conversation.app) else {
            return;
        };
        let link = Link::new(rel, href::in_conversation(app, id, rel));
        let mut event = Event::of_conversation(app, id, EventType::Updated, link).because(reason);
        event.embedded = body;
        self.tell(app, event);
    }

    pub(crate) fn set_call_state(&mut self, id: ConversationId, state: CallState) {
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.messaging = state;
            self.tell_messaging(id);
        }
    }
}
