//! Readers, wait handles, wake-ups, subscriptions and tags, as C sees them.

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::Mutex;

use ucwa::capi::ucwa_status_code::*;
use ucwa::capi::*;
use ucwa_sim::StoryAction;

use crate::host::*;

fn readable(fd: i64) -> bool {
    let mut poll = libc::pollfd { fd: fd as i32, events: libc::POLLIN, revents: 0 };
    let ready = unsafe { libc::poll(&mut poll, 1, 0) };
    ready == 1 && poll.revents & libc::POLLIN != 0
}

#[test]
fn the_wait_handle_is_a_level_and_the_caller_closes_it() {
    let simulator = simulator(|_| {});
    let mut host = Host::new(config(&simulator));
    let (mut first, mut second) = (-1, -1);
    ok(unsafe { ucwa_reader_wait_handle(host.reader, &mut first) });
    ok(unsafe { ucwa_reader_wait_handle(host.reader, &mut second) });
    assert_ne!(first, second, "each call gives one of its own");
    assert!(!readable(first));
    let op = host.open();
    assert_eq!(host.done(op).0, OK);
    assert!(readable(first) && readable(second));
    while let Some(event) = host.next(0) {
        host.heard.push(event);
    }
    assert!(!readable(first), "drained");
    assert_eq!(unsafe { libc::close(first as i32) }, 0);
    let reader = std::mem::replace(&mut host.reader, null_mut());
    ok(ucwa_reader_free(reader));
    assert!(readable(second), "signalled for good once the reader is gone");
    assert_eq!(unsafe { libc::close(second as i32) }, 0);
}

#[test]
fn a_freed_reader_wakes_who_waits() {
    let mut reader = null_mut();
    ok(unsafe { ucwa_reader_new(u64::MAX, 0, &mut reader) });
    let token = reader as usize;
    let waiter = std::thread::spawn(move || {
        let mut event = null();
        unsafe { ucwa_reader_next(std::ptr::without_provenance_mut(token), -1, &mut event) }
    });
    ok(ucwa_reader_free(reader));
    let status = waiter.join().unwrap();
    // It waited, or came too late.
    assert!([UCWA_E_CLOSED as i32, UCWA_E_INVALID_HANDLE as i32].contains(&status), "{status}");
}

#[test]
fn events_carry_the_tag_of_their_session() {
    let simulator = simulator(|_| {});
    let mut host = Host::new(config(&simulator));
    let tags: [*mut c_void; 2] = [std::ptr::without_provenance_mut(16), std::ptr::without_provenance_mut(17)];
    ok(ucwa_session_set_tag(host.session, tags[0]));
    let op = host.open();
    host.done(op);
    ok(ucwa_session_set_tag(host.session, tags[1]));
    ok(unsafe { ucwa_session_close(host.session, null_mut()) });
    host.rest();
    let seen: Vec<_> = host.heard.iter().map(|event| event.get().session_tag).collect();
    assert_eq!(seen.first(), Some(&tags[0]));
    assert_eq!(seen.last(), Some(&tags[1]));
}

#[test]
fn a_detached_reader_hears_nothing_more() {
    let simulator = simulator(|_| {});
    let host = Host::new(config(&simulator));
    ok(ucwa_reader_detach(host.reader, host.session));
    let op = host.open();
    assert_eq!(host.done(op).0, OK);
    assert!(host.next(0).is_none());
}

#[test]
fn a_slow_reader_gets_one_overflow() {
    let simulator = simulator(|_| {});
    let (host, conversation) = Host::in_a_meeting(config(&simulator));
    let mut slow = null_mut();
    ok(unsafe { ucwa_reader_new(1 << UCWA_EVENT_PARTICIPANT, 8, &mut slow) });
    ok(ucwa_reader_attach(slow, host.session));
    for n in 0..30 {
        happen(&simulator, StoryAction::Join, &format!("sip:p{n}@contoso.com"));
    }
    until("everybody is there", || {
        let mut roster = null();
        ok(unsafe { ucwa_roster_snapshot(host.session, conversation, &mut roster) });
        let count = unsafe { (*roster).count };
        unsafe { ucwa_roster_unref(roster) };
        count == 31
    });
    let mut overflows = 0;
    let mut event = null();
    while unsafe { ucwa_reader_next(slow, 0, &mut event) } == OK {
        let held = Held(event);
        crate::events::check(&held);
        if let Some(dropped) = held.overflow() {
            assert_eq!(dropped.conversation, conversation);
            assert!(dropped.revision > 0);
            overflows += 1;
        }
    }
    assert_eq!(overflows, 1);
    ok(ucwa_reader_free(slow));
}

#[test]
fn a_wakeup_is_run_and_its_data_destroyed_once() {
    unsafe extern "C" fn wake(told: *mut c_void) {
        unsafe { Told::of(told).events.lock().unwrap().push(0) };
    }
    let simulator = simulator(|_| {});
    let host = Host::new(config(&simulator));
    let (first, second) = (Told::new(), Told::new());
    let set = |cb, told: &'static Told| unsafe {
        ucwa_reader_set_wakeup(host.reader, cb, told.pointer(), Some(on_destroy))
    };
    ok(set(Some(wake), first));
    host.open();
    until("a wake-up", || first.count(0) > 0);
    ok(set(Some(wake), second));
    until("the first is over", || first.destroyed() == 1);
    until("at once, since something is queued", || second.count(0) > 0);
    let none = Told::new();
    ok(set(None, none));
    until("the second is over", || second.destroyed() == 1);
    assert_eq!(none.destroyed(), 1, "taken, and not needed");
    fails(
        unsafe { ucwa_reader_set_wakeup(null_mut(), Some(wake), first.pointer(), Some(on_destroy)) },
        UCWA_E_NULL_ARG,
    );
    assert_eq!(first.destroyed(), 1, "a call that failed took nothing");
}

#[test]
fn a_subscription_outlives_its_session_and_ends_once() {
    let simulator = simulator(|_| {});
    let host = Host::online(config(&simulator));
    let (told, mut subscription) = (Told::new(), null_mut());
    let subscribe = |cb, out| unsafe {
        let pointer = told.pointer();
        ucwa_session_subscribe(host.session, u64::MAX, cb, pointer, Some(on_destroy), out)
    };
    fails(subscribe(None, &mut subscription), UCWA_E_NULL_ARG);
    fails(subscribe(Some(on_event), null_mut()), UCWA_E_NULL_ARG);
    assert_eq!(told.destroyed(), 0, "a call that failed took nothing");
    ok(subscribe(Some(on_event), &mut subscription));
    drop(host);
    assert_eq!(told.destroyed(), 1, "free of the session has waited for it");
    ok(ucwa_subscription_free_async(subscription));
    assert_eq!(told.destroyed(), 1);
}

/// What a callback does, and the statuses that it got.
struct Inside {
    session: usize,
    reader: usize,
    subscription: Mutex<usize>,
    op: ucwa_op,
    got: Mutex<Vec<ucwa_status>>,
    destroyed: std::sync::atomic::AtomicBool,
}

unsafe extern "C" fn call_everything(data: *mut c_void, _: *const ucwa_event) {
    let it = unsafe { &*data.cast::<Inside>() };
    let session: *mut ucwa_session = std::ptr::without_provenance_mut(it.session);
    let reader: *mut ucwa_reader = std::ptr::without_provenance_mut(it.reader);
    let subscription = *it.subscription.lock().unwrap();
    let mut got = it.got.lock().unwrap();
    if !got.is_empty() {
        return;
    }
    let mut event = null();
    unsafe {
        got.push(ucwa_shutdown(1000));
        got.push(ucwa_session_wait(session, it.op, -1, null_mut(), null_mut()));
        got.push(ucwa_reader_next(reader, -1, &mut event));
        got.push(ucwa_reader_next(reader, 0, &mut event));
        got.push(ucwa_subscription_free(std::ptr::without_provenance_mut(subscription)));
        got.push(ucwa_session_free(session));
    }
}

unsafe extern "C" fn inside_is_over(data: *mut c_void) {
    let it = unsafe { &*data.cast::<Inside>() };
    it.destroyed.store(true, std::sync::atomic::Ordering::SeqCst);
}

#[test]
fn inside_a_callback_nothing_waits() {
    let simulator = simulator(|_| {});
    // The server does not answer, so the operation stays under way.
    let fault = serde_json::json!({"path": "/", "count": null, "does": {"delay": {"ms": 600_000}}});
    simulator.control().set_fault(serde_json::from_value(fault).unwrap());
    let mut host = Host::new(config(&simulator));
    let mut empty = null_mut();
    ok(unsafe { ucwa_reader_new(0, 0, &mut empty) });
    ok(ucwa_reader_attach(empty, host.session));
    let op = host.open();
    let inside: &'static Inside = Box::leak(Box::new(Inside {
        session: host.session as usize,
        reader: empty as usize,
        subscription: Mutex::new(0),
        op,
        got: Mutex::default(),
        destroyed: Default::default(),
    }));
    let mut handle = inside.subscription.lock().unwrap();
    let mut subscription = null_mut();
    ok(unsafe {
        let data = std::ptr::from_ref(inside).cast_mut().cast();
        ucwa_session_subscribe(
            host.session,
            u64::MAX,
            Some(call_everything),
            data,
            Some(inside_is_over),
            &mut subscription,
        )
    });
    *handle = subscription as usize;
    drop(handle);
    // Closing makes an event.
    ok(unsafe { ucwa_session_close(host.session, null_mut()) });
    until("the end of it", || inside.destroyed.load(std::sync::atomic::Ordering::SeqCst));
    let got = inside.got.lock().unwrap();
    let (deadlock, fine) = (UCWA_E_WOULD_DEADLOCK as i32, UCWA_OK as i32);
    assert_eq!(got[0], deadlock, "shutdown");
    assert!([deadlock, fine].contains(&got[1]), "wait: under way, or ended meanwhile: {}", got[1]);
    assert!([deadlock, UCWA_E_CLOSED as i32].contains(&got[2]), "next: {}", got[2]);
    assert!([UCWA_NO_EVENT as i32, UCWA_E_CLOSED as i32].contains(&got[3]), "poll: {}", got[3]);
    assert_eq!(got[4..], [fine, fine], "freeing");
    fails(ucwa_subscription_free(subscription), UCWA_E_INVALID_HANDLE);
    fails(ucwa_session_free(std::mem::replace(&mut host.session, null_mut())), UCWA_E_INVALID_HANDLE);
    ok(ucwa_reader_free(empty));
}

#[test]
fn a_session_that_is_freed_wakes_who_waits_for_it() {
    let simulator = simulator(|_| {});
    let fault = serde_json::json!({"path": "/", "count": null, "does": {"delay": {"ms": 600_000}}});
    simulator.control().set_fault(serde_json::from_value(fault).unwrap());
    let mut host = Host::new(config(&simulator));
    let op = host.open();
    let token = host.session as usize;
    let waiter = std::thread::spawn(move || unsafe {
        ucwa_session_wait(std::ptr::without_provenance_mut(token), op, -1, null_mut(), null_mut())
    });
    ok(ucwa_session_free(std::mem::replace(&mut host.session, null_mut())));
    let status = waiter.join().unwrap();
    // Freed before it waited, while it waited, or just after the operation had ended by that.
    let expected = [UCWA_E_CLOSED as i32, UCWA_E_INVALID_HANDLE as i32, OK];
    assert!(expected.contains(&status), "{status}");
    let mut event = null();
    assert_eq!(unsafe { ucwa_reader_next(host.reader, -1, &mut event) }, UCWA_E_CLOSED as i32, "purged");
}

#[test]
fn an_operation_can_be_cancelled_once_and_closing_cannot() {
    let simulator = simulator(|settings| settings.switches.connect_ms = 600_000);
    let mut host = Host::online(config(&simulator));
    let mut op = 0;
    ok(unsafe { ucwa_meeting_start(host.session, null(), &mut op) });
    ok(unsafe { ucwa_op_cancel(host.session, op) });
    ok(unsafe { ucwa_op_cancel(host.session, op) });
    let (mut result, mut id) = (OK, 7);
    ok(unsafe { ucwa_session_wait(host.session, op, 0, &mut result, &mut id) });
    assert_eq!((result, id), (UCWA_E_CANCELLED as ucwa_status, 0));
    let status =
        host.until("its end", |event| event.op().filter(|done| done.op == op).map(|done| done.status));
    assert_eq!(status, result);
    fails(unsafe { ucwa_op_cancel(host.session, op + 1) }, UCWA_E_NOT_FOUND);
    let slow = r#"{"method":"DELETE","path":"/applications/","count":null,"does":{"delay":{"ms":2000}}}"#;
    simulator.control().set_fault(serde_json::from_str(slow).unwrap());
    ok(unsafe { ucwa_session_close(host.session, &mut op) });
    fails(unsafe { ucwa_op_cancel(host.session, op) }, UCWA_E_WRONG_STATE);
}
