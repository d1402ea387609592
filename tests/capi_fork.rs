//! What a child of `fork()` has. A program without the runtime of a Rust program, as a C program is one: that runtime's
//! handler of stack overflows keeps a lock while a thread starts, which the child would inherit.

#![no_main]
#![cfg(all(feature = "capi", unix))]
#![allow(unsafe_code)]
#![allow(dead_code)] // of the host that it shares with tests/capi
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::ptr::{null, null_mut};

use ucwa::capi::ucwa_status_code::*;
use ucwa::capi::*;

#[path = "capi/host.rs"]
mod host;

use host::*;

#[unsafe(no_mangle)]
extern "C" fn main(_: i32, _: *const *const u8) -> i32 {
    let outcome = std::panic::catch_unwind(a_child_has_none_of_the_parents_handles_and_may_make_its_own);
    i32::from(outcome.is_err())
}

fn nothing_lives() -> bool {
    let mut it = ucwa_counts { struct_size: size_of::<ucwa_counts>() as u32, ..Default::default() };
    ok(unsafe { ucwa_debug_counts(&mut it) });
    [it.configs, it.sessions, it.readers, it.subscriptions, it.events, it.rosters, it.threads] == [0; 7]
}

/// Runs in a child; its number is the exit code, 0 when all is as it should be.
fn in_a_child(work: impl FnOnce() -> i32) -> i32 {
    match unsafe { libc::fork() } {
        0 => {
            // A child that hangs is a child that fails.
            unsafe { libc::alarm(60) };
            let code =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|payload| {
                    // The harness keeps what a test prints, and the child ends without giving it out.
                    let said = payload.downcast_ref::<String>().map_or("a panic in a child", String::as_str);
                    unsafe { libc::write(2, format!("{said}\n").as_ptr().cast(), said.len() + 1) };
                    99
                });
            unsafe { libc::_exit(code) }
        }
        child => {
            assert!(child > 0);
            let mut status = 0;
            assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
            if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { 1000 + libc::WTERMSIG(status) }
        }
    }
}

/// What is wrong with the parent's handles in this process: 0, or the number of a step.
fn refused(host: &Host, config: *mut ucwa_config, subscription: *mut ucwa_subscription, held: &Held) -> i32 {
    let mut state = 0;
    let mut event = null();
    let forked = UCWA_E_FORKED as i32;
    let answers = unsafe {
        [
            ucwa_session_state(host.session, &mut state),
            ucwa_session_open(host.session, null_mut()),
            ucwa_session_wait(host.session, 1, -1, null_mut(), null_mut()),
            ucwa_reader_next(host.reader, -1, &mut event),
            ucwa_reader_free(host.reader),
            ucwa_subscription_free(subscription),
            ucwa_session_free(host.session),
            ucwa_config_set(config, c"retry.times".as_ptr(), c"1".as_ptr()),
            ucwa_config_free(config),
        ]
    };
    if let Some(at) = answers.iter().position(|answer| *answer != forked) {
        return 10 + at as i32;
    }
    if !nothing_lives() {
        return 30;
    }
    // An event of the parent can be read, and let go of.
    let json = text(unsafe { ucwa_event_json(held.0, null_mut()) });
    unsafe { ucwa_event_unref(ucwa_event_ref(held.0)) };
    if json.is_empty() || !nothing_lives() { 31 } else { 0 }
}

fn a_child_has_none_of_the_parents_handles_and_may_make_its_own() {
    let simulator = simulator(|_| {});
    for _ in 0..5 {
        let mut host = Host::online(config(&simulator));
        let spare = config(&simulator);
        let told = Told::new();
        let mut subscriptions = [null_mut(); 4];
        for place in &mut subscriptions {
            let take = ucwa_session_subscribe;
            ok(unsafe {
                take(host.session, u64::MAX, Some(on_event), told.pointer(), Some(on_destroy), place)
            });
        }
        host.until("online", |event| event.op().map(drop));
        let held = host.heard.last().unwrap();
        let own = |levels: i32| -> i32 {
            let wrong = refused(&host, spare, subscriptions[0], held);
            if wrong != 0 {
                return levels + wrong;
            }
            let (mut child, _) = Host::in_a_meeting(config(&simulator));
            let (heard, mut subscription) = (Told::new(), null_mut());
            let take = ucwa_session_subscribe;
            let mask = 1 << UCWA_EVENT_STATE;
            ok(unsafe {
                take(
                    child.session,
                    mask,
                    Some(on_event),
                    heard.pointer(),
                    Some(on_destroy),
                    &mut subscription,
                )
            });
            ok(unsafe { ucwa_session_close(child.session, null_mut()) });
            child.rest();
            ok(ucwa_subscription_free(subscription));
            drop(child);
            ok(ucwa_shutdown(PATIENCE_MS));
            // The parent's callbacks and destroy functions never run here.
            if heard.destroyed() != 1 || told.destroyed() != 0 { levels + 40 } else { 0 }
        };
        let code = in_a_child(|| match own(0) {
            // And a child of the child.
            0 => in_a_child(|| own(50)),
            wrong => wrong,
        });
        assert_eq!(code, 0, "the step of the child that went wrong");
        // The parent goes on.
        let mut state = 0;
        ok(unsafe { ucwa_session_state(host.session, &mut state) });
        assert_eq!(state, UCWA_STATE_ONLINE);
        ok(ucwa_config_free(spare));
        subscriptions.into_iter().for_each(|subscription| ok(ucwa_subscription_free(subscription)));
        assert_eq!(told.destroyed(), 4);
        drop(host);
    }
}
