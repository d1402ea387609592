//! The records of a sign-in: where it goes well, where it fails, and no secret in any of them. A process of its own: it has
//! the one collector of records.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::fmt;
use std::net::TcpListener;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use ucwa::session::{Config, Meeting, Session};
use ucwa_sim::{Redirect, Settings, Simulator};

const PATIENCE: Duration = Duration::from_secs(60);

/// One record: its fields, all as text.
type Fields = BTreeMap<String, String>;

static RECORDS: Mutex<Vec<(String, Level, Fields)>> = Mutex::new(Vec::new());

struct Collector;

struct Fill<'a>(&'a mut Fields);

impl Visit for Fill<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("ucwa")
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Fill(&mut fields));
        let (target, level) = (event.metadata().target().to_owned(), *event.metadata().level());
        RECORDS.lock().unwrap_or_else(PoisonError::into_inner).push((target, level, fields));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// What was written since the last call, records of the sign-in alone.
fn steps() -> Vec<Fields> {
    let records = std::mem::take(&mut *RECORDS.lock().unwrap());
    for (_, _, fields) in &records {
        let text = format!("{fields:?}");
        assert!(!text.contains("Pa55w.rd!") && !text.contains("wr0ng") && !text.contains("cwt="), "{text}");
    }
    let steps = records.into_iter().filter(|(target, ..)| target == "ucwa::sign_in");
    steps
        .map(|(_, level, fields)| {
            assert_eq!(level, Level::INFO);
            fields
        })
        .collect()
}

fn simulator(change: impl FnOnce(&mut Settings)) -> Simulator {
    let mut settings = Settings { tls: true, ..Settings::default() };
    settings.switches.min_timeout_ms = Some(300);
    change(&mut settings);
    Simulator::start(settings).unwrap()
}

fn config(simulator: &Simulator, password: &str) -> Config {
    let mut config = Config::new();
    config.domain("contoso.com").unwrap().proxy(Some("")).unwrap();
    config.password("lene@contoso.com", password.to_owned()).unwrap();
    config.add_root_certs_pem(simulator.ca_pem().unwrap().as_bytes()).unwrap();
    config.set("retry.times", "0").unwrap().set("credentials.timeout_s", "1").unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    config.set("resolve.lyncdiscoverinternal.contoso.com", &nobody.to_string()).unwrap();
    config.set("resolve.lyncdiscover.contoso.com", &simulator.address().to_string()).unwrap();
    config
}

/// Signs in, waits for the record that ends the story, and signs out.
fn records(config: &Config, last: (&str, &str)) -> Vec<Fields> {
    steps();
    let session = Session::new(config).unwrap();
    let open = session.open().unwrap();
    if session.wait(open, Some(PATIENCE)).is_ok() {
        // So that there is something to answer.
        session.start_meeting(&Meeting::default()).unwrap();
    }
    let deadline = Instant::now() + PATIENCE;
    let is_last = |fields: &Fields| fields.get(last.0).is_some_and(|value| value == last.1);
    while !RECORDS.lock().unwrap().iter().any(|(_, _, fields)| is_last(fields)) {
        assert!(Instant::now() < deadline, "{last:?} never came: {:#?}", RECORDS.lock().unwrap());
        std::thread::sleep(Duration::from_millis(5));
    }
    let close = session.close();
    session.wait(close, Some(PATIENCE)).unwrap();
    steps()
}

/// `step` and the values of some fields.
#[track_caller]
fn is(record: &Fields, step: &str, expected: &[(&str, &str)]) {
    assert_eq!(record["step"], step, "{record:#?}");
    for (name, value) in expected {
        assert_eq!(record.get(*name).map(String::as_str), Some(*value), "{name} of {record:#?}");
    }
    assert!(record.values().all(|value| !value.contains('?')), "a query: {record:#?}");
}

const ROOT: &str = "https://lyncdiscover.contoso.com/";

fn a_sign_in_that_goes_well() {
    let simulator = simulator(|_| {});
    let found = records(&config(&simulator, "Pa55w.rd!"), ("came", "answered"));
    let [nobody, root, challenge, token, user, application, asked, answered] = &found[..] else {
        panic!("{found:#?}");
    };
    is(nobody, "discovery", &[("url", "https://lyncdiscoverinternal.contoso.com/"), ("kind", "Network")]);
    assert!(nobody["error"].contains("lyncdiscoverinternal"), "{nobody:?}");
    assert!(!nobody.contains_key("status") && !nobody.contains_key("to"));
    is(root, "discovery", &[("url", ROOT), ("status", "200"), ("leads_to", "user")]);
    let place = root["to"].clone();
    is(challenge, "challenge", &[("url", &place), ("taken", "password")]);
    assert!(challenge["schemes"].contains("MsRtcOAuth"), "{challenge:?}");
    assert!(challenge["grants"].contains("password"), "{challenge:?}");
    assert!(challenge["endpoint"].ends_with("/oauthtoken"), "{challenge:?}");
    let fields = [("issue", "first"), ("from", "server"), ("lifetime_s", "28800")];
    is(token, "token", &fields);
    assert!(place.starts_with(&token["origin"]));
    is(user, "discovery", &[("url", &place), ("status", "200"), ("leads_to", "applications")]);
    is(application, "application", &[("status", "201"), ("was", "created")]);
    assert!(application["url"].starts_with(&user["to"]));
    is(asked, "event_channel", &[("came", "asked")]);
    assert!(asked["url"].starts_with(&application["url"]) && asked["url"].ends_with("/events"));
    is(answered, "event_channel", &[("came", "answered"), ("url", &asked["url"])]);
}

fn a_user_who_is_homed_elsewhere() {
    let simulator = simulator(|settings| settings.switches.redirect = Redirect::User);
    let found = records(&config(&simulator, "Pa55w.rd!"), ("came", "answered"));
    let at = found.iter().position(|record| record["step"] == "redirect").expect("a redirect");
    is(&found[at - 1], "discovery", &[("leads_to", "redirect")]);
    is(
        &found[at],
        "redirect",
        &[("from", &found[at - 1]["url"]), ("to", &found[at - 1]["to"]), ("by", "link")],
    );
}

fn a_wrong_password() {
    let simulator = simulator(|_| {});
    let found = records(&config(&simulator, "wr0ng"), ("step", "token"));
    let last = found.last().unwrap();
    is(last, "discovery", &[("kind", "Auth"), ("status", "400")]);
    let token = &found[found.len() - 2];
    is(token, "token", &[("issue", "first"), ("kind", "Auth")]);
    assert!(token["error"].contains("invalid_grant"), "{token:?}");
    assert!(!token.contains_key("lifetime_s") && !token.contains_key("from"));
}

fn a_refused_application_and_a_channel_that_breaks() {
    let simulator = simulator(|_| {});
    let fault = |fault| {
        simulator.control().clear_faults();
        simulator.control().set_fault(serde_json::from_value(fault).unwrap());
    };
    let does = json!({"status": {"status": 410, "subcode": "TooManyApplications"}});
    fault(json!({"method": "POST", "path": "/applications", "count": null, "does": does}));
    let found = records(&config(&simulator, "Pa55w.rd!"), ("step", "application"));
    is(found.last().unwrap(), "application", &[("status", "410"), ("kind", "Server")]);
    fault(json!({"path": "/events", "does": {"status": {"status": 502, "body": "html"}}}));
    let found = records(&config(&simulator, "Pa55w.rd!"), ("came", "failed"));
    let failed = found.iter().find(|record| record.get("came").is_some_and(|came| came == "failed")).unwrap();
    is(failed, "event_channel", &[]);
    assert!(failed["error"].contains("502"), "{failed:?}");
}

fn a_token_that_is_renewed() {
    let simulator = simulator(|_| {});
    steps();
    let session = Session::new(&config(&simulator, "Pa55w.rd!")).unwrap();
    let open = session.open().unwrap();
    session.wait(open, Some(PATIENCE)).unwrap();
    steps();
    simulator.control().expire_tokens(None);
    let leave = session.close();
    session.wait(leave, Some(PATIENCE)).unwrap();
    let found = steps();
    let token = found.iter().find(|record| record["step"] == "token").expect("a token");
    is(token, "token", &[("issue", "renewed"), ("from", "server")]);
}

#[test]
fn every_step_is_told_with_what_was_seen_and_without_secrets() {
    tracing::subscriber::set_global_default(Collector).unwrap();
    a_sign_in_that_goes_well();
    a_user_who_is_homed_elsewhere();
    a_wrong_password();
    a_refused_application_and_a_channel_that_breaks();
    a_token_that_is_renewed();
}

#[test]
fn the_page_has_the_table_of_the_code() {
    let (code, page) = (include_str!("../src/http/sign_in_log.rs"), include_str!("../docs/LOG.md"));
    let rows: Vec<&str> = code.lines().filter_map(|line| line.strip_prefix("//! ")).collect();
    let rows: Vec<&str> = rows.into_iter().filter(|row| row.starts_with('|')).collect();
    assert_eq!(rows.len(), 8, "{rows:#?}");
    for row in rows {
        assert!(page.lines().any(|line| line == row), "docs/LOG.md lacks {row}");
    }
}
