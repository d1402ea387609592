//! A conversation: how one application sees a room.

use serde_json::Value;

use super::event::{Event, EventType, Link, Reason};
use super::ids::{AppId, ConversationId, MemberId, RoomId};
use super::room::{Member, Newcomer, Place};
use super::world::{World, unix_ms};
use crate::people::Medium;
use crate::resources::href;
use crate::truth::RosterEntry;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Connecting,
    Incoming,
    Connected,
    Conferencing,
    InLobby,
    Conferenced,
    Disconnected,
}

impl State {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Connecting => "Connecting",
            Self::Incoming => "Incoming",
            Self::Connected => "Connected",
            Self::Conferencing => "Conferencing",
            Self::InLobby => "InLobby",
            Self::Conferenced => "Conferenced",
            Self::Disconnected => "Disconnected",
        }
    }
}

/// State of a modality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallState {
    Disconnected,
    Connecting,
    Connected,
}

impl CallState {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Disconnected => "Disconnected",
            Self::Connecting => "Connecting",
            Self::Connected => "Connected",
        }
    }
}

/// A conversation.
#[derive(Debug)]
pub(crate) struct Conversation {
    pub(crate) app: AppId,
    pub(crate) room: RoomId,
    /// URI of the user of the application.
    pub(crate) user: String,
    /// The user of the application in the room.
    pub(crate) member: MemberId,
    pub(crate) state: State,
    pub(crate) subject: String,
    pub(crate) thread_id: String,
    pub(crate) importance: String,
    pub(crate) created_ms: u64,
    pub(crate) messaging: CallState,
    pub(crate) messages: Vec<Message>,
    pub(crate) ended: bool,
    /// It is on the way from a conversation between two into a meeting.
    pub(crate) carried: bool,
    /// Who was in the room when this user left it.
    pub(crate) roster_at_end: Option<Vec<RosterEntry>>,
}

/// A message of one conversation.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) incoming: bool,
    /// Key and name of the participant it came from.
    pub(crate) from: Option<(String, String, String)>,
    pub(crate) content_type: String,
    pub(crate) text: String,
    pub(crate) operation_id: Option<String>,
    pub(crate) sent_ms: u64,
}

/// What a client says about a conversation that it starts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wish {
    pub(crate) operation_id: Option<String>,
    pub(crate) subject: String,
    pub(crate) importance: Option<String>,
    pub(crate) thread_id: Option<String>,
    /// Data URI of a first message.
    pub(crate) message: Option<String>,
    /// How a guest wants to be called.
    pub(crate) anonymous_name: Option<String>,
    /// Data URI of something that only the two programs understand.
    pub(crate) custom_content: Option<String>,
    /// Name of the one in whose name is asked.
    pub(crate) on_behalf_of: Option<String>,
    /// The modalities that the invitation is to name.
    pub(crate) modalities: Vec<String>,
}

impl World {
    /// A conversation and the place of its user in the room.
    pub(crate) fn new_conversation(
        &mut self,
        app: AppId,
        room: RoomId,
        state: State,
        wish: &Wish,
        newcomer: Newcomer,
    ) -> ConversationId {
        let id = ConversationId(self.number());
        let user = newcomer.uri.clone();
        let member = self.add_member(room, Newcomer { conversation: Some(id), ..newcomer });
        let conversation = Conversation {
            app,
            room,
            user,
            member,
            state,
            subject: wish.subject.clone(),
            thread_id: wish.thread_id.clone().unwrap_or_else(crate::random::thread_id),
            importance: wish.importance.clone().unwrap_or_else(|| "Normal".into()),
            created_ms: unix_ms(),
            messaging: CallState::Disconnected,
            messages: Vec::new(),
            ended: false,
            carried: false,
            roster_at_end: None,
        };
        self.conversations.insert(id, conversation);
        id
    }

    /// A conversation that goes on, with its application.
    pub(crate) fn live(&self, id: ConversationId) -> Option<&Conversation> {
        self.conversations.get(&id).filter(|conversation| !conversation.ended)
    }

    pub(crate) fn own_member(&self, id: ConversationId) -> Option<&Member> {
        let conversation = self.conversations.get(&id)?;
        self.member(conversation.room, conversation.member)
    }

    /// The conversations of those who are in a room and see what happens there.
    pub(crate) fn viewers(&self, room: RoomId) -> Vec<(AppId, ConversationId)> {
        let sees = |c: &Conversation| {
            let there = matches!(c.state, State::Conferenced | State::Connected) || c.carried;
            c.room == room && !c.ended && there
        };
        self.conversations.iter().filter(|(_, c)| sees(c)).map(|(id, c)| (c.app, *id)).collect()
    }

    /// Tells an application about a conversation of its own.
    pub(crate) fn tell_conversation(&mut self, id: ConversationId, kind: EventType, reason: Option<Reason>) {
        let Some(app) = self.conversations.get(&id).map(|conversation| conversation.app) else {
            return;
        };
        let link = Link::new("conversation", href::conversation(app, id));
        let mut event = Event::of_communication(app, kind, link).because(reason);
        if kind != EventType::Deleted {
            event = event.embed(self.conversation_json(id).unwrap_or(Value::Null));
        }
        self.tell(app, event);
    }

    pub(crate) fn change_state(&mut self, id: ConversationId, state: State) {
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.state = state;
            self.tell_conversation(id, EventType::Updated, None);
        }
    }

    /// The user's own participant came, changed or went.
    pub(crate) fn tell_local(&mut self, id: ConversationId, kind: EventType) {
        self.tell_local_because(id, kind, None);
    }

    pub(crate) fn tell_local_because(&mut self, id: ConversationId, kind: EventType, reason: Option<Reason>) {
        let Some((app, link)) = self.local_link(id) else {
            return;
        };
        let mut event = Event::of_conversation(app, id, kind, link).because(reason);
        if kind != EventType::Deleted {
            let own = self.own_member(id).map(|member| member.id);
            let body = own.and_then(|own| self.participant_json(id, own));
            event = event.embed(body.unwrap_or(Value::Null));
        }
        self.tell(app, event);
    }

    /// The user's own participant came into or left a collection.
    pub(crate) fn tell_local_in(&mut self, id: ConversationId, kind: EventType, collection: &'static str) {
        let Some((app, link)) = self.local_link(id) else {
            return;
        };
        let path = super::participant::path_of(collection);
        let within = Link::new(collection, href::in_conversation(app, id, path));
        let own = self.own_member(id).map(|member| member.id);
        let body = own.and_then(|own| self.participant_json(id, own)).filter(|_| kind != EventType::Deleted);
        let mut event = Event::of_conversation(app, id, kind, link).within(within);
        event.embedded = body;
        self.tell(app, event);
    }

    pub(crate) fn local_link(&self, id: ConversationId) -> Option<(AppId, Link)> {
        let app = self.conversations.get(&id)?.app;
        let own = self.own_member(id)?;
        Some((app, Link::titled("localParticipant", href::participant(app, id, &own.key), own.title())))
    }

    /// The user leaves by himself: by DELETE, with his application, or by ending a peer-to-peer conversation.
    pub(crate) fn leave(&mut self, id: ConversationId, reason: Option<Reason>) {
        let Some(conversation) = self.live(id) else { return };
        let (room, member) = (conversation.room, conversation.member);
        let peers = self.rooms.get(&room).is_some_and(|room| room.meeting.is_none());
        let ends = self.switches.organizer_ends
            && self.member(room, member).is_some_and(|own| own.organizer && own.place == Place::Inside);
        self.end_conversation(id, reason);
        self.depart(room, member);
        if peers {
            self.close_call(room);
        } else if ends {
            self.end_meeting(room);
        }
    }

    /// The end of a conversation in the eyes of its own application.
    pub(crate) fn end_conversation(&mut self, id: ConversationId, reason: Option<Reason>) {
        let Some(conversation) = self.live(id) else { return };
        let room = conversation.room;
        let roster = self.roster(room);
        self.end_invitations(id);
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        conversation.state = State::Disconnected;
        conversation.messaging = CallState::Disconnected;
        conversation.roster_at_end = Some(roster);
        self.tell_conversation(id, EventType::Updated, reason.clone());
        self.tell_local(id, EventType::Deleted);
        self.tell_conversation(id, EventType::Deleted, reason);
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.ended = true;
        }
    }

    /// Tells everybody in a room that the number of people in it changed.
    pub(crate) fn tell_count(&mut self, room: RoomId) {
        if self.rooms.get(&room).is_none_or(|room| room.meeting.is_none()) {
            return;
        }
        for (_, id) in self.viewers(room) {
            self.tell_conversation(id, EventType::Updated, None);
        }
    }

    /// The truth about a room.
    pub(crate) fn roster(&self, room: RoomId) -> Vec<RosterEntry> {
        let Some(room) = self.rooms.get(&room) else {
            return Vec::new();
        };
        let entry = |member: &Member| {
            let stream = |medium: Medium| member.media.get(&medium).filter(|_| member.place == Place::Inside);
            let has = |medium: Medium| stream(medium).is_some();
            let muted = |medium: Medium| stream(medium).is_some_and(|stream| stream.muted);
            RosterEntry {
                uri: member.uri.clone(),
                name: member.name.clone(),
                role: member.role.word().into(),
                in_lobby: member.place == Place::Lobby,
                organizer: member.organizer,
                anonymous: member.anonymous,
                messaging: member.is_messaging(),
                audio: has(Medium::Audio),
                video: has(Medium::Video),
                panoramic_video: has(Medium::PanoramicVideo),
                application_sharing: has(Medium::ApplicationSharing),
                data_collaboration: has(Medium::DataCollaboration),
                audio_muted: muted(Medium::Audio),
                video_muted: muted(Medium::Video),
                typing: member.typing != 0,
                source_network: self.source_network(member).into(),
                path: member.key.clone(),
            }
        };
        room.present().map(entry).collect()
    }
}
