//! The event channel: where it goes on, and what befalls it (PROTOCOL 5).

use std::time::{Duration, Instant};

use ucwa::delivery::{EventBody, SessionState};
use ucwa::{Error, ErrorKind};

use crate::documents::{
    APPLICATION, APPLICATION_BODY, BEARER, CONVERSATION, MS_RTC, challenge, conversation, embedded,
    from_communication, from_conversation, link, may_invite, page, usual,
};
use crate::host::{Host, ME, config, person};
use crate::server::{Reply, Server};

const ANA: &str = "sip:ana@contoso.com Ana -";

fn ana_joins(ack: u32) -> String {
    page(ack, &from_conversation(&embedded("added", &person("ana"), "sip:ana@contoso.com", "Ana")))
}

/// A page with no events that goes on at `next`.
fn empty(next: &str) -> String {
    format!(r#"{{"_links":{{"next":{{"href":"{next}"}}}}}}"#)
}

fn pending_gets(server: &Server) -> Vec<String> {
    let gets = server.lines(&format!("GET {APPLICATION}/events*"));
    gets.iter().map(|line| line.rsplit('/').next().unwrap().to_owned()).collect()
}

/// Wherever `next` leads it is followed as it is written (T-4, T-16; PROTOCOL 5.1).
#[test]
fn the_next_link_is_followed_as_it_is() {
    let table = [
        (
            format!("{APPLICATION}/events?ack=14&key=AbC%7Esip%3Ax&instanceId=abc"),
            "events?ack=14&key=AbC%7Esip%3Ax&instanceId=abc",
        ),
        (format!("{{here}}{APPLICATION}/events?ack=99"), "events?ack=99"),
        (format!(r"{APPLICATION}/events?ack=4\\u0026key=5"), "events?ack=4&key=5"),
        (format!(r"{APPLICATION}/events?ack=4\u0026key=5"), "events?ack=4&key=5"),
        ("events?ack=7".to_owned(), "events?ack=7"),
        (format!("{APPLICATION}/events?ack=1"), "events?ack=1"),
        (format!("{APPLICATION}/events"), "events"),
    ];
    for (next, asked) in table {
        let server = Server::start();
        usual(&server);
        let host = Host::online(&config(&server));
        server.page(&empty(&next));
        server.until_asked(&format!("GET {APPLICATION}/events*"), 2);
        assert_eq!(pending_gets(&server)[1], asked, "{next}");
        host.close();
    }
}

/// An empty answer in all its forms is no event and no failure (T-11).
#[test]
fn empty_pages_and_pages_without_this_or_that() {
    let own = format!(r#""self":{{"href":"{APPLICATION}/events?ack=2"}}"#);
    let next = format!(r#""next":{{"href":"{APPLICATION}/events?ack=2"}}"#);
    let rows = [
        format!(r#"{{"_links":{{{next}}}}}"#),
        format!(r#"{{"_links":{{{own},{next}}},"sender":[]}}"#),
        format!(r#"{{"_links":{{{own},{next}}},"sender":null}}"#),
        format!(r#"{{"_links":{{{own},{next}}},"sender":[{{}}]}}"#),
        format!(
            r#"{{"_links":{{{own},{next}}},"sender":[{{"rel":"conversation","href":"{CONVERSATION}"}}]}}"#
        ),
        format!(
            r#"{{"_links":{{{own},{next}}},"sender":[{{"rel":"conversation","href":"{CONVERSATION}","events":[]}}]}}"#
        ),
        format!("\u{feff}{{\"sender\":[],\"_links\":{{{next}}},\"baseuri\":null}}"),
    ];
    for row in rows {
        let server = Server::start();
        let (mut host, conversation) = Host::in_a_meeting(&server);
        server.page(&row).page(&ana_joins(3));
        host.until_roster(conversation, &[ME, ANA]);
        let trouble = host.heard.iter().any(
            |event| matches!(&event.body, EventBody::State(change) if change.new == SessionState::Recovering),
        );
        assert!(!trouble, "{row}");
        host.close();
    }
}

/// A page that says nowhere to go: the last good link is asked again, so that nothing is skipped (T-11).
#[test]
fn a_page_without_next_goes_on_with_the_last_good_link() {
    for row in [
        format!(r#"{{"_links":{{"self":{{"href":"{APPLICATION}/events?ack=2"}}}},"sender":[]}}"#),
        "{}".to_owned(),
    ] {
        let server = Server::start();
        let (mut host, conversation) = Host::in_a_meeting(&server);
        server.page(&row).page(&ana_joins(2));
        host.until_roster(conversation, &[ME, ANA]);
        assert_eq!(pending_gets(&server)[..3], ["events?ack=1", "events?ack=2", "events?ack=2"], "{row}");
        host.close();
    }
}

/// A server that holds nothing and answers at once, for ever, is not asked in a loop.
#[test]
fn a_server_that_never_holds_the_request_is_not_asked_in_a_loop() {
    let same = format!("{APPLICATION}/events?ack=2");
    let rows = [
        empty(&same),
        r#"{"_links":{},"sender":[]}"#.to_owned(),
        format!(r#"{{"_links":{{"resync":{{"href":"{same}"}}}}}}"#),
        format!(r#"{{"_links":{{"resume":{{"href":"{same}"}}}}}}"#),
        // The same page with the same link, again and again.
        ana_joins(1),
    ];
    for row in rows {
        let server = Server::start();
        let (mut host, conversation) = Host::in_a_meeting(&server);
        let body = format!(
            r#"{{"rel":"conversation","state":"Conferenced","_links":{{"self":{{"href":"{CONVERSATION}"}}}}}}"#
        );
        server.always(&format!("GET {CONVERSATION}"), Reply::json(&body));
        server.always(&format!("GET {APPLICATION}/events*"), Reply::json(&row));
        server.page(&row);
        let begun = Instant::now();
        server.until_asked(&format!("GET {APPLICATION}/events*"), 9);
        // With 10 ms at first and twice as much each time, the eighth pause alone takes more than half a second.
        assert!(begun.elapsed() > Duration::from_millis(300), "{row}: {:?}", begun.elapsed());
        assert_ne!(host.session.state(), SessionState::Failed, "{row}");
        // And it recovers: what comes then is heard.
        let other = from_conversation(&embedded("added", &person("bo"), "sip:bo@contoso.com", "Bo"));
        server.always(&format!("GET {APPLICATION}/events*"), Reply::json(&page(7, &other)));
        host.until("Bo", |event| match &event.body {
            EventBody::Participant(change) if change.participant.name == "Bo" => Some(()),
            _ => None,
        });
        assert!(host.session.roster(conversation).is_some());
        host.close();
    }
}

/// A `next` on another origin cannot be followed with the token: the page counts, then the session ends with advice.
#[test]
fn a_next_link_to_another_origin_is_refused_at_once() {
    for (foreign, advice) in [
        ("http://sample:80/ucwa/v1/applications/appId/events?ack=3", "https"),
        (
            "https://fe1.contoso.com:443/ucwa/v1/applications/192/events?ack=3",
            "origins.trust=https://fe1.contoso.com",
        ),
    ] {
        let server = Server::start();
        let (mut host, conversation) = Host::in_a_meeting(&server);
        let own = format!(r#""next":{{"href":"{APPLICATION}/events?ack=3"}}"#);
        let away = ana_joins(2).replace(&own, &format!(r#""next":{{"href":"{foreign}"}}"#));
        assert!(away.contains(foreign));
        server.page(&away);
        let error = host.until_state(SessionState::Failed).expect("a reason");
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(error.to_string().contains(advice), "{error}");
        let recovering = host.heard.iter().filter(
            |event| matches!(&event.body, EventBody::State(change) if change.new == SessionState::Recovering),
        );
        assert_eq!(recovering.count(), 0, "no repetition cures it");
        host.until_roster(conversation, &[ME, ANA]);
        host.close();
    }
}

/// After `resync` and `resume` everything is compared (PROTOCOL 5.5, T-13, T-14).
#[test]
fn resync_and_resume_compare_everything_with_the_server() {
    for word in ["resync", "resume"] {
        let server = Server::start();
        let (mut host, id) = Host::in_a_meeting(&server);
        // It offered no collections, so the conversation itself was asked for them.
        server.until_asked(&format!("GET {CONVERSATION}"), 1);
        let bodies = |members: &str, collection: &str| {
            format!(
                r#"{{"rel":"{collection}","_links":{{"self":{{"href":"{CONVERSATION}/{collection}"}},"participant":[{members}]}}}}"#
            )
        };
        let member = |name: &str, title: &str| format!(r#"{{"href":"{}","title":"{title}"}}"#, person(name));
        let links = [may_invite(), link("leaders"), link("attendees")].concat();
        let body = conversation("updated", "Conferenced", &links);
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        server.always(
            &format!("GET {CONVERSATION}"),
            Reply::json(&body["_embedded"]["conversation"].to_string()),
        );
        server.always(
            &format!("GET {CONVERSATION}/leaders"),
            Reply::json(&bodies(&member("lenea", "Lene"), "leaders")),
        );
        server.always(
            &format!("GET {CONVERSATION}/attendees"),
            Reply::json(&bodies(&[member("bo", "Bo"), member("cy", "")].join(","), "attendees")),
        );
        let cy = crate::documents::participant(&person("cy"), "sip:cy@contoso.com", "");
        server.always(&format!("GET {}", person("cy")), Reply::json(&cy));
        // Ana was there, and left while nobody listened.
        server.page(&ana_joins(2));
        host.until_roster(id, &[ME, ANA]);
        server.page(&format!(r#"{{"_links":{{"{word}":{{"href":"{APPLICATION}/events?ack=9"}}}}}}"#));
        host.until_roster(
            id,
            &[
                "sip:lenea@contoso.com Lene_Aaling Leader local",
                "? Bo Attendee partial",
                "sip:cy@contoso.com sip:cy@contoso.com Attendee",
            ],
        );
        server.until_asked(&format!("GET {APPLICATION}/events*"), 4);
        assert_eq!(pending_gets(&server)[2..4], ["events?ack=3", "events?ack=9"]);
        host.close();
    }
}

/// After `resume` the server may have closed the conversations (PROTOCOL 5.5): then they are gone here too.
#[test]
fn a_conversation_that_is_gone_after_resume_ends() {
    let server = Server::start();
    let (mut host, id) = Host::in_a_meeting(&server);
    let (invitation, _) = host.invite(
        &server,
        id,
        "sip:ana@contoso.com",
        "op1",
        Reply::created("/ucwa/x/participantInvitations/1"),
    );
    server.always(
        &format!("GET {CONVERSATION}"),
        Reply::status("404 Not Found", r#"{"code":"NotFound","subcode":"ConversationNotFound"}"#),
    );
    server.page(&format!(r#"{{"_links":{{"resume":{{"href":"{APPLICATION}/events?ack=9"}}}}}}"#));
    host.until("the end of the conversation", |event| match &event.body {
        EventBody::Conversation(change) if change.phase == ucwa::model::Phase::Deleted => Some(()),
        _ => None,
    });
    assert!(host.session.conversation(id).is_none());
    assert_eq!(host.outcome(invitation).outcome, Some(ucwa::model::Outcome::Lost));
    // The server was wrong, or has begun it anew: who speaks is there.
    server.page(&ana_joins(9));
    host.until("Ana", |event| match &event.body {
        EventBody::Participant(change) if change.participant.name == "Ana" => {
            (change.conversation != id).then_some(())
        }
        _ => None,
    });
    host.close();
}

/// The parameters of the channel are sent again after `resume` (PROTOCOL 5.1, 5.5).
#[test]
fn the_timeout_is_said_at_the_beginning_and_after_resume() {
    let server = Server::start();
    usual(&server);
    let mut config = config(&server);
    config.set("event.timeout_s", "900").unwrap();
    let host = Host::online(&config);
    server.page(&empty(&format!("{APPLICATION}/events?ack=2")));
    server.page(&format!(r#"{{"_links":{{"resume":{{"href":"{APPLICATION}/events?ack=7"}}}}}}"#));
    server.page(&format!(r#"{{"_links":{{"resume":{{"href":"{APPLICATION}/events?timeout=300&ack=8"}}}}}}"#));
    server.until_asked(&format!("GET {APPLICATION}/events*"), 4);
    assert_eq!(
        pending_gets(&server),
        ["events?ack=1&timeout=900", "events?ack=2", "events?ack=7&timeout=900", "events?timeout=300&ack=8"]
    );
    host.close();
}

/// One bad answer in the middle: the same link again, and nothing is lost.
#[test]
fn one_bad_answer_does_not_end_the_channel() {
    let cut =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"_links\":{";
    let rows = [
        Reply::html("200 OK"),
        Reply::html("502 Bad Gateway"),
        Reply::json("{\"_links\":{"),
        Reply::json("[]"),
        Reply::with("200 OK", "Content-Type: text/plain\r\n", "OK"),
        Reply::no_content(),
        Reply::Last(cut.to_vec()),
        Reply::Last(Vec::new()),
        Reply::Last(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n5\r\n{\"_li".to_vec()),
        Reply::status("500 Internal Server Error", r#"{"code":"ServiceFailure","subcode":"None"}"#),
        Reply::with("503 Service Unavailable", "Retry-After: 0\r\nContent-Type: application/json\r\n", r#"{"code":"ServiceUnavailable"}"#),
        Reply::with("429 Too Many Requests", "Retry-After: 1\r\n", ""),
        Reply::status("409 Conflict", r#"{"code":"Conflict","subcode":"PGetReplaced","message":"Replaced."}"#),
    ];
    for reply in rows {
        let server = Server::start();
        let (mut host, conversation) = Host::in_a_meeting(&server);
        server.page_as(reply).page(&ana_joins(2));
        host.until_roster(conversation, &[ME, ANA]);
        server.until_asked(&format!("GET {APPLICATION}/events*"), 4);
        assert_eq!(pending_gets(&server), ["events?ack=1", "events?ack=2", "events?ack=2", "events?ack=3"]);
        host.until_state(SessionState::Recovering).expect("a reason");
        assert_eq!(host.session.state(), SessionState::Online);
        host.close();
    }
}

/// A token that is over in mid-channel: a new one, and the same link (PROTOCOL 5.5, 2.6).
#[test]
fn a_401_in_mid_channel_renews_the_token_and_asks_the_same_link() {
    let server = Server::start();
    let (mut host, conversation) = Host::in_a_meeting(&server);
    server.always(
        "POST /WebTicket/oauthtoken",
        Reply::json(r#"{"access_token":"cwt=second","expires_in":"3600"}"#),
    );
    server.page_as(challenge(BEARER, MS_RTC)).page(&ana_joins(2));
    host.until_roster(conversation, &[ME, ANA]);
    server.until_asked(&format!("GET {APPLICATION}/events*"), 4);
    assert_eq!(pending_gets(&server), ["events?ack=1", "events?ack=2", "events?ack=2", "events?ack=3"]);
    let gets = server.asked(&format!("GET {APPLICATION}/events*"));
    assert_eq!(gets[1].header("authorization"), Some("Bearer cwt=AAEBbuHc"));
    assert_eq!(gets[2].header("authorization"), Some("Bearer cwt=second"));
    assert_eq!(server.asked("POST /WebTicket/oauthtoken").len(), 2);
    host.close();
}

fn fails(reply: Reply) -> (Server, Error) {
    let server = Server::start();
    let (mut host, _) = Host::in_a_meeting(&server);
    server.always(&format!("GET {APPLICATION}/events*"), reply.clone());
    server.page_as(reply);
    let error = host.until_state(SessionState::Failed).expect("a reason");
    host.close();
    (server, error)
}

/// What does not pass ends the session with the server's words, after a few requests at most.
#[test]
fn what_stays_wrong_ends_the_session_with_a_reason() {
    let html = Reply::html("200 OK");
    let gone = |subcode: &str| format!(r#"{{"code":"Gone","subcode":"{subcode}"}}"#);
    let rows: [(Reply, &str, usize); 6] = [
        (html, "not UCWA's own", 5),
        (challenge(BEARER, MS_RTC), "401", 4),
        (Reply::status("410 Gone", &gone("InactiveApplicationExpired")), "InactiveApplicationExpired", 2),
        (Reply::status("403 Forbidden", r#"{"code":"Forbidden"}"#), "403", 2),
        (Reply::status("409 Conflict", r#"{"code":"Conflict","subcode":"PGetReplaced"}"#), "PGetReplaced", 5),
        // Longer than the server itself would wait for a P-GET (PROTOCOL 3.4): the host is told when to come again.
        (Reply::with("503 Service Unavailable", "Retry-After: 18446744073709551615\r\n", ""), "503", 2),
    ];
    for (reply, says, most) in rows {
        let (server, error) = fails(reply);
        assert!(error.to_string().contains(says), "{error}");
        let asked = pending_gets(&server).len();
        assert!(asked <= most, "{says}: asked {asked} times");
    }
}

/// Five thousand events in one page, all told, in order.
#[test]
fn a_huge_page() {
    let server = Server::start();
    let (mut host, conversation) = Host::in_a_meeting(&server);
    let events: Vec<String> = (0..5000)
        .map(|n| {
            let name = format!("p{n}");
            embedded("added", &person(&name), &format!("sip:{name}@contoso.com"), &name)
        })
        .collect();
    server.page(&page(2, &from_conversation(&events.join(","))));
    host.until("the last one", |event| match &event.body {
        EventBody::Participant(change) if change.participant.name == "p4999" => Some(()),
        _ => None,
    });
    assert_eq!(host.session.roster(conversation).unwrap().len(), 5001);
    let room = host.room(conversation);
    let names: Vec<&str> = room.values().skip(1).map(|p| p.name.as_str()).collect();
    assert!(names.iter().enumerate().all(|(n, name)| *name == format!("p{n}")));
    host.close();
}

/// Values of the wrong type and words nobody knows cost themselves and nothing around them (T-5, T-6, T-33).
#[test]
fn odd_values_cost_only_themselves() {
    let server = Server::start();
    let (mut host, id) = Host::in_a_meeting(&server);
    let ana = person("ana");
    let odd = [
        r#"null"#.to_owned(),
        r#"17"#.to_owned(),
        r#"{"type":"added"}"#.to_owned(),
        r#"{"link":{"rel":"participant"},"type":"added"}"#.to_owned(),
        format!(r#"{{"link":{{"rel":"participant","href":"{}"}}}}"#, person("typeless")),
        format!(r#"{{"link":{{"rel":"participant","href":"{}"}},"type":"hummed"}}"#, person("hummer")),
        format!(
            r#"{{"link":{{"rel":"participant","href":"{}"}},"type":"added","in":{{"rel":"choir","href":"/choir"}}}}"#,
            person("singer")
        ),
        format!(
            r#"{{"link":{{"rel":"participant","href":"{}"}},"type":"added","in":{{"rel":"lobby"}}}}"#,
            person("nowhere")
        ),
        r#"{"link":{"rel":"hologram","href":"/h/1"},"type":"added","_embedded":{"hologram":{"x":1}}}"#
            .to_owned(),
        format!(
            r#"{{"link":[{{"rel":"participant","href":"{ana}","title":5}}],"type":"added","_embedded":{{"somebody":[{{"uri":"sip:ana@contoso.com","name":"Ana","anonymous":"maybe","inLobby":{{}},"organizer":3,"role":"Overlord","sourceNetwork":7,"_links":"none"}}]}}}}"#
        ),
    ];
    let state = conversation("updated", "Levitating", &may_invite()).replace(
        r#""recording":false"#,
        r#""recording":"perhaps","participantCount":"12","expirationTime":[]"#,
    );
    server.page(&page(
        2,
        &[from_communication(&state), from_conversation(&odd.join(",")), "42".to_owned()].join(","),
    ));
    host.until_roster(id, &[ME, "sip:ana@contoso.com Ana Overlord"]);
    let known = host.session.conversation(id).unwrap();
    assert_eq!(known.state.as_ref().unwrap().as_str(), "Levitating");
    assert_eq!(known.participant_count, Some(12));
    // Event types are told apart whatever their case; an unknown one about somebody known is an update.
    let more = [
        format!(
            r#"{{"link":{{"rel":"participant","href":"{}","title":"Bo"}},"type":"Added"}}"#,
            person("bo")
        ),
        format!(r#"{{"link":{{"rel":"participant","href":"{ana}"}},"type":"Deleted"}}"#),
    ];
    server.page(&page(3, &from_conversation(&more.join(","))));
    host.until_roster(id, &[ME, "? Bo - partial"]);
    host.close();
}

/// A page that is sent bit by bit is a page.
#[test]
fn a_page_that_drips() {
    let server = Server::start();
    let (mut host, conversation) = Host::in_a_meeting(&server);
    let body = ana_joins(2);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    server.page_as(Reply::Drip([head.as_bytes(), body.as_bytes()].concat()));
    host.until_roster(conversation, &[ME, ANA]);
    host.close();
}

/// The application's own events link may carry anything, or nothing (PROTOCOL 3.2, T-15).
#[test]
fn the_first_link_is_taken_as_it_is() {
    for first in ["events", "events?ack=14&key=A~b%2Fc", "events?ack=1&instanceId=abc"] {
        let server = Server::start();
        let body = APPLICATION_BODY.replace("events?ack=1", first);
        server.once("POST /ucwa/oauth/v1/applications", Reply::json(&body));
        usual(&server);
        let host = Host::online(&config(&server));
        server.until_asked(&format!("GET {APPLICATION}/events*"), 1);
        assert_eq!(pending_gets(&server), [first]);
        host.close();
    }
}
