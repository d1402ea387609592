//! Questions for credentials: answered, refused, and told to whoever waits.

use ucwa::capi::*;
use ucwa_sim::Simulator;

use crate::host::*;

/// A session that asks, and its question.
fn asking(simulator: &Simulator) -> (Host, ucwa_op, u64) {
    let mut host = Host::new(bare_config(simulator));
    let op = host.open();
    let request = ask(&mut host, 1);
    (host, op, request)
}

fn ask(host: &mut Host, attempt: u32) -> u64 {
    host.until("a question", |event| {
        let asked = event.credentials().filter(|asked| asked.attempt == attempt)?;
        assert_eq!(asked.kind, UCWA_CREDENTIALS_PASSWORD);
        Some(asked.request_id)
    })
}

fn supply(host: &Host, request: u64, password: &str) -> ucwa_status {
    // Not NUL-terminated: the length counts.
    let long = format!("{password}and what is not meant");
    let user = c"lene@contoso.com".as_ptr();
    unsafe { ucwa_session_supply_password(host.session, request, user, long.as_ptr().cast(), password.len()) }
}

#[test]
fn a_password_is_asked_for_until_it_is_right() {
    let simulator = simulator(|_| {});
    let (mut host, op, request) = asking(&simulator);
    let (mut result, mut id) = (77, 77);
    let waited = unsafe { ucwa_session_wait(host.session, op, PATIENCE_MS, &mut result, &mut id) };
    fails(waited, ucwa_status_code::UCWA_E_CREDENTIALS_NEEDED);
    assert_eq!((result, id), (77, 77), "written only on success");
    ok(supply(&host, request, "wrong"));
    let again = ask(&mut host, 2);
    assert_ne!(again, request);
    fails(supply(&host, request, PASSWORD), ucwa_status_code::UCWA_E_NOT_FOUND);
    ok(supply(&host, again, PASSWORD));
    assert_eq!(host.done(op).0, OK);
    host.heard.iter().for_each(crate::events::check);
}

#[test]
fn refused_credentials_are_the_failure_of_the_session() {
    let simulator = simulator(|_| {});
    let (mut host, op, request) = asking(&simulator);
    let mut failure = std::ptr::null();
    let status = unsafe { ucwa_session_failure(host.session, &mut failure) };
    fails(status, ucwa_status_code::UCWA_E_NOT_FOUND);
    let reason = c"the window was closed";
    ok(unsafe { ucwa_session_refuse_credentials(host.session, request, reason.as_ptr()) });
    assert_eq!(host.done(op), (ucwa_status_code::UCWA_E_AUTH as i32, 0));
    assert!(last_message().contains("the window was closed"), "{}", last_message());
    host.until("the failure", |event| event.state().filter(|it| it.new_state == UCWA_STATE_FAILED).map(drop));
    ok(unsafe { ucwa_session_failure(host.session, &mut failure) });
    let failure = Held(failure);
    let error = unsafe { &*failure.get().error };
    assert_eq!(error.status, ucwa_status_code::UCWA_E_AUTH as i32);
    assert!(text(error.message).contains("the window was closed"));
    crate::events::check(&failure);
    let mut state = 0;
    ok(unsafe { ucwa_session_state(host.session, &mut state) });
    assert_eq!(state, UCWA_STATE_FAILED);
    host.heard.iter().for_each(crate::events::check);
}

#[test]
fn a_reason_for_refusing_may_be_left_out() {
    let simulator = simulator(|_| {});
    let (host, op, request) = asking(&simulator);
    ok(unsafe { ucwa_session_refuse_credentials(host.session, request, std::ptr::null()) });
    assert_eq!(host.done(op).0, ucwa_status_code::UCWA_E_AUTH as i32);
}

#[test]
fn a_token_says_when_it_ends() {
    let simulator = simulator(|_| {});
    let (host, op, request) = asking(&simulator);
    let supply = |expires| unsafe {
        let token = c"token".as_ptr();
        ucwa_session_supply_token(host.session, request, token, usize::MAX, expires)
    };
    for over in [1, -1, i64::MIN] {
        let message = fails(supply(over), ucwa_status_code::UCWA_E_INVALID_ARG);
        assert!(message.contains("expires_unix_s"), "{message}");
    }
    ok(supply(4_000_000_000));
    fails(supply(0), ucwa_status_code::UCWA_E_NOT_FOUND);
    // What the server makes of it is another question.
    let _ = op;
}
