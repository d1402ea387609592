//! Invitations of every kind.

use serde_json::{Map, Value, json};

use super::conversation::insert;
use super::{Links, href};
use crate::state::ids::InvitationId;
use crate::state::invitation::{Invitation, Kind};
use crate::state::room::{Member, Place};
use crate::state::world::World;

impl World {
    pub(crate) fn invitation_json(&self, id: InvitationId) -> Option<Value> {
        let invitation = self.invitations.get(&id)?;
        let rel = invitation.kind.rel();
        let mut body = json!({
            "rel": rel,
            "direction": if invitation.incoming { "Incoming" } else { "Outgoing" },
            "importance": invitation.wish.importance.as_deref().unwrap_or("Normal"),
            "state": invitation.state,
            "subject": invitation.wish.subject,
        });
        let conversation = self.conversations.get(&invitation.conversation);
        let properties = [
            ("operationId", invitation.wish.operation_id.clone()),
            ("onBehalfOf", invitation.wish.on_behalf_of.clone()),
            ("threadId", conversation.map(|conversation| conversation.thread_id.clone())),
            ("onlineMeetingUri", invitation.online_meeting_uri.clone()),
            ("anonymousDisplayName", invitation.wish.anonymous_name.clone()),
            ("to", invitation.to.clone().filter(|_| invitation.kind != Kind::OnlineMeeting)),
        ];
        for (name, value) in properties {
            if let Some(value) = value {
                insert(&mut body, name, value.into());
            }
        }
        if invitation.incoming && invitation.kind == Kind::OnlineMeeting {
            let named = &invitation.wish.modalities;
            let modalities = if named.is_empty() { json!(["Messaging"]) } else { json!(named) };
            insert(&mut body, "availableModalities", modalities);
        }
        insert(&mut body, "_links", self.invitation_links(id, invitation));
        let embedded = self.invitation_parts(invitation);
        if !embedded.is_empty() {
            insert(&mut body, "_embedded", Value::Object(embedded));
        }
        Some(body)
    }

    /// What a captured `started` has: little.
    pub(crate) fn lean_invitation_json(&self, id: InvitationId) -> Option<Value> {
        let invitation = self.invitations.get(&id)?;
        let mut body = self.invitation_json(id)?;
        let Value::Object(map) = &mut body else {
            return None;
        };
        let kept = ["rel", "direction", "state", "operationId", "importance"];
        map.retain(|name, _| kept.contains(&name.as_str()));
        let links = Links::of(href::invitation(invitation.app, invitation.kind.rel(), id))
            .add("conversation", href::conversation(invitation.app, invitation.conversation));
        insert(&mut body, "_links", links.done());
        Some(body)
    }

    fn invitation_links(&self, id: InvitationId, invitation: &Invitation) -> Value {
        let (app, conversation) = (invitation.app, invitation.conversation);
        let path = href::invitation(app, invitation.kind.rel(), id);
        let ended = self.conversations.get(&conversation).is_none_or(|conversation| conversation.ended);
        let mut links = Links::of(path.clone());
        if !ended {
            links = links.add("conversation", href::conversation(app, conversation));
        }
        if let Some(from) = &invitation.from {
            links = links.titled("from", href::participant(app, conversation, &from.key), from.title());
        }
        let open = invitation.is_pending();
        let offered = invitation.offered && open;
        links =
            links
                .add_if(offered, "accept", || format!("{path}/accept"))
                .add_if(offered, "decline", || format!("{path}/decline"));
        match invitation.kind {
            Kind::OnlineMeeting => {}
            Kind::Participant => {
                links = links.add_if(open, "cancel", || format!("{path}/cancel"));
            }
            Kind::Messaging => {
                let messaging = href::in_conversation(app, conversation, "messaging");
                links = links
                    .add_if(open && !invitation.incoming, "cancel", || format!("{messaging}/terminate"))
                    .add_if(!ended, "messaging", || messaging.clone());
            }
        }
        if let Some(to) = invitation.to.as_ref().filter(|_| !invitation.incoming) {
            links = links.add("to", href::contact(app, to));
        }
        if let Some(by) = &invitation.accepted_by {
            links = links.many(
                "acceptedByParticipant",
                vec![json!({"href": href::participant(app, conversation, &by.key), "title": by.title()})],
            );
        }
        if let Some(invited) = self.invited_member(invitation) {
            let path = href::participant(app, conversation, &invited.key);
            links = links.titled("participant", path, invited.title());
        }
        if invitation.kind == Kind::Participant && self.switches.application_link {
            links = links.add("application", href::application(app));
        }
        for (rel, data) in
            [("message", &invitation.wish.message), ("customContent", &invitation.wish.custom_content)]
        {
            if let Some(data) = data {
                links = links.add(rel, data.clone());
            }
        }
        links.done()
    }

    /// The one who was asked, while he is in sight.
    fn invited_member(&self, invitation: &Invitation) -> Option<&Member> {
        let room = self.live(invitation.conversation)?.room;
        self.member(room, invitation.invited?).filter(|member| member.place != Place::Outside)
    }

    fn invitation_parts(&self, invitation: &Invitation) -> Map<String, Value> {
        let mut parts = Map::new();
        let look = |member: &Member| self.participant_json(invitation.conversation, member.id);
        if let Some(from) = invitation.from.as_ref().filter(|_| invitation.incoming) {
            // The one who invites is not always in sight yet; what is known of him is enough to be shown.
            parts.insert("from".into(), look(from).unwrap_or_else(|| self.stranger_json(invitation, from)));
        }
        if let Some(by) = invitation.accepted_by.as_ref().and_then(look) {
            parts.insert("acceptedByParticipant".into(), Value::Array(vec![by]));
        }
        parts
    }

    fn stranger_json(&self, invitation: &Invitation, member: &Member) -> Value {
        let (app, conversation) = (invitation.app, invitation.conversation);
        let links = Links::of(href::participant(app, conversation, &member.key))
            .add("conversation", href::conversation(app, conversation))
            .add("contact", href::contact(app, &member.uri));
        json!({
            "rel": "participant", "name": member.name, "uri": member.uri, "anonymous": member.anonymous,
            "sourceNetwork": self.source_network(member), "_links": links.done(),
        })
    }
}
