//! What goes wrong becomes an event with a reason: never a panic, a hang or a hot loop.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::json;
use ucwa::delivery::{EventBody, SessionState};
use ucwa::model::{ConversationId, Outcome};
use ucwa::session::{AddParticipant, Config, Meeting};
use ucwa::{Error, ErrorKind};
use ucwa_sim::{Simulator, UnknownPerson};

use crate::host::{Host, config, simulator};

fn fault(simulator: &Simulator, fault: serde_json::Value) {
    simulator.control().set_fault(serde_json::from_value(fault).expect("a fault"));
}

fn fired(simulator: &Simulator) -> u64 {
    simulator.control().faults().iter().map(|fault| fault.fired).sum()
}

fn fails_to_open(config: &Config) -> Error {
    let mut host = Host::new(config);
    let open = host.session.open().unwrap();
    let error = host.done(open).unwrap_err();
    let reason = host.until_state(SessionState::Failed).expect("a reason");
    assert_eq!(reason.to_string(), error.to_string());
    error
}

/// A lost application is not made anew.
fn without_recovery(simulator: &Simulator) -> Config {
    let mut config = config(simulator);
    config.set("event.attempts", "0").unwrap();
    config
}

#[test]
fn failed_is_the_last_event_and_ends_the_reader() {
    let simulator = simulator(|_| {});
    let mut host = Host::online(&without_recovery(&simulator));
    let application = simulator.control().truth().applications[0].id.clone();
    simulator.control().lose_application(&application).unwrap();
    // Reads until the reader says that nothing will come: a host that iterates must not wait for ever.
    host.rest();
    let last = host.heard.last().expect("events");
    assert!(matches!(&last.body, EventBody::State(change) if change.new == SessionState::Failed), "{last:?}");
    let close = host.session.close();
    host.done(close).unwrap();
    assert_eq!(host.session.state(), SessionState::Closed);
    assert!(host.session.failure().is_some(), "the reason stays");
}

#[test]
fn nobody_listens() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut config = Config::new();
    config.root_url(&format!("http://{nobody}/")).unwrap().proxy(Some("")).unwrap();
    config.set("allow_http", "true").unwrap().set("retry.times", "1").unwrap();
    config.set("retry.first_pause_ms", "5").unwrap();
    let error = fails_to_open(&config);
    assert!(matches!(error.kind(), ErrorKind::Network | ErrorKind::Discovery), "{error:?}");
}

/// A web server that is no UCWA: the same answer to every request.
fn web_server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            std::thread::spawn(move || {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(answer.as_bytes());
            });
        }
    });
    format!("http://{address}/")
}

#[test]
fn servers_that_are_no_ucwa() {
    let answers = [
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\nConnection: close\r\n\r\n<html>hi</html>",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\nConnection: close\r\n\r\n[1,2",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\nConnection: close\r\n\r\n{\"_links\"",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "",
    ];
    for answer in answers {
        let mut config = Config::new();
        config.root_url(&web_server(answer)).unwrap().proxy(Some("")).unwrap();
        config.password("lene", "secret".to_owned()).unwrap();
        config.set("allow_http", "true").unwrap().set("retry.times", "0").unwrap();
        let error = fails_to_open(&config);
        assert!(!error.to_string().is_empty(), "{answer}: {error}");
        assert!(!error.to_string().contains("secret"));
    }
}

#[test]
fn an_application_that_is_lost_or_refused_fails_the_session_with_the_server_s_words() {
    let simulator = simulator(|_| {});
    let mut host = Host::online(&without_recovery(&simulator));
    let application = simulator.control().truth().applications[0].id.clone();
    simulator.control().lose_application(&application).unwrap();
    let reason = host.until_state(SessionState::Failed).expect("a reason");
    assert_eq!(reason.reason().unwrap().subcode, "ApplicationNotFound", "{reason}");
    simulator.control().clear_faults();
    fault(
        &simulator,
        json!({"method": "POST", "path": "/applications", "does":
        {"status": {"status": 410, "subcode": "TooManyApplications"}}}),
    );
    let refused = fails_to_open(&config(&simulator));
    assert_eq!(refused.reason().unwrap().subcode, "TooManyApplications");
    assert_eq!(refused.http_status(), Some(410));
}

#[test]
fn a_lost_application_ends_its_invitations_as_lost() {
    let simulator = simulator(|settings| settings.switches.answer_timeout_ms = 60_000);
    let (mut host, conversation) = Host::in_a_meeting(&without_recovery(&simulator));
    let (id, operation) = host
        .session
        .add_participant(conversation, "sip:ines@contoso.com", &AddParticipant::default())
        .unwrap();
    host.done(operation).unwrap();
    let application = simulator.control().truth().applications[0].id.clone();
    simulator.control().lose_application(&application).unwrap();
    assert_eq!(host.outcome(id).outcome, Some(Outcome::Lost));
    host.until_state(SessionState::Failed);
    let late = host.session.start_meeting(&Meeting::default()).unwrap_err();
    assert_eq!(late.kind(), ErrorKind::WrongState);
    let close = host.session.close();
    host.done(close).unwrap();
}

/// A meeting goes on as if nothing had happened, although this befalls the event channel.
fn survives(does: serde_json::Value, minimum: u64) {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = Host::in_a_meeting(&config(&simulator));
    fault(&simulator, json!({"path": "/events", "count": minimum, "does": does}));
    for to in ["sip:ana@contoso.com", "sip:dan@contoso.com"] {
        let (id, _) = host.session.add_participant(conversation, to, &AddParticipant::default()).unwrap();
        assert!(host.outcome(id).outcome != Some(Outcome::Lost), "{does}");
    }
    host.until_the_truth(&simulator, conversation);
    assert!(fired(&simulator) >= 1, "{does}: the fault never came");
    assert_ne!(host.session.state(), SessionState::Failed);
}

#[test]
fn the_event_channel_survives_what_a_network_does() {
    survives(json!({"drop": {}}), 2);
    survives(json!({"truncate": {"bytes": 40}}), 2);
    survives(json!({"status": {"status": 503}}), 1);
    survives(json!({"status": {"status": 200, "body": "html"}}), 1);
    survives(json!({"status": {"status": 502, "body": "html"}}), 1);
    survives(json!({"bom": {}}), 3);
    survives(json!({"no_embedded": {}}), 3);
    survives(json!({"delay": {"ms": 50}}), 3);
}

#[test]
fn a_channel_that_stays_broken_fails_without_a_hot_loop() {
    let simulator = simulator(|_| {});
    let mut config = config(&simulator);
    config.set("event.attempts", "3").unwrap();
    let mut host = Host::online(&config);
    fault(&simulator, json!({"path": "/events", "count": null, "does": {"status": {"status": 503}}}));
    let application = simulator.control().truth().applications[0].id.clone();
    let _ = simulator.control().resume_application(&application);
    host.until_state(SessionState::Failed).expect("a reason");
    let tries: Vec<u32> = host
        .heard
        .iter()
        .filter_map(|event| match &event.body {
            EventBody::State(change) if change.new == SessionState::Recovering => Some(change.attempt),
            _ => None,
        })
        .collect();
    assert_eq!(tries, [1, 2, 3], "each try is told");
    assert_eq!(fired(&simulator), 4);
}

#[test]
fn a_token_that_expires_in_mid_session_is_renewed_once_for_all() {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = Host::in_a_meeting(&config(&simulator));
    simulator.control().forget_requests();
    simulator.control().expire_tokens(None);
    let (id, _) = host
        .session
        .add_participant(conversation, "sip:ana@contoso.com", &AddParticipant::default())
        .unwrap();
    assert_eq!(host.outcome(id).outcome, Some(Outcome::Accepted));
    host.until_the_truth(&simulator, conversation);
    let tokens = simulator.control().requests();
    let tokens = tokens.iter().filter(|r| r.target.contains("oauthtoken"));
    assert_eq!(tokens.count(), 1);
}

#[test]
fn an_event_before_its_201_finds_its_invitation() {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = Host::in_a_meeting(&config(&simulator));
    fault(&simulator, json!({"path": "participantInvitations", "count": 3, "does": {"event_before201": {}}}));
    for to in ["sip:ana@contoso.com", "sip:dan@contoso.com", "sip:bea@contoso.com"] {
        let (id, operation) =
            host.session.add_participant(conversation, to, &AddParticipant::default()).unwrap();
        assert_eq!(host.outcome(id).to, to);
        host.done(operation).unwrap();
    }
    assert_eq!(fired(&simulator), 3);
}

#[test]
fn a_refused_invitation_is_failed_once_with_the_server_s_reason() {
    let simulator = simulator(|settings| settings.switches.unknown_person = UnknownPerson::Post);
    let (mut host, conversation) = Host::in_a_meeting(&config(&simulator));
    fault(
        &simulator,
        json!({"path": "participantInvitations", "skip": 1, "does":
        {"status": {"status": 409, "subcode": "TooManyGroups"}}}),
    );
    for (to, subcode) in
        [("sip:nobody@contoso.com", "DestinationNotFound"), ("sip:ana@contoso.com", "TooManyGroups")]
    {
        let (id, operation) =
            host.session.add_participant(conversation, to, &AddParticipant::default()).unwrap();
        let error = host.done(operation).unwrap_err();
        assert_eq!(error.reason().map(|r| r.subcode.as_str()), Some(subcode), "{error}");
        let invitation = host.outcome(id);
        assert_eq!(invitation.outcome, Some(Outcome::Failed));
        assert_eq!(invitation.reason.as_ref().map(|r| r.subcode.as_str()), Some(subcode));
    }
}

#[test]
fn an_invitation_whose_request_got_no_answer_is_decided_by_events_or_lost() {
    for carried_out in [true, false] {
        let simulator = simulator(|_| {});
        let mut config = config(&simulator);
        config.set("invitation.answer_grace_s", "1").unwrap();
        let (mut host, conversation) = Host::in_a_meeting(&config);
        fault(
            &simulator,
            json!({"path": "participantInvitations", "does": {"drop": {"carried_out": carried_out}}}),
        );
        let (id, operation) = host
            .session
            .add_participant(conversation, "sip:ana@contoso.com", &AddParticipant::default())
            .unwrap();
        let error = host.done(operation).unwrap_err();
        assert!(error.may_have_worked(), "{error:?}");
        let expected = if carried_out { Outcome::Accepted } else { Outcome::Lost };
        assert_eq!(host.outcome(id).outcome, Some(expected));
        let posts = simulator.control().requests();
        let posts =
            posts.iter().filter(|r| r.method == "POST" && r.target.contains("participantInvitations"));
        assert_eq!(posts.count(), 1, "a request that creates is never blindly repeated");
    }
}

#[test]
fn what_needs_a_session_says_so_without_one() {
    let simulator = simulator(|_| {});
    let host = Host::new(&config(&simulator));
    let conversation = ConversationId::new(1).unwrap();
    let early = [
        host.session.start_meeting(&Meeting::default()).unwrap_err(),
        host.session.join_meeting("sip:x", &Meeting::default()).unwrap_err(),
        host.session.leave(conversation).unwrap_err(),
        host.session.add_participant(conversation, "sip:x", &AddParticipant::default()).unwrap_err(),
    ];
    for error in early {
        assert_eq!(error.kind(), ErrorKind::WrongState, "{error}");
        assert!(error.advice().contains("open the session"), "{error}");
    }
}
