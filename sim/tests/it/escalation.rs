//! A conversation between two that becomes a meeting, in the eyes of both and of the third.

use serde_json::{Value, json};
use ucwa_sim::{EscalatedPartner, Escalation, Outcome, Settings, Simulator, Switches};

use crate::common::{Channel, PATIENCE, Session, has_link, href, participant, start, start_with};

/// A conversation between Lene and somebody, connected.
fn call(session: &Session, events: &mut Channel<'_>, who: &str) -> Value {
    let body = json!({"to": format!("sip:{who}@contoso.com"), "operationId": "call", "subject": "Plans"});
    session.post(session.communication("startMessaging"), &body).expect(201);
    let done = events.until("communication: messagingInvitation completed Success");
    session.get(href(done.body(), "conversation"))
}

fn add(session: &Session, conversation: &Value, who: &str) {
    let body = json!({"to": format!("sip:{who}@contoso.com"), "operationId": format!("add-{who}")});
    session.post(href(conversation, "addParticipant"), &body).expect(201);
}

fn with(change: impl FnOnce(&mut Switches)) -> Simulator {
    start_with(|settings: &mut Settings| change(&mut settings.switches))
}

/// Lene and Tosh, connected, each with a channel that has read everything up to then.
macro_rules! two_users {
    ($sim:ident, $lene:ident, $tosh:ident, $hers:ident, $his:ident, $conversation:ident) => {
        let ($lene, $tosh) = (Session::sign_in(&$sim, "lene"), Session::sign_in(&$sim, "tosh"));
        $tosh.make_available();
        let (mut $hers, mut $his) = ($lene.channel(), $tosh.channel());
        let body = json!({"to": "sip:tosh@contoso.com", "operationId": "call", "subject": "Plans"});
        $lene.post($lene.communication("startMessaging"), &body).expect(201);
        let asked = $his.until("communication: messagingInvitation started");
        $tosh.act(href(asked.body(), "accept")).expect(204);
        $his.until("communication: messagingInvitation completed Success");
        let done = $hers.until("communication: messagingInvitation completed Success");
        let $conversation = $lene.get(href(done.body(), "conversation"));
    };
}

#[test]
fn a_third_one_makes_a_meeting_of_it() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let conversation = call(&lene, &mut events, "ana");
    assert!(has_link(&conversation, "addParticipant") && has_link(&conversation, "localParticipant"));
    assert!(!has_link(&conversation, "onlineMeeting") && conversation.get("participantCount").is_none());
    let skip = events.seen.len();
    add(&lene, &conversation, "bo");
    events.until_after(skip, "communication: participantInvitation completed");
    events.page();
    assert_eq!(
        events.lines_after(skip),
        [
            "communication: participantInvitation started Connecting",
            "communication: conversation updated Conferencing",
            "communication: conversation updated Conferenced",
            "conversation: onlineMeeting added in conversation",
            "conversation: participant added",
            "conversation: participant added in attendees",
            "conversation: participant added",
            "conversation: participant added in attendees",
            "communication: participantInvitation completed Success Connected",
            "communication: conversation updated Conferenced",
        ]
    );
    let now = lene.get(href(&conversation, "self"));
    assert_eq!((&now["state"], &now["participantCount"]), (&json!("Conferenced"), &json!(3)));
    assert_eq!(now["activeModalities"], json!(["Messaging"]), "the messaging goes on");
    assert_eq!(now["subject"], "Plans");
    for rel in ["onlineMeeting", "leaders", "attendees", "lobby", "participants"] {
        assert_eq!(lene.status_of(href(&now, rel)), 200, "{rel}");
    }
    let ana = participant(&lene, &now, "ana");
    assert!(ana["role"] == "Attendee" && has_link(&ana, "promote") && has_link(&ana, "participantMessaging"));
    let local = lene.get(href(&now, "localParticipant"));
    assert_eq!((&local["role"], &local["organizer"]), (&json!("Leader"), &json!(true)));
    let truth = sim.control().truth();
    assert_eq!(truth.meetings[0].organizer, "sip:lene@contoso.com");
    assert_eq!(truth.meetings[0].subject, "Plans");
    assert_eq!(truth.meetings[0].roster.len(), 3);
    assert_eq!(truth.conversations[0].meeting.as_ref(), Some(&truth.meetings[0].uri));

    // It is a meeting now: who leaves does not end it.
    sim.control().leave(&truth.meetings[0].uri, "sip:ana@contoso.com").expect("she leaves");
    events.until_after(skip, "conversation: participant deleted");
    assert_eq!(lene.get(href(&now, "self"))["participantCount"], 2);
}

#[test]
fn the_partner_comes_along_by_himself() {
    let sim = start();
    two_users!(sim, lene, tosh, hers, his, conversation);
    let skip = his.seen.len();
    add(&lene, &conversation, "bo");
    his.until_after(skip, "communication: onlineMeetingInvitation completed");
    assert_eq!(
        his.lines_after(skip)[..7],
        [
            "communication: onlineMeetingInvitation started Connecting",
            "communication: conversation updated Conferencing",
            "communication: conversation updated Conferenced",
            "conversation: onlineMeeting added in conversation",
            "conversation: participant added",
            "conversation: participant added in leaders",
            "communication: onlineMeetingInvitation completed Success Connected",
        ]
    );
    let started = his.seen[skip].body().clone();
    assert_eq!(started["direction"], "Incoming");
    assert!(!has_link(&started, "accept"), "there is nothing to answer");
    assert_eq!(started["_embedded"]["from"]["name"], "Lene Aaling");
    hers.until("communication: participantInvitation completed Success");
    his.until_after(skip, "conversation: participant added in attendees");
    assert_eq!(sim.control().truth().meetings[0].roster.len(), 3);
}

#[test]
fn the_partner_can_be_asked_instead() {
    for accepts in [true, false] {
        let sim = with(|switches| switches.escalated_partner = EscalatedPartner::Asked);
        two_users!(sim, lene, tosh, hers, his, conversation);
        let skip = his.seen.len();
        add(&lene, &conversation, "bo");
        let asked = his.until_after(skip, "communication: onlineMeetingInvitation started");
        if accepts {
            tosh.act(href(asked.body(), "accept")).expect(204);
            his.until_after(skip, "communication: onlineMeetingInvitation completed Success");
            let own = tosh.get(href(asked.body(), "conversation"));
            assert_eq!(own["state"], "Conferenced");
        } else {
            tosh.post(href(asked.body(), "decline"), &json!({"reason": "Global"})).expect(204);
            his.until_after(skip, "communication: conversation deleted");
            hers.until("conversation: participant deleted");
        }
        hers.until("communication: participantInvitation completed Success");
        assert_eq!(lene.get(href(&conversation, "self"))["state"], "Conferenced", "others stay");
        let roster = sim.control().truth().meetings[0].roster.clone();
        assert_eq!(roster.len(), if accepts { 3 } else { 2 });
    }
}

#[test]
fn an_escalation_that_fails_leaves_the_conversation_as_it_was() {
    let sim = with(|switches| switches.escalation = Escalation::Fails);
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let conversation = call(&lene, &mut events, "ana");
    let skip = events.seen.len();
    add(&lene, &conversation, "bo");
    events.until_after(skip, "communication: conversation updated Connected");
    assert_eq!(
        events.lines_after(skip),
        [
            "communication: participantInvitation started Connecting",
            "communication: conversation updated Conferencing",
            "communication: participantInvitation completed Failure Failed",
            "communication: conversation updated Connected",
        ]
    );
    let ended = &events.seen[skip + 2];
    assert_eq!(ended.event["reason"]["subcode"], "EscalationFailed");
    let messaging = lene.get(href(&conversation, "messaging"));
    let plain = [("Content-Type", "text/plain")];
    lene.send("POST", href(&messaging, "sendMessage"), &plain, b"still here").expect(201);
    assert_eq!(sim.control().truth().invitation("add-bo").expect("it").outcome, Some(Outcome::Failed));
    assert!(sim.control().truth().meetings.is_empty());
}

#[test]
fn escalation_can_be_absent_and_slow() {
    let sim = with(|switches| switches.escalation = Escalation::NotOffered);
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let conversation = call(&lene, &mut events, "ana");
    assert!(!has_link(&conversation, "addParticipant"));
    let id = href(&conversation, "self").rsplit('/').next().expect("an id").to_owned();
    let path = format!("{}/communication/participantInvitations?conversation={id}", lene.own_link());
    assert_eq!(lene.post(&path, &json!({"to": "sip:bo@contoso.com"})).error().0, 409);

    sim.control().change_switches(|switches| {
        switches.escalation = Escalation::Works;
        switches.connect_ms = 60_000;
    });
    lene.post(&path, &json!({"to": "sip:bo@contoso.com"})).expect(201);
    assert_eq!(lene.get(href(&conversation, "self"))["state"], "Conferencing");
    let second = lene.post(&path, &json!({"to": "sip:dan@contoso.com"})).error();
    assert_eq!(second, (409, "Conflict".into(), "AnotherOperationPending".into()));
    // Who leaves on the way takes everything back.
    lene.delete(href(&conversation, "self")).expect(204);
    let all_over = |truth: &ucwa_sim::Truth| truth.applications[0].pending_invitations == 0;
    sim.control().wait_until(PATIENCE, all_over).expect("nothing stays open");
}

#[test]
fn the_messaging_may_reconnect_and_the_partner_stay_unmentioned() {
    let sim = with(|switches| {
        switches.escalation_reconnects = true;
        switches.escalated_partner_again = false;
    });
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let conversation = call(&lene, &mut events, "ana");
    let skip = events.seen.len();
    add(&lene, &conversation, "dan");
    events.until_after(skip, "communication: participantInvitation completed Failure");
    assert_eq!(
        events.lines_after(skip),
        [
            "communication: participantInvitation started Connecting",
            "communication: conversation updated Conferencing",
            "conversation: messaging updated Connecting",
            "communication: conversation updated Conferenced",
            "conversation: onlineMeeting added in conversation",
            "conversation: participant added in attendees",
            "conversation: messaging updated Connected",
            "communication: participantInvitation completed Failure Failed",
        ]
    );
    assert_eq!(lene.get(href(&conversation, "self"))["state"], "Conferenced", "it stays a meeting");
}
