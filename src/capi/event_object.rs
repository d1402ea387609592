//! An event as C holds it: the header that C reads, what its pointers lead to, and the event that it was made from.

use std::ffi::{CStr, CString, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::event::*;
use super::kept::{Kept, c_string};
use super::library::process;
use super::status::{Code, ucwa_status};
use super::{conversation, invitation, participant};
use crate::Error;
use crate::delivery::{
    CredentialKind, CredentialsNeeded, Event, EventBody, OperationDone, Overflow, StateChange,
};
use crate::wire::Reason;

/// Behind every `const ucwa_event *`. C reads its beginning, so that stays first.
#[repr(C)]
pub(super) struct EventObject {
    header: ucwa_event,
    event: Arc<Event>,
    json: OnceLock<CString>,
    _kept: Kept,
    /// Of the process that made it, which may be the parent of this one.
    count: &'static AtomicUsize,
}

// SAFETY: immutable once made (the JSON is made under a OnceLock), and all that the pointers lead to lives in `_kept`.
unsafe impl Send for EventObject {}
// SAFETY: as above.
unsafe impl Sync for EventObject {}

/// Hands an event to C, which calls ucwa_event_unref.
pub(super) fn give(event: &Arc<Event>) -> *const ucwa_event {
    let mut kept = Kept::default();
    let error = error_of(&event.body, &mut kept);
    let (r#type, u) = body(&event.body, &mut kept);
    let header = ucwa_event {
        struct_size: size_of::<ucwa_event>() as u32,
        r#type,
        seq: event.seq,
        unix_ms: event.unix_ms,
        session_tag: event.tag as *mut c_void,
        error: error.map_or(std::ptr::null(), |error| kept.keep(error)),
        u,
    };
    let count = &process().events;
    count.fetch_add(1, Ordering::SeqCst);
    let object = EventObject { header, event: event.clone(), json: OnceLock::new(), _kept: kept, count };
    Arc::into_raw(Arc::new(object)).cast()
}

/// Takes one reference back.
pub(super) unsafe fn release(ev: *const ucwa_event) {
    if !ev.is_null() {
        // SAFETY: the caller has a reference from `give` or `keep`, and gives it back.
        drop(unsafe { Arc::from_raw(ev.cast::<EventObject>()) });
    }
}

impl EventObject {
    /// What is behind a pointer of C.
    pub(super) unsafe fn of<'a>(ev: *const ucwa_event) -> Option<&'a EventObject> {
        // SAFETY: NULL, or from `give` and the caller has a reference. The header is the first field of a repr(C) struct.
        unsafe { ev.cast::<EventObject>().as_ref() }
    }

    pub(super) fn keep(&self) {
        // SAFETY: it stands behind an Arc, and the caller has a reference.
        unsafe { Arc::increment_strong_count(self) };
    }

    pub(super) fn json(&self) -> &CStr {
        self.json.get_or_init(|| c_string(&self.event.to_json()))
    }
}

impl Drop for EventObject {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::SeqCst);
    }
}

fn body(body: &EventBody, kept: &mut Kept) -> (u32, ucwa_event_body) {
    match body {
        EventBody::OperationDone(done) => {
            let op = op_done(done);
            (UCWA_EVENT_OP_DONE, ucwa_event_body { op: kept.keep(op) })
        }
        EventBody::State(change) => {
            let state = state(change);
            (UCWA_EVENT_STATE, ucwa_event_body { state: kept.keep(state) })
        }
        EventBody::CredentialsNeeded(asked) => {
            let asked = credentials(asked, kept);
            (UCWA_EVENT_CREDENTIALS_NEEDED, ucwa_event_body { credentials: kept.keep(asked) })
        }
        EventBody::Overflow(dropped) => {
            let dropped = overflow(dropped);
            (UCWA_EVENT_OVERFLOW, ucwa_event_body { overflow: kept.keep(dropped) })
        }
        EventBody::Invitation(change) => {
            let view = invitation::invitation(change, kept);
            (UCWA_EVENT_INVITATION, ucwa_event_body { invitation: kept.keep(view) })
        }
        EventBody::Conversation(change) => {
            let view = conversation::conversation(change, kept);
            (UCWA_EVENT_CONVERSATION, ucwa_event_body { conversation: kept.keep(view) })
        }
        EventBody::Participant(change) => {
            let view = participant::delta(change, kept);
            (UCWA_EVENT_PARTICIPANT, ucwa_event_body { participant: kept.keep(view) })
        }
    }
}

fn op_done(done: &OperationDone) -> ucwa_op_event {
    ucwa_op_event {
        struct_size: size_of::<ucwa_op_event>() as u32,
        status: match &done.result {
            Ok(_) => Code::UCWA_OK as ucwa_status,
            Err(error) => Code::from(error.kind()) as ucwa_status,
        },
        op: done.operation.get(),
        result_id: done.result.as_ref().copied().unwrap_or(0),
    }
}

fn state(change: &StateChange) -> ucwa_state_event {
    ucwa_state_event {
        struct_size: size_of::<ucwa_state_event>() as u32,
        old_state: change.old as i32,
        new_state: change.new as i32,
        attempt: change.attempt,
        retry_in_ms: change.retry_in.map_or(-1, millis),
    }
}

fn credentials(asked: &CredentialsNeeded, kept: &mut Kept) -> ucwa_credentials_event {
    ucwa_credentials_event {
        struct_size: size_of::<ucwa_credentials_event>() as u32,
        kind: match asked.kind {
            CredentialKind::Bearer => UCWA_CREDENTIALS_BEARER,
            CredentialKind::Password => UCWA_CREDENTIALS_PASSWORD,
        },
        request_id: asked.request_id,
        attempt: asked.attempt,
        reserved: 0,
        resource: kept.text(&asked.resource),
        authority: kept.text(&asked.authority),
        client_id: kept.text(&asked.client_id),
    }
}

fn overflow(dropped: &Overflow) -> ucwa_overflow_event {
    ucwa_overflow_event {
        struct_size: size_of::<ucwa_overflow_event>() as u32,
        reserved: 0,
        conversation: dropped.conversation.get(),
        revision: dropped.revision,
    }
}

/// Why something failed or changed, if there is anything to say.
fn error_of(body: &EventBody, kept: &mut Kept) -> Option<ucwa_error> {
    match body {
        EventBody::OperationDone(done) => done.result.as_ref().err().map(|error| failure(error, kept)),
        EventBody::State(change) => change.reason.as_ref().map(|error| failure(error, kept)),
        EventBody::Invitation(change) => change.invitation.reason.as_ref().map(|r| reason(r, kept)),
        EventBody::Conversation(change) => change.conversation.reason.as_ref().map(|r| reason(r, kept)),
        EventBody::CredentialsNeeded(_) | EventBody::Overflow(_) | EventBody::Participant(_) => None,
    }
}

fn failure(error: &Error, kept: &mut Kept) -> ucwa_error {
    let reason = error.reason();
    ucwa_error {
        struct_size: size_of::<ucwa_error>() as u32,
        status: Code::from(error.kind()) as ucwa_status,
        http_status: error.http_status().map_or(0, i32::from),
        retryable: u32::from(error.is_retryable()),
        may_have_worked: u32::from(error.may_have_worked()),
        reserved: 0,
        retry_after_ms: error.retry_after().map_or(-1, millis),
        code: kept.optional_text(reason.map(|reason| reason.code.as_str())),
        subcode: kept.optional_text(reason.map(|reason| reason.subcode.as_str())),
        message: kept.text(&error.to_string()),
        server_message: kept.optional_text(reason.map(|reason| reason.message.as_str())),
        diagnostics: kept.optional_text(error.diagnostics()),
    }
}

/// The server's own words, that came with an event.
fn reason(reason: &Reason, kept: &mut Kept) -> ucwa_error {
    ucwa_error {
        struct_size: size_of::<ucwa_error>() as u32,
        status: Code::UCWA_E_SERVER as ucwa_status,
        http_status: 0,
        retryable: 0,
        may_have_worked: 0,
        reserved: 0,
        retry_after_ms: -1,
        code: kept.text(&reason.code),
        subcode: kept.text(&reason.subcode),
        message: kept.text(&reason.message),
        server_message: kept.text(&reason.message),
        diagnostics: kept.text(""),
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
