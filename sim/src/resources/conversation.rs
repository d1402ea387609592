//! conversation, its collections, messaging and messages.

use serde_json::{Value, json};

use super::{Links, href};
use crate::people::Medium;
use crate::state::conversation::{CallState, State};
use crate::state::ids::ConversationId;
use crate::state::media::Spotlight;
use crate::state::room::{Member, Place, Role};
use crate::state::world::{World, date};
use crate::without::Effect;

/// Modalities that are shown and do nothing.
pub(crate) const SHOWN: [&str; 4] = ["applicationSharing", "audioVideo", "dataCollaboration", "phoneAudio"];

impl World {
    pub(crate) fn conversation_json(&self, id: ConversationId) -> Option<Value> {
        let conversation = self.live(id)?;
        let app = conversation.app;
        let path = |rest: &str| href::in_conversation(app, id, rest);
        let mut links = Links::of(href::conversation(app, id)).add("messaging", path("messaging"));
        for modality in SHOWN {
            links = links.add(modality, path(modality));
        }
        let joined = matches!(conversation.state, State::Connected | State::Conferenced);
        if let Some(own) = self.own_member(id).filter(|_| joined) {
            links = links.titled("localParticipant", href::participant(app, id, &own.key), own.title());
        }
        let mut body = json!({
            "rel": "conversation",
            "state": conversation.state.word(),
            "activeModalities": self.modalities(id),
            "created": date(conversation.created_ms),
            "importance": conversation.importance,
            "recording": self.rooms.get(&conversation.room).is_some_and(|room| room.recording),
            "subject": conversation.subject,
            "threadId": conversation.thread_id,
        });
        if conversation.state == State::Conferenced || self.can_escalate(id) {
            let invite = format!("communication/participantInvitations?conversation={id}");
            links = links.add("addParticipant", href::below(app, &invite));
        }
        if conversation.state == State::Conferenced {
            for rel in ["attendees", "leaders", "lobby", "onlineMeeting", "participants"] {
                links = links.add(rel, path(rel));
            }
            let room = self.rooms.get(&conversation.room)?;
            if let Some(meeting) = self.meeting_of(id) {
                insert(&mut body, "expirationTime", date(meeting.expires_ms).into());
            }
            insert(&mut body, "participantCount", room.count().into());
            insert(&mut body, "audienceMessaging", enabled(room.audience_messaging).into());
            insert(&mut body, "audienceMute", enabled(room.audience_mute_lock).into());
            for action in self.audience_actions(id) {
                links = links.add(action, path(action));
            }
        }
        insert(&mut body, "_links", links.done());
        Some(body)
    }

    /// What a leader may do with all attendees at once.
    pub(crate) fn audience_actions(&self, id: ConversationId) -> Vec<&'static str> {
        let Some(own) = self.own_member(id).filter(|own| own.place == Place::Inside) else {
            return Vec::new();
        };
        let room = self.live(id).and_then(|conversation| self.rooms.get(&conversation.room));
        let Some(room) = room.filter(|room| room.meeting.is_some() && self.leads(own)) else {
            return Vec::new();
        };
        vec![
            if room.audience_messaging { "disableAudienceMessaging" } else { "enableAudienceMessaging" },
            if room.audience_mute_lock { "disableAudienceMuteLock" } else { "enableAudienceMuteLock" },
        ]
    }

    /// Whether the user of a conversation may write in it.
    pub(crate) fn may_write(&self, id: ConversationId) -> bool {
        let room = self.live(id).and_then(|conversation| self.rooms.get(&conversation.room));
        let leads = self.own_member(id).is_some_and(|own| own.role == Role::Leader);
        room.is_some_and(|room| room.audience_messaging || room.meeting.is_none() || leads)
            || self.lacks(Effect::AudienceMessaging)
    }

    pub(crate) fn messaging_json(&self, id: ConversationId) -> Option<Value> {
        let conversation = self.live(id)?;
        let path = |rest: &str| href::in_conversation(conversation.app, id, rest);
        let links =
            Links::of(path("messaging")).add("conversation", href::conversation(conversation.app, id));
        let can_add =
            conversation.messaging == CallState::Disconnected && conversation.state == State::Conferenced;
        let connected = conversation.messaging == CallState::Connected;
        let links = links
            .add_if(can_add, "addMessaging", || path("messaging/messagingInvitations"))
            .add_if(conversation.messaging != CallState::Disconnected, "stopMessaging", || {
                path("messaging/terminate")
            })
            .add_if(connected && self.may_write(id), "sendMessage", || path("messaging/messages"))
            .add_if(connected && self.may_write(id), "setIsTyping", || path("messaging/typing"))
            .add_if(connected, "typingParticipants", || path("messaging/typingParticipants"));
        let mut body = json!({
            "rel": "messaging", "state": conversation.messaging.word(), "_links": links.done()
        });
        if connected {
            insert(&mut body, "negotiatedMessageFormats", self.formats(id).into());
        }
        Some(body)
    }

    /// The message formats of a conversation: those its application supports.
    pub(crate) fn formats(&self, id: ConversationId) -> Vec<String> {
        let app = self.live(id).and_then(|conversation| self.applications.get(&conversation.app));
        app.map(|app| app.communication.formats.clone()).unwrap_or_default()
    }

    /// A modality that is only shown.
    pub(crate) fn shown_modality_json(&self, id: ConversationId, rel: &str) -> Option<Value> {
        let conversation = self.live(id)?;
        let (app, path) = (conversation.app, |rest: &str| href::in_conversation(conversation.app, id, rest));
        let room = self.rooms.get(&conversation.room)?;
        let mut links = Links::of(path(rel)).add("conversation", href::conversation(app, id));
        for spotlight in Spotlight::ALL {
            let (name, modality) = spotlight.rels();
            let lit = modality == rel && room.spotlight(spotlight).is_some();
            links = links.add_if(lit, name, || path(&format!("{modality}/{name}")));
        }
        let own = self.own_member(id).filter(|own| own.place == Place::Inside);
        let takes_part =
            own.is_some_and(|own| own.media.keys().any(|medium| Medium::modality(*medium) == rel));
        let state = if takes_part { CallState::Connected } else { CallState::Disconnected };
        Some(json!({"rel": rel, "state": state.word(), "_links": links.done()}))
    }

    /// applicationSharer or videoLockedOnParticipant.
    pub(crate) fn spotlight_json(&self, id: ConversationId, spotlight: Spotlight) -> Option<Value> {
        let room = self.rooms.get(&self.live(id)?.room)?;
        self.participant_json(id, room.spotlight(spotlight)?)
    }

    /// participants, leaders, attendees (links) and lobby (embedded).
    pub(crate) fn collection_json(&self, id: ConversationId, rel: &str) -> Option<Value> {
        let conversation = self.live(id)?;
        let app = conversation.app;
        let belongs = |member: &Member| match rel {
            "lobby" => member.place == Place::Lobby,
            "leaders" => member.place == Place::Inside && member.role == Role::Leader,
            "attendees" => member.place == Place::Inside && member.role == Role::Attendee,
            "typingParticipants" => member.typing != 0 && member.place == Place::Inside,
            _ => member.place == Place::Inside,
        };
        let path = if rel == "typingParticipants" { "messaging/typingParticipants" } else { rel };
        let links = Links::of(href::in_conversation(app, id, path));
        let room = self.rooms.get(&conversation.room)?;
        let members = room.members.iter().filter(|member| belongs(member));
        if rel == "lobby" {
            let waiting: Vec<_> = members.filter_map(|member| self.participant_json(id, member.id)).collect();
            let embedded = json!({"participant": waiting});
            return Some(json!({"rel": rel, "_links": links.done(), "_embedded": embedded}));
        }
        let link = |m: &Member| json!({"href": href::participant(app, id, &m.key), "title": m.title()});
        let links = links.many("participant", members.map(link).collect());
        Some(json!({"rel": rel, "_links": links.done()}))
    }

    pub(crate) fn message_json(&self, id: ConversationId, number: usize) -> Option<Value> {
        let conversation = self.live(id)?;
        let app = conversation.app;
        let message = conversation.messages.get(number.checked_sub(1)?)?;
        let path = |rest: &str| href::in_conversation(app, id, rest);
        let mut links =
            Links::of(path(&format!("messaging/messages/{number}"))).add("messaging", path("messaging"));
        if let Some((key, name, uri)) = &message.from {
            links = links.titled("participant", href::participant(app, id, key), name);
            links = links.add("contact", href::contact(app, uri));
        }
        if message.incoming {
            let html = message.content_type == "text/html";
            let text: String = form_urlencoded::byte_serialize(message.text.as_bytes()).collect();
            let data = format!("data:{};charset=utf-8,{text}", message.content_type);
            links = links.add(if html { "htmlMessage" } else { "plainMessage" }, data);
        }
        let mut body = json!({
            "rel": "message",
            "direction": if message.incoming { "Incoming" } else { "Outgoing" },
            "status": "Succeeded",
            "timeStamp": date(message.sent_ms),
            "_links": links.done(),
        });
        if let Some(operation_id) = &message.operation_id {
            insert(&mut body, "operationId", operation_id.clone().into());
        }
        Some(body)
    }
}

pub(crate) fn enabled(on: bool) -> &'static str {
    if on { "Enabled" } else { "Disabled" }
}

pub(crate) fn insert(body: &mut Value, key: &str, value: Value) {
    if let Value::Object(map) = body {
        map.insert(key.to_owned(), value);
    }
}
