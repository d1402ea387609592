use super::super::{
    ucwa_config_new, ucwa_config_set, ucwa_config_set_discovery_url, ucwa_session_free, ucwa_session_new,
};
use super::*;
use crate::delivery::SessionState;
use std::panic::panic_any;
use std::ptr::null_mut;

fn said() -> String {
    with_last_message(str::to_owned)
}

#[test]
fn a_panic_becomes_a_status_whatever_it_throws() {
    let panics: [fn(); 3] = [|| panic!("text"), || panic!("number {}", 7), || panic_any(7)];
    for (panics, text) in panics.into_iter().zip(["text", "number 7", "(no text)"]) {
        let status = enter("ucwa_test", |_| {
            panics();
            Ok(())
        });
        assert_eq!(status, Code::UCWA_E_PANIC as ucwa_status);
        assert_eq!(said(), format!("ucwa_test: a defect was caught: {text}"));
    }
    assert_eq!(plain("ucwa_test", 7, || panic!("text")), 7);
}

#[test]
fn the_session_concerned_becomes_failed() {
    let (mut config, mut session) = (null_mut(), null_mut());
    unsafe {
        assert_eq!(ucwa_config_new(&mut config), 0);
        assert_eq!(ucwa_config_set(config, c"allow_http".as_ptr(), c"true".as_ptr()), 0);
        assert_eq!(ucwa_config_set_discovery_url(config, c"http://127.0.0.1:9/".as_ptr()), 0);
        assert_eq!(ucwa_session_new(config, &mut session), 0);
    }
    let mut held = None;
    let status = enter("ucwa_test", |call| {
        held = Some(call.session(session)?);
        panic!("in the middle");
    });
    assert_eq!(status, Code::UCWA_E_PANIC as ucwa_status);
    let held = held.expect("it was looked up");
    assert_eq!(held.state(), SessionState::Failed);
    let failure = held.failure().expect("a reason");
    assert!(failure.to_string().contains("in the middle"), "{failure}");
    assert_eq!(held.open().unwrap_err().kind(), ErrorKind::WrongState);
    let close = held.close();
    assert!(held.wait(close, None).is_ok(), "it can still be closed");
    assert_eq!(ucwa_session_free(session), 0);
}

#[test]
fn success_leaves_the_message_as_it_is() {
    assert_ne!(enter("first", |_| Err(Failure::new(Code::UCWA_E_TIMEOUT, "late"))), 0);
    assert_eq!(enter("second", |_| Ok(())), 0);
    assert_eq!(said(), "first: late");
}
