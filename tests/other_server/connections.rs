//! HTTP as servers, gateways and balancers speak it.

use std::io::Write;

use ucwa::delivery::SessionState;
use ucwa::model::Outcome;

use crate::documents::{
    ADD_PARTICIPANT, APPLICATION, APPLICATION_BODY, INVITATIONS, ROOT, embedded, from_communication,
    from_conversation, invitation, meeting_begins, page, usual, usual_but_the_challenge,
};
use crate::host::{Host, ME, config, person};
use crate::server::{Reply, Server};

fn ana_joins() -> String {
    page(2, &from_conversation(&embedded("added", &person("ana"), "sip:ana@contoso.com", "Ana")))
}

const ANA: &str = "sip:ana@contoso.com Ana -";

fn chunked(body: &str, size: usize) -> Vec<u8> {
    let mut bytes =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for chunk in body.as_bytes().chunks(size) {
        write!(bytes, "{:x};extension=1\r\n", chunk.len()).unwrap();
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\nX-Trailer: 1\r\n\r\n");
    bytes
}

/// A page in the clothes that HTTP allows.
#[test]
fn a_page_in_any_transfer() {
    let body = ana_joins();
    let length = body.len();
    let type_ = "content-type: application/json";
    let rows = [
        Reply::Bytes(chunked(&body, 7)),
        Reply::Bytes(chunked(&body, 100_000)),
        Reply::Drip(chunked(&body, 1)),
        Reply::Last(format!("HTTP/1.1 200 OK\r\n{type_}\r\nConnection: close\r\n\r\n{body}").into_bytes()),
        Reply::Last(format!("HTTP/1.0 200 OK\r\n{type_}\r\n\r\n{body}").into_bytes()),
        Reply::Bytes(format!("HTTP/1.1 200\r\n{type_}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()),
        Reply::Bytes(
            format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 Fine By Me\r\nCONTENT-TYPE:application/json\r\nContent-Length:{length}\r\nX-Odd_Header.Name: \u{e9}\r\nX-Empty:\r\nSet-Cookie: cwt_ucwa=x; path=/; secure; HttpOnly\r\n\r\n{body}")
                .into_bytes(),
        ),
        Reply::Bytes(format!("HTTP/1.1 200 OK\r\n{type_}; charset=utf-8; charset=\"utf-8\"\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()),
        Reply::Bytes(format!("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.microsoft.com.ucwa+json\r\nContent-Encoding: identity\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()),
    ];
    for reply in rows {
        let server = Server::start();
        let (mut host, id) = Host::in_a_meeting(&server);
        server.page_as(reply);
        host.until_roster(id, &[ME, ANA]);
        assert_eq!(host.session.state(), SessionState::Online);
        host.close();
    }
}

/// Every answer closes its connection.
#[test]
fn connection_close_after_every_answer() {
    let server = Server::start();
    let closing = |status: &'static str, headers: &str, body: &str| {
        let head = format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Type: application/json\r\nConnection: close\r\nContent-Length: "
        );
        let body = body.replace("{here}", &server.here());
        Reply::Last(format!("{head}{}\r\n\r\n{body}", body.len()).into_bytes())
    };
    usual(&server);
    server.always("GET /", closing("200 OK", "", ROOT));
    server.always("POST /ucwa/oauth/v1/applications", closing("201 Created", "", APPLICATION_BODY));
    let host = Host::online(&config(&server));
    let started = host.session.start_meeting(&Default::default()).unwrap();
    server.page_as(closing("200 OK", "", &meeting_begins()));
    let id = ucwa::model::ConversationId::new(host.done(started).unwrap()).unwrap();
    let mut host = host;
    server.page_as(closing("200 OK", "", &ana_joins()));
    host.until_roster(id, &[ME, ANA]);
    for n in 0..5 {
        let reply = closing("201 Created", &format!("Location: {INVITATIONS}/{n}\r\n"), "");
        let (_, posted) = host.invite(&server, id, "sip:bo@contoso.com", &format!("op{n}"), reply);
        host.done(posted).expect("taken");
    }
    assert_eq!(server.asked(&format!("POST {ADD_PARTICIPANT}")).len(), 5);
    host.close();
}

/// The server closes a connection that it promised to keep, right after its answer: the POST that comes next is neither
/// lost nor sent twice.
#[test]
fn a_kept_connection_that_is_closed_loses_and_doubles_no_post() {
    let server = Server::start();
    let (mut host, id) = Host::in_a_meeting(&server);
    for n in 0..20 {
        // It claims to be kept, and is not.
        let reply = Reply::Last(
            format!("HTTP/1.1 201 Created\r\nLocation: {INVITATIONS}/{n}\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n")
                .into_bytes(),
        );
        let (made, posted) = host.invite(&server, id, "sip:bo@contoso.com", &format!("op{n}"), reply);
        host.done(posted).expect("neither lost nor in doubt");
        // A request that leaves before it is closed is in doubt by right.
        let last = server.asked(&format!("POST {ADD_PARTICIPANT}")).pop().expect("it was posted");
        server.until_closed(last.connection);
        server.page(&page(
            n + 2,
            &from_communication(&invitation("completed", &n.to_string(), r#","status":"Success""#)),
        ));
        assert_eq!(host.outcome(made).outcome, Some(Outcome::Accepted));
    }
    let posts = server.asked(&format!("POST {ADD_PARTICIPANT}"));
    assert_eq!(posts.len(), 20);
    let mut connections: Vec<usize> = posts.iter().map(|post| post.connection).collect();
    connections.dedup();
    assert_eq!(connections.len(), 20);
    host.close();
}

/// The server takes the POST and closes without a word: it is not sent again, and events decide.
#[test]
fn a_post_that_is_taken_without_a_word_is_sent_once() {
    let server = Server::start();
    let (mut host, id) = Host::in_a_meeting(&server);
    let (made, posted) = host.invite(&server, id, "sip:bo@contoso.com", "op1", Reply::Last(Vec::new()));
    let error = host.done(posted).unwrap_err();
    assert!(error.may_have_worked(), "{error:?}");
    let body = crate::documents::invitation_body("7", "op1", "Connected");
    server.page(&page(
        2,
        &from_communication(&invitation("completed", "7", &(r#","status":"Success""#.to_owned() + &body))),
    ));
    assert_eq!(host.outcome(made).outcome, Some(Outcome::Accepted));
    assert_eq!(server.asked(&format!("POST {ADD_PARTICIPANT}")).len(), 1);
    host.close();
}

/// Nobody asked for compressed bodies, and that is said; a gateway that sends them anyway is named as what it is.
#[test]
fn a_body_that_is_compressed_unasked() {
    let server = Server::start();
    let (mut host, _) = Host::in_a_meeting(&server);
    let mut reply = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n".to_vec();
    reply.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    server.always(&format!("GET {APPLICATION}/events*"), Reply::Bytes(reply.clone()));
    server.page_as(Reply::Bytes(reply));
    let error = host.until_state(SessionState::Failed).expect("a reason");
    assert!(error.to_string().contains("gzip"), "{error}");
    for asked in server.asked("*") {
        assert_eq!(asked.header("accept-encoding"), Some("identity"), "{}", asked.line);
    }
    host.close();
}

/// A body without end, or with more than is allowed, is given up.
#[test]
fn bodies_beyond_measure() {
    let server = Server::start();
    let mut config = config(&server);
    config.set("http.max_body_bytes", "65536").unwrap();
    let (mut host, _) = Host::in_a_meeting_with(&server, &config);
    let body = format!(r#"{{"_links":{{}},"padding":"{}"}}"#, "x".repeat(70_000));
    server.always(&format!("GET {APPLICATION}/events*"), Reply::Bytes(chunked(&body, 1000)));
    server.page_as(Reply::Bytes(chunked(&body, 1000)));
    let error = host.until_state(SessionState::Failed).expect("a reason");
    assert!(error.to_string().contains("longer than 65536 bytes"), "{error}");
    assert!(server.asked(&format!("GET {APPLICATION}/events*")).len() <= 6);
    host.close();
}

/// Closing at any moment ends: while something is held, half sent or not begun.
#[test]
fn closing_at_any_moment() {
    for moment in ["GET /", "POST /WebTicket/oauthtoken", "POST /ucwa/oauth/v1/applications"] {
        let server = Server::start();
        usual(&server);
        server.always(moment, Reply::json("{}").held());
        let host = Host::new(&config(&server));
        let open = host.session.open().unwrap();
        server.until_asked(moment, 1);
        let close = host.session.close();
        host.done(close).expect("closes");
        assert!(host.done(open).is_err());
        host.close();
    }
    // In a meeting, with a POST under way and a DELETE that is never answered.
    let server = Server::start();
    let mut config = config(&server);
    config.set("close.timeout_s", "1").unwrap();
    let (host, id) = Host::in_a_meeting_with(&server, &config);
    let (_, posted) = host.invite(&server, id, "sip:bo@contoso.com", "op1", Reply::json("{}").held());
    server.always(&format!("DELETE {APPLICATION}"), Reply::no_content().held());
    server.until_asked(&format!("POST {ADD_PARTICIPANT}"), 1);
    let close = host.session.close();
    assert_eq!(host.done(posted).unwrap_err().kind(), ucwa::ErrorKind::Closed);
    host.done(close).expect("closes");
    host.close();
}

/// Two threads, one opens and one closes: both calls return, and whatever was begun ends.
#[test]
fn opening_and_closing_at_once() {
    let server = Server::start();
    usual_but_the_challenge(&server);
    for _ in 0..50 {
        let host = Host::new(&config(&server));
        let (opened, closed) = std::thread::scope(|scope| {
            let opening = scope.spawn(|| host.session.open());
            let closing = scope.spawn(|| host.session.close());
            (opening.join().unwrap(), closing.join().unwrap())
        });
        host.done(closed).expect("closes");
        if let Ok(operation) = opened {
            let _ = host.done(operation);
        }
        assert_eq!(host.session.state(), SessionState::Closed);
        host.close();
    }
}
