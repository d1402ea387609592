//! Bad input: a status, and a message that says which argument and why.

use std::ffi::c_char;
use std::ptr::{null, null_mut};

use ucwa::capi::ucwa_status_code::*;
use ucwa::capi::*;

use crate::host::*;

const NOT_UTF8: *const c_char = c"\xff\xfe".as_ptr();

#[test]
fn texts_are_checked() {
    let mut config = null_mut();
    ok(unsafe { ucwa_config_new(&mut config) });
    type Setter = unsafe extern "C" fn(*mut ucwa_config, *const c_char) -> ucwa_status;
    let setters: [(Setter, &str, bool); 4] = [
        (ucwa_config_set_user, "sip_uri", false),
        (ucwa_config_set_discovery_url, "url", true),
        (ucwa_config_set_user_agent, "product", false),
        (ucwa_config_set_proxy, "url", true),
    ];
    for (set, name, nullable) in setters {
        let message = fails(unsafe { set(config, NOT_UTF8) }, UCWA_E_INVALID_ARG);
        assert!(message.ends_with(&format!("{name} is not UTF-8 from byte 0 on")), "{message}");
        match unsafe { set(config, null()) } {
            OK => assert!(nullable, "{name}"),
            status => {
                assert!(!nullable, "{name}");
                assert!(fails(status, UCWA_E_NULL_ARG).ends_with(&format!("{name} is NULL")));
            }
        }
    }
    for (key, value, code) in [
        (c"no.such.key", c"1", UCWA_E_NOT_FOUND),
        (c"event.timeout_s", c"1", UCWA_E_INVALID_ARG),
        (c"allow_http", c"perhaps", UCWA_E_INVALID_ARG),
        (c"event.timeout_s", c"300", UCWA_OK),
    ] {
        let status = unsafe { ucwa_config_set(config, key.as_ptr(), value.as_ptr()) };
        assert_eq!(status, code as i32, "{key:?} {value:?}");
    }
    let pem = c"no certificate";
    let status = unsafe { ucwa_config_add_root_certs_pem(config, pem.as_ptr().cast(), usize::MAX) };
    fails(status, UCWA_E_INVALID_ARG);
    let status = unsafe { ucwa_config_add_root_certs_pem(config, pem.as_ptr().cast(), usize::MAX - 1) };
    assert!(fails(status, UCWA_E_INVALID_ARG).contains("the length of pem"));
    let mut session = std::ptr::without_provenance_mut(8);
    let message = fails(unsafe { ucwa_session_new(config, &mut session) }, UCWA_E_INVALID_ARG);
    assert!(message.contains("which server"), "{message}");
    assert!(session.is_null(), "NULL when it failed");
    ok(ucwa_config_free(config));
}

#[test]
fn handles_are_checked() {
    let simulator = simulator(|_| {});
    let host = Host::new(config(&simulator));
    let mut state = 77;
    let mut look = |handle: *const ucwa_session| unsafe { ucwa_session_state(handle, &mut state) };
    assert_eq!(fails(look(null()), UCWA_E_NULL_ARG), "ucwa_session_state: s is NULL");
    let foreign = fails(look(host.reader.cast()), UCWA_E_INVALID_HANDLE);
    assert_eq!(foreign, "ucwa_session_state: s is a reader, not a session");
    let on_the_stack = 7u64;
    let random = fails(look(std::ptr::from_ref(&on_the_stack).cast()), UCWA_E_INVALID_HANDLE);
    assert_eq!(random, "ucwa_session_state: s is no handle of this library");
    for value in [1usize, 2, 3, usize::MAX, usize::MAX - 1, 0xdead_beef] {
        fails(look(std::ptr::without_provenance(value)), UCWA_E_INVALID_HANDLE);
    }
    ok(look(host.session));
    assert_eq!(state, UCWA_STATE_NEW);
    let message = fails(unsafe { ucwa_session_state(host.session, null_mut()) }, UCWA_E_NULL_ARG);
    assert_eq!(message, "ucwa_session_state: out_state is NULL");
    let misaligned = std::ptr::from_mut(&mut [0i32; 2]).cast::<i32>().wrapping_byte_add(1);
    fails(unsafe { ucwa_session_state(host.session, misaligned) }, UCWA_E_INVALID_ARG);
}

#[test]
fn freeing_null_is_nothing_and_freeing_twice_is_told() {
    assert_eq!(ucwa_config_free(null_mut()), OK);
    assert_eq!(ucwa_session_free(null_mut()), OK);
    assert_eq!(ucwa_reader_free(null_mut()), OK);
    assert_eq!(ucwa_subscription_free(null_mut()), OK);
    assert_eq!(ucwa_subscription_free_async(null_mut()), OK);
    unsafe {
        ucwa_event_unref(null());
        ucwa_roster_unref(null());
        assert!(ucwa_event_ref(null()).is_null());
        assert!(ucwa_roster_ref(null()).is_null());
        assert!(ucwa_roster_at(null(), 0).is_null());
        assert!(ucwa_roster_find(null(), 1).is_null());
        let mut len = 9;
        assert_eq!(text(ucwa_event_json(null(), &mut len)), "");
        assert_eq!(len, 0);
    }
    let mut reader = null_mut();
    ok(unsafe { ucwa_reader_new(u64::MAX, 0, &mut reader) });
    ok(ucwa_reader_free(reader));
    let message = fails(ucwa_reader_free(reader), UCWA_E_INVALID_HANDLE);
    assert_eq!(message, "ucwa_reader_free: r, a reader, was freed");
}

#[test]
fn option_structs_carry_their_size() {
    let simulator = simulator(|_| {});
    let (host, conversation) = Host::in_a_meeting(config(&simulator));
    let size = size_of::<ucwa_join_options>() as u32;
    let good =
        ucwa_join_options { struct_size: size, reserved: 0, subject: null(), importance: c"urgent".as_ptr() };
    let start =
        |options: ucwa_join_options| unsafe { ucwa_meeting_start(host.session, &options, null_mut()) };
    for (options, says) in [
        (ucwa_join_options { struct_size: 0, ..good }, "struct_size is 0"),
        (ucwa_join_options { struct_size: size - 1, ..good }, "struct_size is"),
        (ucwa_join_options { reserved: 1, ..good }, "opt->reserved is 1"),
        (ucwa_join_options { importance: c"Perhaps".as_ptr(), ..good }, "Urgent"),
        (ucwa_join_options { subject: NOT_UTF8, ..good }, "opt->subject is not UTF-8"),
    ] {
        let message = fails(start(options), UCWA_E_INVALID_ARG);
        assert!(message.contains(says), "{message}");
    }
    ok(start(ucwa_join_options { struct_size: size + 64, ..good }));

    let size = size_of::<ucwa_add_participant_options>() as u32;
    let good = ucwa_add_participant_options {
        struct_size: size,
        modalities: 0,
        operation_id: null(),
        subject: null(),
        on_behalf_of: null(),
    };
    let add = |options: ucwa_add_participant_options| unsafe {
        let to = c"sip:ana@contoso.com".as_ptr();
        ucwa_conversation_add_participant(host.session, conversation, to, &options, null_mut(), null_mut())
    };
    let long = c(&"x".repeat(51));
    for (options, says) in [
        (ucwa_add_participant_options { struct_size: 3, ..good }, "struct_size is 3"),
        (ucwa_add_participant_options { modalities: 0x100, ..good }, "0x100"),
        (ucwa_add_participant_options { operation_id: long.as_ptr(), ..good }, "50"),
    ] {
        let message = fails(add(options), UCWA_E_INVALID_ARG);
        assert!(message.contains(says), "{message}");
    }
    ok(add(good));
}

#[test]
fn ids_and_numbers_are_checked() {
    let simulator = simulator(|_| {});
    let (host, conversation) = Host::in_a_meeting(config(&simulator));
    let s = host.session;
    let mut op = 77;
    let to = c"sip:ana@contoso.com".as_ptr();
    unsafe {
        fails(ucwa_conversation_leave(s, 0, &mut op), UCWA_E_INVALID_ARG);
        fails(ucwa_conversation_leave(s, 999, &mut op), UCWA_E_NOT_FOUND);
        fails(ucwa_invitation_cancel(s, 0, &mut op), UCWA_E_INVALID_ARG);
        fails(ucwa_invitation_cancel(s, 999, &mut op), UCWA_E_NOT_FOUND);
        fails(ucwa_participant_do(s, conversation, 0, 1, &mut op), UCWA_E_INVALID_ARG);
        fails(ucwa_participant_do(s, conversation, 999, 1, &mut op), UCWA_E_NOT_FOUND);
        for action in [0, 10, -1, i32::MAX, i32::MIN] {
            let message = fails(ucwa_participant_do(s, conversation, 1, action, &mut op), UCWA_E_INVALID_ARG);
            assert!(message.contains("UCWA_PARTICIPANT_*"), "{message}");
        }
        let add = ucwa_conversation_add_participant;
        fails(add(s, conversation, null(), null(), null_mut(), &mut op), UCWA_E_NULL_ARG);
        fails(add(s, conversation, c"".as_ptr(), null(), null_mut(), &mut op), UCWA_E_INVALID_ARG);
        fails(add(s, 999, to, null(), null_mut(), &mut op), UCWA_E_NOT_FOUND);
        fails(ucwa_meeting_join(s, null(), null(), &mut op), UCWA_E_NULL_ARG);
        fails(ucwa_session_wait(s, 0, 0, null_mut(), null_mut()), UCWA_E_INVALID_ARG);
        fails(ucwa_session_wait(s, 999, -1, null_mut(), null_mut()), UCWA_E_NOT_FOUND);
        fails(ucwa_session_open(s, &mut op), UCWA_E_WRONG_STATE);
    }
    assert_eq!(op, 77, "written only on success");
    // Somebody with whom nothing can be done: oneself.
    let mut roster = null();
    ok(unsafe { ucwa_roster_snapshot(s, conversation, &mut roster) });
    let me = unsafe { (*ucwa_roster_at(roster, 0)).id };
    unsafe { ucwa_roster_unref(roster) };
    let status = unsafe { ucwa_participant_do(s, conversation, me, UCWA_PARTICIPANT_ADMIT, &mut op) };
    fails(status, UCWA_E_NOT_ALLOWED);
}

#[test]
fn what_needs_a_session_online_says_so() {
    let simulator = simulator(|_| {});
    let mut host = Host::new(config(&simulator));
    let start = || unsafe { ucwa_meeting_start(host.session, null(), null_mut()) };
    fails(start(), UCWA_E_WRONG_STATE);
    let mut op = 0;
    ok(unsafe { ucwa_session_close(host.session, &mut op) });
    assert_eq!(host.done(op).0, OK);
    fails(start(), UCWA_E_CLOSED);
    host.rest();
    let mut event = null();
    let status = unsafe { ucwa_reader_next(host.reader, -1, &mut event) };
    fails(status, UCWA_E_CLOSED);
}

#[test]
fn the_message_is_cut_between_characters() {
    let mut config = null_mut();
    ok(unsafe { ucwa_config_new(&mut config) });
    unsafe { ucwa_config_set(config, c"ß.ß".as_ptr(), c"1".as_ptr()) };
    let whole = last_message();
    assert!(whole.contains("ß.ß"), "{whole}");
    for cap in 0..whole.len() + 2 {
        let mut buffer = vec![b'?'; cap + 1];
        let len = unsafe { ucwa_last_error_message(buffer.as_mut_ptr().cast(), cap) };
        assert_eq!(len, whole.len());
        assert_eq!(buffer.last(), Some(&b'?'), "nothing beyond cap");
        if cap > 0 {
            let end = buffer.iter().position(|byte| *byte == 0).expect("a NUL");
            let part = std::str::from_utf8(buffer.get(..end).unwrap()).expect("whole characters");
            assert!(whole.starts_with(part) && part.len() + 2 > cap.min(whole.len() + 1) - 1, "{cap} {part}");
        }
    }
    assert_eq!(unsafe { ucwa_last_error_message(null_mut(), 0) }, whole.len());
    assert_eq!(unsafe { ucwa_last_error_message(null_mut(), 100) }, whole.len());
    ok(ucwa_config_free(config));
    std::thread::spawn(|| assert_eq!(last_message(), "", "of its own thread only")).join().unwrap();
}
