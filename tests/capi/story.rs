//! What a program does: sign in, meet, invite, follow, leave, sign out.

use std::ffi::CStr;
use std::ptr::{null, null_mut};

use ucwa::capi::*;

use crate::host::*;

#[test]
fn the_whole_story() {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = Host::in_a_meeting(config(&simulator));
    let (mut invitation, mut op) = (0, 0);
    ok(unsafe {
        ucwa_conversation_add_participant(
            host.session,
            conversation,
            c"sip:ana@contoso.com".as_ptr(),
            null(),
            &mut invitation,
            &mut op,
        )
    });
    assert_eq!(host.done(op).0, OK);
    let outcome = host.until("the outcome", |event| {
        let it = event.invitation().filter(|it| it.id == invitation && it.phase == UCWA_PHASE_COMPLETED)?;
        Some(it.outcome)
    });
    assert_eq!(outcome, UCWA_OUTCOME_ACCEPTED);
    host.until("Ana", |event| {
        let it = event.participant().filter(|it| it.conversation == conversation)?;
        let uri = unsafe { CStr::from_ptr((*it.participant).uri) };
        (uri == c"sip:ana@contoso.com").then_some(())
    });
    ok(unsafe { ucwa_conversation_leave(host.session, conversation, &mut op) });
    assert_eq!(host.done(op).0, OK);
    ok(unsafe { ucwa_session_close(host.session, &mut op) });
    host.rest();
    let last = host.heard.last().and_then(Held::state).expect("the last word is a state");
    assert_eq!(last.new_state, UCWA_STATE_CLOSED);
    assert!(simulator.control().truth().applications.is_empty(), "signed out");
}

#[test]
fn a_subscription_hears_what_it_asked_for_and_ends_once() {
    let simulator = simulator(|_| {});
    let host = Host::new(config(&simulator));
    let (told, mut subscription) = (Told::new(), null_mut());
    ok(unsafe {
        ucwa_session_subscribe(
            host.session,
            1 << UCWA_EVENT_STATE,
            Some(on_event),
            told.pointer(),
            Some(on_destroy),
            &mut subscription,
        )
    });
    let op = host.open();
    assert_eq!(host.done(op).0, OK);
    until("three states", || told.count(UCWA_EVENT_STATE) == 3);
    assert_eq!(told.events.lock().unwrap().len(), 3, "nothing but states");
    assert_eq!(told.destroyed(), 0);
    ok(ucwa_subscription_free(subscription));
    assert_eq!(told.destroyed(), 1);
    let message = fails(ucwa_subscription_free(subscription), ucwa_status_code::UCWA_E_INVALID_HANDLE);
    assert_eq!(message, "ucwa_subscription_free: sub, a subscription, was freed");
}
