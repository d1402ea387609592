//! Faults on purpose.

use std::time::Duration;

use serde_json::json;
use ucwa_sim::{Fault, FaultBody, FaultKind};

use crate::common::{Session, connect, href, path_of, read_answer, request, start, write_request};

fn status(status: u16, body: FaultBody) -> FaultKind {
    FaultKind::Status {
        status,
        body,
        code: String::new(),
        subcode: "None".into(),
        headers: vec![("Retry-After".into(), "1".into())],
    }
}

#[test]
fn any_status_with_any_body_in_place_of_the_answer() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let start = lene.communication("startOnlineMeeting");
    let control = sim.control();
    control.set_fault(Fault::once("POST", "onlineMeetingInvitations", status(503, FaultBody::Html)).times(2));
    for _ in 0..2 {
        let answer = lene.post(start, &json!({})).expect(503);
        assert!(answer.header("Content-Type").is_some_and(|kind| kind.starts_with("text/html")));
        assert_eq!(answer.header("Retry-After"), Some("1"));
    }
    assert!(control.truth().meetings.is_empty(), "it was not carried out");
    assert_eq!(lene.post(start, &json!({})).status, 201, "twice was enough");
    assert_eq!(control.faults()[0].fired, 2);
    control.clear_faults();
    control.set_fault(Fault::once("", "/me", status(429, FaultBody::Json)).always());
    for _ in 0..3 {
        let answer = lene.send("GET", &format!("{}/me", lene.own_link()), &[], b"");
        assert_eq!(answer.error(), (429, "TooManyRequests".into(), "None".into()));
    }
    assert_eq!(
        request(sim.address(), "GET", "/sim/truth?x=/me", &[], b"").status,
        200,
        "never the control API"
    );
    let text = "{\"_links\":{\"resync\":{\"href\":\"/elsewhere\"}}}".to_owned();
    let odd = FaultKind::Answer { status: 200, content_type: "application/json".into(), text: text.clone() };
    control.clear_fault(2).expect("it is set");
    control.set_fault(Fault::once("GET", "/policies", odd));
    let answer = lene.send("GET", &format!("{}/policies", lene.own_link()), &[], b"").expect(200);
    assert_eq!(
        (answer.header("Content-Type"), answer.body.as_slice()),
        (Some("application/json"), text.as_bytes())
    );
    assert!(control.clear_fault(2).is_err());
}

#[test]
fn a_dropped_request_may_have_been_carried_out() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let bearer = format!("Bearer {}", lene.token);
    for (carried_out, meetings) in [(false, 0), (true, 1)] {
        sim.control().set_fault(Fault::once("POST", "adhoc", FaultKind::Drop { carried_out }));
        let mut stream = connect(lene.address);
        let headers = [("Authorization", bearer.as_str())];
        write_request(&mut stream, "POST", lene.communication("startOnlineMeeting"), &headers, b"{}");
        assert!(read_answer(&mut stream).is_none());
        assert_eq!(sim.control().truth().meetings.len(), meetings);
        assert_eq!(sim.control().requests().last().expect("the request").status, None);
    }
}

#[test]
fn bodies_are_cut_marked_and_emptied() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let control = sim.control();
    control.set_fault(Fault::once("GET", "/me", FaultKind::Truncate { bytes: 5 }));
    let mut stream = connect(lene.address);
    let bearer = format!("Bearer {}", lene.token);
    write_request(&mut stream, "GET", &format!("{}/me", lene.own_link()), &[("Authorization", &bearer)], b"");
    let mut all = Vec::new();
    std::io::Read::read_to_end(&mut stream, &mut all).expect("the rest");
    let text = String::from_utf8(all).expect("UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    assert_eq!(body.len(), 5);
    let length: usize = head
        .split("Content-Length: ")
        .nth(1)
        .and_then(|rest| rest.split("\r\n").next()?.parse().ok())
        .expect("a length");
    assert!(length > 100, "the length is that of the whole");

    control.set_fault(Fault::once("GET", "/me", FaultKind::Bom {}));
    let marked = lene.send("GET", &format!("{}/me", lene.own_link()), &[], b"").expect(200);
    assert!(marked.body.starts_with("\u{feff}{".as_bytes()));

    let events = href(&lene.application, "events").to_owned();
    control.set_fault(Fault::once("GET", "/events", FaultKind::NoEmbedded {}));
    control.set_fault(Fault::once("GET", "/events", FaultKind::NoSender {}).after(1));
    lene.post(lene.communication("startOnlineMeeting"), &json!({})).expect(201);
    let bare = lene.get(&events);
    let first = &bare["sender"][0]["events"][0];
    assert!(first.get("link").is_some() && first.get("_embedded").is_none());
    assert!(lene.get(&events).get("sender").is_none());
    assert!(
        lene.get(&events)["sender"][0]["events"][0].get("_embedded").is_some(),
        "the page itself is whole"
    );
}

#[test]
fn events_can_come_before_their_201() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    sim.control().set_fault(Fault::once("POST", "adhoc", FaultKind::EventBefore201 {}));
    let bearer = format!("Bearer {}", lene.token);
    let headers = [("Authorization", bearer.as_str())];
    let mut post = connect(lene.address);
    write_request(
        &mut post,
        "POST",
        lene.communication("startOnlineMeeting"),
        &headers,
        b"{\"operationId\":\"early\"}",
    );
    post.set_read_timeout(Some(Duration::from_millis(1))).expect("set");
    let mut channel = lene.channel();
    let started = channel.until("communication: onlineMeetingInvitation started");
    assert_eq!(started.body()["operationId"], "early");
    assert!(read_answer(&mut post).is_none(), "not yet answered");
    post.set_read_timeout(Some(crate::common::PATIENCE)).expect("set");
    channel.page();
    let answer = read_answer(&mut post).expect("an answer");
    assert_eq!((answer.status, answer.header("Location")), (201, Some(path_of(&started.href))));
}

#[test]
fn an_answer_can_be_held_back() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    sim.control().set_fault(Fault::once("POST", "adhoc", FaultKind::Delay { ms: 3_600_000 }));
    let mut post = connect(lene.address);
    let bearer = format!("Bearer {}", lene.token);
    write_request(
        &mut post,
        "POST",
        lene.communication("startOnlineMeeting"),
        &[("Authorization", &bearer)],
        b"{}",
    );
    lene.channel().until("communication: onlineMeetingInvitation completed Success");
    post.set_read_timeout(Some(Duration::from_millis(1))).expect("set");
    assert!(read_answer(&mut post).is_none(), "everything has happened, and the answer is still on its way");
}
