//! Incoming invitations: from people and from users, at one application of a user or at several.

use serde_json::{Value, json};
use ucwa_sim::{Ask, AskKind, DeclinedState, Outcome, Simulator};

use crate::common::{Channel, PATIENCE, Session, has_link, href, start, start_with, token_of};

const TOSH: &str = "sip:tosh@contoso.com";

/// Tosh once more, on another device.
fn second_device(sim: &Simulator) -> Session {
    let form = "grant_type=password&username=tosh%40contoso.com&password=Pa55w.rd!";
    let session = Session::with_token(sim, token_of(sim, form), "device 2");
    session.make_available();
    session
}

fn asked(events: &mut Channel<'_>, rel: &str) -> Value {
    events.until(&format!("communication: {rel} started")).body().clone()
}

fn invite(session: &Session, conversation: &Value, body: &Value) -> Value {
    let made = session.post(href(conversation, "addParticipant"), body).expect(201);
    session.get(made.header("Location").expect("Location"))
}

#[test]
fn a_person_asks_a_user_into_a_meeting() {
    let sim = start();
    let ask = Ask {
        subject: "Budget".into(),
        importance: Some("Urgent".into()),
        text: Some("Please come".into()),
        custom_content: Some("data:foo/foo,random".into()),
        on_behalf_of: Some("The chair".into()),
        ..Ask::new(AskKind::Meeting, TOSH)
    };
    let tosh = Session::sign_in(&sim, "tosh");
    assert!(sim.control().ask("sip:ana@contoso.com", &ask).is_err(), "not before makeMeAvailable");
    tosh.make_available();
    sim.control().ask("sip:ana@contoso.com", &ask).expect("asked");
    let mut events = tosh.channel();
    let body = asked(&mut events, "onlineMeetingInvitation");
    let seen = ["direction", "state", "subject", "importance", "onBehalfOf"];
    assert_eq!(
        seen.map(|name| body[name].as_str().unwrap_or_default()),
        ["Incoming", "Connecting", "Budget", "Urgent", "The chair"]
    );
    assert!(body.get("operationId").is_none());
    assert_eq!(href(&body, "message"), "data:text/plain;charset=utf-8,Please+come");
    assert_eq!(href(&body, "customContent"), "data:foo/foo,random");
    let from = &body["_embedded"]["from"];
    assert_eq!((&from["name"], &from["uri"]), (&json!("Ana Perez"), &json!("sip:ana@contoso.com")));
    assert!(body["availableModalities"].is_array());
    tosh.act(href(&body, "accept")).expect(204);
    let done = events.until("communication: onlineMeetingInvitation completed Success");
    let conversation = tosh.get(href(done.body(), "conversation"));
    let meeting = tosh.get(href(&conversation, "onlineMeeting"));
    assert_eq!(meeting["organizerUri"], "sip:ana@contoso.com");
    assert_eq!(meeting["subject"], "Budget");
    let roster = sim.control().truth().meetings[0].roster.clone();
    let there: Vec<_> = roster.iter().map(|r| (r.uri.as_str(), r.role.as_str(), r.organizer)).collect();
    assert_eq!(there, [("sip:ana@contoso.com", "Leader", true), (TOSH, "Attendee", false)]);
}

#[test]
fn what_a_person_takes_back_or_nobody_answers_is_over() {
    for (rel, kind) in
        [("onlineMeetingInvitation", AskKind::Meeting), ("messagingInvitation", AskKind::Messaging)]
    {
        for withdrawn in [true, false] {
            let limit = if withdrawn { 30_000 } else { 40 };
            let sim = start_with(|settings| settings.switches.answer_timeout_ms = limit);
            let tosh = Session::sign_in(&sim, "tosh");
            tosh.make_available();
            let mut events = tosh.channel();
            sim.control().ask("sip:ana@contoso.com", &Ask::new(kind, TOSH)).expect("asked");
            let body = asked(&mut events, rel);
            if withdrawn {
                assert_eq!(sim.control().withdraw("sip:ana@contoso.com", TOSH), 1);
                assert_eq!(sim.control().withdraw("sip:ana@contoso.com", TOSH), 0);
            }
            let end = events.until(&format!("communication: {rel} completed Failure"));
            events.until("communication: conversation deleted");
            let closed = events.until(&format!("communication: {rel} updated"));
            assert!(!has_link(closed.body(), "accept") && !has_link(end.body(), "decline"));
            let subcode = if withdrawn { "Canceled" } else { "Missed" };
            assert_eq!(end.event["reason"]["subcode"], subcode, "{rel}");
            assert_eq!(tosh.act(href(&body, "accept")).status, 409, "too late");
            let outcome = sim.control().truth().invitations[0].outcome;
            assert_eq!(outcome, Some(if withdrawn { Outcome::Cancelled } else { Outcome::NoAnswer }));
        }
    }
}

/// Everything that an inviter says reaches the other end, except his own name for it.
#[test]
fn the_other_end_sees_what_the_inviter_says() {
    for shown in [false, true] {
        let sim = start_with(|settings| settings.switches.incoming_operation_id = shown);
        let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
        tosh.make_available();
        let (mut hers, mut his) = (lene.channel(), tosh.channel());
        let (conversation, uri) = hers.start_meeting();
        let body = json!({
            "to": TOSH, "operationId": "op", "subject": "Join us", "importance": "Emergency",
            "onBehalfOf": "The chair", "modalities": ["Messaging", "Audio"],
            "_links": {"message": {"href": "data:text/plain,Hi"}, "customContent": {"href": "data:a/b,c"}},
        });
        let own = invite(&lene, &conversation, &body);
        let seen = asked(&mut his, "onlineMeetingInvitation");
        for (resource, direction) in [(&own, "Outgoing"), (&seen, "Incoming")] {
            assert_eq!(resource["direction"], direction);
            assert_eq!(resource["subject"], "Join us", "{direction}");
            assert_eq!(resource["importance"], "Emergency");
            assert_eq!(resource["onBehalfOf"], "The chair");
            assert_eq!(href(resource, "message"), "data:text/plain,Hi");
            assert_eq!(href(resource, "customContent"), "data:a/b,c");
        }
        assert_eq!(own["operationId"], "op");
        assert_eq!(seen.get("operationId").is_some(), shown);
        assert_eq!(seen["availableModalities"], json!(["Messaging", "Audio"]));
        assert_eq!(seen["onlineMeetingUri"], json!(uri));
    }
}

#[test]
fn every_device_rings_and_one_takes_it() {
    let sim = start();
    let (lene, first) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
    first.make_available();
    let second = second_device(&sim);
    let (mut hers, mut one, mut two) = (lene.channel(), first.channel(), second.channel());
    let (conversation, _) = hers.start_meeting();
    invite(&lene, &conversation, &json!({"to": TOSH, "operationId": "op"}));
    asked(&mut one, "onlineMeetingInvitation");
    let body = asked(&mut two, "onlineMeetingInvitation");
    second.act(href(&body, "accept")).expect(204);
    let lost = one.until("communication: onlineMeetingInvitation completed Failure");
    assert_eq!(lost.event["reason"]["subcode"], "ConnectedElsewhere");
    one.until("communication: conversation deleted");
    two.until("communication: onlineMeetingInvitation completed Success");
    hers.until("communication: participantInvitation completed Success");
    assert_eq!(sim.control().truth().meetings[0].roster.len(), 2, "he is there once");

    // In a conversation between two the same.
    let call = json!({"to": TOSH, "operationId": "im"});
    lene.post(lene.communication("startMessaging"), &call).expect(201);
    let body = asked(&mut one, "messagingInvitation");
    asked(&mut two, "messagingInvitation");
    first.act(href(&body, "accept")).expect(204);
    let lost = two.until("communication: messagingInvitation completed Failure");
    assert_eq!(lost.event["reason"]["subcode"], "ConnectedElsewhere");
    let done = hers.until("communication: messagingInvitation completed Success");
    let own = lene.get(href(done.body(), "conversation"));
    assert_eq!(own["state"], "Connected", "the call of the one who lost it takes nothing along");
}

#[test]
fn a_local_decline_leaves_the_other_device_ringing_and_a_global_one_does_not() {
    for everywhere in [false, true] {
        for (messaging, rel) in [(false, "onlineMeetingInvitation"), (true, "messagingInvitation")] {
            let sim = start();
            let (lene, first) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
            first.make_available();
            let second = second_device(&sim);
            let (mut hers, mut one, mut two) = (lene.channel(), first.channel(), second.channel());
            let to = json!({"to": TOSH, "operationId": "op"});
            if messaging {
                lene.post(lene.communication("startMessaging"), &to).expect(201);
            } else {
                let (conversation, _) = hers.start_meeting();
                invite(&lene, &conversation, &to);
            }
            let body = asked(&mut one, rel);
            let other = asked(&mut two, rel);
            let reason = json!({"reason": if everywhere { "Global" } else { "Local" }});
            first.post(href(&body, "decline"), &reason).expect(204);
            one.until("communication: conversation deleted");
            if everywhere {
                let end = two.until(&format!("communication: {rel} completed Failure"));
                assert_eq!(end.event["reason"]["subcode"], "Declined");
            } else {
                let truth = sim.control().truth();
                assert_eq!(truth.invitation("op").expect("it").outcome, None, "it rings on");
                second.act(href(&other, "decline")).expect(204);
            }
            let rel = if messaging { rel } else { "participantInvitation" };
            let end = hers.until(&format!("communication: {rel} completed Failure"));
            assert_eq!(
                (&end.event["reason"]["code"], &end.event["reason"]["subcode"]),
                (&json!("RemoteFailure"), &json!("Declined"))
            );
        }
    }
}

#[test]
fn declining_takes_known_reasons_and_may_have_a_state_of_its_own() {
    let sim = start_with(|settings| settings.switches.declined_state = DeclinedState::Declined);
    let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
    tosh.make_available();
    let (mut hers, mut his) = (lene.channel(), tosh.channel());
    let (conversation, _) = hers.start_meeting();
    invite(&lene, &conversation, &json!({"to": TOSH, "operationId": "op"}));
    let body = asked(&mut his, "onlineMeetingInvitation");
    let refused = tosh.post(href(&body, "decline"), &json!({"reason": "Because"}));
    assert_eq!(refused.error().2, "ParameterValidationFailure");
    tosh.post(href(&body, "decline"), &json!({"reason": "MediaAllocationFailure"})).expect(204);
    hers.until("communication: participantInvitation completed Failure Declined");
    his.until("communication: onlineMeetingInvitation completed Failure Declined");
    assert_eq!(tosh.act(href(&body, "decline")).status, 409, "once only");
}

/// A user who is in the meeting is invited once more.
#[test]
fn who_is_there_is_not_called() {
    let sim = start();
    let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
    let (mut hers, mut his) = (lene.channel(), tosh.channel());
    let (conversation, uri) = hers.start_meeting();
    his.join_meeting(&uri);
    invite(&lene, &conversation, &json!({"to": TOSH, "operationId": "op"}));
    let done = hers.until("communication: participantInvitation completed Success");
    assert_eq!(done.body()["_embedded"]["acceptedByParticipant"][0]["uri"], TOSH);
    let same = |truth: &ucwa_sim::Truth| truth.meetings[0].roster.len() == 2;
    sim.control().wait_until(PATIENCE, same).expect("nobody came");
    sim.control().change_switches(|s| s.already_there = ucwa_sim::AlreadyThere::AlreadyExists);
    let refused = lene.post(href(&conversation, "addParticipant"), &json!({"to": TOSH}));
    assert_eq!(refused.error(), (409, "Conflict".into(), "AlreadyExists".into()));
}
