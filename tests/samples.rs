//! Every sample of the protocol's documentation goes through `wire`, and what comes out is what a short, independent
//! reading of the same JSON finds. The samples are not part of the repository; where they are absent the test says so.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)] // a test

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use ucwa::wire::{self, Body, Event, EventPage, GoOn, Href, Link, Links, Rel};

/// One line of the manifest, with the bytes to read.
struct Sample {
    name: String,
    kind: String,
    /// The page prints it damaged; the bytes are its repaired version.
    repaired: bool,
    bytes: Vec<u8>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples")
}

/// Samples that parse, and the bytes of those that nobody can read; `None` when the folder is absent.
fn samples() -> Option<(Vec<Sample>, Vec<Sample>)> {
    let folder = folder();
    let Ok(manifest) = fs::read_to_string(folder.join("manifest.tsv")) else {
        println!("samples absent: {} has no manifest.tsv, nothing was checked", folder.display());
        return None;
    };
    let mut lines = manifest.lines();
    let names: Vec<&str> = lines.next().expect("a heading").split('\t').collect();
    let (mut readable, mut broken) = (Vec::new(), Vec::new());
    for line in lines {
        let row: BTreeMap<&str, &str> = names.iter().copied().zip(line.split('\t')).collect();
        let valid = row["valid_json"] == "yes";
        let mended = folder.join("repaired").join(row["file"]);
        let path = if valid || !mended.exists() { folder.join(row["file"]) } else { mended.clone() };
        let sample = Sample {
            name: row["file"].to_owned(),
            kind: row["kind"].to_owned(),
            repaired: !valid,
            bytes: fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        };
        if valid || row["repair"] != "none" {
            assert!(valid || mended.exists(), "{}: no repaired version", sample.name);
            readable.push(sample);
        } else {
            broken.push(sample);
        }
    }
    Some((readable, broken))
}

fn parse(sample: &Sample) -> Value {
    let text = std::str::from_utf8(&sample.bytes).expect("UTF-8");
    serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .unwrap_or_else(|e| panic!("{}: {e}", sample.name))
}

// ---- the independent reading

fn bare(rel: &str) -> String {
    rel.replace("ms:rtc:saas:", "").replace("service:", "")
}

fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

/// rel, href, title of each link; empty addresses are none.
type LinkRows = Vec<(String, String, Option<String>)>;

fn link_rows(resource: &Value) -> LinkRows {
    let mut rows = LinkRows::new();
    if let Value::Object(by_rel) = &resource["_links"] {
        for (rel, links) in by_rel {
            for link in list(links) {
                if let Some(href) = link["href"].as_str().filter(|href| !href.trim().is_empty()) {
                    rows.push((bare(rel), address(href), link["title"].as_str().map(str::to_owned)));
                }
            }
        }
    }
    rows.sort();
    rows
}

fn address(href: &str) -> String {
    href.trim().replace("\\u0026", "&")
}

fn rows_of(links: &Links) -> LinkRows {
    let row = |(rel, link): (&Rel, &Link)| {
        (rel.as_str().to_owned(), link.href.as_str().to_owned(), link.title.as_deref().map(str::to_owned))
    };
    let mut rows: LinkRows = links.iter().map(row).collect();
    rows.sort();
    rows
}

/// Everything of an event that can be said in text.
fn event_row(event: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let href = |link: &Value| link["href"].as_str().map(address);
    let embedded = event["_embedded"].as_object().and_then(|map| map.values().next());
    Some(vec![
        event["type"].as_str()?.to_owned(),
        bare(event["link"]["rel"].as_str()?),
        href(&event["link"])?,
        text(&event["link"]["title"]),
        bare(&text(&event["in"]["rel"])),
        href(&event["in"]).unwrap_or_default(),
        text(&event["status"]),
        text(&event["reason"]["subcode"]),
        embedded.map_or(String::new(), |body| format!("{:?}", link_rows(body))),
    ])
}

fn row_of(event: &Event) -> Vec<String> {
    let within = event.within.as_ref();
    vec![
        event.kind.as_str().to_owned(),
        event.rel.as_str().to_owned(),
        event.link.href.as_str().to_owned(),
        event.link.title.as_deref().unwrap_or_default().to_owned(),
        within.map_or("", |(rel, _)| rel.as_str()).to_owned(),
        within.map_or("", |(_, link)| link.href.as_str()).to_owned(),
        event.status.as_ref().map_or("", |status| status.as_str()).to_owned(),
        event.reason.as_ref().map_or("", |reason| &reason.subcode).to_owned(),
        event.body.as_ref().map_or(String::new(), |body| format!("{:?}", rows_of(links_of(body)))),
    ]
}

fn links_of(body: &Body) -> &Links {
    match body {
        Body::Participant(body) => &body.links,
        Body::Conversation(body) => &body.links,
        Body::Invitation(body) => &body.links,
        Body::OnlineMeeting(body) => &body.links,
        Body::Modality(body) => &body.links,
        Body::ParticipantModality(body) => &body.links,
        Body::Message(body) => &body.links,
        Body::Plain(_, body) => &body.links,
    }
}

fn word<T: std::fmt::Display>(word: &Option<T>) -> Option<String> {
    word.as_ref().map(ToString::to_string)
}

/// The properties that decide most, by name, as `wire` read them.
fn properties_of(body: &Body) -> Vec<(&'static str, Option<String>)> {
    match body {
        Body::Participant(body) => vec![
            ("uri", body.uri.clone()),
            ("name", body.name.clone()),
            ("role", word(&body.role)),
            ("sourceNetwork", word(&body.source_network)),
            ("organizer", word(&body.organizer)),
            ("anonymous", word(&body.anonymous)),
            ("local", word(&body.local)),
            ("inLobby", word(&body.in_lobby)),
        ],
        Body::Conversation(body) => vec![
            ("state", word(&body.state)),
            ("subject", body.subject.clone()),
            ("threadId", body.thread_id.clone()),
            ("importance", word(&body.importance)),
            ("participantCount", word(&body.participant_count)),
            ("recording", word(&body.recording)),
        ],
        Body::Invitation(body) => vec![
            ("state", word(&body.state)),
            ("direction", word(&body.direction)),
            ("operationId", body.operation_id.clone()),
            ("to", body.to.clone()),
            ("onlineMeetingUri", body.online_meeting_uri.clone()),
        ],
        Body::OnlineMeeting(body) => vec![
            ("onlineMeetingUri", body.online_meeting_uri.clone()),
            ("joinUrl", body.join_url.clone()),
            ("accessLevel", word(&body.access_level)),
            ("organizerUri", body.organizer_uri.clone()),
        ],
        Body::Modality(body) => vec![("state", word(&body.state))],
        Body::ParticipantModality(body) => {
            vec![("audioDirection", word(&body.direction)), ("audioMuted", word(&body.muted))]
        }
        Body::Message(body) => vec![("direction", word(&body.direction)), ("status", word(&body.status))],
        Body::Plain(..) => Vec::new(),
    }
}

// ---- the checks

/// A resource, and everything in it that looks like one, through the reader of its rel.
fn check_resource(sample: &Sample, value: &Value, checked: &mut usize) {
    if let Value::Object(map) = value {
        if map.contains_key("_links") || map.contains_key("rel") && !map.contains_key("href") {
            *checked += 1;
            let rel = value["rel"].as_str().unwrap_or("unheardOf");
            let bytes = value.to_string().into_bytes();
            let body =
                wire::body(&Rel::parse(rel), &bytes).unwrap_or_else(|e| panic!("{}: {e}", sample.name));
            assert_eq!(rows_of(links_of(&body)), link_rows(value), "{}: links of {rel}", sample.name);
            for (name, read) in properties_of(&body) {
                let expected = match &value[name] {
                    Value::String(text) => Some(text.clone()),
                    Value::Bool(truth) => Some(truth.to_string()),
                    Value::Number(number) => Some(number.to_string()),
                    _ => None,
                };
                let other_medium = matches!(body, Body::ParticipantModality(_)) && expected.is_none();
                assert!(read == expected || other_medium, "{}: {name} of {rel}: {read:?}", sample.name);
            }
        }
        map.values().for_each(|value| check_resource(sample, value, checked));
    } else if let Value::Array(items) = value {
        items.iter().for_each(|value| check_resource(sample, value, checked));
    }
}

/// Returns how many events were compared.
fn check_page(sample: &Sample, value: &Value) -> usize {
    let page: EventPage = wire::event_page(&sample.bytes).unwrap_or_else(|e| panic!("{}: {e}", sample.name));
    let link = |rel: &str| value["_links"][rel]["href"].as_str().map(|href| Href::new(&address(href)));
    let go_on = match (link("resync"), link("resume"), link("next")) {
        (Some(href), _, _) => GoOn::Resync(href),
        (_, Some(href), _) => GoOn::Resume(href),
        (_, _, Some(href)) => GoOn::Next(href),
        _ => GoOn::Nowhere,
    };
    assert_eq!(page.go_on, go_on, "{}", sample.name);
    assert_eq!(page.own, link("self"), "{}", sample.name);

    let senders = list(&value["sender"]);
    assert_eq!(page.senders.len(), senders.len(), "{}", sample.name);
    let mut compared = 0;
    let mut unreadable = 0;
    for (read, printed) in page.senders.iter().zip(senders) {
        assert_eq!(read.rel.as_str(), bare(printed["rel"].as_str().unwrap_or_default()), "{}", sample.name);
        assert_eq!(read.href, printed["href"].as_str().map(Href::new), "{}", sample.name);
        let printed = list(&printed["events"]);
        let rows: Vec<_> = printed.iter().filter_map(|event| event_row(event)).collect();
        unreadable += printed.len() - rows.len();
        compared += rows.len();
        assert_eq!(read.events.iter().map(row_of).collect::<Vec<_>>(), rows, "{}", sample.name);
    }
    assert_eq!(page.skipped.len(), unreadable, "{}: {:?}", sample.name, page.skipped);
    compared
}

#[test]
fn every_sample_is_read_and_nothing_of_it_is_lost() {
    let Some((readable, broken)) = samples() else {
        return;
    };
    let mut read = BTreeMap::<(String, bool), usize>::new();
    let (mut events, mut resources) = (0, 0);
    for sample in &readable {
        let value = parse(sample);
        match sample.kind.as_str() {
            "event" => events += check_page(sample, &value),
            "error" => {
                let error = wire::token_error(&sample.bytes).map(|error| error.error);
                let code = wire::error_body(&sample.bytes).map(|reason| reason.code);
                let expected = value["error"].as_str().or(value["code"].as_str()).map(str::to_owned);
                assert!(expected.is_some() && error.or(code) == expected, "{}", sample.name);
            }
            _ => {}
        }
        if let Some(token) = value["access_token"].as_str() {
            use secrecy::ExposeSecret;
            let answer = wire::token_answer(&sample.bytes).unwrap_or_else(|e| panic!("{}: {e}", sample.name));
            assert_eq!(answer.access_token.expose_secret(), token, "{}", sample.name);
            let seconds = &value["expires_in"];
            let seconds = seconds.as_u64().or_else(|| seconds.as_str()?.parse().ok());
            assert_eq!(answer.expires_in, seconds, "{}", sample.name);
        }
        wire::plain(&sample.bytes).unwrap_or_else(|e| panic!("{}: {e}", sample.name));
        check_resource(sample, &value, &mut resources);
        *read.entry((sample.kind.clone(), sample.repaired)).or_default() += 1;
    }
    for sample in &broken {
        let error = wire::plain(&sample.bytes).expect_err(&sample.name);
        assert!(error.line() > 0, "{}: {error}", sample.name);
    }
    println!(
        "read: {read:?}, unreadable as printed: {}, events: {events}, resources: {resources}",
        broken.len()
    );

    // every file stands in the manifest, and each was read or refused for good reason
    let files = |folder: PathBuf| {
        let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        files.filter(|path| path.extension().is_some_and(|suffix| suffix == "json")).count()
    };
    assert_eq!(readable.len() + broken.len(), files(folder()));
    let repaired = readable.iter().filter(|sample| sample.repaired).count();
    assert_eq!(repaired, files(folder().join("repaired")));
    let pages = readable.iter().filter(|sample| sample.kind == "event").count();
    assert!(events >= pages, "{events} events in {pages} pages");
}
