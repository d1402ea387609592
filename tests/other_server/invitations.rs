//! Every invitation ends exactly once and truly, whatever the order and the completeness of what the server says
//! (PROTOCOL 6, 7.2, 7.3; T-7, T-8, T-18).

use ucwa::ErrorKind;
use ucwa::delivery::EventBody;
use ucwa::model::{ConversationId, Outcome, Phase};

use crate::documents::{
    ADD_PARTICIPANT, APPLICATION, CONVERSATION, INVITATIONS, START_MEETING, conversation, embedded,
    from_communication, from_conversation, invitation, invitation_body, may_invite, meeting_begins, page,
    usual,
};
use crate::host::{Host, ME, config, person};
use crate::server::{Reply, Server};

const ANA: &str = "sip:ana@contoso.com";

fn located(number: &str) -> Reply {
    Reply::created(&format!("{INVITATIONS}/{number}"))
}

fn say(server: &Server, ack: u32, events: &str) {
    server.page(&page(ack, &from_communication(events)));
}

/// The captured decline, key by key (PROTOCOL 6.4): no operationId, state Failed.
fn declined(number: &str) -> String {
    format!(
        r#"{{"link":{{"rel":"participantInvitation","href":"{INVITATIONS}/{number}"}},"status":"Failure",
 "_embedded":{{"participantInvitation":{{"direction":"Outgoing","importance":"Normal","state":"Failed","rel":"participantInvitation"}}}},
 "reason":{{"code":"RemoteFailure","subcode":"Declined","message":"Your invitation was declined."}},"type":"completed"}}"#
    )
}

#[test]
fn the_captured_decline() {
    let server = Server::start();
    let (mut host, id) = Host::in_a_meeting(&server);
    let (made, posted) = host.invite(&server, id, ANA, "op1", located("7"));
    assert_eq!(host.done(posted).unwrap(), made.get());
    say(&server, 2, &declined("7"));
    let ended = host.outcome(made);
    assert_eq!(ended.outcome, Some(Outcome::Declined));
    assert_eq!(ended.state.as_ref().unwrap().as_str(), "Failed");
    assert_eq!(ended.reason.as_ref().unwrap().message, "Your invitation was declined.");
    assert_eq!((ended.to.as_str(), ended.operation_id.as_str()), (ANA, "op1"));
    assert_eq!(ended.conversation, Some(id));
    host.close();
}

/// How `completed` may look, and what it means (PROTOCOL 6.4, 6.6).
#[test]
fn outcomes_by_what_completed_says() {
    let body = |state: &str| invitation_body("7", "op1", state);
    let reason =
        |code: &str, subcode: &str| format!(r#","reason":{{"code":"{code}","subcode":"{subcode}"}}"#);
    let failed = r#","status":"Failure""#.to_owned() + &body("Failed");
    let rows: [(String, Outcome); 12] = [
        (r#","status":"Success""#.to_owned(), Outcome::Accepted),
        (body("Connected"), Outcome::Accepted),
        (r#","status":null"#.to_owned() + &body("Connected"), Outcome::Accepted),
        (failed.clone() + &reason("RemoteFailure", "Busy"), Outcome::Busy),
        (failed.clone() + &reason("RemoteFailure", "Missed"), Outcome::NoAnswer),
        (failed.clone() + &reason("LocalFailure", "Canceled"), Outcome::Cancelled),
        (failed.clone() + &reason("NotFound", "DestinationNotFound"), Outcome::Unreachable),
        (failed.clone() + &reason("SomethingNew", "NeverSeenBefore"), Outcome::Failed),
        (failed, Outcome::Failed),
        (body("Declined"), Outcome::Declined),
        (body("Cancelled"), Outcome::Cancelled),
        (body("Vanished"), Outcome::Failed),
    ];
    for (said, outcome) in rows {
        let server = Server::start();
        let (mut host, id) = Host::in_a_meeting(&server);
        let (made, _) = host.invite(&server, id, ANA, "op1", located("7"));
        say(&server, 2, &invitation("completed", "7", &said));
        assert_eq!(host.outcome(made).outcome, Some(outcome), "{said}");
        // What comes after the end is not told.
        say(
            &server,
            3,
            &[invitation("updated", "7", ""), invitation("completed", "7", r#","status":"Failure""#)]
                .join(","),
        );
        server.page(&page(
            4,
            &from_conversation(&embedded("added", &person("bo"), "sip:bo@contoso.com", "Bo")),
        ));
        host.until_roster(id, &[ME, "sip:bo@contoso.com Bo -"]);
        host.close();
    }
}

/// `completed` that says nothing at all is read; what the invitation says then decides.
#[test]
fn completed_without_anything_is_read() {
    for (reply, outcome) in [
        (
            Reply::json(r#"{"rel":"participantInvitation","state":"Connected","operationId":"op1"}"#),
            Outcome::Accepted,
        ),
        (Reply::json(r#"{"rel":"participantInvitation","state":"Declined"}"#), Outcome::Declined),
        (Reply::status("404 Not Found", r#"{"code":"NotFound"}"#), Outcome::Failed),
    ] {
        let server = Server::start();
        let (mut host, id) = Host::in_a_meeting(&server);
        server.always(&format!("GET {INVITATIONS}/7"), reply);
        let (made, _) = host.invite(&server, id, ANA, "op1", located("7"));
        say(&server, 2, &invitation("completed", "7", ""));
        assert_eq!(host.outcome(made).outcome, Some(outcome));
        host.close();
    }
}

/// The address and the form of the answer to the POST vary; the invitation is found (T-7, T-30).
#[test]
fn the_post_may_be_answered_in_many_ways() {
    let absolute = format!("{{here}}{INVITATIONS}/7");
    let rows = [
        located("7"),
        Reply::created(&absolute),
        Reply::created(&format!("https://fe1.contoso.com:443{INVITATIONS}/7")),
        Reply::created("participantInvitations/7"),
        Reply::with("201 Created", &format!("location: {INVITATIONS}/7\r\n"), ""),
        Reply::with("200 OK", &format!("Location: {INVITATIONS}/7\r\n"), ""),
        Reply::with("202 Accepted", "", ""),
        Reply::with("201 Created", "", ""),
        Reply::no_content(),
        Reply::status("201 Created", r#"{"rel":"participantInvitation","state":"Connecting"}"#),
    ];
    for reply in rows {
        let server = Server::start();
        let (mut host, id) = Host::in_a_meeting(&server);
        let (made, posted) = host.invite(&server, id, ANA, "op1", reply);
        host.done(posted).expect("taken");
        say(&server, 2, &invitation("started", "7", &invitation_body("7", "op1", "Connecting")));
        say(&server, 3, &declined("7"));
        assert_eq!(host.outcome(made).outcome, Some(Outcome::Declined));
        assert_eq!(host.invitations().len(), 2, "the meeting's and this one");
        host.close();
    }
}

/// The answer names no address and the events no operationId: there is only one whose events these can be.
#[test]
fn no_location_and_no_operation_id() {
    for readable in [true, false] {
        let server = Server::start();
        let (mut host, id) = Host::in_a_meeting(&server);
        if readable {
            let body = r#"{"rel":"participantInvitation","state":"Connecting","operationId":"op1"}"#;
            server.always(&format!("GET {INVITATIONS}/7"), Reply::json(body));
        }
        let (made, posted) = host.invite(&server, id, ANA, "op1", Reply::with("201 Created", "", ""));
        host.done(posted).expect("taken");
        say(&server, 2, &invitation("started", "7", ""));
        say(&server, 3, &declined("7"));
        assert_eq!(host.outcome(made).outcome, Some(Outcome::Declined), "readable: {readable}");
        assert_eq!(host.invitations().len(), 2, "the meeting's and this one");
        host.close();
    }
}

/// Two at once without addresses: each gets its own end, by whom it is for.
#[test]
fn two_without_addresses_are_told_apart_by_whom_they_are_for() {
    let server = Server::start();
    let (mut host, id) = Host::in_a_meeting(&server);
    let nameless = || Reply::with("201 Created", "", "");
    let (ana, first) = host.invite(&server, id, ANA, "op1", nameless());
    host.done(first).unwrap();
    let (bo, second) = host.invite(&server, id, "sip:bo@contoso.com", "op2", nameless());
    host.done(second).unwrap();
    let to = |number: &str, to: &str| {
        format!(
            r#","status":"Failure","reason":{{"code":"RemoteFailure","subcode":"SUB"}},"_embedded":{{"participantInvitation":{{"direction":"Outgoing","state":"Failed","to":"{to}","_links":{{"self":{{"href":"{INVITATIONS}/{number}"}}}},"rel":"participantInvitation"}}}}"#
        )
    };
    let events = [
        invitation("completed", "8", &to("8", "sip:Bo@contoso.com").replace("SUB", "Busy")),
        invitation("completed", "7", &to("7", ANA).replace("SUB", "Declined")),
    ];
    say(&server, 2, &events.join(","));
    assert_eq!(host.outcome(ana).outcome, Some(Outcome::Declined));
    assert_eq!(host.outcome(bo).outcome, Some(Outcome::Busy));
    assert_eq!(host.invitations().len(), 3);
    host.close();
}

/// The whole story is over before the POST is answered (T-7).
#[test]
fn events_before_the_201() {
    let by_operation = invitation("started", "7", &invitation_body("7", "op1", "Connecting"));
    for started in [by_operation, invitation("started", "7", "")] {
        for location in [true, false] {
            let server = Server::start();
            let (mut host, id) = Host::in_a_meeting(&server);
            let reply = if location { located("7") } else { Reply::with("201 Created", "", "") };
            let (made, posted) = host.invite(&server, id, ANA, "op1", reply.held());
            server.until_asked(&format!("POST {ADD_PARTICIPANT}"), 1);
            say(&server, 2, &started);
            say(&server, 3, &declined("7"));
            let marker = embedded("added", &person("bo"), "sip:bo@contoso.com", "Bo");
            server.page(&page(4, &from_conversation(&marker)));
            host.until_roster(id, &[ME, "sip:bo@contoso.com Bo -"]);
            server.release();
            assert_eq!(host.outcome(made).outcome, Some(Outcome::Declined), "{started} {location}");
            assert_eq!(host.done(posted).unwrap(), made.get());
            assert_eq!(host.invitations().len(), 2, "the meeting's and this one");
            host.close();
        }
    }
}

/// Somebody calls us while a POST of ours is under way: that is another invitation.
#[test]
fn an_incoming_invitation_is_not_taken_for_ours() {
    let server = Server::start();
    let (mut host, id) = Host::in_a_meeting(&server);
    let (made, posted) = host.invite(&server, id, ANA, "op1", located("7").held());
    let incoming = |kind: &str, more: &str| {
        format!(
            r#"{{"link":{{"rel":"messagingInvitation","href":"/ucwa/oauth/v1/applications/105/communication/messagingInvitations/m1"}},"_embedded":{{"messagingInvitation":{{"direction":"Incoming","importance":"Normal","threadId":"Ac7bUftwUcVMzgTzRl+OQchCsUn35Q==","state":"Connecting","subject":"","_links":{{"message":{{"href":"data:text/plain;charset=utf-8,Hi+Tosh%0d%0a"}},"conversation":{{"href":"/ucwa/oauth/v1/applications/105/communication/conversations/99"}}}},"_embedded":{{"from":{{"name":"Dan","uri":"sip:dan@contoso.com","_links":{{}},"rel":"participant"}}}},"rel":"messagingInvitation"}}}}{more},"type":"{kind}"}}"#
        )
    };
    say(&server, 2, &incoming("started", ""));
    say(&server, 3, &incoming("completed", r#","status":"Success""#));
    let other = host.until("Dan's", |event| match &event.body {
        EventBody::Invitation(change) if change.invitation.from_uri == "sip:dan@contoso.com" => {
            Some(change.invitation.clone())
        }
        _ => None,
    });
    assert_ne!(other.id, made);
    assert_eq!(other.message, "Hi Tosh\r\n");
    server.release();
    host.done(posted).unwrap();
    say(&server, 4, &declined("7"));
    assert_eq!(host.outcome(made).outcome, Some(Outcome::Declined));
    host.close();
}

/// No answer to the POST, and its conversation ends meanwhile: one end, and nothing ticks on.
#[test]
fn a_post_without_an_answer_in_a_conversation_that_ends() {
    let server = Server::start();
    let mut config = config(&server);
    config.set("http.request_timeout_s", "7").unwrap().set("invitation.answer_grace_s", "1").unwrap();
    let (mut host, id) = Host::in_a_meeting_with(&server, &config);
    let (made, posted) = host.invite(&server, id, ANA, "op1", located("7").held());
    server.until_asked(&format!("POST {ADD_PARTICIPANT}"), 1);
    say(
        &server,
        2,
        &format!(r#"{{"link":{{"rel":"conversation","href":"{CONVERSATION}"}},"type":"deleted"}}"#),
    );
    // The model gives the server a few seconds to say how its invitations ended.
    assert_eq!(host.outcome(made).outcome, Some(Outcome::Lost));
    let error = host.done(posted).unwrap_err();
    assert!(error.may_have_worked(), "{error:?}");
    host.close();
}

/// What a server may refuse, and the operation and the invitation say so both.
#[test]
fn a_post_that_is_refused() {
    let rows = [
        (
            Reply::status(
                "400 Bad Request",
                r#"{"code":"BadRequest","subcode":"ParameterValidationFailure","parameters":[{"name":"to","reason":"Invalid"}]}"#,
            ),
            ErrorKind::Server,
            "ParameterValidationFailure",
        ),
        (
            Reply::status("409 Conflict", r#"{"code":"Conflict","subcode":"TooManyConversations"}"#),
            ErrorKind::Server,
            "TooManyConversations",
        ),
        (Reply::with("403 Forbidden", "", ""), ErrorKind::Server, "403"),
        (Reply::with("429 Too Many Requests", "Retry-After: 3\r\n", ""), ErrorKind::Throttled, "429"),
        (Reply::html("404 Not Found"), ErrorKind::Protocol, "404"),
    ];
    for (reply, kind, says) in rows {
        let server = Server::start();
        let (mut host, id) = Host::in_a_meeting(&server);
        let (made, posted) = host.invite(&server, id, ANA, "op1", reply);
        let error = host.done(posted).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(says), "{error}");
        let ended = host.outcome(made);
        assert_eq!(ended.outcome, Some(Outcome::Failed));
        assert_eq!(server.asked(&format!("POST {ADD_PARTICIPANT}")).len(), 1);
        host.close();
    }
}

/// An operationId that the server uses again for another invitation does not move ours.
#[test]
fn an_operation_id_used_twice_by_the_server() {
    let server = Server::start();
    let (mut host, id) = Host::in_a_meeting(&server);
    let (made, posted) = host.invite(&server, id, ANA, "op1", located("7"));
    host.done(posted).unwrap();
    let events = [
        invitation("started", "7", &invitation_body("7", "op1", "Connecting")),
        invitation("started", "8", &invitation_body("8", "op1", "Connecting")),
        invitation(
            "completed",
            "8",
            &(r#","status":"Success""#.to_owned() + &invitation_body("8", "op1", "Connected")),
        ),
    ];
    say(&server, 2, &events.join(","));
    say(&server, 3, &declined("7"));
    assert_eq!(host.outcome(made).outcome, Some(Outcome::Declined));
    let told = host.invitations();
    assert_eq!(told.len(), 3);
    let phases: Vec<Phase> = told[&made].iter().map(|(phase, _)| *phase).collect();
    assert_eq!(phases, [Phase::Started, Phase::Completed]);
    host.close();
}

const MEETING: &str = "/ucwa/oauth/v1/applications/105/communication/onlineMeetingInvitations/i1";

/// A meeting that is started: the answer and the events may come in any order and say little (PROTOCOL 8.3, 8.4).
#[test]
fn a_meeting_begins_in_any_order() {
    let bare = |kind: &str, more: &str| {
        format!(r#"{{"link":{{"rel":"onlineMeetingInvitation","href":"{MEETING}"}}{more},"type":"{kind}"}}"#)
    };
    let body = format!(
        r#"{{"rel":"onlineMeetingInvitation","direction":"Outgoing","state":"Connecting","_links":{{"self":{{"href":"{MEETING}"}},"conversation":{{"href":"{CONVERSATION}"}}}}}}"#
    );
    let joined = conversation("added", "Conferenced", &may_invite());
    let success = r#","status":"Success""#;
    let full = meeting_begins();
    let lean = page(
        1,
        &from_communication(&[joined.clone(), bare("started", ""), bare("completed", success)].join(",")),
    );
    let last_only = page(1, &from_communication(&[bare("completed", success), joined].join(",")));
    for page in [full, lean, last_only] {
        for reply in [Reply::created(MEETING), Reply::with("201 Created", "", "")] {
            for events_first in [true, false] {
                let server = Server::start();
                usual(&server);
                server.always(&format!("GET {MEETING}"), Reply::json(&body));
                let line = format!("POST {START_MEETING}");
                server.always(&line, if events_first { reply.clone().held() } else { reply.clone() });
                let mut host = Host::online(&config(&server));
                let started = host.session.start_meeting(&Default::default()).unwrap();
                server.until_asked(&line, 1);
                server.page(&page);
                if events_first {
                    server.until_asked(&format!("GET {APPLICATION}/events*"), 2);
                    server.release();
                }
                let id = ConversationId::new(host.done(started).expect("a meeting")).unwrap();
                host.until("the conversation", |event| match &event.body {
                    EventBody::Conversation(change) if change.conversation.id == id => {
                        change.conversation.can_add_participant.then_some(())
                    }
                    _ => None,
                });
                host.until("the outcome", |event| match &event.body {
                    EventBody::Invitation(change) => (change.phase == Phase::Completed).then_some(()),
                    _ => None,
                });
                assert_eq!(host.invitations().len(), 1);
                host.close();
            }
        }
    }
}

/// The server says that we are in, and nothing says where.
#[test]
fn a_meeting_without_a_conversation() {
    let server = Server::start();
    usual(&server);
    let host = Host::online(&config(&server));
    let started = host.session.start_meeting(&Default::default()).unwrap();
    server.until_asked(&format!("POST {START_MEETING}"), 1);
    let said = format!(
        r#"{{"link":{{"rel":"onlineMeetingInvitation","href":"{MEETING}"}},"status":"Success","type":"completed"}}"#
    );
    say(&server, 1, &said);
    let error = host.done(started).unwrap_err();
    assert!(error.to_string().contains("named no conversation"), "{error}");
    // Once as an address of nobody's if the event was faster than the 201, once as our own.
    assert!(matches!(server.asked(&format!("GET {MEETING}")).len(), 1 | 2));
    host.close();
}

/// The lobby: the invitation waits, and ends with the admission or the refusal (PROTOCOL 8.4, 8.5).
#[test]
fn waiting_in_the_lobby() {
    let invitation = |kind: &str, state: &str, more: &str| {
        format!(
            r#"{{"link":{{"rel":"onlineMeetingInvitation","href":"{MEETING}"}}{more},"_embedded":{{"onlineMeetingInvitation":{{"direction":"Outgoing","state":"{state}","_links":{{"conversation":{{"href":"{CONVERSATION}"}}}},"rel":"onlineMeetingInvitation"}}}},"type":"{kind}"}}"#
        )
    };
    for admitted in [true, false] {
        let server = Server::start();
        usual(&server);
        let join = "POST /ucwa/oauth/v1/applications/105/communication/onlineMeetingInvitations";
        server.always(join, Reply::created(MEETING));
        let mut config = config(&server);
        config.set("operation.timeout_s", "1").unwrap();
        let mut host = Host::online(&config);
        let uri = "sip:tosh@contoso.com;gruu;opaque=app:conf:focus:id:PYC58WSY";
        let joining = host.session.join_meeting(uri, &Default::default()).unwrap();
        let body = &server.until_asked(join, 1)[0].body;
        assert!(body.contains(&format!(r#""onlineMeetingUri":"{uri}""#)), "{body}");
        let waits = [invitation("started", "Connecting", ""), conversation("added", "InLobby", "")];
        say(&server, 1, &waits.join(","));
        host.until("the lobby", |event| match &event.body {
            EventBody::Conversation(change) => {
                (change.conversation.state.as_ref()?.as_str() == "InLobby").then_some(())
            }
            _ => None,
        });
        // Longer than an operation may take: the lobby has no limit.
        let early = host.session.wait(joining, Some(std::time::Duration::from_millis(1500))).unwrap_err();
        assert_eq!(early.came(), "not done within the time given to wait");
        if admitted {
            let events = [
                conversation("updated", "Conferenced", &may_invite()),
                invitation("completed", "Connected", r#","status":"Success""#),
            ];
            say(&server, 2, &events.join(","));
            assert!(host.done(joining).is_ok());
        } else {
            let denied = r#","status":"Failure","reason":{"code":"Forbidden","subcode":"Denied"}"#;
            let events =
                [invitation("completed", "Failed", denied), conversation("updated", "Disconnected", "")];
            say(&server, 2, &events.join(","));
            let error = host.done(joining).unwrap_err();
            assert_eq!(error.reason().unwrap().subcode, "Denied");
        }
        host.close();
    }
}

/// The Location leads elsewhere than the events: the operationId says whose they are (PROTOCOL 6.1).
#[test]
fn a_location_that_is_not_where_the_events_are() {
    for location in ["/ucwa/v1/applications/192/communication/invitations/303", "http://[bad", "data:,x", "?"]
    {
        for bare in [true, false] {
            let server = Server::start();
            let (mut host, id) = Host::in_a_meeting(&server);
            let body = r#"{"rel":"participantInvitation","state":"Connecting","operationId":"op1"}"#;
            server.always(&format!("GET {INVITATIONS}/7"), Reply::json(body));
            let (made, posted) = host.invite(&server, id, ANA, "op1", Reply::created(location));
            host.done(posted).expect("taken");
            let body = invitation_body("7", "op1", "Connecting");
            say(&server, 2, &invitation("started", "7", if bare { "" } else { &body }));
            say(&server, 3, &declined("7"));
            assert_eq!(host.outcome(made).outcome, Some(Outcome::Declined), "{location} {bare}");
            assert_eq!(host.invitations().len(), 2, "the meeting's and this one");
            host.close();
        }
    }
}

/// A gateway's own page in the place of the answer: it may have worked, so it is not sent again, and time decides.
#[test]
fn a_page_for_people_in_the_place_of_the_answer() {
    let server = Server::start();
    let mut config = config(&server);
    config.set("invitation.answer_grace_s", "1").unwrap();
    let (mut host, id) = Host::in_a_meeting_with(&server, &config);
    let (made, posted) = host.invite(&server, id, ANA, "op1", Reply::html("200 OK"));
    let error = host.done(posted).unwrap_err();
    assert!(error.may_have_worked(), "{error:?}");
    assert_eq!(host.outcome(made).outcome, Some(Outcome::Lost));
    assert_eq!(server.asked(&format!("POST {ADD_PARTICIPANT}")).len(), 1);
    host.close();
}
