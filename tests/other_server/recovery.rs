//! An application that is gone, or only seems to be (PROTOCOL 1.5, 3.4, 5.5; trap T-12).

use std::collections::BTreeMap;

use ucwa::ErrorKind;
use ucwa::delivery::{EventBody, SessionState};
use ucwa::model::{ConversationId, ParticipantId, Phase};

use crate::documents::{
    APPLICATION, APPLICATION_BODY, BEARER, COMMUNICATION, CONVERSATION, MS_RTC, ROOT, USER, USER_LINE, bare,
    challenge, conversation, embedded, from_conversation, may_invite, meeting_begins, page, usual,
};
use crate::host::{Host, ME, config, person};
use crate::server::{Reply, Server};

const APPLICATIONS: &str = "POST /ucwa/oauth/v1/applications";
const ANA: &str = "sip:ana@contoso.com Ana -";

fn not_found() -> Reply {
    Reply::status("404 Not Found", r#"{"code":"NotFound","subcode":"ApplicationNotFound"}"#)
}

fn own() -> String {
    format!("GET {APPLICATION}")
}

fn joins(name: &str) -> String {
    embedded(
        "added",
        &person(&name.to_lowercase()),
        &format!("sip:{}@contoso.com", name.to_lowercase()),
        name,
    )
}

fn arrives(ack: u32, name: &str) -> String {
    page(ack, &from_conversation(&joins(name)))
}

/// In a meeting, with Ana.
fn with_ana(server: &Server) -> (Host, ConversationId) {
    let (mut host, conversation) = Host::in_a_meeting(server);
    server.page(&arrives(2, "Ana"));
    host.until_roster(conversation, &[ME, ANA]);
    (host, conversation)
}

fn ids(host: &Host, conversation: ConversationId) -> BTreeMap<String, ParticipantId> {
    host.room(conversation).values().map(|person| (person.uri.clone(), person.id)).collect()
}

fn recoveries(host: &Host) -> usize {
    let is_one = |body: &EventBody| matches!(body, EventBody::State(c) if c.new == SessionState::Recovering);
    host.heard.iter().filter(|event| is_one(&event.body)).count()
}

/// The event channel is not found, and the application says that it is there: nothing is made anew, nobody leaves.
#[test]
fn a_404_of_the_channel_is_checked_against_the_application() {
    let server = Server::start();
    let (mut host, id) = with_ana(&server);
    server.always(&own(), Reply::json(APPLICATION_BODY));
    server.page_as(not_found());
    server.page(&arrives(3, "Bo"));
    host.until_roster(id, &[ME, ANA, "sip:bo@contoso.com Bo -"]);
    assert_eq!(server.lines(&own()).len(), 1);
    assert_eq!(server.lines(APPLICATIONS).len(), 1);
    assert_eq!(recoveries(&host), 1);
    host.close();
}

/// A page of a proxy says nothing of the application, whatever its status (10.1).
#[test]
fn a_404_of_a_proxy_is_not_the_end() {
    for status in ["404 Not Found", "410 Gone"] {
        let server = Server::start();
        let (mut host, id) = with_ana(&server);
        server.page_as(Reply::html(status)).page_as(Reply::html(status));
        server.page(&arrives(3, "Bo"));
        host.until_roster(id, &[ME, ANA, "sip:bo@contoso.com Bo -"]);
        assert_eq!(server.lines(&own()).len(), 0);
        assert_eq!(server.lines(APPLICATIONS).len(), 1);
        host.close();
    }
}

/// A channel that is never found although the application lives ends the session, after the attempts that are allowed.
#[test]
fn a_channel_that_is_never_found_ends_the_session() {
    let server = Server::start();
    usual(&server);
    server.always(&own(), Reply::json(APPLICATION_BODY));
    server.always(&format!("GET {APPLICATION}/events*"), not_found());
    let mut config = config(&server);
    config.set("event.attempts", "3").unwrap();
    let mut host = Host::online(&config);
    let reason = host.until_state(SessionState::Failed).expect("a reason");
    assert_eq!(reason.reason().unwrap().subcode, "ApplicationNotFound");
    assert_eq!(server.lines(&format!("GET {APPLICATION}/events*")).len(), 4);
    assert_eq!(server.lines(APPLICATIONS).len(), 1);
    host.close();
}

/// Many things inside are said to belong to no application: not each of them has it looked at.
#[test]
fn many_404s_of_what_is_inside_are_checked_a_few_times() {
    let server = Server::start();
    let (host, _) = with_ana(&server);
    server.always(&own(), Reply::json(APPLICATION_BODY));
    server.always(&format!("GET {CONVERSATION}/participants/*"), not_found());
    let many: Vec<String> = (0..40).map(|n| bare("added", &person(&format!("p{n}")), "P")).collect();
    server.page(&page(3, &from_conversation(&many.join(","))));
    server.until_asked(&format!("GET {CONVERSATION}/participants/*"), 40);
    server.until_asked(&own(), 1);
    assert!(server.lines(&own()).len() < 20, "asked {} times", server.lines(&own()).len());
    assert_eq!(host.session.state(), SessionState::Online);
    host.close();
}

/// Something inside is said to belong to no application (T-12): one look, and all goes on.
#[test]
fn a_404_of_something_inside_is_checked_once() {
    let server = Server::start();
    let (mut host, id) = with_ana(&server);
    server.always(&own(), Reply::json(APPLICATION_BODY));
    server.always(&format!("GET {}", person("bo")), not_found());
    server.page(&page(3, &from_conversation(&bare("added", &person("bo"), "Bo"))));
    server.until_asked(&own(), 1);
    server.page(&arrives(4, "Cy"));
    host.until_roster(id, &[ME, ANA, "? Bo - partial", "sip:cy@contoso.com Cy -"]);
    assert_eq!(server.lines(&own()).len(), 1);
    assert_eq!(server.lines(APPLICATIONS).len(), 1);
    assert_eq!(recoveries(&host), 0);
    assert_eq!(host.session.state(), SessionState::Online);
    host.close();
}

/// The same, and the application is gone, too: it is made anew although the pending GET still stands. The new one has the
/// old one's addresses. Nobody lists who is there; the events tell.
#[test]
fn a_loss_is_noticed_by_any_request_and_the_meeting_joined_again() {
    let server = Server::start();
    let (mut host, id) = with_ana(&server);
    server.page(&arrives(3, "Bo"));
    host.until_roster(id, &[ME, ANA, "sip:bo@contoso.com Bo -"]);
    let before = ids(&host, id);
    let told = host.heard.len();
    server.always(&format!("GET {}", person("cy")), not_found());
    server.always(&own(), not_found());
    let join = format!("POST {COMMUNICATION}/onlineMeetingInvitations");
    server.always(&join, Reply::created(&format!("{COMMUNICATION}/onlineMeetingInvitations/i1")));
    let body = conversation("updated", "Conferenced", &may_invite());
    let body = &body[body.find(r#"{"state""#).unwrap()..body.find(r#"}},"type""#).unwrap()];
    server.always(&format!("GET {CONVERSATION}"), Reply::json(body));
    server.page(&page(4, &from_conversation(&bare("added", &person("cy"), "Cy"))));
    let asked = server.until_asked(&join, 1);
    assert!(asked[0].body.contains("app:conf:focus:id:ABCDE"), "{}", asked[0].body);
    // The pending GET of before still stands at this server; the new one takes its place.
    server.until_asked(&format!("GET {APPLICATION}/events?ack=1"), 2);
    // Whoever is there is told of before the invitation ends (8.4).
    let mut begins = meeting_begins();
    let end = begins.rfind(r#"{"rel":"communication""#).unwrap();
    begins.insert_str(end, &format!("{},", from_conversation(&joins("Ana"))));
    server.page(&begins);
    host.until_roster(id, &[ME, ANA]);
    let after = ids(&host, id);
    assert_eq!(after["sip:ana@contoso.com"], before["sip:ana@contoso.com"]);
    assert_eq!(after["sip:lenea@contoso.com"], before["sip:lenea@contoso.com"]);
    let told = &host.heard[told..];
    let conversations: Vec<Phase> = told
        .iter()
        .filter_map(|event| match &event.body {
            EventBody::Conversation(change) if change.conversation.id == id => Some(change.phase),
            _ => None,
        })
        .collect();
    assert!(conversations.iter().all(|phase| *phase == Phase::Updated), "{conversations:?}");
    assert_eq!(server.lines(APPLICATIONS).len(), 2);
    let endpoint = |body: &str| body.split("endpointId").nth(1).unwrap().chars().take(40).collect::<String>();
    let made = server.asked(APPLICATIONS);
    assert_eq!(endpoint(&made[0].body), endpoint(&made[1].body), "the same endpoint, so that two are one");
    host.close();
}

/// Where applications are made, this user is not let in any more (1.5, T-31): discovery and sign-in say where to go now, and
/// the token that is good there is asked for.
#[test]
fn the_new_application_may_be_on_another_host() {
    let (server, other) = (Server::start(), Server::start());
    usual(&server);
    let mut config = config(&server);
    config.set("event.attempts", "5").unwrap();
    let mut host = Host::online(&config);
    server.until_asked(&format!("GET {APPLICATION}/events*"), 1);
    server.always(&own(), not_found());
    server.always(APPLICATIONS, Reply::status("403 Forbidden", r#"{"code":"Forbidden"}"#));
    let moved = USER.replace(
        r#""{here}/ucwa/oauth/v1/applications""#,
        &format!(r#""{}/ucwa/oauth/v1/applications""#, other.here()),
    );
    server.always(USER_LINE, Reply::json(&moved));
    server.always("GET /", Reply::json(ROOT));
    usual(&other);
    other.once(APPLICATIONS, challenge(BEARER, MS_RTC));
    server.page_as(not_found());
    other.until_asked(&format!("GET {APPLICATION}/events*"), 1);
    assert_eq!(other.lines(APPLICATIONS).len(), 2, "once for the challenge, once with the token");
    assert_eq!(server.lines(APPLICATIONS).len(), 2, "once at first, and once that was refused");
    assert_eq!(server.lines("GET /").len(), 2);
    assert_eq!(recoveries_heard(&mut host), 2);
    host.close();
}

fn recoveries_heard(host: &mut Host) -> usize {
    let mut online = 0;
    host.until("Online again", |event| match &event.body {
        EventBody::State(change) if change.new == SessionState::Online => {
            online += 1;
            (online == 2).then_some(())
        }
        _ => None,
    });
    recoveries(host)
}

/// What a new application would not mend is not tried (3.4): the host is told, with what can be done.
#[test]
fn a_refused_creation_ends_the_session() {
    let rows = [
        (
            Reply::status("410 Gone", r#"{"code":"Gone","subcode":"TooManyApplications"}"#),
            "TooManyApplications",
            1,
        ),
        (
            Reply::status("410 Gone", r#"{"code":"Gone","subcode":"UserAgentNotAllowed"}"#),
            "UserAgentNotAllowed",
            1,
        ),
        (Reply::status("400 Bad Request", r#"{"code":"BadRequest","subcode":"None"}"#), "None", 1),
        // Once more after discovery.
        (Reply::status("403 Forbidden", r#"{"code":"Forbidden","subcode":"None"}"#), "None", 2),
    ];
    for (reply, subcode, times) in rows {
        let server = Server::start();
        usual(&server);
        let mut host = Host::online(&config(&server));
        server.always(APPLICATIONS, reply);
        server.always(&own(), not_found());
        server.page_as(not_found());
        let error = host.until_state(SessionState::Failed).expect("a reason");
        assert_eq!(error.reason().unwrap().subcode, subcode, "{error}");
        assert_eq!(error.kind(), ErrorKind::Server);
        assert_eq!(server.lines(APPLICATIONS).len(), 1 + times, "{error}");
        host.close();
    }
}

/// Each end for good is told with what can be done about it, and nothing is tried.
#[test]
fn the_ends_for_good() {
    let rows = [
        ("TooManyApplications", "sign out elsewhere"),
        ("InactiveApplicationExpired", "when the user is back"),
        ("UserAgentNotAllowed", "administrator"),
        ("NeverHeardOf", ""),
    ];
    for (subcode, advice) in rows {
        let server = Server::start();
        usual(&server);
        let mut host = Host::online(&config(&server));
        server.page_as(Reply::status("410 Gone", &format!(r#"{{"code":"Gone","subcode":"{subcode}"}}"#)));
        let error = host.until_state(SessionState::Failed).expect("a reason");
        assert_eq!(error.reason().unwrap().subcode, subcode);
        assert!(error.advice().contains(advice), "{error}");
        assert_eq!((server.lines(APPLICATIONS).len(), server.lines(&own()).len()), (1, 0));
        host.close();
    }
}
