//! What counts for a whole process: counts, threads, shutdown, the log callback. One test at a time.

#![cfg(all(feature = "capi", unix))]
#![allow(unsafe_code)]
#![allow(dead_code)] // of the host that it shares with tests/capi
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ucwa::capi::ucwa_status_code::*;
use ucwa::capi::*;

#[path = "capi/host.rs"]
mod host;

use host::*;

/// The process for one test alone, with nothing of the library alive.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    let guard = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = ucwa_shutdown(PATIENCE_MS);
    guard
}

fn counts() -> ucwa_counts {
    let mut counts = ucwa_counts { struct_size: size_of::<ucwa_counts>() as u32, ..Default::default() };
    ok(unsafe { ucwa_debug_counts(&mut counts) });
    counts
}

fn living() -> [u32; 7] {
    let it = counts();
    [it.configs, it.sessions, it.readers, it.subscriptions, it.events, it.rosters, it.threads]
}

#[test]
fn everything_that_is_freed_is_gone() {
    let _alone = alone();
    assert_eq!(living(), [0; 7]);
    let simulator = simulator(|_| {});
    let config = config(&simulator);
    let mut reader = null_mut();
    ok(unsafe { ucwa_reader_new(u64::MAX, 0, &mut reader) });
    assert_eq!(living(), [1, 0, 1, 0, 0, 0, 0], "no thread before the first session");
    ok(ucwa_reader_free(reader));
    let (mut host, conversation) = Host::in_a_meeting(config);
    let (told, mut subscription, mut roster) = (Told::new(), null_mut(), null());
    unsafe {
        let take = ucwa_session_subscribe;
        ok(take(host.session, 2, Some(on_event), told.pointer(), Some(on_destroy), &mut subscription));
        ok(ucwa_roster_snapshot(host.session, conversation, &mut roster));
        assert!(!ucwa_roster_at(roster, 0).is_null());
    }
    host.until("a conversation", |event| event.conversation().map(drop));
    let held = host.heard.len() as u32;
    assert_eq!(living()[..6], [0, 1, 1, 1, held, 1]);
    until("two workers and a dispatcher", || living()[6] >= 3);
    ok(ucwa_subscription_free(subscription));
    drop(host);
    assert_eq!(living()[..6], [0, 0, 0, 0, 0, 1]);
    unsafe { ucwa_roster_unref(roster) };
    until("the threads end with the last session", || living() == [0; 7]);
    assert!(simulator.control().truth().applications.is_empty(), "and it is signed out");
}

#[test]
fn shutdown_ends_everything_and_the_library_starts_again() {
    let _alone = alone();
    let simulator = simulator(|_| {});
    for _ in 0..2 {
        let mut host = Host::online(config(&simulator));
        let spare = config(&simulator);
        let (told, mut subscription) = (Told::new(), null_mut());
        unsafe {
            let take = ucwa_session_subscribe;
            ok(take(host.session, 2, Some(on_event), told.pointer(), Some(on_destroy), &mut subscription));
        }
        host.until("online", |event| event.op().map(drop));
        let held = host.heard.len() as u32;
        ok(ucwa_shutdown(PATIENCE_MS));
        assert!(simulator.control().truth().applications.is_empty(), "signed out");
        assert_eq!(told.destroyed(), 1);
        assert_eq!(living(), [0, 0, 0, 0, held, 0, 0], "events live on");
        host.heard.iter().for_each(|event| drop(event.json()));
        for status in
            [ucwa_session_free(host.session), ucwa_reader_free(host.reader), ucwa_config_free(spare)]
        {
            fails(status, UCWA_E_INVALID_HANDLE);
        }
        (host.session, host.reader) = (null_mut(), null_mut());
    }
    ok(ucwa_shutdown(0));
    ok(ucwa_shutdown(-1));
}

#[test]
fn shutdown_is_bounded() {
    let _alone = alone();
    let simulator = simulator(|_| {});
    let host = Host::online(config(&simulator));
    let fault = serde_json::json!({"path": "/", "count": null, "does": {"delay": {"ms": 600_000}}});
    simulator.control().set_fault(serde_json::from_value(fault).unwrap());
    fails(ucwa_shutdown(50), UCWA_E_TIMEOUT);
    fails(ucwa_session_free(host.session), UCWA_E_INVALID_HANDLE);
    until("its threads are gone all the same", || living()[6] == 0);
    std::mem::forget(host);
}

/// Records of the log: level, target, message.
static RECORDS: Mutex<Vec<(i32, String, String)>> = Mutex::new(Vec::new());
/// What the library answers inside the callback.
static INSIDE: Mutex<Vec<ucwa_status>> = Mutex::new(Vec::new());

unsafe extern "C" fn on_log(_: *mut c_void, level: i32, target: *const c_char, message: *const c_char) {
    let own = |pointer| unsafe { CStr::from_ptr(pointer) }.to_str().expect("UTF-8").to_owned();
    RECORDS.lock().unwrap().push((level, own(target), own(message)));
    let mut reader = null_mut();
    INSIDE.lock().unwrap().push(unsafe { ucwa_reader_new(1, 0, &mut reader) });
}

#[test]
fn no_secret_is_in_any_record() {
    let _alone = alone();
    let simulator = simulator(|_| {});
    let told = Told::new();
    let set = |level, cb: ucwa_log_cb, told: &'static Told| unsafe {
        ucwa_set_log_callback(level, cb, told.pointer(), Some(on_destroy))
    };
    for level in [0, 6, -1, i32::MAX] {
        fails(set(level, Some(on_log), told), UCWA_E_INVALID_ARG);
    }
    assert_eq!(told.destroyed(), 0);
    ok(set(UCWA_LOG_TRACE, Some(on_log), told));
    let (mut host, conversation) = Host::in_a_meeting(config(&simulator));
    let to = c"sip:ana@contoso.com".as_ptr();
    let mut op = 0;
    unsafe {
        let add = ucwa_conversation_add_participant;
        ok(add(host.session, conversation, to, null(), null_mut(), &mut op));
    }
    host.done(op);
    // A wrong password, too.
    let wrong = bare_config(&simulator);
    let user = c"lene@contoso.com".as_ptr();
    ok(unsafe { ucwa_config_set_password(wrong, user, c"Wr0ng-Pa55w.rd".as_ptr()) });
    ok(unsafe { ucwa_config_set(wrong, c"credentials.timeout_s".as_ptr(), c"1".as_ptr()) });
    let failing = Host::new(wrong);
    assert_ne!(failing.done_or_asked(failing.open()), OK);
    ok(unsafe { ucwa_session_close(host.session, &mut op) });
    host.rest();
    drop((host, failing));

    let requests = simulator.control().requests();
    let tokens: Vec<String> = requests
        .iter()
        .filter_map(|request| {
            let header =
                request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"))?;
            header.1.strip_prefix("Bearer ").map(str::to_owned)
        })
        .collect();
    assert!(!tokens.is_empty());
    let second = Told::new();
    ok(set(UCWA_LOG_ERROR, Some(on_log), second));
    assert_eq!(told.destroyed(), 1, "replaced");
    {
        let records = RECORDS.lock().unwrap();
        let levels: std::collections::BTreeSet<i32> = records.iter().map(|record| record.0).collect();
        assert!(records.len() > 10, "{records:?}");
        assert!(levels.iter().all(|level| (1..=5).contains(level)));
        assert!(records.iter().all(|record| record.1.starts_with("ucwa::")), "{records:?}");
        let text: String = records.iter().map(|record| format!("{} {}\n", record.1, record.2)).collect();
        for secret in tokens.iter().map(String::as_str).chain([PASSWORD, "Wr0ng-Pa55w.rd", "Pa55w"]) {
            assert!(!text.contains(secret), "{secret} is in a record");
        }
    }
    assert!(INSIDE.lock().unwrap().iter().all(|status| *status == UCWA_E_WOULD_DEADLOCK as i32));
    let none = Told::new();
    ok(set(UCWA_LOG_ERROR, None, none));
    assert_eq!((second.destroyed(), none.destroyed()), (1, 1));
    let before = RECORDS.lock().unwrap().len();
    drop(Host::online(config(&simulator)));
    ok(ucwa_shutdown(PATIENCE_MS));
    assert_eq!(RECORDS.lock().unwrap().len(), before, "none after its end");
}

impl Host {
    /// The status of an operation, or that the wait for it was refused since credentials are asked for.
    fn done_or_asked(&self, op: ucwa_op) -> ucwa_status {
        let mut result = 0;
        match unsafe { ucwa_session_wait(self.session, op, PATIENCE_MS, &mut result, null_mut()) } {
            OK => result,
            status => status,
        }
    }
}
