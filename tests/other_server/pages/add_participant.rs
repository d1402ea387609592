//! addParticipant (PROTOCOL 7.2): the request and its answer.

use serde_json::{Value, json};
use ucwa::ErrorKind;
use ucwa::model::{Outcome, Phase};
use ucwa::session::AddParticipant;
use ucwa::wire::Modality;

use super::{JOHN, Room};
use crate::documents::{ADD_PARTICIPANT, INVITATIONS, conversation, from_communication, may_invite};
use crate::server::{Asked, Reply, Server};

/// What is sent when somebody is invited with these options.
fn sent(to: &str, options: &AddParticipant) -> (Asked, Value) {
    let room = Room::new();
    let line = format!("POST {ADD_PARTICIPANT}");
    room.server.once(&line, Reply::created(&format!("{INVITATIONS}/1")));
    let (_, posted) = room.host.session.add_participant(room.id, to, options).expect("may invite");
    room.host.done(posted).expect("taken");
    let asked = room.server.asked(&line).remove(0);
    room.close();
    let body = serde_json::from_str(&asked.body).expect("JSON");
    (asked, body)
}

#[test]
fn body_to() {
    for to in [JOHN, "tel:+14251111111"] {
        assert_eq!(sent(to, &AddParticipant::default()).1["to"], to);
    }
    let room = Room::new();
    let nobody = room.host.session.add_participant(room.id, " ", &AddParticipant::default()).unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::InvalidArgument, "required");
    room.close();
}

/// Required on one page and optional on the other: it is always sent (T-24), and never the same twice.
#[test]
fn body_operation_id() {
    let own = AddParticipant { operation_id: Some("74cb7404e0a247d5".into()), ..AddParticipant::default() };
    assert_eq!(sent(JOHN, &own).1["operationId"], "74cb7404e0a247d5");
    let made = [0, 1].map(|_| sent(JOHN, &AddParticipant::default()).1["operationId"].clone());
    assert!(made.iter().all(|id| id.as_str().is_some_and(|id| (1..=50).contains(&id.len()))), "{made:?}");
    assert_ne!(made[0], made[1]);
    limit(50, |text| AddParticipant { operation_id: Some(text), ..AddParticipant::default() });
}

#[test]
fn body_subject() {
    let options = AddParticipant { subject: Some("Grüße \"an\" alle".into()), ..AddParticipant::default() };
    assert_eq!(sent(JOHN, &options).1["subject"], "Grüße \"an\" alle");
    limit(250, |text| AddParticipant { subject: Some(text), ..AddParticipant::default() });
}

#[test]
fn body_on_behalf_of() {
    let options = AddParticipant { on_behalf_of: Some("Dana Birkby".into()), ..AddParticipant::default() };
    assert_eq!(sent(JOHN, &options).1["onBehalfOf"], "Dana Birkby");
    limit(250, |text| AddParticipant { on_behalf_of: Some(text), ..AddParticipant::default() });
}

#[test]
fn body_modalities() {
    let modalities = vec![Modality::Messaging, Modality::Audio];
    let options = AddParticipant { modalities, ..AddParticipant::default() };
    assert_eq!(sent(JOHN, &options).1["modalities"], json!(["Messaging", "Audio"]));
}

/// So many characters go out, one more is refused before anything is sent.
fn limit(most: usize, with: impl Fn(String) -> AddParticipant) {
    sent(JOHN, &with("ß".repeat(most)));
    let room = Room::new();
    let options = with("ß".repeat(most + 1));
    let refused = room.host.session.add_participant(room.id, JOHN, &options).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
    assert!(room.server.asked(&format!("POST {ADD_PARTICIPANT}")).is_empty());
    room.close();
}

/// Nothing that was not asked for is in the body, and it is JSON.
#[test]
fn the_request() {
    let (asked, body) = sent(JOHN, &AddParticipant::default());
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["operationId", "to"]);
    let kind = asked.header("content-type").unwrap();
    assert!(kind.starts_with("application/json"), "{kind}");
    assert!(asked.header("authorization").is_some_and(|token| token.starts_with("Bearer ")));
}

/// The link is followed as it is, wherever it leads (T-25); without it nobody can be invited.
#[test]
fn the_link_of_the_conversation() {
    let at = "/ucwa/oauth/v1/applications/105/elsewhere/invite;7?conversation=21a1&x=%40";
    let mut room = Room::at(Server::start(), &format!(r#","addParticipant":{{"href":"{at}"}}"#));
    let line = format!("POST {at}");
    room.server.once(&line, Reply::created(&format!("{INVITATIONS}/1")));
    let options = AddParticipant::default();
    let (_, posted) = room.host.session.add_participant(room.id, JOHN, &options).expect("the link is there");
    room.host.done(posted).expect("taken");
    assert_eq!(room.server.asked(&line).len(), 1);
    room.say(&from_communication(&conversation("updated", "Conferenced", "")));
    room.host.until("that it is not allowed", |event| match &event.body {
        ucwa::delivery::EventBody::Conversation(change) => {
            let known = &change.conversation;
            (known.state.as_ref().is_some_and(|state| state.as_str() == "Conferenced")
                && !known.can_add_participant)
                .then_some(())
        }
        _ => None,
    });
    let refused = room.host.session.add_participant(room.id, JOHN, &options).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotAllowed);
    room.say(&from_communication(&conversation("updated", "Conferenced", &may_invite())));
    room.host.until("that it is allowed again", |event| match &event.body {
        ucwa::delivery::EventBody::Conversation(change) => {
            change.conversation.can_add_participant.then_some(())
        }
        _ => None,
    });
    room.close();
}

/// 201 with an empty body: the operation ends with the invitation's id, and what happens at the address of `Location` is
/// about this invitation although it says no operationId.
#[test]
fn the_answer() {
    let mut room = Room::new();
    let (first, posted) = room.invite();
    assert_eq!(room.host.done(posted).unwrap(), first.get());
    let (second, _) = room.invite();
    let at = |number: u32, subcode: &str| {
        crate::documents::invitation(
            "completed",
            &number.to_string(),
            &format!(r#","status":"Failure","reason":{{"code":"RemoteFailure","subcode":"{subcode}"}}"#),
        )
    };
    room.say(&from_communication(&[at(2, "Busy"), at(1, "Declined")].join(",")));
    assert_eq!(room.host.outcome(first).outcome, Some(Outcome::Declined));
    assert_eq!(room.host.outcome(second).outcome, Some(Outcome::Busy));
    room.close();
}

/// What the request leads to: a participantInvitation on the event channel, with our address and operationId.
#[test]
fn a_participant_invitation_starts() {
    let mut room = Room::new();
    let (made, _) = room.invite();
    room.invitation("started", "", r#","direction":"Outgoing","state":"Connecting""#, "");
    let told = room.until_told(made, |it| it.state.is_some());
    assert_eq!((told.kind.as_str(), told.to.as_str()), ("participantInvitation", JOHN));
    assert_eq!((told.operation_id.as_str(), told.conversation), ("op1", Some(room.id)));
    let phases: Vec<Phase> = room.host.invitations()[&made].iter().map(|(phase, _)| *phase).collect();
    assert_eq!(phases, [Phase::Started]);
    room.close();
}
