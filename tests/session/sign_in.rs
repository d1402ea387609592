//! The way in and the way out.

use std::time::Duration;

use ucwa::ErrorKind;
use ucwa::delivery::{CredentialKind, EventBody, SessionState};
use ucwa::session::{Config, Session};
use ucwa_sim::{Redirect, Settings, Simulator};

use crate::host::{Host, PATIENCE, config, simulator};

fn states(host: &Host) -> Vec<SessionState> {
    let states = host.heard.iter().filter_map(|event| match &event.body {
        EventBody::State(change) => Some(change.new),
        _ => None,
    });
    states.collect()
}

#[test]
fn the_whole_life_from_new_to_closed() {
    let simulator = simulator(|_| {});
    let mut host = Host::online(&config(&simulator));
    assert_eq!(simulator.control().truth().applications.len(), 1);
    let close = host.session.close();
    assert_eq!(host.session.close(), close, "closing twice is one closing");
    host.done(close).unwrap();
    host.rest();
    use SessionState::{Authenticating, Closed, Closing, Discovering, Online};
    assert_eq!(states(&host), [Discovering, Authenticating, Online, Closing, Closed]);
    assert!(simulator.control().truth().applications.is_empty(), "the application is deleted");
    let seqs: Vec<u64> = host.heard.iter().map(|event| event.seq).collect();
    assert!(seqs.is_sorted_by(|a, b| a < b), "{seqs:?}");
}

#[test]
fn the_application_is_created_as_configured() {
    let simulator = simulator(|_| {});
    let mut config = config(&simulator);
    config.user_agent("front desk/2").unwrap();
    config.set("application.culture", "da-DK").unwrap();
    config.set("application.endpoint_id", "desk-7").unwrap();
    let _host = Host::online(&config);
    let requests = simulator.control().requests();
    let created =
        requests.iter().find(|r| r.method == "POST" && r.target.ends_with("/applications")).unwrap();
    let body: serde_json::Value = serde_json::from_str(&created.body).unwrap();
    let expected =
        serde_json::json!({"culture": "da-DK", "endpointId": "desk-7", "userAgent": "front desk/2"});
    assert_eq!(body, expected);
}

/// A configuration that finds the simulator by the domain of the user's address, over TLS.
fn by_domain(simulator: &Simulator, hosts: &[&str]) -> Config {
    let mut config = Config::new();
    config.user("sip:lene@contoso.com").unwrap();
    config.proxy(Some("")).unwrap();
    config.password("lene@contoso.com", "Pa55w.rd!".to_owned()).unwrap();
    config.add_root_certs_pem(simulator.ca_pem().unwrap().as_bytes()).unwrap();
    config.set("retry.first_pause_ms", "10").unwrap();
    for host in hosts {
        config.set(&format!("resolve.{host}"), &simulator.address().to_string()).unwrap();
    }
    config
}

#[test]
fn by_domain_over_tls_and_on_to_another_host() {
    let simulator = simulator(|settings| {
        settings.tls = true;
        settings.switches.web_host = Some("lyncweb.contoso.com".into());
    });
    let hosts = ["lyncdiscoverinternal.contoso.com", "lyncweb.contoso.com"];
    let _host = Host::online(&by_domain(&simulator, &hosts));
    let requests = simulator.control().requests();
    assert_eq!(requests[0].origin, "https://lyncdiscoverinternal.contoso.com");
    assert!(
        requests
            .iter()
            .any(|r| r.origin == "https://lyncweb.contoso.com" && r.target.ends_with("/applications"))
    );
}

#[test]
fn by_a_domain_without_a_user_and_by_another_one_than_the_user_s() {
    let simulator = simulator(|settings| settings.tls = true);
    for user in [None, Some("sip:lene@fabrikam.com")] {
        let mut config = Config::new();
        config.domain("contoso.com").unwrap().proxy(Some("")).unwrap();
        if let Some(user) = user {
            config.user(user).unwrap();
        }
        config.password("lene@contoso.com", "Pa55w.rd!".to_owned()).unwrap();
        config.add_root_certs_pem(simulator.ca_pem().unwrap().as_bytes()).unwrap();
        let address = simulator.address().to_string();
        config.set("resolve.lyncdiscoverinternal.contoso.com", &address).unwrap();
        simulator.control().forget_requests();
        let host = Host::online(&config);
        let requests = simulator.control().requests();
        assert_eq!(requests[0].origin, "https://lyncdiscoverinternal.contoso.com", "{user:?}");
        assert_eq!(simulator.control().truth().applications.len(), 1, "{user:?}");
        let close = host.session.close();
        host.done(close).unwrap();
    }
}

#[test]
fn the_external_entry_point_is_tried_when_the_internal_one_is_not_there() {
    let simulator = simulator(|settings| settings.tls = true);
    let mut config = by_domain(&simulator, &["lyncdiscover.contoso.com"]);
    // Nobody listens where the internal entry point is said to be.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    config.set("resolve.lyncdiscoverinternal.contoso.com", &nobody.to_string()).unwrap();
    config.set("retry.times", "0").unwrap();
    let _host = Host::online(&config);
    assert_eq!(simulator.control().requests()[0].origin, "https://lyncdiscover.contoso.com");
}

#[test]
fn redirects_before_and_after_the_sign_in() {
    for redirect in [Redirect::Root, Redirect::User] {
        let simulator = simulator(|settings| settings.switches.redirect = redirect);
        let _host = Host::online(&config(&simulator));
    }
}

#[test]
fn an_unknown_authority_fails_and_says_what_to_do() {
    let simulator = simulator(|settings| settings.tls = true);
    let mut config = Config::new();
    config.root_url(&simulator.root_url()).unwrap().proxy(Some("")).unwrap();
    config.password("lene@contoso.com", "Pa55w.rd!".to_owned()).unwrap();
    let mut host = Host::new(&config);
    let open = host.session.open().unwrap();
    let error = host.done(open).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    assert!(!error.advice().is_empty(), "{error}");
    let reason = host.until_state(SessionState::Failed).expect("a reason");
    assert_eq!(reason.kind(), ErrorKind::Tls);
    assert_eq!(host.session.failure().unwrap().kind(), ErrorKind::Tls);
}

#[test]
fn a_password_asked_for_by_an_event() {
    let simulator = simulator(|_| {});
    let mut config = Config::new();
    config.root_url(&simulator.root_url()).unwrap().proxy(Some("")).unwrap();
    config.set("allow_http", "true").unwrap();
    let mut host = Host::new(&config);
    let open = host.session.open().unwrap();
    let ask = |host: &mut Host, attempt| {
        host.until("a question", |event| match &event.body {
            EventBody::CredentialsNeeded(needed) if needed.attempt == attempt => Some(needed.clone()),
            _ => None,
        })
    };
    let needed = ask(&mut host, 1);
    assert_eq!(needed.kind, CredentialKind::Password);
    assert!(simulator.root_url().starts_with(&needed.resource), "{needed:?}");
    let waited = host.session.wait(open, Some(PATIENCE)).unwrap_err();
    assert_eq!(waited.kind(), ErrorKind::CredentialsNeeded, "whoever waits is told at once");
    host.session.supply_password(needed.request_id, "lene@contoso.com", "wrong".to_owned()).unwrap();
    let again = ask(&mut host, 2);
    assert_ne!(again.request_id, needed.request_id);
    let late = host.session.supply_password(needed.request_id, "x", "y".to_owned()).unwrap_err();
    assert_eq!(late.kind(), ErrorKind::NotFound);
    host.session.supply_password(again.request_id, "lene@contoso.com", "Pa55w.rd!".to_owned()).unwrap();
    host.done(open).unwrap();
}

#[test]
fn refused_credentials_end_in_failed() {
    let simulator = simulator(|_| {});
    let mut config = Config::new();
    config.root_url(&simulator.root_url()).unwrap().proxy(Some("")).unwrap();
    config.set("allow_http", "true").unwrap();
    let mut host = Host::new(&config);
    let open = host.session.open().unwrap();
    let request = host.until("a question", |event| match &event.body {
        EventBody::CredentialsNeeded(needed) => Some(needed.request_id),
        _ => None,
    });
    host.session.refuse_credentials(request, "the window was closed").unwrap();
    let error = host.done(open).unwrap_err();
    assert!(error.to_string().contains("the window was closed"), "{error}");
    host.until_state(SessionState::Failed);
}

#[test]
fn a_question_that_nobody_takes_or_answers_ends_in_failed() {
    let simulator = simulator(|_| {});
    let mut config = Config::new();
    config.root_url(&simulator.root_url()).unwrap().proxy(Some("")).unwrap();
    config.set("allow_http", "true").unwrap().set("credentials.timeout_s", "1").unwrap();
    // With a reader that takes the question, and with none.
    let mut host = Host::new(&config);
    host.session.open().unwrap();
    let reason = host.until_state(SessionState::Failed).expect("a reason");
    assert_eq!(reason.kind(), ErrorKind::CredentialsNeeded, "{reason}");
    let deaf = Session::new(&config).unwrap();
    deaf.open().unwrap();
    let deadline = std::time::Instant::now() + PATIENCE;
    while deaf.state() != SessionState::Failed {
        assert!(std::time::Instant::now() < deadline, "still {:?}", deaf.state());
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(deaf.failure().unwrap().kind(), ErrorKind::CredentialsNeeded);
}

#[test]
fn a_wrong_password_is_told_as_such() {
    let simulator = simulator(|_| {});
    let mut config = config(&simulator);
    config.password("lene@contoso.com", "wrong".to_owned()).unwrap();
    config.set("credentials.timeout_s", "1").unwrap();
    let mut host = Host::new(&config);
    host.session.open().unwrap();
    let asked_again = host.until("a second question", |event| match &event.body {
        EventBody::CredentialsNeeded(needed) => Some(needed.attempt),
        _ => None,
    });
    assert_eq!(asked_again, 2, "the configured one was the first");
    host.until_state(SessionState::Failed).expect("a reason");
}

#[test]
fn a_session_is_opened_once_and_may_be_closed_without() {
    let simulator = simulator(|_| {});
    let host = Host::online(&config(&simulator));
    assert_eq!(host.session.open().unwrap_err().kind(), ErrorKind::WrongState);
    let mut never = Host::new(&config(&simulator));
    let close = never.session.close();
    never.done(close).unwrap();
    never.rest();
    assert_eq!(states(&never), [SessionState::Closing, SessionState::Closed]);
    assert_eq!(never.session.open().unwrap_err().kind(), ErrorKind::WrongState);
}

#[test]
fn closing_during_the_sign_in_ends_it() {
    let simulator = simulator(|_| {});
    let fault = serde_json::from_value(serde_json::json!({
        "path": "/", "count": null, "does": {"delay": {"ms": 600_000}}
    }));
    simulator.control().set_fault(fault.unwrap());
    let mut host = Host::new(&config(&simulator));
    let open = host.session.open().unwrap();
    let close = host.session.close();
    host.done(close).unwrap();
    assert_eq!(host.done(open).unwrap_err().kind(), ErrorKind::Closed);
    host.rest();
    assert_eq!(states(&host).last(), Some(&SessionState::Closed));
}

#[test]
fn dropping_a_session_signs_out() {
    let simulator = simulator(|_| {});
    drop(Host::online(&config(&simulator)));
    let gone = simulator.control().wait_until(PATIENCE, |truth| truth.applications.is_empty());
    assert!(gone.is_ok(), "{gone:?}");
}

#[test]
fn many_sessions_in_one_process() {
    let simulator = simulator(|_: &mut Settings| {});
    let hosts: Vec<Host> = (0..20).map(|_| Host::online(&config(&simulator))).collect();
    assert_eq!(simulator.control().truth().applications.len(), 20);
    drop(hosts);
    assert!(simulator.control().wait_until(PATIENCE, |truth| truth.applications.is_empty()).is_ok());
}
