//! Pages as they come, and as they should not come.

use super::*;
use crate::wire::{Direction, InvitationState, Link};

fn read(json: &str) -> EventPage {
    event_page(json.as_bytes()).unwrap()
}

/// A page with one sender and these events.
fn events(json: &str) -> EventPage {
    read(&format!(
        r#"{{"_links":{{"next":{{"href":"/e?ack=2"}}}},"sender":[{{"rel":"communication","href":"/c","events":[{json}]}}]}}"#
    ))
}

/// The only event of a page.
fn event(json: &str) -> Event {
    let mut page = events(json);
    assert_eq!(page.skipped, [""; 0]);
    let mut sender = page.senders.pop().unwrap();
    assert_eq!((page.senders.len(), sender.events.len()), (0, 1));
    sender.events.pop().unwrap()
}

const STARTED: &str = r#"{"link":{"rel":"messagingInvitation","href":"/i/60c"},
  "_embedded":{"messagingInvitation":{"direction":"Outgoing","state":"Connecting","operationId":"5028e824",
    "_links":{"self":{"href":"/i/60c"},"conversation":{"href":"/c/21a1"}},"rel":"messagingInvitation"}},
  "type":"started"}"#;

#[test]
fn an_event_with_all_its_parts() {
    let event = event(
        r#"{"link":{"rel":"participantInvitation","href":"/i/1","title":"Bo"},"in":{"rel":"conversation","href":"/c/1"},
          "status":"Failure","_embedded":{"participantInvitation":{"direction":"Outgoing","state":"Failed"}},
          "reason":{"code":"RemoteFailure","subcode":"Declined","message":null},"type":"completed"}"#,
    );
    assert_eq!(event.kind, EventType::Completed);
    assert_eq!(event.rel, Rel::ParticipantInvitation);
    assert_eq!(event.link, Link::new("/i/1").with_title("Bo"));
    assert_eq!(event.within, Some((Rel::Conversation, Link::new("/c/1"))));
    assert_eq!(event.status, Some(EventStatus::Failure));
    assert_eq!(event.reason.unwrap().subcode, "Declined");
    let Some(Body::Invitation(body)) = event.body else { panic!("{:?}", event.body) };
    assert_eq!(body.direction, Some(Direction::Outgoing));
    assert_eq!(body.state, Some(InvitationState::Failed));
}

#[test]
fn where_to_go_on() {
    let links = |links: &str| read(&format!(r#"{{"_links":{{{links}}}}}"#)).go_on;
    let next = r#""next":{"href":"/n"}"#;
    let resume = r#""resume":[{"href":"/r"}]"#;
    let resync = r#""ms:rtc:saas:resync":{"href":"/s"}"#;
    assert_eq!(links(next), GoOn::Next(Href::new("/n")));
    assert_eq!(links(&format!("{next},{resume}")), GoOn::Resume(Href::new("/r")));
    assert_eq!(links(&format!("{next},{resume},{resync}")), GoOn::Resync(Href::new("/s")));
    assert_eq!(links(r#""next":null,"next":{}"#), GoOn::Nowhere);
    assert_eq!(read("{}"), EventPage::default());
}

#[test]
fn t1_prefixed_rels_are_the_same_page() {
    for prefix in ["ms:rtc:saas:", "service:"] {
        let prefixed = STARTED
            .replace("messagingInvitation\"", &format!("{prefix}messagingInvitation\""))
            .replace("\"messagingInvitation", &format!("\"{prefix}messagingInvitation"))
            .replace(&format!("{prefix}{prefix}"), prefix)
            .replace("\"conversation\"", &format!("\"{prefix}conversation\""));
        assert!(prefixed.contains(&format!("\"rel\":\"{prefix}messagingInvitation\"")));
        assert_eq!(events(&prefixed), events(STARTED));
    }
}

#[test]
fn t5_embedded_under_another_key_or_none() {
    assert!(event(STARTED).body.is_some());
    let other_key = STARTED.replacen(r#"{"messagingInvitation":{"#, r#"{"whatever":{"#, 1);
    assert_ne!(other_key, STARTED);
    assert_eq!(event(&other_key), event(STARTED));
    for embedded in ["null", "{}", "[]", "5", r#"{"participant":null}"#, r#"{"participant":[]}"#] {
        let event = event(&format!(
            r#"{{"link":{{"rel":"participant","href":"/p"}},"type":"added","_embedded":{embedded}}}"#
        ));
        assert_eq!(event.body, None, "{embedded}");
    }
}

#[test]
fn t5_the_target_is_found_among_several() {
    let event = event(
        r#"{"_embedded":{"conversation":{"subject":"no"},"service:participant":{"name":"Bo"}},
          "type":"added","link":{"rel":"participant","href":"/p"}}"#,
    );
    let Some(Body::Participant(body)) = event.body else { panic!("{:?}", event.body) };
    assert_eq!(body.name.as_deref(), Some("Bo"));
}

#[test]
fn t6_single_and_array_forms_are_equal() {
    let page = |sender: &str| read(&format!(r#"{{"sender":{sender}}}"#));
    let one = r#"{"link":{"rel":"participant","href":"/p"},"in":{"rel":"lobby","href":"/l"},"type":"added",
        "_embedded":{"participant":{"name":"Bo"}}}"#;
    let many = r#"{"link":[{"rel":"participant","href":"/p"}],"in":[{"rel":"lobby","href":"/l"}],"type":"added",
        "_embedded":[{"participant":[{"name":"Bo"}]}]}"#;
    let expected = page(&format!(r#"[{{"rel":"conversation","events":[{one}]}}]"#));
    assert_eq!(expected.senders[0].events.len(), 1);
    assert!(expected.senders[0].events[0].body.is_some());
    assert_eq!(page(&format!(r#"{{"rel":"conversation","events":{many}}}"#)), expected);
}

#[test]
fn t11_a_page_without_events() {
    for sender in ["", r#","sender":[]"#, r#","sender":null"#] {
        let page = read(&format!(
            r#"{{"_links":{{"self":{{"href":"/eventsservice"}}}},"baseuri":"https://h/v1"{sender}}}"#
        ));
        assert_eq!(page.own, Some(Href::new("/eventsservice")));
        assert_eq!(page.base, Some(Href::new("https://h/v1")));
        assert_eq!((page.senders.len(), page.go_on, page.skipped.len()), (0, GoOn::Nowhere, 0));
    }
}

#[test]
fn t18_status_in_any_case() {
    for (text, status) in [
        ("success", EventStatus::Success),
        ("Failure", EventStatus::Failure),
        ("FAILURE", EventStatus::Failure),
        ("halfway", EventStatus::Other("halfway".into())),
    ] {
        let event = event(&format!(
            r#"{{"link":{{"rel":"message","href":"/m"}},"status":"{text}","type":"completed"}}"#
        ));
        assert_eq!(event.status, Some(status));
    }
}

#[test]
fn t33_unknown_words_are_kept() {
    let event = event(r#"{"link":{"rel":"hologram","href":"/h"},"type":"shimmered"}"#);
    assert_eq!((event.rel.as_str(), event.kind.as_str()), ("hologram", "shimmered"));
}

#[test]
fn a_sender_without_rel_href_or_events() {
    let page = read(r#"{"sender":[{},{"events":null},{"rel":null,"href":5,"events":[]}]}"#);
    assert_eq!(page.senders.len(), 3);
    assert_eq!(page.skipped, [""; 0]);
    assert!(
        page.senders.iter().all(|s| s.href.is_none() && s.rel.as_str().is_empty() && s.events.is_empty())
    );
}

#[test]
fn reason_null_or_empty_is_no_reason() {
    for reason in ["null", "{}", "\"x\"", "[]"] {
        let event = event(&format!(
            r#"{{"link":{{"rel":"message","href":"/m"}},"reason":{reason},"type":"completed"}}"#
        ));
        assert_eq!(event.reason, None, "{reason}");
    }
}

#[test]
fn a_broken_event_costs_itself_and_leaves_a_line() {
    let table = [
        ("5", "it is no object"),
        ("null", "it is no object"),
        ("[]", "it is no object"),
        ("{}", "it has no link"),
        (r#"{"link":"/p","type":"added"}"#, "it has no link"),
        (r#"{"link":{"rel":"participant"},"type":"added"}"#, "its link has no href"),
        (r#"{"link":{"rel":"participant","href":""},"type":"added"}"#, "its link has no href"),
        (r#"{"link":{"rel":"participant","href":"/p"}}"#, "it has no type"),
        (
            r#"{"link":{"rel":"participant","href":"/p"},"in":"lobby","type":"deleted"}"#,
            "its `in` is no object",
        ),
        (
            r#"{"link":{"rel":"participant","href":"/p"},"in":{"rel":"lobby"},"type":"deleted"}"#,
            "its `in` has no href",
        ),
    ];
    for (broken, why) in table {
        let page = events(&format!("{STARTED},{broken},{STARTED}"));
        assert_eq!(page.skipped, [format!("sender 1, event 2: {why}")], "{broken}");
        assert_eq!(page.senders[0].events, [event(STARTED), event(STARTED)], "{broken}");
    }
}

#[test]
fn a_broken_sender_costs_itself_and_leaves_a_line() {
    let page = read(&format!(r#"{{"sender":[7,{{"rel":"me","events":[{STARTED}]}}]}}"#));
    assert_eq!(page.skipped, ["sender 1: it is no object"]);
    assert_eq!(page.senders.len(), 1);
}

#[test]
fn an_unreadable_body_is_no_body_and_a_line() {
    let page = events(
        r#"{"link":{"rel":"participant","href":"/p"},"type":"added","_embedded":{"participant":"Bo"}}"#,
    );
    assert_eq!(page.senders[0].events[0].body, None);
    assert_eq!(page.skipped, ["sender 1, event 1: the body of participant: participant: no JSON object"]);
}

#[test]
fn a_value_beyond_all_bounds_costs_its_event_only() {
    let huge = r#"{"link":{"rel":"participant","href":"/p"},"type":"added","status":1e999}"#;
    let page = events(&format!("{STARTED},{huge},{STARTED}"));
    assert_eq!(page.skipped, ["sender 1, event 2: a value in it cannot be read"]);
    assert_eq!(page.senders[0].events, [event(STARTED), event(STARTED)]);

    let page = read(&format!(r#"{{"sender":[{{"rel":1e999}},5,{{"rel":"me","events":{STARTED}}}]}}"#));
    assert_eq!(page.skipped, ["sender 1: a value in it cannot be read", "sender 2: it is no object"]);
    assert_eq!(page.senders[0].events, [event(STARTED)]);
}

#[test]
fn half_a_surrogate_pair_costs_one_letter() {
    let event = event(
        r#"{"link":{"rel":"participant","href":"/p","title":"a\ud83d"},"type":"added",
          "_embedded":{"participant":{"name":"b\ude00"}}}"#,
    );
    assert_eq!(event.link.title.as_deref(), Some("a\u{fffd}"));
    let Some(Body::Participant(body)) = event.body else { panic!("{:?}", event.body) };
    assert_eq!(body.name.as_deref(), Some("b\u{fffd}"));
}

#[test]
fn what_is_no_page_is_an_error_that_says_where() {
    for broken in ["", "<html>", "[]", "null", "{\"sender\":[", "{\"sender\":[{\"rel\":\"me\",}]}", "{} {}"] {
        let error = event_page(broken.as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with("event page: "), "{error}");
    }
}
