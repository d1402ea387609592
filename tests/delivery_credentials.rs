//! A subscription that wants other things does not hide a credential request from who waits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use ucwa::ErrorKind;
use ucwa::delivery::{EventKind, Mask, SessionState, Subscription};
use ucwa::session::{Config, Session};
use ucwa_sim::{Settings, Simulator};

const PATIENCE: Option<Duration> = Some(Duration::from_secs(60));

#[test]
fn who_waits_is_told_although_a_subscription_takes_invitations_alone() {
    let simulator = Simulator::start(Settings::default()).unwrap();
    let mut config = Config::new();
    config.root_url(&simulator.root_url()).unwrap().proxy(Some("")).unwrap();
    config.set("allow_http", "true").unwrap();
    let session = Session::new(&config).unwrap();
    let invitations = Mask::of(&[EventKind::Invitation]);
    let subscription = Subscription::new(session.events(), invitations, |_| ()).unwrap();
    assert!(!session.events().is_taken(EventKind::CredentialsNeeded));

    let open = session.open().unwrap();
    let told = session.wait(open, PATIENCE).unwrap_err();
    assert_eq!(told.kind(), ErrorKind::CredentialsNeeded, "{told}");
    assert_eq!(
        told.tried(),
        "open the session",
        "the one who waits is told, not the failed operation's result"
    );
    assert_eq!(session.state(), SessionState::Authenticating, "told while the question is open");
    let answered = (1..100)
        .any(|request| session.supply_password(request, "lene@contoso.com", "Pa55w.rd!".to_owned()).is_ok());
    assert!(answered, "the question is still open");
    session.wait(open, PATIENCE).unwrap();
    assert_eq!(session.state(), SessionState::Online);
    subscription.free();
}
