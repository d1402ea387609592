//! Messages in meetings and between two.

use serde_json::json;
use ucwa_sim::{Outcome, StoryAction, StoryStep};

use crate::common::{Channel, Session, has_link, href, start, start_with};

fn next(events: &mut Channel<'_>, last: &str) -> Vec<String> {
    let skip = events.seen.len();
    events.until_after(skip, last);
    events.lines_after(skip)
}

const TEXT: [(&str, &str); 1] = [("Content-Type", "text/plain; charset=utf-8")];

#[test]
fn messaging_is_added_to_a_meeting_used_and_stopped() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, uri) = events.start_meeting();
    let messaging = lene.get(href(&conversation, "messaging"));
    assert_eq!(messaging["state"], "Disconnected");
    lene.post(href(&messaging, "addMessaging"), &json!({"operationId": "im"})).expect(201);
    assert_eq!(
        next(&mut events, "communication: messagingInvitation completed"),
        [
            "communication: messagingInvitation started Connecting",
            "conversation: messaging updated Connecting",
            "conversation: messaging updated Connected",
            "conversation: participantMessaging added in localParticipant",
            "communication: conversation updated Conferenced",
            "communication: messagingInvitation completed Success Connected",
        ]
    );
    assert_eq!(lene.get(href(&conversation, "self"))["activeModalities"], json!(["Messaging"]));
    let messaging = lene.get(href(&conversation, "messaging"));
    assert_eq!(messaging["negotiatedMessageFormats"], json!(["Plain"]));

    let to = format!("{}?OperationContext=m1&SessionContext=x", href(&messaging, "sendMessage"));
    let sent = lene.send("POST", &to, &TEXT, "Grüß Gott & so".as_bytes()).expect(201);
    let message = events.until("conversation: message completed Success");
    assert_eq!(Some(message.href.as_str()), sent.header("Location"));
    let body = message.body();
    assert_eq!((&body["direction"], &body["operationId"]), (&json!("Outgoing"), &json!("m1")));
    assert_eq!(
        lene.send("POST", &to, &[("Content-Type", "text/html")], b"<b>").status,
        415,
        "not negotiated"
    );

    let control = sim.control();
    control.join(&uri, "sip:bo@contoso.com").expect("he joins");
    let step = |action, text: &str| StoryStep {
        text: Some(text.into()),
        ..StoryStep::new(0, action, "sip:bo@contoso.com")
    };
    control.happen(&uri, &step(StoryAction::Message, "Hi Lene +1")).expect("he speaks");
    let skip = events.seen.len();
    let incoming = events.until_after(skip, "conversation: message completed Success");
    let links = &incoming.body()["_links"];
    assert_eq!(links["plainMessage"]["href"], "data:text/plain;charset=utf-8,Hi+Lene+%2B1");
    assert_eq!(links["participant"]["title"], "Bo Lind");
    assert_eq!(lene.get(&incoming.href)["direction"], "Incoming");

    lene.act(href(&messaging, "stopMessaging")).expect(204);
    assert_eq!(
        next(&mut events, "communication: conversation updated"),
        [
            "conversation: messaging updated Disconnected",
            "conversation: participantMessaging deleted in localParticipant",
            "communication: conversation updated Conferenced",
        ],
        "the meeting goes on"
    );
    assert_eq!(lene.act(href(&messaging, "stopMessaging")).status, 404, "already over");
    assert_eq!(lene.send("POST", &to, &TEXT, b"x").status, 409);
}

#[test]
fn who_types_is_seen_by_the_others_for_a_while() {
    let sim = start_with(|settings| settings.switches.typing_ms = 20);
    let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
    let (mut hers, mut his) = (lene.channel(), tosh.channel());
    let (_, uri) = hers.start_meeting();
    let (conversation, _) = his.join_meeting(&uri);
    let messaging = tosh.get(href(&conversation, "messaging"));
    tosh.post(href(&messaging, "addMessaging"), &json!({})).expect(201);
    his.until("communication: messagingInvitation completed Success");
    let messaging = tosh.get(href(&conversation, "messaging"));
    tosh.act(href(&messaging, "setIsTyping")).expect(204);
    let added = hers.until("conversation: participant added in typingParticipants");
    assert!(added.event["in"]["href"].as_str().expect("an href").ends_with("/messaging/typingParticipants"));
    hers.until("conversation: participant deleted in typingParticipants");
    assert_eq!(tosh.status_of(href(&messaging, "typingParticipants")), 200);
}

/// The trace of the task sample for an outgoing message.
#[test]
fn a_conversation_with_a_person_runs_as_in_the_documentation() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let body = json!({"importance": "Normal", "sessionContext": "x", "subject": "Task Sample", "telemetryId": null,
        "to": "sip:ana@contoso.com", "operationId": "5028e824"});
    lene.post(lene.communication("startMessaging"), &body).expect(201);
    assert_eq!(
        next(&mut events, "communication: messagingInvitation completed"),
        [
            "communication: messagingInvitation started Connecting",
            "communication: conversation added Connecting",
            "conversation: localParticipant added",
            "conversation: messaging updated Connecting",
            "communication: conversation updated Connected",
            "conversation: participant added",
            "conversation: participantMessaging added in participant",
            "conversation: participantMessaging added in localParticipant",
            "conversation: messaging updated Connected",
            "communication: messagingInvitation completed Success Connected",
        ]
    );
    let done = events.seen.last().expect("an event").clone();
    let conversation = lene.get(href(done.body(), "conversation"));
    assert!(has_link(&conversation, "addParticipant"), "a third one can be asked");
    let messaging = lene.get(href(&conversation, "messaging"));
    lene.send("POST", href(&messaging, "sendMessage"), &TEXT, b"hello").expect(201);
    events.until("conversation: message completed Success");
    lene.act(href(&messaging, "stopMessaging")).expect(204);
    assert_eq!(
        next(&mut events, "communication: conversation deleted"),
        [
            "conversation: messaging updated Disconnected",
            "communication: conversation updated Disconnected",
            "conversation: localParticipant deleted",
            "communication: conversation deleted",
        ]
    );
}

#[test]
fn a_call_that_fails_ends_its_conversation() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let to = json!({"to": "sip:dan@contoso.com", "operationId": "no"});
    lene.post(lene.communication("startMessaging"), &to).expect(201);
    let end = events.until("communication: messagingInvitation completed Failure");
    assert_eq!(end.event["reason"]["subcode"], "Declined");
    events.until("communication: conversation deleted");
    let truth = sim.control().truth();
    assert_eq!(truth.invitation("no").expect("it").outcome, Some(Outcome::Declined));

    let to = json!({"to": "sip:ines@contoso.com", "operationId": "cancelled"});
    let made = lene.post(lene.communication("startMessaging"), &to).expect(201);
    let invitation = lene.get(made.header("Location").expect("Location"));
    assert!(href(&invitation, "cancel").ends_with("/messaging/terminate"));
    lene.act(href(&invitation, "cancel")).expect(204);
    let skip = events.seen.len();
    events.until_after(skip, "communication: conversation deleted");
    let truth = sim.control().truth();
    assert_eq!(truth.invitation("cancelled").expect("it").outcome, Some(Outcome::Cancelled));
}

/// The trace of the task sample for an incoming message; `updated` comes as the effect of accept.
#[test]
fn a_person_can_call_a_user_who_is_available() {
    let sim = start();
    let control = sim.control();
    let (ana, tosh) = ("sip:ana@contoso.com", "sip:tosh@contoso.com");
    let session = Session::sign_in(&sim, "tosh");
    assert!(control.message(ana, tosh, "Hi").is_err(), "not before makeMeAvailable");
    session.make_available();
    let mut events = session.channel();
    events.until("communication: communication updated");
    control.message(ana, tosh, "Hi Tosh\r\n").expect("sent");
    let skip = events.seen.len();
    let started = events.until_after(skip, "communication: messagingInvitation started");
    events.until_after(skip, "conversation: participant added");
    assert_eq!(
        events.lines_after(skip),
        [
            "communication: messagingInvitation started Connecting",
            "communication: conversation added Incoming",
            "conversation: localParticipant added",
            "conversation: participant added",
        ]
    );
    let body = started.body();
    assert_eq!(body["_links"]["message"]["href"], "data:text/plain;charset=utf-8,Hi+Tosh%0D%0A");
    assert_eq!(body["_embedded"]["from"]["name"], "Ana Perez");
    assert!(body.get("operationId").is_none());
    session.act(href(body, "accept")).expect(204);
    assert_eq!(
        next(&mut events, "conversation: message completed"),
        [
            "communication: messagingInvitation updated Connecting",
            "conversation: messaging updated Connected",
            "communication: conversation updated Connected",
            "conversation: participantMessaging added in participant",
            "conversation: participantMessaging added in localParticipant",
            "conversation: participant updated",
            "communication: messagingInvitation completed Success Connected",
            "conversation: message completed Success",
        ]
    );
    let message = events.seen.last().expect("an event");
    assert_eq!(
        message.body()["_links"]["plainMessage"]["href"],
        "data:text/plain;charset=utf-8,Hi+Tosh%0D%0A"
    );

    control.message(ana, tosh, "Again").expect("sent");
    let skip = events.seen.len();
    let started = events.until_after(skip, "communication: messagingInvitation started");
    session.act(href(started.body(), "decline")).expect(204);
    let end = events.until_after(skip, "communication: messagingInvitation completed Failure");
    assert!(!has_link(end.body(), "accept"));
}

#[test]
fn two_users_write_to_each_other() {
    let sim = start();
    let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
    tosh.make_available();
    let (mut hers, mut his) = (lene.channel(), tosh.channel());
    let call = json!({
        "to": "sip:tosh@contoso.com", "operationId": "op",
        "_links": {"message": {"href": "data:text/plain;base64,SGVsbG8="}},
    });
    lene.post(lene.communication("startMessaging"), &call).expect(201);
    let asked = his.until("communication: messagingInvitation started");
    tosh.act(href(asked.body(), "accept")).expect(204);
    let first = his.until("conversation: message completed Success");
    assert_eq!(first.body()["_links"]["plainMessage"]["href"], "data:text/plain;charset=utf-8,Hello");
    hers.until("communication: messagingInvitation completed Success");
    let messaging = hers.until("conversation: messaging updated Connected");
    lene.send("POST", href(messaging.body(), "sendMessage"), &TEXT, b"Second").expect(201);
    let skip = his.seen.iter().position(|seen| seen.rel == "message").expect("the first") + 1;
    let second = his.until_after(skip, "conversation: message completed Success");
    assert_eq!(second.body()["_links"]["plainMessage"]["href"], "data:text/plain;charset=utf-8,Second");
    let own = href(messaging.body(), "conversation");
    lene.delete(own).expect(204);
    let skip = his.seen.len();
    his.until_after(skip, "communication: conversation deleted");
    assert!(his.lines_after(skip).contains(&"conversation: participant deleted".to_owned()));
    hers.until("communication: conversation deleted");
}
