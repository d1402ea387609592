//! participant and the resources of what it takes part in.

use serde_json::{Value, json};

use super::conversation::insert;
use super::{Links, href};
use crate::people::Medium;
use crate::state::ids::{AppId, ConversationId, MemberId};
use crate::state::room::{Member, Place, Role};
use crate::state::world::World;
use crate::without::Effect;

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
        for (medium, stream) in member.media.iter().filter(|_| member.place == Place::Inside) {
            let own = format!("{path}/{}", medium.rel());
            links = match medium.prefix() {
                Some(_) => links.titled(medium.rel(), own, &stream.source_id),
                None => links.add(medium.rel(), own),
            };
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
        for (name, number) in ["workPhoneNumber", "otherPhoneNumber"].into_iter().zip(&member.phones) {
            if let Some(number) = number {
                insert(&mut body, name, number.clone().into());
            }
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
        if !meeting || own.place != Place::Inside || !self.leads(own) {
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

    /// Whether somebody may do what leaders may.
    pub(crate) fn leads(&self, member: &Member) -> bool {
        member.role == Role::Leader || self.lacks(Effect::LeadersOnly)
    }

    /// participantAudio and its like.
    pub(crate) fn medium_json(&self, id: ConversationId, member: &Member, medium: Medium) -> Option<Value> {
        let app = self.live(id)?.app;
        let stream = member.media.get(&medium)?;
        let path = href::participant(app, id, &member.key);
        let own = format!("{path}/{}", medium.rel());
        let mut links = Links::of(own.clone()).titled("participant", path, member.title());
        if let Some(action) = self.mute_action(id, member, medium) {
            links = links.add(action, format!("{own}/{action}"));
        }
        let mut body = json!({"rel": medium.rel(), "_links": links.done()});
        if let Some(prefix) = medium.prefix() {
            insert(&mut body, &format!("{prefix}Direction"), stream.direction.into());
            insert(&mut body, &format!("{prefix}SourceId"), stream.source_id.clone().into());
            if medium.can_be_muted() {
                insert(&mut body, &format!("{prefix}Muted"), stream.muted.into());
            }
        }
        Some(body)
    }

    /// What the user of a conversation may do with somebody's medium: a leader with everybody's, others with their
    /// own, unless the audience is locked.
    pub(crate) fn mute_action(
        &self,
        id: ConversationId,
        member: &Member,
        medium: Medium,
    ) -> Option<&'static str> {
        let [mute, unmute] = medium.actions()?;
        let muted = member.media.get(&medium)?.muted;
        let own = self.own_member(id).filter(|own| own.place == Place::Inside)?;
        let room = self.rooms.get(&self.live(id)?.room)?;
        let kept = room.audience_mute_lock && muted && medium == Medium::Audio;
        let held = kept && !self.lacks(Effect::MuteLockHolds);
        let may = self.leads(own) || (own.id == member.id && !held);
        may.then_some(if muted { unmute } else { mute })
    }

    pub(crate) fn source_network<'a>(&self, member: &'a Member) -> &'a str {
        if let Some(network) = &member.source_network {
            return network;
        }
        if crate::uri::is_phone(&member.uri) {
            return "Unknown";
        }
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
    let links = Links::of(format!("{path}/messaging")).titled("participant", path, member.title());
    json!({"rel": "participantMessaging", "_links": links.done()})
}
