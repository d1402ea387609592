//! What holds for any input: nothing panics, nothing is lost in silence, and the spellings of one document are equal.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

/// Puts these bytes through every reader.
fn read_all(bytes: &[u8]) {
    let _ = (event_page(bytes), participant(bytes), conversation(bytes), invitation(bytes));
    let _ = (online_meeting(bytes), application(bytes), collection(bytes), plain(bytes));
    let _ = (error_body(bytes), token_answer(bytes), token_error(bytes));
    for rel in Rel::KNOWN {
        let _ = body(&Rel::parse(rel), bytes);
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = (challenges([&*text].into_iter()), unix_ms(&text));
    let href = Href::new(&text);
    let base = url::Url::parse("https://pool.contoso.com/ucwa/v1/applications/1").unwrap();
    let _ = (data_uri(&href).map(|uri| uri.text()), Target::new(href, base.into()).url());
}

const NAMES: &[&str] = &[
    "_links",
    "_embedded",
    "sender",
    "events",
    "link",
    "in",
    "type",
    "status",
    "reason",
    "rel",
    "href",
    "title",
    "next",
    "self",
    "resync",
    "baseuri",
    "participant",
    "ms:rtc:saas:participant",
    "conversation",
    "participantInvitation",
    "from",
    "acceptedByParticipant",
    "me",
    "communication",
    "name",
    "uri",
    "organizer",
    "state",
    "operationId",
    "activeModalities",
    "participantCount",
    "created",
    "code",
    "subcode",
    "message",
    "parameters",
    "access_token",
    "expires_in",
    "error",
    "revision",
    "",
];

const WORDS: &[&str] = &[
    "added",
    "deleted",
    "completed",
    "participant",
    "service:participant",
    "participantInvitation",
    "messaging",
    "success",
    "true",
    "5",
    "-1",
    "/Date(5)/",
    "2013-02-07T01:17:18Z",
    "/x",
    "//x/y",
    "data:,x",
    "https://h/x",
    "",
    "\u{1f600}",
    "\\ud83d",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        proptest::sample::select(WORDS).prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 96, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(proptest::sample::select(NAMES), inner, 0..6).prop_map(|map| map
                .into_iter()
                .map(|(k, v)| (k.to_owned(), v))
                .collect::<Map<_, _>>()
                .into()),
        ]
    })
}

fn some_rel() -> impl Strategy<Value = Value> {
    const RELS: &[&str] =
        &["participant", "conversation", "participantInvitation", "messaging", "message", "me", "unheardOf"];
    proptest::sample::select(RELS).prop_map(Value::from)
}

/// A resource as it may be embedded.
fn some_body() -> impl Strategy<Value = Value> {
    (some_rel(), "[a-zé\u{1f600}]{0,8}", 0..9u8, any_json()).prop_map(|(rel, name, id, odd)| {
        json!({
            "rel": rel, "name": name, "state": "Connected", "subject": odd,
            "_links": {"self": {"href": format!("/x/{id}")}, "participant": {"href": "/p", "title": name}},
            "_embedded": {"from": {"name": name, "_links": {"self": {"href": "/f"}}}},
        })
    })
}

/// An event as it should be, with a body under its own rel.
fn some_event() -> impl Strategy<Value = Value> {
    (some_rel(), proptest::option::of(some_rel()), proptest::option::of(some_body()), any::<bool>()).prop_map(
        |(rel, within, body, failed)| {
            let mut event = json!({"link": {"rel": rel, "href": "/t", "title": "T"}, "type": "updated"});
            if let Some(within) = within {
                event["in"] = json!({"rel": within, "href": "/in"});
            }
            if let Some(body) = body {
                event["_embedded"] = json!({ rel.as_str().unwrap(): body });
            }
            if failed {
                event["reason"] = json!({"code": "Gone", "message": null});
                event["status"] = json!("Failure");
            }
            event
        },
    )
}

/// An event of which one part is something else.
fn odd_event() -> impl Strategy<Value = Value> {
    const PARTS: &[&str] = &["link", "in", "type", "status", "reason", "_embedded"];
    (some_event(), proptest::sample::select(PARTS), any_json()).prop_map(|(mut event, part, odd)| {
        event[part] = odd;
        event
    })
}

/// Senders of which one or the other is none, with events of which one or the other is none.
fn odd_senders() -> impl Strategy<Value = Value> {
    let event = prop_oneof![3 => odd_event(), 2 => some_event(), 1 => any_json()];
    let events =
        prop_oneof![4 => proptest::collection::vec(event, 0..5).prop_map(Value::from), 1 => any_json()];
    let sender = prop_oneof![
        5 => (some_rel(), events).prop_map(|(rel, events)| json!({"rel": rel, "events": events})),
        1 => any_json(),
    ];
    prop_oneof![5 => proptest::collection::vec(sender, 0..4).prop_map(Value::from), 1 => any_json()]
}

fn some_page() -> impl Strategy<Value = Value> {
    let sender = (some_rel(), proptest::collection::vec(some_event(), 0..5))
        .prop_map(|(rel, events)| json!({"rel": rel, "href": "/s", "events": events}));
    proptest::collection::vec(sender, 0..4).prop_map(|senders| {
        json!({"_links": {"self": {"href": "/e?ack=1"}, "next": {"href": "/e?ack=2"}}, "sender": senders})
    })
}

/// Changes every rel of a document.
fn with_rels(value: &Value, change: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| with_rels(item, change)).collect(),
        Value::Object(map) => {
            let changed = map.iter().map(|(name, value)| match (name.as_str(), value) {
                ("rel", Value::String(rel)) => (name.clone(), change(rel).into()),
                ("_links" | "_embedded", Value::Object(by_rel)) => {
                    let by_rel = by_rel.iter().map(|(rel, value)| (change(rel), with_rels(value, change)));
                    (name.clone(), by_rel.collect::<Map<_, _>>().into())
                }
                _ => (name.clone(), with_rels(value, change)),
            });
            changed.collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// Makes an array of one out of every object that stands where the protocol allows both.
fn with_arrays(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(with_arrays).collect(),
        Value::Object(map) => {
            let changed = map.iter().map(|(name, value)| match (name.as_str(), value) {
                ("_links" | "_embedded", Value::Object(by_rel)) => {
                    let by_rel = by_rel.iter().map(|(rel, value)| match value {
                        Value::Object(_) => (rel.clone(), json!([with_arrays(value)])),
                        other => (rel.clone(), with_arrays(other)),
                    });
                    (name.clone(), by_rel.collect::<Map<_, _>>().into())
                }
                ("link" | "in", Value::Object(_)) => (name.clone(), json!([with_arrays(value)])),
                _ => (name.clone(), with_arrays(value)),
            });
            changed.collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// How many elements stand where objects are expected.
fn elements(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn any_cut_or_damaged_page_is_read_without_panic(page in some_page(), cut: prop::sample::Index, byte: u8) {
        let mut bytes = page.to_string().into_bytes();
        let at = cut.index(bytes.len());
        bytes[at] = byte;
        read_all(&bytes);
        bytes.truncate(at);
        read_all(&bytes);
    }

    #[test]
    fn any_json_is_read_without_panic(value in any_json()) {
        read_all(value.to_string().as_bytes());
    }

    /// Each event of a page is read or reported, whatever the page is.
    #[test]
    fn nothing_is_lost_in_silence(sender in odd_senders(), links in any_json()) {
        let page = json!({"_links": links, "sender": sender});
        let read = event_page(page.to_string().as_bytes()).unwrap();
        let senders = elements(page.get("sender"));
        let no_objects = senders.iter().filter(|sender| !sender.is_object()).count();
        let events: usize = senders.iter().map(|sender| elements(sender.get("events")).len()).sum();
        let kept: usize = read.senders.iter().map(|sender| sender.events.len()).sum();
        let unread = read.skipped.iter().filter(|line| !line.contains("the body of")).count();
        prop_assert_eq!(senders.len(), read.senders.len() + no_objects);
        prop_assert_eq!(events + no_objects, kept + unread);
    }

    #[test]
    fn t1_prefixes_change_nothing(page in some_page()) {
        let plain = event_page(page.to_string().as_bytes()).unwrap();
        prop_assert_eq!(&plain.skipped, &[""; 0]);
        for prefix in ["ms:rtc:saas:", "service:"] {
            let prefixed = with_rels(&page, &|rel| format!("{prefix}{rel}"));
            prop_assert_ne!(&prefixed, &page);
            prop_assert_eq!(&event_page(prefixed.to_string().as_bytes()).unwrap(), &plain);
        }
    }

    #[test]
    fn t6_arrays_of_one_change_nothing(page in some_page()) {
        let plain = event_page(page.to_string().as_bytes()).unwrap();
        let arrays = with_arrays(&page);
        prop_assert_ne!(&arrays, &page);
        prop_assert_eq!(event_page(arrays.to_string().as_bytes()).unwrap(), plain);
    }

    #[test]
    fn t17_a_byte_order_mark_changes_nothing(page in some_page()) {
        let text = page.to_string();
        prop_assert_eq!(event_page(format!("\u{feff}{text}").as_bytes()), event_page(text.as_bytes()));
    }

    /// The second reading, which a value beyond all bounds brings about, reads the same as the first.
    #[test]
    fn both_ways_of_reading_agree(page in some_page(), odd in odd_senders()) {
        let mut page = page;
        page["sender"].as_array_mut().unwrap().extend(elements(Some(&odd)).into_iter().cloned());
        let first = event_page(page.to_string().as_bytes()).unwrap();
        let broken = r#"{"rel":"me","events":[{"link":{"rel":"me","href":"/me"},"type":"updated","status":1e999}]}"#;
        page["sender"].as_array_mut().unwrap().push(json!("BROKEN"));
        let text = page.to_string().replace("\"BROKEN\"", broken);
        let mut second = event_page(text.as_bytes()).unwrap();
        prop_assert_eq!(second.senders.pop().map(|sender| sender.events.len()), Some(0));
        prop_assert!(second.skipped.pop().is_some_and(|line| line.contains("event 1: a value in it")));
        prop_assert_eq!(first, second);
    }
}
