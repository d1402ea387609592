//! From the root to the application, in the documentation's own shapes (PROTOCOL 1.3, 2.1, 2.3, 3.1, 3.2).

use ucwa::delivery::SessionState;
use ucwa::model::ConversationId;
use ucwa::session::Meeting;

use crate::documents::{
    APPLICATION, APPLICATION_BODY, BEARER, MS_RTC, ROOT, START_MEETING, TOKEN, USER, USER_LINE, challenge,
    meeting_begins, usual, usual_but_the_challenge,
};
use crate::host::{Host, config};
use crate::server::{Reply, Server};

#[test]
fn the_task_sample_from_the_root_to_the_end() {
    let server = Server::start();
    usual(&server);
    let mut host = Host::online(&config(&server));
    assert_eq!(host.session.state(), SessionState::Online);
    host.until_state(SessionState::Online);
    server.until_asked(&format!("GET {APPLICATION}/events*"), 1);

    let token = &server.asked("POST /WebTicket/oauthtoken")[0];
    assert_eq!(token.body, "grant_type=password&username=lenea%40contoso.com&password=Pa55w.rd%21");
    assert!(token.header("content-type").unwrap().starts_with("application/x-www-form-urlencoded"));
    assert_eq!(token.header("authorization"), None);
    let create = &server.asked("POST /ucwa/oauth/v1/applications")[0];
    assert_eq!(create.header("authorization"), Some("Bearer cwt=AAEBbuHc"));
    for field in [r#""culture":"en-US""#, r#""endpointId":""#, r#""userAgent":""#] {
        assert!(create.body.contains(field), "{}", create.body);
    }
    host.close();
    let lines = server.lines("*");
    let expected = [
        "GET /".to_owned(),
        USER_LINE.to_owned(),
        "POST /WebTicket/oauthtoken".to_owned(),
        USER_LINE.to_owned(),
        "POST /ucwa/oauth/v1/applications".to_owned(),
        format!("GET {APPLICATION}/events?ack=1"),
        format!("DELETE {APPLICATION}"),
    ];
    assert_eq!(lines, expected);
    for asked in server.asked("*").iter().skip(3) {
        assert_eq!(asked.header("authorization"), Some("Bearer cwt=AAEBbuHc"), "{}", asked.line);
    }
}

#[test]
fn challenges_in_either_order_quoted_or_not() {
    let unquoted = r#"WWW-Authenticate: MsRtcOAuth href={here}/WebTicket/oauthtoken,grant_type="urn:microsoft.rtc:windows,password""#;
    let lower = MS_RTC.replacen("WWW-Authenticate", "www-authenticate", 1);
    let several = r#"WWW-Authenticate: Bearer trusted_issuers="a@b,c@*", client_id="00000004", authorization_uri="file://client/common/oauth2/authorize""#;
    for (first, second) in
        [(BEARER, MS_RTC), (MS_RTC, BEARER), (BEARER, unquoted), (unquoted, BEARER), (several, &lower)]
    {
        let server = Server::start();
        server.once(USER_LINE, challenge(first, second));
        usual_but_the_challenge(&server);
        Host::online(&config(&server)).close();
        assert_eq!(server.asked("POST /WebTicket/oauthtoken").len(), 1, "{first} {second}");
    }
}

/// What the answer to POST applications may be, all of them good (PROTOCOL 3.1, 3.3, T-17, T-30).
#[test]
fn an_application_created_known_or_marked() {
    let marked = format!("\u{feff}{APPLICATION_BODY}");
    let absolute = APPLICATION_BODY.replace(r#""href":"/ucwa"#, r#""href":"{here}/ucwa"#);
    let arrays = APPLICATION_BODY
        .replace(
            r#""events":{"href":"/ucwa/oauth/v1/applications/105/events?ack=1"}"#,
            r#""events":[{"href":"/ucwa/oauth/v1/applications/105/events?ack=1"}]"#,
        )
        .replace(r#""communication":{"#, r#""communication":[{"#)
        .replace(r#""etag":"3140562359"}}"#, r#""etag":"3140562359"}]}"#);
    assert!(serde_json::from_str::<serde_json::Value>(&arrays).is_ok());
    let prefixed = APPLICATION_BODY
        .replace(r#""communication":"#, r#""ms:rtc:saas:communication":"#)
        .replace(r#""startOnlineMeeting""#, r#""ms:rtc:saas:startOnlineMeeting""#);
    let rows = [
        Reply::json(APPLICATION_BODY),
        Reply::status("201 Created", &marked),
        Reply::status("201 Created", &absolute),
        Reply::json(&arrays),
        Reply::json(&prefixed),
        Reply::with("200 OK", "content-type: APPLICATION/JSON\r\n", APPLICATION_BODY),
        Reply::with(
            "201 Created",
            "Content-Type: application/json; type=\"application/vnd.microsoft.com.ucwa+json\"; charset=utf-8\r\n",
            APPLICATION_BODY,
        ),
    ];
    for reply in rows {
        let server = Server::start();
        server.once("POST /ucwa/oauth/v1/applications", reply);
        usual(&server);
        let host = Host::online(&config(&server));
        let started = host.session.start_meeting(&Meeting::default()).expect("the link is there");
        server.page(&meeting_begins());
        assert!(ConversationId::new(host.done(started).unwrap()).is_some());
        host.close();
        assert_eq!(server.lines("DELETE*"), [format!("DELETE {APPLICATION}")]);
    }
}

/// The answer to the POST may be smaller than the resource: what it lacks is there to be read.
#[test]
fn an_application_that_is_answered_in_part_is_read() {
    let lean = r#"{"culture":"en-US","_links":{"self":{"href":"/ucwa/oauth/v1/applications/105"},"events":{"href":"/ucwa/oauth/v1/applications/105/events?ack=1"}},"rel":"application"}"#;
    let only_self = r#"{"_links":{"self":{"href":"/ucwa/oauth/v1/applications/105"}},"rel":"application"}"#;
    let link_only = r#"{"_links":{"self":{"href":"/ucwa/oauth/v1/applications/105"},"events":{"href":"/ucwa/oauth/v1/applications/105/events?ack=1"}},
        "_embedded":{"communication":{"rel":"communication","_links":{"self":{"href":"/ucwa/oauth/v1/applications/105/communication"}}}},"rel":"application"}"#;
    let rows = [
        Reply::status("201 Created", lean),
        Reply::json(only_self),
        Reply::json(link_only),
        Reply::created("/ucwa/oauth/v1/applications/105"),
    ];
    for reply in rows {
        let server = Server::start();
        server.once("POST /ucwa/oauth/v1/applications", reply);
        usual(&server);
        server.always(&format!("GET {APPLICATION}"), Reply::json(APPLICATION_BODY));
        let host = Host::online(&config(&server));
        assert_eq!(server.asked(&format!("GET {APPLICATION}")).len(), 1);
        let started = host.session.start_meeting(&Meeting::default()).expect("the link is there");
        server.page(&meeting_begins());
        host.done(started).unwrap();
        assert_eq!(server.asked(&format!("POST {START_MEETING}")).len(), 1);
        host.close();
    }
}

/// An application for whom calling is switched off is an application all the same: it is asked about once.
#[test]
fn an_application_without_anything_to_start_is_online() {
    let server = Server::start();
    usual(&server);
    let none = r#"{"_links":{"self":{"href":"/ucwa/oauth/v1/applications/105"},"events":{"href":"/ucwa/oauth/v1/applications/105/events?ack=1"}},"rel":"application"}"#;
    server.always("POST /ucwa/oauth/v1/applications", Reply::status("201 Created", none));
    server.always(&format!("GET {APPLICATION}"), Reply::status("404 Not Found", r#"{"code":"NotFound"}"#));
    let host = Host::online(&config(&server));
    let refused = host.session.start_meeting(&Meeting::default()).unwrap_err();
    assert_eq!(refused.kind(), ucwa::ErrorKind::NotAllowed, "{refused}");
    host.close();
    assert_eq!(server.asked(&format!("GET {APPLICATION}")).len(), 1);
    assert_eq!(server.asked("DELETE*").len(), 1);
}

/// What cannot become a session says why, once, and leaves nothing behind on the server.
#[test]
fn sign_ins_that_come_to_nothing() {
    let no_events = r#"{"_links":{"self":{"href":"/ucwa/oauth/v1/applications/105"}},"rel":"application"}"#;
    let rows: [(&str, Reply, &str); 8] = [
        ("GET /", Reply::json("{}"), "without a link"),
        ("GET /", Reply::html("200 OK"), "not UCWA's own"),
        (USER_LINE, Reply::html("200 OK"), "not UCWA's own"),
        (
            "POST /WebTicket/oauthtoken",
            Reply::status("400 Bad Request", r#"{"error":"unsupported_grant_type"}"#),
            "unsupported_grant_type",
        ),
        ("POST /WebTicket/oauthtoken", Reply::json(r#"{"token_type":"Bearer"}"#), "no access_token"),
        (
            "POST /ucwa/oauth/v1/applications",
            Reply::status("403 Forbidden", r#"{"code":"Forbidden","subcode":"None","message":"No."}"#),
            "403 Forbidden",
        ),
        ("POST /ucwa/oauth/v1/applications", Reply::json(no_events), "no events link"),
        ("POST /ucwa/oauth/v1/applications", Reply::no_content(), "without the expected body"),
    ];
    for (line, reply, says) in rows {
        let server = Server::start();
        usual(&server);
        server.always(line, reply);
        let mut host = Host::new(&config(&server));
        let open = host.session.open().unwrap();
        let error = host.done(open).unwrap_err();
        assert!(error.to_string().contains(says), "{line}: {error}");
        assert!(!error.to_string().contains("Pa55") && !format!("{error:?}").contains("cwt="), "{error:?}");
        assert!(host.until_state(SessionState::Failed).is_some());
        host.close();
        let made = server.asked("POST /ucwa/oauth/v1/applications").len();
        assert!(made <= 1, "{line}");
        let left = line.contains("applications") && says == "no events link";
        assert_eq!(server.asked("DELETE*").len(), usize::from(left), "{line}: what was made is taken away");
    }
}

/// A rejected password is sent once, and the answer's words are the error's.
#[test]
fn a_wrong_password_is_sent_once() {
    let server = Server::start();
    usual(&server);
    server.always(
        "POST /WebTicket/oauthtoken",
        Reply::status("400 Bad Request", r#"{"error":"invalid_grant"}"#),
    );
    let mut config = config(&server);
    config.set("credentials.timeout_s", "1").unwrap();
    let host = Host::new(&config);
    let open = host.session.open().unwrap();
    // Waiting says at once that a question is open; how it ended is known when nobody has answered in time.
    let error = loop {
        let waited = host.done(open).unwrap_err();
        match host.session.result(open) {
            Some(ended) => break ended.unwrap_err(),
            None => assert_eq!(waited.kind(), ucwa::ErrorKind::CredentialsNeeded, "{waited}"),
        }
        std::thread::yield_now();
    };
    assert_eq!(error.kind(), ucwa::ErrorKind::Auth, "{error}");
    assert!(error.to_string().contains("invalid_grant"), "{error}");
    assert_eq!(server.asked("POST /WebTicket/oauthtoken").len(), 1);
    host.close();
}

/// The user is homed elsewhere; a `redirect` goes before everything else (PROTOCOL 1.4).
#[test]
fn a_redirect_after_authentication() {
    let server = Server::start();
    server.once(USER_LINE, challenge(BEARER, MS_RTC));
    server.once(
        USER_LINE,
        Reply::json(r#"{"_links":{"applications":{"href":"/nowhere"},"redirect":{"href":"/Autodiscover/elsewhere/root"}}}"#),
    );
    server.always("GET /Autodiscover/elsewhere/root", Reply::json(ROOT));
    usual_but_the_challenge(&server);
    Host::online(&config(&server)).close();
    assert_eq!(server.asked("GET /nowhere").len(), 0);
    assert_eq!(server.asked("POST /nowhere").len(), 0);
}

/// The same in other clothes: arrays of links, a byte order mark, numbers as text, fields nobody knows.
#[test]
fn discovery_and_token_in_other_clothes() {
    let root = ROOT.replace(r#""user":{"#, r#""user":[{"rel":"user","revision":"2","#).replace(
        r#"originalDomain=contoso.com"},
  "xframe""#,
        r#"originalDomain=contoso.com"}],
  "xframe""#,
    );
    assert!(serde_json::from_str::<serde_json::Value>(&root).is_ok(), "{root}");
    let user =
        format!("\u{feff}{}", USER.replace(r#"{"_links""#, r#"{"rel":"user","x":{"y":[1,{}]},"_links""#));
    let token = TOKEN.replace("28289", r#""28289""#).replace(r#","token_type":"Bearer""#, "");
    let server = Server::start();
    usual(&server);
    server.always("GET /", Reply::json(&root));
    server.always(USER_LINE, Reply::json(&user));
    server.always("POST /WebTicket/oauthtoken", Reply::json(&token));
    Host::online(&config(&server)).close();
}
