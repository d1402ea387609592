//! The end of the engine before the end of its sessions. Alone in its program: it ends the threads of all sessions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::TcpListener;
use std::time::Duration;

use ucwa::ErrorKind;
use ucwa::delivery::{EventBody, Mask, Next, Reader, SessionState};
use ucwa::session::{Config, Session, shutdown};

const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn nobody_waits_for_an_engine_that_was_shut_down() {
    // Somebody who takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = Config::new();
    config.root_url(&format!("http://{}/", silent.local_addr().unwrap())).unwrap().proxy(Some("")).unwrap();
    config.set("allow_http", "true").unwrap();

    let session = Session::new(&config).unwrap();
    let reader = Reader::new(Mask::ALL, 0);
    reader.attach(session.events());
    let late = Session::new(&config).unwrap();
    let open = session.open().unwrap();
    silent.accept().unwrap();
    assert!(!shutdown(Duration::from_millis(10)), "the session was not signed out");

    assert_eq!(session.wait(open, Some(PATIENCE)).unwrap_err().kind(), ErrorKind::Closed);
    let mut states = Vec::new();
    while let Next::Event(event) = reader.next(Some(PATIENCE)) {
        if let EventBody::State(change) = &event.body {
            states.push(change.new);
        }
    }
    use SessionState::{Closed, Discovering, Failed};
    assert_eq!(states, [Discovering, Failed], "Failed is the last event");
    let close = session.close();
    assert_eq!(session.wait(close, Some(PATIENCE)).unwrap(), 0);
    assert_eq!(session.close(), close);

    // Opened when there is nothing left to run it.
    let opened = late.open().unwrap();
    assert_eq!(late.wait(opened, Some(PATIENCE)).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(late.state(), Closed);

    // A later session starts the threads again.
    let again = Session::new(&config).unwrap();
    let opened = again.open().unwrap();
    silent.accept().unwrap();
    let close = again.close();
    assert_eq!(again.wait(close, Some(PATIENCE)).unwrap(), 0);
    assert!(again.wait(opened, Some(PATIENCE)).is_err());
}
