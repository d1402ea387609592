//! Calls that come in: rung once, answered by their links, ended once, whatever the server leaves out (PROTOCOL 3.5, 3.6,
//! 6.3 to 6.5; T-12, T-47).

use std::sync::Arc;

use ucwa::ErrorKind;
use ucwa::delivery::EventBody;
use ucwa::model::{Invitation, InvitationKind, Outcome, Phase};
use ucwa::session::{Availability, Config};
use ucwa::wire::{DeclineReason, Modality};

use crate::documents::{APPLICATION, APPLICATION_BODY, CONVERSATION, from_communication, page, usual};
use crate::host::{Host, config};
use crate::server::{Reply, Server};

const INVITATION: &str = "/ucwa/oauth/v1/applications/105/communication/onlineMeetingInvitations/r1";
const ME: &str = "/ucwa/oauth/v1/applications/105/me";

/// An event of an incoming invitation: `links` besides self, conversation and from.
fn event(rel: &str, kind: &str, state: &str, links: &str, more: &str) -> String {
    format!(
        r#"{{"link":{{"rel":"{rel}","href":"{INVITATION}"}}{more},"_embedded":{{"{rel}":{}}},"type":"{kind}"}}"#,
        body(rel, state, links)
    )
}

fn body(rel: &str, state: &str, links: &str) -> String {
    format!(
        r#"{{"direction":"Incoming","importance":"Urgent","state":"{state}","subject":"Lunch","operationId":"their-op","to":"sip:lenea@contoso.com",
 "_links":{{"self":{{"href":"{INVITATION}"}},"conversation":{{"href":"{CONVERSATION}"}},
  "from":{{"href":"{CONVERSATION}/participants/bo@contoso.com","title":"Bo Berg"}},
  "customContent":{{"href":"data:foo/foo,Ticket+7"}},"message":{{"href":"data:text/plain;charset=utf-8,Hi+Lene"}}{links}}},"rel":"{rel}"}}"#
    )
}

fn may_answer() -> String {
    format!(r#","accept":{{"href":"{INVITATION}/accept"}},"decline":{{"href":"{INVITATION}/decline"}}"#)
}

fn say(server: &Server, ack: u32, event: &str) {
    server.page(&page(ack, &from_communication(event)));
}

fn online(server: &Server, config: &Config) -> Host {
    usual(server);
    Host::online(config)
}

/// The first event of an invitation.
fn rung(host: &mut Host) -> Arc<Invitation> {
    host.until("a ringing call", |event| match &event.body {
        EventBody::Invitation(change) => {
            assert_eq!(change.phase, Phase::Started);
            Some(change.invitation.clone())
        }
        _ => None,
    })
}

#[test]
fn it_tells_all_that_the_server_said() {
    let server = Server::start();
    let mut host = online(&server, &config(&server));
    let links = may_answer() + r#","application":{"href":"/a"},"to":{"href":"/people/lenea@contoso.com"}"#;
    say(&server, 1, &event("onlineMeetingInvitation", "started", "Connecting", &links, ""));
    let call = rung(&mut host);
    assert_eq!((call.from_name.as_str(), call.from_uri.as_str()), ("Bo Berg", ""), "no more is known of him");
    assert_eq!((call.message.as_str(), call.subject.as_str()), ("Hi Lene", "Lunch"));
    assert_eq!((call.custom_content.as_str(), call.custom_content_type.as_str()), ("Ticket 7", "foo/foo"));
    let rels: Vec<&str> = call.links.iter().map(|(rel, _)| rel.as_str()).collect();
    assert_eq!(rels, ["self", "conversation", "from", "accept", "decline", "application", "to"]);
    assert!(call.links.iter().all(|(_, address)| address.starts_with(&server.here())), "{:?}", call.links);
    assert_eq!(call.can.names().collect::<Vec<_>>(), ["accept", "decline"]);
    host.close();
}

#[test]
fn accept_ends_with_the_conversation() {
    let server = Server::start();
    let mut host = online(&server, &config(&server));
    server.always(&format!("POST {INVITATION}/accept"), Reply::no_content());
    say(&server, 1, &event("onlineMeetingInvitation", "started", "Connecting", &may_answer(), ""));
    let call = rung(&mut host);
    // Two answers at once: the server may take both, and both end with the call.
    let first = host.session.accept_invitation(call.id).unwrap();
    let second = host.session.accept_invitation(call.id).unwrap();
    let posts = server.until_asked(&format!("POST {INVITATION}/accept"), 2);
    assert!(posts.iter().all(|post| post.body.is_empty()));
    let success = r#","status":"Success""#;
    say(&server, 2, &event("onlineMeetingInvitation", "completed", "Connected", "", success));
    let conversation = call.conversation.unwrap().get();
    assert_eq!((host.done(first).unwrap(), host.done(second).unwrap()), (conversation, conversation));
    let ended = host.outcome(call.id);
    assert_eq!((ended.outcome, ended.can.names().count()), (Some(Outcome::Accepted), 0));
    host.close();
}

/// The page's own order: the update without the links comes before the answer that uses them (T-47).
#[test]
fn the_answer_is_sent_after_an_update_took_its_link() {
    let server = Server::start();
    let mut host = online(&server, &config(&server));
    server.once(&format!("POST {INVITATION}/accept"), Reply::no_content());
    say(&server, 1, &event("onlineMeetingInvitation", "started", "Connecting", &may_answer(), ""));
    let call = rung(&mut host);
    say(&server, 2, &event("onlineMeetingInvitation", "updated", "Connecting", "", ""));
    host.until("the update", |event| match &event.body {
        EventBody::Invitation(change) if !change.invitation.can.accept => Some(()),
        _ => None,
    });
    host.session.accept_invitation(call.id).expect("may be taken still");
    server.until_asked(&format!("POST {INVITATION}/accept"), 1);
    host.close();
}

#[test]
fn an_event_with_nothing_but_an_address_rings_and_is_answered() {
    for rel in ["messagingInvitation", "onlineMeetingInvitation"] {
        let server = Server::start();
        let mut host = online(&server, &config(&server));
        server
            .always(&format!("GET {INVITATION}"), Reply::json(&body(rel, "Connecting", &may_answer())).held())
            .once(&format!("POST {INVITATION}/decline"), Reply::no_content());
        say(&server, 1, &format!(r#"{{"link":{{"rel":"{rel}","href":"{INVITATION}"}},"type":"started"}}"#));
        let call = rung(&mut host);
        let declined =
            host.session.decline_invitation(call.id, DeclineReason::Global).expect("it may be offered");
        server.until_asked(&format!("GET {INVITATION}"), 2);
        server.release();
        server.release();
        host.done(declined).expect("taken");
        let posts = server.asked(&format!("POST {INVITATION}/decline"));
        assert_eq!(posts[0].body, r#"{"reason":"Global"}"#);
        host.close();
    }
}

/// What the server took is so, when it never says how the invitation ended.
#[test]
fn a_decline_that_was_taken_is_declined() {
    let gone = format!(r#"{{"link":{{"rel":"conversation","href":"{CONVERSATION}"}},"type":"deleted"}}"#);
    for more in [None, Some(gone)] {
        let server = Server::start();
        let mut config = config(&server);
        config.set("invitation.answer_grace_s", "1").unwrap();
        let mut host = online(&server, &config);
        server.once(&format!("POST {INVITATION}/decline"), Reply::no_content());
        say(&server, 1, &event("messagingInvitation", "started", "Connecting", &may_answer(), ""));
        let call = rung(&mut host);
        let declined = host.session.decline_invitation(call.id, DeclineReason::Local).unwrap();
        assert_eq!(host.done(declined).unwrap(), call.id.get());
        if let Some(more) = more {
            say(&server, 2, &more);
        }
        assert_eq!(host.outcome(call.id).outcome, Some(Outcome::Declined));
        host.close();
    }
}

#[test]
fn a_refused_answer_leaves_it_ringing() {
    let server = Server::start();
    let mut host = online(&server, &config(&server));
    let conflict = r#"{"code":"Conflict","subcode":"None","message":"Too late."}"#;
    for rel in ["accept", "decline"] {
        server.once(&format!("POST {INVITATION}/{rel}"), Reply::status("409 Conflict", conflict));
    }
    say(&server, 1, &event("messagingInvitation", "started", "Connecting", &may_answer(), ""));
    let call = rung(&mut host);
    let accepted = host.session.accept_invitation(call.id).unwrap();
    let declined = host.session.decline_invitation(call.id, DeclineReason::Local).unwrap();
    for operation in [accepted, declined] {
        let error = host.done(operation).unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Server, Some(409)));
        assert_eq!(error.reason().unwrap().message, "Too late.");
    }
    let elsewhere = r#","status":"Failure","reason":{"code":"Informational","subcode":"ConnectedElsewhere"}"#;
    say(&server, 2, &event("messagingInvitation", "completed", "Failed", "", elsewhere));
    let ended = host.outcome(call.id);
    assert_eq!(ended.outcome, Some(Outcome::Failed));
    assert_eq!(ended.reason.as_ref().unwrap().subcode, "ConnectedElsewhere");
    host.close();
}

/// Calls that need a device ring too, and can be refused.
#[test]
fn calls_by_audio_and_phone_ring_and_can_be_declined() {
    for (rel, kind, more) in [
        ("phoneAudioInvitation", InvitationKind::PhoneAudio, ""),
        (
            "audioVideoInvitation",
            InvitationKind::AudioVideo,
            r#","acceptWithAnswer":{"href":"/acceptWithAnswer"}"#,
        ),
    ] {
        let server = Server::start();
        let mut host = online(&server, &config(&server));
        server.once(&format!("POST {INVITATION}/decline"), Reply::no_content());
        let links = format!(r#","decline":{{"href":"{INVITATION}/decline"}}{more}"#);
        say(&server, 1, &event(rel, "started", "Connecting", &links, ""));
        let call = rung(&mut host);
        assert_eq!(call.kind, kind);
        let refused = host.session.accept_invitation(call.id).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::NotAllowed);
        let declined = host.session.decline_invitation(call.id, DeclineReason::Local).unwrap();
        host.done(declined).unwrap();
        let failed = r#","status":"Failure","reason":{"code":"LocalFailure","subcode":"Declined"}"#;
        say(&server, 2, &event(rel, "completed", "Failed", "", failed));
        assert_eq!(host.outcome(call.id).outcome, Some(Outcome::Declined));
        assert!(server.lines("POST *").iter().all(|line| !line.contains("accept")));
        host.close();
    }
}

/// The application with these links in its me.
fn application(me: &str) -> String {
    let own = format!(r#""self":{{"href":"{ME}"}}"#);
    APPLICATION_BODY.replace(&own, &format!("{own}{me}"))
}

fn may_become_available() -> String {
    application(&format!(r#","makeMeAvailable":{{"href":"{ME}/makeMeAvailable"}}"#))
}

fn is_available() -> String {
    application(&format!(r#","reportMyActivity":{{"href":"{ME}/reportMyActivity"}}"#))
}

#[test]
fn available_before_the_first_page_is_asked_for() {
    let server = Server::start();
    usual(&server);
    server
        .always("POST /ucwa/oauth/v1/applications", Reply::status("201 Created", &may_become_available()))
        .always(&format!("GET {APPLICATION}"), Reply::json(&is_available()))
        .once(&format!("POST {ME}/makeMeAvailable"), Reply::no_content());
    let mut config = config(&server);
    config.set("available.modalities", "messaging, PhoneAudio").unwrap();
    config.set("available.as", "busy").unwrap();
    config.set("available.message_formats", "Plain").unwrap();
    config.set("available.phone_number", "tel:+1425").unwrap();
    let host = Host::online(&config);
    server.until_asked(&format!("GET {APPLICATION}/events*"), 1);
    let lines = server.lines("*");
    let at = |line: &str| lines.iter().position(|asked| asked.starts_with(line)).expect("asked");
    let order = [
        at("POST /ucwa/oauth/v1/applications"),
        at(&format!("POST {ME}/makeMeAvailable")),
        lines.iter().position(|line| *line == format!("GET {APPLICATION}")).expect("asked"),
        at(&format!("GET {APPLICATION}/events")),
    ];
    assert!(order.is_sorted(), "{lines:#?}");
    let body = &server.asked(&format!("POST {ME}/makeMeAvailable"))[0].body;
    let expected = r#"{"supportedModalities":["Messaging","PhoneAudio"],"supportedMessageFormats":["Plain"],"signInAs":"Busy","phoneNumber":"tel:+1425"}"#;
    assert_eq!(body, expected);
    host.close();
}

#[test]
fn who_is_available_already_is_so() {
    let server = Server::start();
    usual(&server);
    let conflict = r#"{"code":"Conflict","subcode":"AlreadyExists"}"#;
    server
        .always("POST /ucwa/oauth/v1/applications", Reply::status("201 Created", &may_become_available()))
        .always(&format!("GET {APPLICATION}"), Reply::json(&is_available()))
        .once(&format!("POST {ME}/makeMeAvailable"), Reply::status("409 Conflict", conflict));
    let host = Host::online(&config(&server));
    for _ in 0..2 {
        let made = host.session.make_available(&Availability::default()).unwrap();
        assert_eq!(host.done(made).unwrap(), 0);
    }
    assert_eq!(server.asked(&format!("POST {ME}/makeMeAvailable")).len(), 1);
    host.close();
}

#[test]
fn who_may_not_be_available_is_told_at_once() {
    let server = Server::start();
    let host = online(&server, &config(&server));
    let how = Availability { modalities: vec![Modality::Messaging], ..Availability::default() };
    assert_eq!(host.session.make_available(&how).unwrap_err().kind(), ErrorKind::NotAllowed);
    host.close();
}

/// A server that forgot it is told again.
#[test]
fn activity_is_reported_and_availability_renewed() {
    let server = Server::start();
    usual(&server);
    let forgotten = r#"{"code":"Conflict","subcode":"MakeMeAvailableRequired"}"#;
    server
        .always("POST /ucwa/oauth/v1/applications", Reply::status("201 Created", &may_become_available()))
        .once(&format!("GET {APPLICATION}"), Reply::json(&is_available()))
        .once(&format!("GET {APPLICATION}"), Reply::json(&may_become_available()))
        .always(&format!("GET {APPLICATION}"), Reply::json(&is_available()))
        .always(&format!("POST {ME}/makeMeAvailable"), Reply::no_content())
        .once(&format!("POST {ME}/reportMyActivity"), Reply::no_content())
        .once(&format!("POST {ME}/reportMyActivity"), Reply::status("409 Conflict", forgotten))
        .always(&format!("POST {ME}/reportMyActivity"), Reply::no_content());
    let mut config = config(&server);
    config.set("available.modalities", "Messaging").unwrap();
    config.set("activity.every_s", "1").unwrap();
    let host = Host::online(&config);
    server.until_asked(&format!("POST {ME}/reportMyActivity"), 3);
    let made = server.asked(&format!("POST {ME}/makeMeAvailable"));
    assert_eq!(made.len(), 2);
    assert_eq!(made[0].body, made[1].body);
    host.close();
}
