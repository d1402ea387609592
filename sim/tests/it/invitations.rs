//! addParticipant beyond the simple answers.

use serde_json::{Value, json};
use ucwa_sim::{AccessLevel, Answer, Behaviour, CancelledState, NoAnswer, Outcome, Person, UnknownPerson};

use crate::common::{Session, has_link, href, start, start_with};

fn invite(session: &Session, conversation: &Value, to: &str, operation: &str) -> Value {
    let body = json!({"operationId": operation, "to": to});
    let answer = session.post(href(conversation, "addParticipant"), &body).expect(201);
    session.get(answer.header("Location").expect("Location"))
}

/// The order in which one who accepts comes in.
#[test]
fn who_accepts_is_in_the_roster_before_the_invitation_completes() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, _) = events.start_meeting();
    let skip = events.seen.len();
    invite(&lene, &conversation, "SIP:Ana@contoso.com", "one");
    events.until_after(skip, "communication: conversation updated");
    assert_eq!(
        events.lines_after(skip),
        [
            "communication: participantInvitation started Connecting",
            "conversation: participant added",
            "conversation: participant added in attendees",
            "conversation: participantMessaging added in participant",
            "communication: participantInvitation completed Success Connected",
            "communication: conversation updated Conferenced",
        ]
    );
}

/// A decline on the wire, key for key as it was captured from a real server.
#[test]
fn a_declined_invitation_looks_like_the_capture() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, _) = events.start_meeting();
    invite(&lene, &conversation, "sip:dan@contoso.com", "no");
    let end = events.until("communication: participantInvitation completed");
    let keys: Vec<_> = end.event.as_object().expect("an event").keys().map(String::as_str).collect();
    assert_eq!(keys, ["_embedded", "link", "reason", "status", "type"]);
    assert_eq!(
        end.event["reason"],
        json!({"code": "RemoteFailure", "subcode": "Declined", "message": "Your invitation was declined."})
    );
    let body = end.body();
    let seen = ["direction", "importance", "state"].map(|name| body[name].as_str().unwrap_or_default());
    assert_eq!(seen, ["Outgoing", "Normal", "Failed"]);
    assert!(!has_link(body, "cancel"));
}

#[test]
fn cancel_works_by_its_link() {
    for (switch, state) in [(CancelledState::Cancelled, "Cancelled"), (CancelledState::Failed, "Failed")] {
        let sim = start_with(|settings| settings.switches.cancelled_state = switch);
        let lene = Session::sign_in(&sim, "lene");
        let mut events = lene.channel();
        let (conversation, _) = events.start_meeting();
        let invitation = invite(&lene, &conversation, "sip:ines@contoso.com", "op");
        assert_eq!(invitation["state"], "Connecting");
        lene.act(href(&invitation, "cancel")).expect(204);
        let end = events.until("communication: participantInvitation completed Failure");
        assert_eq!(end.body()["state"], state);
        assert_eq!(end.event["reason"]["subcode"], "Canceled");
        assert_eq!(lene.act(href(&invitation, "cancel")).status, 409, "once only");
        assert_eq!(sim.control().truth().invitation("op").expect("it").outcome, Some(Outcome::Cancelled));
    }
}

#[test]
fn an_unknown_address_can_fail_by_the_post() {
    let sim = start_with(|settings| settings.switches.unknown_person = UnknownPerson::Post);
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, _) = events.start_meeting();
    for who in ["sip:nobody@contoso.com", "sip:stranger@contoso.com"] {
        let answer = lene.post(href(&conversation, "addParticipant"), &json!({"to": who}));
        assert_eq!(answer.error(), (404, "NotFound".into(), "DestinationNotFound".into()), "{who}");
    }
    assert_eq!(sim.control().truth().invitations.len(), 1, "only that of the meeting itself");
}

#[test]
fn no_answer_can_be_a_timeout() {
    let sim = start_with(|settings| {
        settings.switches.no_answer = NoAnswer::Timeout;
        settings.switches.answer_timeout_ms = 20;
    });
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, _) = events.start_meeting();
    invite(&lene, &conversation, "sip:ines@contoso.com", "op");
    let end = events.until("communication: participantInvitation completed Failure");
    assert_eq!(
        (&end.event["reason"]["code"], &end.event["reason"]["subcode"]),
        (&json!("Timeout"), &json!("Timeout"))
    );
}

/// What real clients send along: nulls, unknown properties, PascalCase, no operationId or a used one.
#[test]
fn odd_bodies_are_taken_and_bad_ones_refused() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, _) = events.start_meeting();
    let add = href(&conversation, "addParticipant");
    let bo = "sip:bo@contoso.com";
    for good in [
        json!({"importance": "Normal", "sessionContext": "x", "subject": "s", "telemetryId": null, "to": bo}),
        json!({"To": bo, "OperationId": "start"}),
        json!({"to": "sip : bo@contoso.com"}),
    ] {
        assert_eq!(lene.post(add, &good).status, 201, "{good}");
    }
    let by_query = format!("{add}&to={bo}");
    assert_eq!(lene.act(&by_query).status, 201, "input in the query");
    for bad in [
        json!({}),
        json!({"to": ""}),
        json!({"to": "bo"}),
        json!({"to": 7}),
        json!({"to": [bo]}),
        json!({"to": bo, "operationId": "x".repeat(51)}),
        json!({"to": bo, "subject": "x".repeat(251)}),
        json!({"to": bo, "importance": "Much"}),
    ] {
        assert_eq!(lene.post(add, &bad).error().2, "ParameterValidationFailure", "{bad}");
    }
    let text = lene.send("POST", add, &[("Content-Type", "application/json")], b"{\"to\":");
    assert_eq!(text.error(), (400, "BadRequest".into(), "DeserializationFailure".into()));
    let xml = lene.send("POST", add, &[("Content-Type", "application/xml")], b"<x/>");
    assert_eq!(xml.error().0, 415);
    assert_eq!(lene.post(&add.replace("=c", "=c9"), &json!({"to": bo})).error().2, "ConversationNotFound");
}

#[test]
fn who_is_invited_to_a_locked_meeting_waits_in_the_lobby() {
    let sim = start_with(|settings| settings.switches.adhoc_access_level = AccessLevel::Locked);
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, uri) = events.start_meeting();
    invite(&lene, &conversation, "sip:bo@contoso.com", "bo");
    invite(&lene, &conversation, "sip:ana@contoso.com", "ana");
    events.until("conversation: participant added in lobby");
    let waiting =
        |truth: &ucwa_sim::Truth| truth.meetings[0].roster.iter().filter(|r| r.in_lobby).count() == 2;
    let truth = sim.control().wait_until(crate::common::PATIENCE, waiting).expect("both wait");
    assert_eq!(truth.invitation("bo").expect("it").outcome, None, "still open");
    let participant =
        |who: &str| lene.get(&format!("{}/participants/{who}@contoso.com", href(&conversation, "self")));
    lene.act(href(&participant("bo"), "admit")).expect(204);
    lene.act(href(&participant("ana"), "reject")).expect(204);
    let truth = sim.control().truth();
    assert_eq!(truth.invitation("bo").expect("it").outcome, Some(Outcome::Accepted));
    let refused = truth.invitation("ana").expect("it");
    assert_eq!((refused.outcome, refused.subcode.as_deref()), (Some(Outcome::Failed), Some("Denied")));
    assert_eq!(truth.meeting(&uri).expect("it").roster.len(), 2);
}

#[test]
fn the_inviter_who_leaves_takes_his_invitations_back() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, _) = events.start_meeting();
    invite(&lene, &conversation, "sip:ines@contoso.com", "op");
    lene.delete(href(&conversation, "self")).expect(204);
    events.until("communication: conversation deleted");
    let lines = events.lines();
    let at = |line: &str| lines.iter().position(|seen| seen.starts_with(line)).expect(line);
    assert!(
        at("communication: participantInvitation completed Failure")
            < at("communication: conversation updated Disconnected")
    );
    assert_eq!(sim.control().truth().invitation("op").expect("it").outcome, Some(Outcome::Cancelled));
}

#[test]
fn people_come_and_go_while_it_runs() {
    let sim = start();
    let control = sim.control();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, _) = events.start_meeting();
    let eva = Person {
        uri: "sip:eva@contoso.com".into(),
        name: "Eva".into(),
        behaviour: Behaviour::new(Answer::Accept, 1),
        ..Person::default()
    };
    control.add_person(eva).expect("added");
    invite(&lene, &conversation, "sip:eva@contoso.com", "eva");
    events.until("communication: participantInvitation completed Success");
    control.remove_person("sip:EVA@contoso.com").expect("removed");
    assert!(control.remove_person("sip:eva@contoso.com").is_err());
    invite(&lene, &conversation, "sip:bo@contoso.com", "bo");
    let bad = Person {
        uri: "bo".into(),
        name: String::new(),
        behaviour: Behaviour::default(),
        ..Person::default()
    };
    assert!(control.add_person(bad).is_err());
}

/// Two programs: one user invites another, who takes it, or not.
#[test]
fn a_user_who_can_be_reached_is_asked_by_his_own_application() {
    for accepts in [true, false] {
        let sim = start();
        let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
        tosh.make_available();
        let (mut hers, mut his) = (lene.channel(), tosh.channel());
        let (conversation, uri) = hers.start_meeting();
        invite(&lene, &conversation, "sip:tosh@contoso.com", "op");
        let asked = his.until("communication: onlineMeetingInvitation started");
        let body = asked.body();
        assert_eq!((&body["direction"], &body["onlineMeetingUri"]), (&json!("Incoming"), &json!(uri)));
        assert_eq!(body["_embedded"]["from"]["name"], "Lene Aaling");
        assert!(body["_embedded"]["from"]["_links"]["contact"]["href"].is_string());
        assert_eq!(his.until("communication: conversation added").body()["state"], "Incoming");
        let skip = his.seen.len();
        if accepts {
            lene.status_of(lene.own_link());
            tosh.act(&format!("{}?sessionContext=x", href(body, "accept"))).expect(204);
            his.until("communication: onlineMeetingInvitation completed Success");
            assert_eq!(
                his.lines_after(skip),
                [
                    "communication: onlineMeetingInvitation updated Connecting",
                    "communication: conversation updated Conferencing",
                    "communication: conversation updated Conferenced",
                    "conversation: onlineMeeting added in conversation",
                    "conversation: participant added",
                    "conversation: participant added in leaders",
                    "conversation: messaging updated Disconnected",
                    "communication: onlineMeetingInvitation completed Success Connected",
                ]
            );
            hers.until("communication: participantInvitation completed Success");
            assert_eq!(tosh.act(href(body, "accept")).status, 409, "it was answered");
        } else {
            tosh.post(href(body, "decline"), &json!({"reason": "Local"})).expect(204);
            his.until("communication: conversation deleted");
            let lines = his.lines_after(skip);
            assert!(
                lines.contains(&"communication: onlineMeetingInvitation completed Failure Failed".to_owned())
            );
            let end = hers.until("communication: participantInvitation completed Failure");
            assert_eq!(end.event["reason"]["subcode"], "Declined");
            assert_eq!(sim.control().truth().meetings[0].roster.len(), 1, "he never came");
        }
        let outcome = if accepts { Outcome::Accepted } else { Outcome::Declined };
        assert_eq!(sim.control().truth().invitation("op").expect("it").outcome, Some(outcome));
    }
}

/// The one who is asked goes away without an answer: for the inviter that is a no, and his conversation goes on.
#[test]
fn going_away_is_declining() {
    for by_application in [false, true] {
        let sim = start();
        let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
        tosh.make_available();
        let (mut hers, mut his) = (lene.channel(), tosh.channel());
        let (conversation, _) = hers.start_meeting();
        invite(&lene, &conversation, "sip:tosh@contoso.com", "op");
        let asked = his.until("communication: onlineMeetingInvitation started");
        if by_application {
            sim.control().lose_application(tosh.id()).expect("lost");
        } else {
            tosh.delete(href(asked.body(), "conversation")).expect(204);
            his.until("communication: conversation deleted");
        }
        let end = hers.until("communication: participantInvitation completed Failure");
        assert_eq!(end.event["reason"]["subcode"], "Declined");
        assert_eq!(lene.get(href(&conversation, "self"))["state"], "Conferenced");
    }
}

#[test]
fn who_was_asked_passes_the_lobby() {
    for (level, waits) in [(AccessLevel::Invited, false), (AccessLevel::Locked, true)] {
        let sim = start_with(|settings| settings.switches.adhoc_access_level = level);
        let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
        tosh.make_available();
        let (mut hers, mut his) = (lene.channel(), tosh.channel());
        let (conversation, _) = hers.start_meeting();
        invite(&lene, &conversation, "sip:tosh@contoso.com", "op");
        let asked = his.until("communication: onlineMeetingInvitation started");
        tosh.act(href(asked.body(), "accept")).expect(204);
        if waits {
            his.until("communication: conversation updated InLobby");
            assert_eq!(sim.control().truth().invitation("op").expect("it").outcome, None);
            let lobby = lene.get(href(&conversation, "lobby"));
            lene.act(href(&lobby["_embedded"]["participant"][0], "admit")).expect(204);
        }
        his.until("communication: onlineMeetingInvitation completed Success");
        hers.until("communication: participantInvitation completed Success");
    }
}

/// The one who asks takes it back, or nobody answers: the other end learns that it is over.
#[test]
fn the_one_who_is_asked_learns_that_it_is_over() {
    for cancels in [true, false] {
        let limit = if cancels { 30_000 } else { 50 };
        let sim = start_with(|settings| settings.switches.answer_timeout_ms = limit);
        let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
        tosh.make_available();
        let (mut hers, mut his) = (lene.channel(), tosh.channel());
        let (conversation, _) = hers.start_meeting();
        let invitation = invite(&lene, &conversation, "sip:tosh@contoso.com", "op");
        his.until("communication: onlineMeetingInvitation started");
        if cancels {
            lene.act(href(&invitation, "cancel")).expect(204);
        }
        his.until("communication: conversation deleted");
        let lines = his.lines();
        let at = |line: &str| lines.iter().position(|seen| seen.starts_with(line)).expect(line);
        assert!(
            at("communication: onlineMeetingInvitation updated")
                < at("communication: onlineMeetingInvitation completed Failure")
        );
        let end = hers.until("communication: participantInvitation completed Failure");
        let subcode = if cancels { "Canceled" } else { "Missed" };
        assert_eq!(end.event["reason"]["subcode"], subcode);
    }
}
