//! A user who is available and does nothing.

use serde_json::json;
use ucwa_sim::Reachable;

use crate::common::{PATIENCE, Session, href, start, start_with};

#[test]
fn availability_decays_until_activity_is_reported() {
    let sim = start_with(|settings| {
        settings.switches.inactive_ms = Some(20);
        settings.switches.away_ms = 20;
    });
    let tosh = Session::sign_in(&sim, "tosh");
    tosh.make_available();
    let me = tosh.get(tosh.own_link())["_embedded"]["me"].clone();
    let mut events = tosh.channel();
    let until = |wanted: &str| {
        let end = std::time::Instant::now() + PATIENCE;
        while tosh.get(href(&me, "presence"))["availability"] != wanted {
            assert!(std::time::Instant::now() < end, "never {wanted}");
            std::thread::yield_now();
        }
    };
    until("Away");
    events.until("me: presence updated");
    sim.control().change_switches(|switches| switches.inactive_ms = Some(600_000));
    tosh.act(href(&me, "reportMyActivity")).expect(204);
    assert_eq!(tosh.get(href(&me, "presence"))["availability"], "Online");
    sim.control().change_switches(|switches| {
        switches.inactive_ms = Some(1);
        switches.away_ms = 600_000;
    });
    tosh.post(href(&me, "presence"), &json!({"availability": "Busy"})).expect(204);
    tosh.act(href(&me, "reportMyActivity")).expect(204);
    until("IdleBusy");
}

#[test]
fn an_application_whose_user_does_nothing_expires() {
    let sim = start_with(|settings| settings.switches.inactive_expiry_ms = Some(5));
    let tosh = Session::sign_in(&sim, "tosh");
    tosh.make_available();
    let gone = |truth: &ucwa_sim::Truth| truth.applications.is_empty();
    sim.control().wait_until(PATIENCE, gone).expect("it expires");
    let error = tosh.send("GET", tosh.own_link(), &[], b"").error();
    assert_eq!(error, (410, "Gone".into(), "InactiveApplicationExpired".into()));
}

#[test]
fn the_timeout_may_be_minutes_or_a_span() {
    for (value, status) in [(json!(5), 204), (json!("00:05:00"), 204), (json!("soon"), 400)] {
        let sim = start();
        let tosh = Session::sign_in(&sim, "tosh");
        let body = json!({"inactiveTimeout": value});
        assert_eq!(tosh.post(href(tosh.part("me"), "makeMeAvailable"), &body).status, status, "{value}");
    }
}

/// Who can be asked for something: those who are available, all, or those who are there.
#[test]
fn reachability_is_a_matter_of_the_switch() {
    let table = [
        (Reachable::Available, [false, true, true]),
        (Reachable::SignedIn, [true, true, true]),
        (Reachable::Active, [false, true, false]),
    ];
    for (reachable, wanted) in table {
        let sim = start_with(|settings| settings.switches.reachable = reachable);
        let tosh = Session::sign_in(&sim, "tosh");
        let asked = || sim.control().message("sip:ana@contoso.com", "sip:tosh@contoso.com", "Hi").is_ok();
        let signed_in = asked();
        tosh.make_available();
        let available = asked();
        let me = tosh.get(tosh.own_link())["_embedded"]["me"].clone();
        sim.control().change_switches(|switches| switches.inactive_ms = Some(1));
        tosh.act(href(&me, "reportMyActivity")).expect(204);
        let end = std::time::Instant::now() + PATIENCE;
        while tosh.get(href(&me, "presence"))["availability"] != "IdleOnline" {
            assert!(std::time::Instant::now() < end, "never idle");
        }
        assert_eq!([signed_in, available, asked()], wanted, "{reachable:?}");
    }
}
