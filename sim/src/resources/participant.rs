//! participant and participantMessaging.

use serde_json::{Value, json};

use super::conversation::insert;
use super::{Links, href};
use crate::state::ids::{AppId, ConversationId, MemberId};
use crate::state::media::Medium;
use crate::state::room::{Member, Place, Role};
use crate::state::world::World;

impl World {
    /// A participant in the eyes of one conversation: what its user may do is in the links.
    pub(crate) fn participant_json(&self, id: ConversationId, member: MemberId) -> Option<Value> {
        let conversation = self.live(id)?;
        let app = conversation.app;
        let member = self.member(conversation.room, member)?;
        let local = member.id == conversation.member;
        let meeting = self.rooms.get(&conversation.room)?.meeting.is_some();
        let path = href::participant(app, id, &member.key);
        let mut links = Links::of(path.clone()).add("conversation", href::conversation(app, id));
        links = if local {
            links.add("me", href::below(app, "me"))
        } else {
            let contact = href::contact(app, &member.uri);
            links
                .add("contactPhoto", href::photo(app, &member.uri))
                .add("contactPresence", format!("{contact}/presence"))
                .add("contact", contact)
        };
        if member.is_messaging() {
            links = links.add("participantMessaging", format!("{path}/messaging"));
        }
        for medium in member.media.keys() {
            links = links.titled(medium.rel(), format!("{path}/{}", medium.rel()), &member.source_id());
        }
        for action in self.actions(id, member) {
            links = links.add(action, format!("{path}/{action}"));
        }
        let mut body = json!({
            "rel": "participant",
            "anonymous": member.anonymous,
            "local": local,
            "name": member.name,
            "sourceNetwork": self.source_network(member),
            "uri": member.uri,
            "_links": links.done(),
        });
        if meeting {
            insert(&mut body, "inLobby", (member.place == Place::Lobby).into());
            insert(&mut body, "organizer", member.organizer.into());
            insert(&mut body, "role", member.role.word().into());
        }
        Some(body)
    }

    /// What the user of a conversation may do with a member of its meeting.
    pub(crate) fn actions(&self, id: ConversationId, member: &Member) -> Vec<&'static str> {
        let Some(own) = self.own_member(id) else {
            return Vec::new();
        };
        let meeting =
            self.live(id).and_then(|c| self.rooms.get(&c.room)).is_some_and(|r| r.meeting.is_some());
        if !meeting || own.role != Role::Leader || own.place != Place::Inside {
            return Vec::new();
        }
        if own.id == member.id {
            return if member.organizer { Vec::new() } else { vec!["eject"] };
        }
        match (member.place, member.role) {
            (Place::Lobby, _) => vec!["admit", "reject"],
            (Place::Inside, Role::Attendee) => vec!["promote", "eject"],
            // The organizer is never locked out of his own meeting.
            (Place::Inside, Role::Leader) if !member.organizer => vec!["demote", "eject"],
            _ => Vec::new(),
        }
    }

    /// participantAudio or participantVideo.
    pub(crate) fn medium_json(&self, id: ConversationId, member: &Member, medium: Medium) -> Option<Value> {
        let app = self.live(id)?.app;
        let muted = *member.media.get(&medium)?;
        let path = href::participant(app, id, &member.key);
        let own = format!("{path}/{}", medium.rel());
        let mut links = Links::of(own.clone()).titled("participant", path, &member.name);
        if let Some(action) = self.mute_action(id, medium, muted) {
            links = links.add(action, format!("{own}/{action}"));
        }
        let prefix = medium.prefix();
        let mut body = json!({"rel": medium.rel(), "_links": links.done()});
        insert(&mut body, &format!("{prefix}Direction"), "SendReceive".into());
        insert(&mut body, &format!("{prefix}Muted"), muted.into());
        insert(&mut body, &format!("{prefix}SourceId"), member.source_id().into());
        Some(body)
    }

    /// What a leader may do with somebody's medium.
    pub(crate) fn mute_action(
        &self,
        id: ConversationId,
        medium: Medium,
        muted: bool,
    ) -> Option<&'static str> {
        let own = self.own_member(id).filter(|own| own.role == Role::Leader && own.place == Place::Inside);
        let [mute, unmute] = medium.actions();
        own.map(|_| if muted { unmute } else { mute })
    }

    fn source_network(&self, member: &Member) -> &'static str {
        let domain = |uri: &str| crate::uri::domain(uri).map(str::to_ascii_lowercase);
        let home = self.users.iter().any(|user| domain(&user.uri) == domain(&member.uri));
        match (member.anonymous, home) {
            (true, _) => "Everyone",
            (_, true) => "SameEnterprise",
            _ => "Federated",
        }
    }
}

/// participantMessaging.
pub(crate) fn messaging(app: AppId, id: ConversationId, member: &Member) -> Value {
    let path = href::participant(app, id, &member.key);
    let links = Links::of(format!("{path}/messaging")).titled("participant", path, &member.name);
    json!({"rel": "participantMessaging", "_links": links.done()})
}
