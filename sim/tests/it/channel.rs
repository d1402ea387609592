//! The event channel: what an `ack` means, who waits, what is merged.

use std::net::TcpStream;

use serde_json::{Value, json};
use ucwa_sim::{Aggregation, LostApplication};

use crate::common::{
    PATIENCE, Session, connect, href, path_of, read_answer, start, start_with, write_request,
};

/// Sends a P-GET and does not wait for its answer.
fn park(session: &Session, href: &str) -> TcpStream {
    let mut stream = connect(session.address);
    let bearer = format!("Bearer {}", session.token);
    write_request(&mut stream, "GET", path_of(href), &[("Authorization", &bearer)], b"");
    stream
}

fn parked(sim: &ucwa_sim::Simulator) {
    let parked = |truth: &ucwa_sim::Truth| truth.applications.iter().any(|app| app.channels[0].parked);
    sim.control().wait_until(PATIENCE, parked).expect("a P-GET waits");
}

#[test]
fn an_empty_page_has_only_the_way_on() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let page = lene.get(&format!("{}&timeout=0.05&key=a%20b", href(&lene.application, "events")));
    let own = format!("{}/events", lene.own_link());
    assert_eq!(
        page,
        json!({"_links": {"self": {"href": format!("{own}?ack=1&key=a+b")}, "next": {"href": format!("{own}?ack=2&key=a+b")}}})
    );
    sim.control().change_switches(|switches| switches.empty_page_sender = true);
    assert_eq!(lene.get(&format!("{}&timeout=0.05", href(&page, "next")))["sender"], json!([]));
}

#[test]
fn a_page_is_given_again_until_the_next_one_is_asked_for() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let events = href(&lene.application, "events").to_owned();
    lene.make_available();
    let first = lene.get(&format!("{events}&medium=0.05"));
    assert!(first["sender"].is_array());
    assert_eq!(lene.get(&events), first, "the same page again");
    assert_eq!(href(&lene.get(lene.own_link()), "events"), events, "the application still points to it");
    let truth = sim.control().truth();
    assert_eq!(truth.applications[0].channels[0].unacknowledged, 5);
    let second = lene.get(&format!("{}&timeout=0.05", href(&first, "next")));
    assert_eq!(href(&second, "self"), href(&first, "next"));
    assert_eq!(sim.control().truth().applications[0].channels[0].unacknowledged, 0);
}

#[test]
fn a_wrong_ack_is_led_back_to_the_first_page_that_is_not_acknowledged() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let events = href(&lene.application, "events").to_owned();
    let first = lene.get(&format!("{events}&timeout=0.05"));
    for wrong in ["ack=3", "ack=0", "ack=999", "ack=x", "low=5"] {
        let page = lene.get(&events.replace("ack=1", wrong));
        assert_eq!(page, json!({"_links": {"resync": {"href": events}}}), "{wrong}");
    }
    assert_eq!(lene.get(&events), first, "and there it is");
    lene.get(&format!("{}&timeout=0.05", href(&first, "next")));
    assert!(lene.get(&events)["_links"]["resync"].is_object(), "an acknowledged page is gone");
}

#[test]
fn the_newer_of_two_replaces_the_older_unless_its_priority_is_lower() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let events = href(&lene.application, "events");
    let mut older = park(&lene, &format!("{events}&priority=2"));
    parked(&sim);
    let refused = lene.send("GET", &format!("{events}&priority=1"), &[], b"");
    assert_eq!(
        refused.error(),
        (409, "Conflict".into(), "PGetReplaced".into()),
        "the lower one is turned away"
    );
    let mut newer = park(&lene, &format!("{events}&priority=2"));
    let replaced = read_answer(&mut older).expect("an answer");
    assert_eq!(replaced.error(), (409, "Conflict".into(), "PGetReplaced".into()), "the equal one takes over");
    parked(&sim);
    lene.post(lene.communication("startOnlineMeeting"), &json!({})).expect(201);
    let page = read_answer(&mut newer).expect("a page").expect(200).json();
    assert_eq!(page["sender"][0]["events"][0]["link"]["rel"], "onlineMeetingInvitation");
}

#[test]
fn what_a_lost_client_did_not_read_is_given_to_it_when_it_comes_back() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let events = href(&lene.application, "events").to_owned();
    let gone = park(&lene, &events);
    parked(&sim);
    drop(gone);
    let silent = |truth: &ucwa_sim::Truth| !truth.applications[0].channels[0].parked;
    sim.control().wait_until(PATIENCE, silent).expect("it is noticed that the client is gone");
    lene.post(lene.communication("startOnlineMeeting"), &json!({})).expect(201);
    let page = lene.get(&events);
    assert_eq!(page["sender"][0]["events"][0]["type"], "started");
}

#[test]
fn an_application_that_is_lost_answers_its_waiting_client() {
    for (answer, error) in [
        (LostApplication::NotFound, (404, "NotFound".to_owned(), "ApplicationNotFound".to_owned())),
        (LostApplication::Gone, (410, "Gone".to_owned(), "InactiveApplicationExpired".to_owned())),
    ] {
        let sim = start_with(|settings| settings.switches.lost_application = answer);
        let lene = Session::sign_in(&sim, "lene");
        let mut waiting = park(&lene, href(&lene.application, "events"));
        parked(&sim);
        sim.control().lose_application(lene.id()).expect("it is lost");
        assert_eq!(read_answer(&mut waiting).expect("an answer").error(), error);
        assert_eq!(lene.send("GET", lene.own_link(), &[], b"").error(), error);
        assert!(sim.control().lose_application(lene.id()).is_err());
    }
}

#[test]
fn an_application_that_nobody_listens_to_is_lost() {
    let sim = start_with(|settings| settings.switches.silence_ms = 100);
    let _lene = Session::sign_in(&sim, "lene");
    sim.control().wait_until(PATIENCE, |truth| truth.applications.is_empty()).expect("it is lost");
}

#[test]
fn high_events_go_at_once_and_take_the_others_along() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut waiting = park(&lene, &format!("{}&medium=1800&timeout=1800", href(&lene.application, "events")));
    parked(&sim);
    lene.make_available();
    let held = sim.control().truth();
    assert_eq!(held.applications[0].channels[0].queued, 5, "medium events wait");
    lene.post(lene.communication("startOnlineMeeting"), &json!({})).expect(201);
    let page = read_answer(&mut waiting).expect("a page").expect(200).json();
    let order: Vec<_> =
        page["sender"].as_array().expect("senders").iter().map(|s| s["rel"].as_str().unwrap()).collect();
    assert_eq!(order[..2], ["me", "communication"], "in the order in which they happened");
    assert_eq!(page["sender"][1]["events"][0]["link"]["rel"], "communication");
    assert_eq!(page["sender"][1]["events"][1]["link"]["rel"], "onlineMeetingInvitation");
}

/// PUTs communication so many times while nobody listens; gives the lines of the page that follows.
fn merged(aggregation: Aggregation) -> Vec<String> {
    let sim = start_with(|settings| settings.switches.aggregation = aggregation);
    let lene = Session::sign_in(&sim, "lene");
    let place = href(lene.part("communication"), "self").to_owned();
    for _ in 0..3 {
        let body = lene.get(&place);
        let etag = format!("\"{}\"", body["etag"].as_str().expect("an etag"));
        let kind = [("Content-Type", "application/json"), ("If-Match", etag.as_str())];
        lene.send("PUT", &place, &kind, body.to_string().as_bytes()).expect(200);
    }
    let mut events = lene.channel();
    lene.post(lene.communication("startOnlineMeeting"), &json!({})).expect(201);
    let settled = |truth: &ucwa_sim::Truth| truth.invitations.iter().all(|i| i.outcome.is_some());
    sim.control().wait_until(PATIENCE, settled).expect("the meeting has begun");
    events.page();
    events.lines()
}

#[test]
fn changes_are_merged_as_far_as_the_switch_says() {
    let steps = [
        "communication: onlineMeetingInvitation started Connecting",
        "communication: conversation added Connecting",
        "conversation: localParticipant added",
        "communication: conversation updated Conferencing",
        "communication: conversation updated Conferenced",
        "conversation: onlineMeeting added in conversation",
        "conversation: messaging updated Disconnected",
        "communication: onlineMeetingInvitation completed Success Connected",
    ];
    let change = "communication: communication updated";
    let all = |changes: usize| {
        let mut lines = vec![change; changes];
        lines.extend(steps);
        lines
    };
    assert_eq!(merged(Aggregation::Off), all(3));
    assert_eq!(merged(Aggregation::SameState), all(1), "no step of a life is skipped");
    assert_eq!(
        merged(Aggregation::Full),
        [
            change,
            "communication: conversation added Conferenced",
            "conversation: localParticipant added",
            "conversation: onlineMeeting added in conversation",
            "conversation: messaging updated Disconnected",
            "communication: onlineMeetingInvitation completed Success Connected",
        ],
        "only the latest state"
    );
}

#[test]
fn a_channel_can_resume() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (conversation, _) = events.start_meeting();
    sim.control().resume_application(lene.id()).expect("it resumes");
    let page = lene.get(&events.next);
    let links: Vec<_> = page["_links"].as_object().expect("links").keys().collect();
    assert_eq!(links, ["resume", "self"]);
    assert!(page.get("sender").is_none());
    assert_eq!(lene.status_of(href(&conversation, "self")), 404, "conversations are closed");
    let after = lene.get(&format!("{}&timeout=0.05", href(&page, "resume")));
    assert!(after["_links"]["next"].is_object());
}

#[test]
fn the_first_ack_and_the_bounds_of_the_times_follow_the_settings() {
    let sim = start_with(|settings| {
        settings.switches.first_ack = 14;
        settings.switches.min_timeout_ms = None;
    });
    let lene = Session::sign_in(&sim, "lene");
    let events = href(&lene.application, "events");
    assert!(events.ends_with("?ack=14"));
    // 0.05 s is far below the documented 180 s: it is raised, so the P-GET still waits when an event comes.
    let mut waiting = park(&lene, &format!("{events}&timeout=0.05&medium=0.05"));
    parked(&sim);
    lene.make_available();
    assert!(sim.control().truth().applications[0].channels[0].parked);
    lene.post(lene.communication("startOnlineMeeting"), &json!({})).expect(201);
    let page: Value = read_answer(&mut waiting).expect("a page").json();
    assert!(href(&page, "next").ends_with("?ack=15"));
}
