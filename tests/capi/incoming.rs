//! Two sessions, each a program of its own as far as the library is concerned: they invite each other.

use std::ptr::null;

use ucwa::capi::*;
use ucwa_sim::Simulator;

use crate::host::*;

/// The other user. Nobody can reach him before he says so.
fn tosh(simulator: &Simulator) -> Host {
    let config = bare_config(simulator);
    ok(unsafe { ucwa_config_set_password(config, c"tosh@contoso.com".as_ptr(), c(PASSWORD).as_ptr()) });
    Host::online(config)
}

fn make_available(host: &Host) {
    let how = ucwa_availability_options {
        struct_size: size_of::<ucwa_availability_options>() as u32,
        modalities: UCWA_MODALITY_MESSAGING,
        sign_in_as: c"Online".as_ptr(),
        message_formats: c"Plain,Html".as_ptr(),
        audio_preference: null(),
        phone_number: null(),
    };
    let mut op = 0;
    ok(unsafe { ucwa_session_make_available(host.session, &how, &mut op) });
    assert_eq!(host.done(op), (OK, 0), "{}", last_message());
}

/// A call that rings.
fn rings(host: &mut Host, kind: i32) -> ucwa_invitation_event {
    host.until("a ringing call", |event| {
        let it = event.invitation()?;
        (it.kind == kind && it.incoming == 1 && it.outcome == UCWA_OUTCOME_NONE).then_some(*it)
    })
}

fn outcome(host: &mut Host, id: ucwa_invitation_id) -> i32 {
    host.until("the outcome", |event| {
        let it = event.invitation()?;
        (it.id == id && it.phase == UCWA_PHASE_COMPLETED).then_some(it.outcome)
    })
}

fn invite(host: &Host, conversation: ucwa_conversation_id, to: &str) -> ucwa_invitation_id {
    let (mut invitation, mut op) = (0, 0);
    ok(unsafe {
        ucwa_conversation_add_participant(
            host.session,
            conversation,
            c(to).as_ptr(),
            null(),
            &mut invitation,
            &mut op,
        )
    });
    assert_eq!(host.done(op).0, OK, "{}", last_message());
    invitation
}

#[test]
fn they_invite_each_other_to_their_meetings() {
    let simulator = simulator(|settings| settings.switches.answer_timeout_ms = 30_000);
    let (mut tosh, mut lene) = (tosh(&simulator), Host::online(config(&simulator)));
    make_available(&tosh);
    make_available(&lene);
    let mut op = 0;
    ok(unsafe { ucwa_meeting_start(lene.session, null(), &mut op) });
    let conversation = lene.done(op).1;
    let sent = invite(&lene, conversation, "sip:tosh@contoso.com");
    let call = rings(&mut tosh, UCWA_INVITE_ONLINE_MEETING);
    assert_eq!(call.flags, UCWA_INVITATION_CAN_ACCEPT | UCWA_INVITATION_CAN_DECLINE);
    assert_eq!(text(call.from_uri), "sip:lene@contoso.com");
    ok(unsafe { ucwa_invitation_accept(tosh.session, call.id, &mut op) });
    assert_eq!(tosh.done(op), (OK, call.conversation), "{}", last_message());
    assert_eq!(outcome(&mut lene, sent), UCWA_OUTCOME_ACCEPTED);
    assert_eq!(outcome(&mut tosh, call.id), UCWA_OUTCOME_ACCEPTED);
    // And the other way round.
    ok(unsafe { ucwa_meeting_start(tosh.session, null(), &mut op) });
    let conversation = tosh.done(op).1;
    let sent = invite(&tosh, conversation, "sip:lene@contoso.com");
    let call = rings(&mut lene, UCWA_INVITE_ONLINE_MEETING);
    ok(unsafe { ucwa_invitation_decline(lene.session, call.id, UCWA_DECLINE_GLOBAL, &mut op) });
    assert_eq!(lene.done(op), (OK, call.id));
    assert_eq!(outcome(&mut tosh, sent), UCWA_OUTCOME_DECLINED);
    assert_eq!(outcome(&mut lene, call.id), UCWA_OUTCOME_DECLINED);
    let over = unsafe { ucwa_invitation_accept(lene.session, call.id, &mut op) };
    fails(over, ucwa_status_code::UCWA_E_NOT_ALLOWED);
}

#[test]
fn a_call_becomes_a_meeting() {
    let simulator = simulator(|settings| settings.switches.answer_timeout_ms = 30_000);
    let (mut tosh, mut lene) = (tosh(&simulator), Host::online(config(&simulator)));
    make_available(&tosh);
    let how = ucwa_conversation_options {
        struct_size: size_of::<ucwa_conversation_options>() as u32,
        reserved: 0,
        subject: c"Lunch".as_ptr(),
        importance: c"Urgent".as_ptr(),
        message: c"Hungry?".as_ptr(),
    };
    let (mut called, mut op) = (0, 0);
    ok(unsafe { ucwa_conversation_start(lene.session, c"sip:tosh@contoso.com".as_ptr(), &how, &mut called) });
    let call = rings(&mut tosh, UCWA_INVITE_MESSAGING);
    assert_eq!((text(call.subject), text(call.message_text)), ("Lunch".into(), "Hungry?".into()));
    ok(unsafe { ucwa_invitation_accept(tosh.session, call.id, &mut op) });
    assert_eq!(tosh.done(op), (OK, call.conversation), "{}", last_message());
    let (result, conversation) = lene.done(called);
    assert_eq!(result, OK, "{}", last_message());
    let sent = invite(&lene, conversation, "sip:ana@contoso.com");
    assert_eq!(outcome(&mut lene, sent), UCWA_OUTCOME_ACCEPTED);
    lene.until("a meeting", |event| {
        let it = event.conversation().filter(|it| it.id == conversation)?;
        (text(it.state) == "Conferenced" && text(it.meeting_uri).contains("focus:id:")).then_some(())
    });
}
