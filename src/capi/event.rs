use std::ffi::{c_char, c_void};

use super::event_object::EventObject;
use super::guard::plain;
use super::status::ucwa_status;
use super::{
    ucwa_conversation_event, ucwa_conversation_id, ucwa_invitation_event, ucwa_op, ucwa_participant_event,
};
use crate::model::Phase;

/// An operation of the host ended: u.op.
pub const UCWA_EVENT_OP_DONE: u32 = 1;
/// The session went to another state: u.state.
pub const UCWA_EVENT_STATE: u32 = 2;
/// The session needs credentials: u.credentials. Answer by ucwa_session_supply_password(), ucwa_session_supply_token()
/// or ucwa_session_refuse_credentials(), now or later, from any thread.
pub const UCWA_EVENT_CREDENTIALS_NEEDED: u32 = 3;
/// The reader was slow and changes of a roster were dropped for it: u.overflow. Take a snapshot. Given to whoever takes
/// UCWA_EVENT_PARTICIPANT.
pub const UCWA_EVENT_OVERFLOW: u32 = 4;
/// An invitation began, moved or ended: u.invitation.
pub const UCWA_EVENT_INVITATION: u32 = 16;
/// A conversation came, changed or went: u.conversation.
pub const UCWA_EVENT_CONVERSATION: u32 = 17;
/// One change of a roster: u.participant.
pub const UCWA_EVENT_PARTICIPANT: u32 = 18;
/// Reserved: this version sends none.
pub const UCWA_EVENT_MESSAGE: u32 = 19;
/// Reserved: this version sends none.
pub const UCWA_EVENT_PRESENCE: u32 = 20;
/// Reserved for what is not modelled: this version sends none.
pub const UCWA_EVENT_RAW: u32 = 255;

/// An operation (an invitation) began.
pub const UCWA_PHASE_STARTED: i32 = 1;
/// A resource (a conversation, a person in a roster) came.
pub const UCWA_PHASE_ADDED: i32 = 2;
/// It changed.
pub const UCWA_PHASE_UPDATED: i32 = 3;
/// An operation ended; exactly once.
pub const UCWA_PHASE_COMPLETED: i32 = 4;
/// A resource is gone.
pub const UCWA_PHASE_DELETED: i32 = 5;

/// The name of a phase, "completed", as in the JSON of events; "unknown" for a value that this version does not know.
/// Static, never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn ucwa_phase_name(phase: i32) -> *const c_char {
    let name = match phase {
        UCWA_PHASE_STARTED => c"started",
        UCWA_PHASE_ADDED => c"added",
        UCWA_PHASE_UPDATED => c"updated",
        UCWA_PHASE_COMPLETED => c"completed",
        UCWA_PHASE_DELETED => c"deleted",
        _ => c"unknown",
    };
    name.as_ptr()
}

/// A token is wanted: ucwa_session_supply_token().
pub const UCWA_CREDENTIALS_BEARER: u32 = 1;
/// A user name and a password are wanted: ucwa_session_supply_password().
pub const UCWA_CREDENTIALS_PASSWORD: u32 = 2;

/// Why something failed.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct ucwa_error {
    /// Grows with the version.
    pub struct_size: u32,
    /// UCWA_E_*: decides how a program reacts.
    pub status: ucwa_status,
    /// The status of the HTTP answer; 0 when none came.
    pub http_status: i32,
    /// 1: the same call may succeed later.
    pub retryable: u32,
    /// 1: the request left and no answer of the server came, so it may have done its work.
    pub may_have_worked: u32,
    /// 0.
    pub reserved: u32,
    /// How long the server asks to wait; -1 when it does not say.
    pub retry_after_ms: i64,
    /// The server's ErrorCode, "Gone", ...; "" when it gave none.
    pub code: *const c_char,
    /// Refines the code, "ApplicationNotFound", ...
    pub subcode: *const c_char,
    /// What was tried, what came, what to do; for people and logs. Holds no secret.
    pub message: *const c_char,
    /// The server's own text for people, in the language of the application.
    pub server_message: *const c_char,
    /// The server's mark of the request, for the reader of its log.
    pub diagnostics: *const c_char,
}

/// An operation ended, exactly once. Why it failed: ucwa_event.error.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct ucwa_op_event {
    /// Grows with the version.
    pub struct_size: u32,
    /// UCWA_OK, or why it failed.
    pub status: ucwa_status,
    /// Which operation.
    pub op: ucwa_op,
    /// The conversation or invitation that came of it; 0: none.
    pub result_id: u64,
}

/// The session went to another state. Why, for RECOVERING and FAILED: ucwa_event.error.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct ucwa_state_event {
    /// Grows with the version.
    pub struct_size: u32,
    /// UCWA_STATE_*.
    pub old_state: i32,
    /// UCWA_STATE_*.
    pub new_state: i32,
    /// For RECOVERING: which try this is, from 1; else 0.
    pub attempt: u32,
    /// For RECOVERING: how long until the next try; else -1.
    pub retry_in_ms: i64,
}

/// The session needs credentials and waits for the answer that names request_id; it is not blocked otherwise.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct ucwa_credentials_event {
    /// Grows with the version.
    pub struct_size: u32,
    /// UCWA_CREDENTIALS_*: what is wanted.
    pub kind: u32,
    /// Names this question in the answer.
    pub request_id: u64,
    /// From 1; above it the answer before was refused.
    pub attempt: u32,
    /// 0.
    pub reserved: u32,
    /// The origin that the token is for, or that the password goes to.
    pub resource: *const c_char,
    /// The authority or the trusted issuers, when the server named them.
    pub authority: *const c_char,
    /// The client id of the server's challenge, when it named one.
    pub client_id: *const c_char,
}

/// Changes of a roster were dropped for this reader. Take a snapshot now, put it in the place of what you have, and go
/// on with the PARTICIPANT events whose revision is above the snapshot's.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct ucwa_overflow_event {
    /// Grows with the version.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Whose roster.
    pub conversation: ucwa_conversation_id,
    /// The revision of the last change dropped; a snapshot holds at least that.
    pub revision: u64,
}

/// What happened, by ucwa_event.type. All are pointers, so the size never changes.
#[derive(Clone, Copy)]
#[repr(C)]
pub union ucwa_event_body {
    /// Of a type that this version does not know.
    pub any: *const c_void,
    /// UCWA_EVENT_OP_DONE
    pub op: *const ucwa_op_event,
    /// UCWA_EVENT_STATE
    pub state: *const ucwa_state_event,
    /// UCWA_EVENT_CREDENTIALS_NEEDED
    pub credentials: *const ucwa_credentials_event,
    /// UCWA_EVENT_OVERFLOW
    pub overflow: *const ucwa_overflow_event,
    /// UCWA_EVENT_INVITATION
    pub invitation: *const ucwa_invitation_event,
    /// UCWA_EVENT_CONVERSATION
    pub conversation: *const ucwa_conversation_event,
    /// UCWA_EVENT_PARTICIPANT
    pub participant: *const ucwa_participant_event,
}

/// One event. Immutable and reference counted: it may be kept, and read from any thread, after the session is gone and
/// after ucwa_shutdown().
#[derive(Clone, Copy)]
#[repr(C)]
pub struct ucwa_event {
    /// Grows with the version.
    pub struct_size: u32,
    /// UCWA_EVENT_*; skip those that you do not know.
    pub r#type: u32,
    /// Rises within a session; there may be gaps. 0 for those that a call made.
    pub seq: u64,
    /// When it was published: milliseconds since 1970, UTC.
    pub unix_ms: i64,
    /// ucwa_session_set_tag(); NULL before that.
    pub session_tag: *mut c_void,
    /// Why something failed or changed; NULL when there is nothing to say.
    pub error: *const ucwa_error,
    /// What happened.
    pub u: ucwa_event_body,
}

/// Keeps an event beyond the call or the callback that gave it: each ref needs an unref. Returns ev; NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_event_ref(ev: *const ucwa_event) -> *const ucwa_event {
    plain("ucwa_event_ref", (), || {
        if let Some(object) = EventObject::of(ev) {
            object.keep();
        }
    });
    ev
}

/// Lets go of an event; with the last reference it is gone, and with it all that its pointers lead to. NULL: nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_event_unref(ev: *const ucwa_event) {
    plain("ucwa_event_unref", (), || super::event_object::release(ev));
}

/// The same event as one line of JSON (docs/EVENTS.md), made on first use; borrowed from the event. For logs, scripts
/// and fields that the structs lack. out_len, which may be NULL, gets its length without the NUL. "" for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_event_json(ev: *const ucwa_event, out_len: *mut usize) -> *const c_char {
    let json = plain("ucwa_event_json", c"", || EventObject::of(ev).map_or(c"", |object| object.json()));
    if !out_len.is_null() && out_len.is_aligned() {
        // SAFETY: not NULL and aligned, and the caller says that it may be written.
        unsafe { out_len.write(json.count_bytes()) };
    }
    json.as_ptr()
}

pub(super) fn phase(phase: Phase) -> i32 {
    match phase {
        Phase::Started => UCWA_PHASE_STARTED,
        Phase::Added => UCWA_PHASE_ADDED,
        Phase::Updated => UCWA_PHASE_UPDATED,
        Phase::Completed => UCWA_PHASE_COMPLETED,
        Phase::Deleted => UCWA_PHASE_DELETED,
    }
}
