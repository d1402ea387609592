//! Meetings: the event orders as tables, every way to answer an invitation, and the truth to compare with.

use crate::common::{Session, has_link, href, start};
use serde_json::json;
use ucwa_sim::Outcome;

/// The sequence of starting a meeting, in the order that the protocol's digest gives it.
#[test]
fn starting_a_meeting_shows_each_step_in_its_order() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, uri) = events.start_meeting();
    assert_eq!(
        events.lines(),
        [
            "communication: onlineMeetingInvitation started Connecting",
            "communication: conversation added Connecting",
            "conversation: localParticipant added",
            "communication: conversation updated Conferencing",
            "communication: conversation updated Conferenced",
            "conversation: onlineMeeting added in conversation",
            "conversation: messaging updated Disconnected",
            "communication: onlineMeetingInvitation completed Success Connected",
        ]
    );
    let started = &events.seen[0];
    assert_eq!(started.body()["operationId"], "start");
    assert_eq!(started.body()["direction"], "Outgoing");
    assert!(!has_link(started.body(), "cancel") && !has_link(started.body(), "to"));
    assert!(!has_link(events.seen[1].body(), "addParticipant"), "not before Conferenced");
    for rel in ["addParticipant", "leaders", "attendees", "lobby", "participants", "onlineMeeting"] {
        assert!(has_link(&conversation, rel), "{rel}");
        assert!(rel == "addParticipant" || lene.status_of(href(&conversation, rel)) == 200, "{rel} works");
    }
    assert!(has_link(events.seen[6].body(), "addMessaging"));
    let truth = sim.control().truth();
    let roster = &truth.meeting(&uri).expect("the meeting").roster;
    assert_eq!(roster.len(), 1);
    assert!(roster[0].organizer && roster[0].role == "Leader");
}

/// Everybody of the default world is invited, and each answers in his own way.
#[test]
fn every_behaviour_ends_as_the_truth_says() {
    let sim = crate::common::start_with(|settings| settings.switches.answer_timeout_ms = 300);
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, uri) = events.start_meeting();
    let cases = [
        ("ana", "Success", "Connected", None, Outcome::Accepted),
        ("bo", "Success", "Connected", None, Outcome::Accepted),
        ("dan", "Failure", "Failed", Some(("RemoteFailure", "Declined")), Outcome::Declined),
        ("bea", "Failure", "Failed", Some(("RemoteFailure", "Busy")), Outcome::Busy),
        ("dora", "Failure", "Failed", Some(("RemoteFailure", "DoNotDisturb")), Outcome::Busy),
        ("ines", "Failure", "Failed", Some(("RemoteFailure", "Missed")), Outcome::NoAnswer),
        ("ulf", "Failure", "Failed", Some(("RemoteFailure", "Unreachable")), Outcome::Unreachable),
        ("nobody", "Failure", "Failed", Some(("NotFound", "DestinationNotFound")), Outcome::Unreachable),
        ("stranger", "Failure", "Failed", Some(("NotFound", "DestinationNotFound")), Outcome::Unreachable),
        ("tosh", "Failure", "Failed", Some(("RemoteFailure", "Unreachable")), Outcome::Unreachable),
    ];
    for (who, ..) in &cases {
        let body = json!({"operationId": format!("op-{who}"), "to": format!("sip:{who}@contoso.com")});
        let answer = lene.post(href(&conversation, "addParticipant"), &body).expect(201);
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("Content-Length"), Some("0"));
        let invitation = lene.get(answer.header("Location").expect("Location"));
        assert_eq!(invitation["operationId"], body["operationId"]);
    }
    for (who, status, state, reason, outcome) in &cases {
        let operation = format!("op-{who}");
        let end = std::time::Instant::now() + crate::common::PATIENCE;
        let completed = loop {
            let mut all = events.seen.iter().filter(|seen| seen.kind == "completed");
            if let Some(seen) = all.find(|seen| seen.body()["operationId"] == operation.as_str()) {
                break seen.clone();
            }
            assert!(std::time::Instant::now() < end, "{who}: {:#?}", events.lines());
            events.page();
        };
        assert_eq!(completed.rel, "participantInvitation");
        assert_eq!(completed.event["status"], *status, "{who}");
        assert_eq!(completed.body()["state"], *state, "{who}");
        let seen = completed.event.get("reason");
        let seen = seen.map(|reason| (reason["code"].as_str().unwrap(), reason["subcode"].as_str().unwrap()));
        assert_eq!(seen, *reason, "{who}");
        let truth = sim.control().truth();
        let invitation = truth.invitation(&operation).expect("the invitation");
        assert_eq!(invitation.outcome, Some(*outcome), "{who}");
        assert_eq!(invitation.status.as_deref(), Some(*status), "{who}");
        if *outcome == Outcome::Accepted {
            let by = &completed.body()["_embedded"]["acceptedByParticipant"];
            assert_eq!(by[0]["uri"], format!("sip:{who}@contoso.com"));
        }
    }
    let truth = sim.control().truth();
    let there: Vec<_> =
        truth.meeting(&uri).expect("the meeting").roster.iter().map(|r| r.uri.as_str()).collect();
    assert_eq!(there, ["sip:lene@contoso.com", "sip:ana@contoso.com", "sip:bo@contoso.com"]);
}
