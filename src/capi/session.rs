use std::ffi::{c_char, c_void};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::SecretString;

use super::event_object::give;
use super::guard::{Call, Failure, enter, keep_message};
use super::handle::Kind;
use super::library::Object;
use super::status::{Code, ucwa_status};
use super::{ucwa_config, ucwa_event};
use crate::ErrorKind;
use crate::delivery::{EventBody, SessionState, StateChange, inside_callback};
use crate::model::OperationId;
use crate::session::Session;

/// One signed-in endpoint of one user: an opaque checked handle.
pub struct ucwa_session {
    _opaque: [u8; 0],
}

/// An operation under way in a session; 0: none.
pub type ucwa_op = u64;

/// Made, not opened.
pub const UCWA_STATE_NEW: i32 = 0;
/// Looks for the server.
pub const UCWA_STATE_DISCOVERING: i32 = 1;
/// Signs in.
pub const UCWA_STATE_AUTHENTICATING: i32 = 2;
/// Signed in; events flow.
pub const UCWA_STATE_ONLINE: i32 = 3;
/// Something broke and is tried again.
pub const UCWA_STATE_RECOVERING: i32 = 4;
/// Signs out.
pub const UCWA_STATE_CLOSING: i32 = 5;
/// Over; nothing follows.
pub const UCWA_STATE_CLOSED: i32 = 6;
/// Over, with a reason: ucwa_event.error of the event, ucwa_session_failure().
pub const UCWA_STATE_FAILED: i32 = 7;

/// The name of a state, "Online", as in the JSON of events; "unknown" for a value that this version does not know.
/// Static, never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn ucwa_state_name(state: i32) -> *const c_char {
    let name = match state {
        UCWA_STATE_NEW => c"New",
        UCWA_STATE_DISCOVERING => c"Discovering",
        UCWA_STATE_AUTHENTICATING => c"Authenticating",
        UCWA_STATE_ONLINE => c"Online",
        UCWA_STATE_RECOVERING => c"Recovering",
        UCWA_STATE_CLOSING => c"Closing",
        UCWA_STATE_CLOSED => c"Closed",
        UCWA_STATE_FAILED => c"Failed",
        _ => c"unknown",
    };
    name.as_ptr()
}

/// Makes a session. Nothing is sent yet; the engine's threads start with the first session. Attach readers and
/// subscribe between this and ucwa_session_open(), then nothing is missed.
///
/// UCWA_E_INVALID_ARG: the configuration does not make sense, the message says why. UCWA_E_RESOURCES: the system gives
/// no threads, or there are too many handles.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_session_new(
    cfg: *const ucwa_config,
    out: *mut *mut ucwa_session,
) -> ucwa_status {
    enter("ucwa_session_new", |call| {
        let out = call.out_pointer("out", out)?;
        let config = call.config(cfg)?.lock().clone();
        let session = Session::new(&config).map_err(|error| match error.kind() {
            ErrorKind::Internal => Failure::new(Code::UCWA_E_RESOURCES, error.to_string()),
            _ => error.into(),
        })?;
        out.set(call.insert(Object::Session(Arc::new(session)))?);
        Ok(())
    })
}

/// Begins to sign in and returns at once: STATE events tell how it goes, OP_DONE when the session is ONLINE or why it
/// is not. out_op may be NULL. A session is opened once: UCWA_E_WRONG_STATE after that.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_session_open(s: *mut ucwa_session, out_op: *mut ucwa_op) -> ucwa_status {
    operation("ucwa_session_open", s, out_op, |session, _| Ok(session.open()?))
}

/// Begins to sign out and returns at once: what is under way ends, readers still drain, the last event is
/// STATE(CLOSED). Bounded by the key close.timeout_s. out_op may be NULL. Closing twice gives the same operation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_session_close(s: *mut ucwa_session, out_op: *mut ucwa_op) -> ucwa_status {
    operation("ucwa_session_close", s, out_op, |session, _| Ok(session.close()))
}

/// Frees a session. Legal at any time and from any thread, also inside a callback. Without a close before it the
/// sign-out is done in the background, bounded by close.timeout_s. Threads in ucwa_session_wait() for it return
/// UCWA_E_CLOSED. When it returns, no event of it is delivered any more: it waits for running callbacks of its
/// subscriptions, but not for the one that it is called from. So never hold a lock that a callback takes. Readers and
/// subscriptions keep their handles.
#[unsafe(no_mangle)]
pub extern "C" fn ucwa_session_free(s: *mut ucwa_session) -> ucwa_status {
    enter("ucwa_session_free", |call| {
        if let Some(Object::Session(session)) = call.remove("s", Kind::Session, s as usize)? {
            session.abandon();
            session.events().discard();
        }
        Ok(())
    })
}

/// The state now: UCWA_STATE_*.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_session_state(s: *const ucwa_session, out_state: *mut i32) -> ucwa_status {
    enter("ucwa_session_state", |call| {
        let out = call.out("out_state", out_state)?;
        out.set(call.session(s)?.state() as i32);
        Ok(())
    })
}

/// Why a session failed: a STATE event of now whose error says it, for the caller to unref. UCWA_E_NOT_FOUND: it has
/// not failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_session_failure(
    s: *const ucwa_session,
    out: *mut *const ucwa_event,
) -> ucwa_status {
    enter("ucwa_session_failure", |call| {
        let out = call.out_object("out", out)?;
        let session = call.session(s)?;
        let reason = session.failure();
        if reason.is_none() {
            return Err(Failure::new(Code::UCWA_E_NOT_FOUND, "the session has not failed"));
        }
        let (old, new) = (SessionState::Failed, SessionState::Failed);
        let body = EventBody::State(StateChange { old, new, reason, attempt: 0, retry_in: None });
        out.set(give(&session.events().of_now(body)));
        Ok(())
    })
}

/// Marks the session: its events carry the tag from now on (ucwa_event.session_tag). The library never looks at it.
#[unsafe(no_mangle)]
pub extern "C" fn ucwa_session_set_tag(s: *mut ucwa_session, tag: *mut c_void) -> ucwa_status {
    enter("ucwa_session_set_tag", |call| {
        let session = call.session(s)?;
        session.events().set_tag(tag as usize);
        Ok(())
    })
}

/// Waits until an operation has ended, for programs without a loop; events keep queueing meanwhile. timeout_ms: 0
/// looks, below 0 waits as long as it takes. UCWA_OK: it has ended; *out_result is how (its message is left for
/// ucwa_last_error_message()), *out_result_id the conversation or invitation that came of it, or 0. Both may be NULL.
///
/// UCWA_E_TIMEOUT: still under way. UCWA_E_CREDENTIALS_NEEDED: at once, while an event asks for credentials that nobody
/// has given: answer, then wait again. UCWA_E_NOT_FOUND: no such operation, or ended long ago (the last 1000 are
/// known). UCWA_E_CLOSED: the session was freed. UCWA_E_WOULD_DEADLOCK: under way, and called inside a callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_session_wait(
    s: *mut ucwa_session,
    op: ucwa_op,
    timeout_ms: i32,
    out_result: *mut ucwa_status,
    out_result_id: *mut u64,
) -> ucwa_status {
    enter("ucwa_session_wait", |call| {
        let out_result = call.nullable_out("out_result", out_result)?;
        let out_result_id = call.nullable_out("out_result_id", out_result_id)?;
        let session = call.session(s)?;
        let op = known(op)?;
        let inside = inside_callback();
        let waited = session.wait(op, if inside { Some(Duration::ZERO) } else { timeout(timeout_ms) });
        // The operation may have failed in the words that the waiting itself may fail in.
        let ended = match (session.result(op), waited) {
            (Some(ended), _) => ended,
            (None, Err(error)) if inside && error.kind() == ErrorKind::Timeout => return call.may_wait(),
            (None, Err(error)) => return Err(error.into()),
            (None, Ok(id)) => Ok(id),
        };
        match ended {
            Ok(id) => {
                out_result.set(Code::UCWA_OK as ucwa_status);
                out_result_id.set(id);
            }
            Err(error) => {
                keep_message(error.to_string());
                out_result.set(Code::from(error.kind()) as ucwa_status);
                out_result_id.set(0);
            }
        }
        Ok(())
    })
}

fn known(op: ucwa_op) -> Result<OperationId, Failure> {
    OperationId::new(op)
        .ok_or_else(|| Failure::new(Code::UCWA_E_INVALID_ARG, "op is 0, which is no operation"))
}

/// Ends an operation at once: its OP_DONE has UCWA_E_CANCELLED. What it began is taken back as far as the server lets:
/// a request that has not left is not sent; a meeting that was being started or joined is left as soon as there is a
/// conversation; an invitation by ucwa_conversation_add_participant() is cancelled as soon as the server offers it, and
/// its own event tells how it ended. Cancelling ucwa_session_open() closes the session.
///
/// UCWA_OK also when the operation has ended before: it stays as it ended, and its OP_DONE says how.
/// UCWA_E_NOT_FOUND: there was never such an operation. UCWA_E_WRONG_STATE: it closes the session, which cannot be
/// cancelled.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_op_cancel(s: *mut ucwa_session, op: ucwa_op) -> ucwa_status {
    enter("ucwa_op_cancel", |call| {
        let session = call.session(s)?;
        session.cancel(known(op)?)?;
        Ok(())
    })
}

/// Answers a UCWA_EVENT_CREDENTIALS_NEEDED of kind UCWA_CREDENTIALS_PASSWORD. password: len bytes of UTF-8, or
/// UCWA_NUL_TERMINATED. UCWA_E_NOT_FOUND: that question is not open any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_session_supply_password(
    s: *mut ucwa_session,
    request_id: u64,
    user: *const c_char,
    password: *const c_char,
    len: usize,
) -> ucwa_status {
    enter("ucwa_session_supply_password", |call| {
        let session = call.session(s)?;
        let user = call.text("user", user)?;
        let password = SecretString::from(call.sized_text("password", password, len)?);
        session.supply_password(request_id, user, password)?;
        Ok(())
    })
}

/// Answers a UCWA_EVENT_CREDENTIALS_NEEDED with a token for its resource: len bytes, or UCWA_NUL_TERMINATED.
/// expires_unix_s: when it ends, seconds since 1970, or 0 when that is not known. UCWA_E_INVALID_ARG: it has ended
/// already. UCWA_E_NOT_FOUND: that question is not open any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_session_supply_token(
    s: *mut ucwa_session,
    request_id: u64,
    token: *const c_char,
    len: usize,
    expires_unix_s: i64,
) -> ucwa_status {
    enter("ucwa_session_supply_token", |call| {
        let session = call.session(s)?;
        let token = SecretString::from(call.sized_text("token", token, len)?);
        session.supply_token(request_id, token, time_left(expires_unix_s)?)?;
        Ok(())
    })
}

/// Answers a UCWA_EVENT_CREDENTIALS_NEEDED with no: what needed them fails with UCWA_E_AUTH and this reason, which may
/// be NULL. UCWA_E_NOT_FOUND: that question is not open any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_session_refuse_credentials(
    s: *mut ucwa_session,
    request_id: u64,
    reason: *const c_char,
) -> ucwa_status {
    enter("ucwa_session_refuse_credentials", |call| {
        let session = call.session(s)?;
        let reason = call.nullable_text("reason", reason)?.unwrap_or("no reason given");
        session.refuse_credentials(request_id, reason)?;
        Ok(())
    })
}

/// How long a token is good from now. `None`: not known.
fn time_left(expires_unix_s: i64) -> Result<Option<Duration>, Failure> {
    if expires_unix_s == 0 {
        return Ok(None);
    }
    let end = u64::try_from(expires_unix_s).ok().and_then(|s| UNIX_EPOCH.checked_add(Duration::from_secs(s)));
    let left = end.and_then(|end| end.duration_since(SystemTime::now()).ok());
    left.map(Some).ok_or_else(|| {
        let message =
            format!("expires_unix_s is {expires_unix_s}, which is over: seconds since 1970 are meant");
        Failure::new(Code::UCWA_E_INVALID_ARG, message)
    })
}

/// Milliseconds as C gives them: below 0 for ever.
pub(super) fn timeout(ms: i32) -> Option<Duration> {
    u64::try_from(ms).ok().map(Duration::from_millis)
}

/// The body of a function that begins an operation of a session.
pub(super) unsafe fn operation(
    name: &str,
    s: *mut ucwa_session,
    out_op: *mut ucwa_op,
    begin: impl FnOnce(&Session, &Call) -> Result<OperationId, Failure>,
) -> ucwa_status {
    enter(name, |call| {
        let out = call.nullable_out("out_op", out_op)?;
        let session = call.session(s)?;
        out.set(begin(&session, call)?.get());
        Ok(())
    })
}
