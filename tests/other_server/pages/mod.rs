//! The three pages that the engine is for, fact by fact: addParticipant, participantInvitation, participant (PROTOCOL 6
//! to 8). One test for each fact; docs/PROTOCOL-COVERAGE.md names them.

mod add_participant;
mod conversation;
mod errors;
mod invitation;
mod participant;
mod roster;
mod traps;

use std::sync::Arc;

use ucwa::delivery::EventBody;
use ucwa::model::{
    Changed, ConversationId, Invitation, InvitationId, OperationId, Participant, ParticipantChange, Phase,
};

use crate::documents::{
    APPLICATION, APPLICATION_BODY, CONVERSATION, INVITATIONS, from_communication, from_conversation,
    may_invite, meeting_begins_with, page, usual,
};
use crate::host::{Host, config, person};
use crate::server::{Reply, Server};

const JOHN: &str = "sip:john@contoso.com";

/// A meeting, and a server that goes on telling of it.
struct Room {
    server: Server,
    host: Host,
    id: ConversationId,
    ack: u32,
    people: usize,
    told: usize,
    invited: usize,
}

impl Room {
    fn new() -> Room {
        Room::at(Server::start(), &may_invite())
    }

    /// A meeting whose conversation has these links besides its modalities.
    fn at(server: Server, links: &str) -> Room {
        usual(&server);
        // It is there, whatever else is said not to be.
        server.always(&format!("GET {APPLICATION}"), Reply::json(APPLICATION_BODY));
        let host = Host::online(&config(&server));
        let started = host.session.start_meeting(&Default::default()).unwrap();
        server.page(&meeting_begins_with(links));
        let id = ConversationId::new(host.done(started).expect("a meeting")).unwrap();
        let mut room = Room { server, host, id, ack: 1, people: 0, told: 0, invited: 0 };
        room.change(); // the user himself
        room
    }

    fn say(&mut self, senders: &str) {
        self.ack += 1;
        self.server.page(&page(self.ack, senders));
    }

    fn in_room(&mut self, events: &str) {
        self.say(&from_conversation(events));
    }

    /// The next change of the roster that has not been looked at.
    fn change(&mut self) -> ParticipantChange {
        let (mut seen, told) = (0, self.told);
        let change = self.host.until("a change of the roster", |event| match &event.body {
            EventBody::Participant(change) => {
                seen += 1;
                (seen > told).then(|| change.clone())
            }
            _ => None,
        });
        self.told += 1;
        change
    }

    /// Somebody joins whose body has these properties and links (each with a comma before it).
    fn joins(&mut self, properties: &str, links: &str) -> Arc<Participant> {
        self.people += 1;
        self.tell("added", properties, links);
        let change = self.change();
        assert_eq!(change.phase, Phase::Added);
        change.participant
    }

    /// The last one who joined is updated.
    fn updates(&mut self, properties: &str, links: &str) -> ParticipantChange {
        self.tell("updated", properties, links);
        let change = self.change();
        assert_eq!(change.phase, Phase::Updated);
        change
    }

    fn last(&self) -> String {
        person(&format!("p{}", self.people))
    }

    fn tell(&mut self, kind: &str, properties: &str, links: &str) {
        let at = self.last();
        let body = format!(
            r#"{{"rel":"participant"{properties},"_links":{{"self":{{"href":"{at}"}},"conversation":{{"href":"{CONVERSATION}"}}{links}}}}}"#
        );
        self.in_room(&format!(
            r#"{{"link":{{"rel":"participant","href":"{at}"}},"_embedded":{{"participant":{body}}},"type":"{kind}"}}"#
        ));
    }

    /// Invites John; the server takes the request and says where the invitation is.
    fn invite(&mut self) -> (InvitationId, OperationId) {
        self.invited += 1;
        let location = Reply::created(&format!("{INVITATIONS}/{}", self.invited));
        let made = self.host.invite(&self.server, self.id, JOHN, &format!("op{}", self.invited), location);
        self.host.done(made.1).expect("taken");
        made
    }

    /// An event of the last invitation, with these members and, if there are any, these properties and links of its body.
    fn invitation(&mut self, kind: &str, members: &str, properties: &str, links: &str) {
        let at = format!("{INVITATIONS}/{}", self.invited);
        let number = self.invited;
        let embedded = format!(
            r#","_embedded":{{"participantInvitation":{{"rel":"participantInvitation","operationId":"op{number}"{properties},"_links":{{"self":{{"href":"{at}"}},"conversation":{{"href":"{CONVERSATION}"}}{links}}}}}}}"#
        );
        self.say(&from_communication(&format!(
            r#"{{"link":{{"rel":"participantInvitation","href":"{at}"}}{embedded}{members},"type":"{kind}"}}"#
        )));
    }

    /// The invitation once it is as it should be.
    fn until_told(&mut self, id: InvitationId, is: impl Fn(&Invitation) -> bool) -> Arc<Invitation> {
        self.host.until("an invitation as expected", |event| match &event.body {
            EventBody::Invitation(change) if change.invitation.id == id && is(&change.invitation) => {
                Some(change.invitation.clone())
            }
            _ => None,
        })
    }

    fn ends(&mut self, members: &str) {
        let at = format!("{INVITATIONS}/{}", self.invited);
        self.say(&from_communication(&format!(
            r#"{{"link":{{"rel":"participantInvitation","href":"{at}"}}{members},"type":"completed"}}"#
        )));
    }

    fn close(self) {
        self.host.close();
    }
}

/// A property of a person: what it is when he joins, and what an update makes of it, and that the update says so.
fn property<T: PartialEq + std::fmt::Debug>(
    first: (&str, T),
    second: (&str, T),
    field: Changed,
    see: impl Fn(&Participant) -> T,
) {
    let mut room = Room::new();
    assert_eq!(see(&room.joins(first.0, "")), first.1, "{}", first.0);
    let change = room.updates(second.0, "");
    assert_eq!(see(&change.participant), second.1, "{}", second.0);
    assert!(change.changed.has(field), "{:?}", change.changed);
    room.close();
}
