use std::ffi::c_void;
use std::io;
use std::time::Duration;

use super::event_object::give;
use super::guard::{Failure, enter, enter_with};
use super::handle::Kind;
use super::library::Object;
use super::session::timeout;
use super::status::{Code, ucwa_status};
use super::user_data::{UserData, ucwa_destroy_cb};
use super::{ucwa_event, ucwa_session};
use crate::delivery::{Mask, Next, Reader, WaitHandle, inside_callback};

/// A mask of event kinds, a bounded queue and, when asked for, a wait handle: an opaque checked handle.
pub struct ucwa_reader {
    _opaque: [u8; 0],
}

/// Runs on a thread of the library at each step of the queue from empty to not empty. It must only post to a loop
/// (PostMessage, g_idle_add, QMetaObject::invokeMethod), which then calls ucwa_reader_next(r, 0, ...) until
/// UCWA_NO_EVENT.
pub type ucwa_wakeup_cb = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// Makes a reader, attached to nothing. mask: UCWA_MASK(UCWA_EVENT_...) | ..., or UCWA_MASK_ALL. capacity: number of
/// events, 0 means 4096. Readers never take events from each other; one reader may serve several sessions. What happens
/// when one is not read in time: docs/EVENTS.md; invitations, results, states and credential requests are never
/// dropped.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_reader_new(
    mask: u64,
    capacity: u32,
    out: *mut *mut ucwa_reader,
) -> ucwa_status {
    enter("ucwa_reader_new", |call| {
        let out = call.out_pointer("out", out)?;
        let reader = Reader::new(Mask::from_bits(mask), capacity as usize);
        out.set(call.insert(Object::Reader(reader))?);
        Ok(())
    })
}

/// Frees a reader, attached or not. Threads in ucwa_reader_next() return UCWA_E_CLOSED, its wait handles stay signalled
/// for good. Does not wait: a wake-up that runs now runs to its end, then its destroy function tells that it is over.
#[unsafe(no_mangle)]
pub extern "C" fn ucwa_reader_free(r: *mut ucwa_reader) -> ucwa_status {
    enter("ucwa_reader_free", |call| {
        if let Some(Object::Reader(reader)) = call.remove("r", Kind::Reader, r as usize)? {
            reader.close();
        }
        Ok(())
    })
}

/// Takes events of this session from now on, best before it is opened: earlier events are not replayed. Twice is once.
#[unsafe(no_mangle)]
pub extern "C" fn ucwa_reader_attach(r: *mut ucwa_reader, s: *mut ucwa_session) -> ucwa_status {
    enter("ucwa_reader_attach", |call| {
        let reader = call.reader(r)?;
        reader.attach(call.session(s)?.events());
        Ok(())
    })
}

/// Takes nothing of this session any more; what of it is queued is dropped.
#[unsafe(no_mangle)]
pub extern "C" fn ucwa_reader_detach(r: *mut ucwa_reader, s: *mut ucwa_session) -> ucwa_status {
    enter("ucwa_reader_detach", |call| {
        let reader = call.reader(r)?;
        reader.detach(call.session(s)?.events());
        Ok(())
    })
}

/// Takes the next event; the caller owns *out and calls ucwa_event_unref(). timeout_ms: 0 looks, below 0 waits as long
/// as it takes. Several threads may wait on one reader, each event goes to one of them.
///
/// UCWA_NO_EVENT: nothing came in time. UCWA_E_CLOSED: nothing will come, since every session that it was attached to
/// is over and the queue is drained, or the reader was freed. UCWA_E_WOULD_DEADLOCK: nothing is queued, timeout_ms is
/// not 0, and it was called inside a callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_reader_next(
    r: *mut ucwa_reader,
    timeout_ms: i32,
    out: *mut *const ucwa_event,
) -> ucwa_status {
    enter_with("ucwa_reader_next", |call| {
        let out = call.out_object("out", out)?;
        let reader = call.reader(r)?;
        let inside = inside_callback();
        match reader.next(if inside { Some(Duration::ZERO) } else { timeout(timeout_ms) }) {
            Next::Event(event) => {
                out.set(give(&event));
                Ok(Code::UCWA_OK)
            }
            Next::Empty if timeout_ms == 0 => Ok(Code::UCWA_NO_EVENT),
            Next::Empty => call.may_wait().map(|()| Code::UCWA_NO_EVENT),
            Next::Closed => Err(Failure::new(
                Code::UCWA_E_CLOSED,
                "nothing will come: the reader was freed, or its sessions are over",
            )),
        }
    })
}

/// Gives a handle to wait on. It is signalled while something is queued (level), and for good once the reader is freed
/// or its last session is over. POSIX: a file descriptor for poll, epoll, kqueue, g_unix_fd_add, QSocketNotifier,
/// asyncio. Windows: a manual-reset event for MsgWaitForMultipleObjects. Do not read, write or reset it. Each call
/// gives a duplicate that the caller closes (close, CloseHandle), before or after the reader is freed.
///
/// UCWA_E_UNSUPPORTED: this system has none yet, use a wake-up. UCWA_E_RESOURCES: the process is out of descriptors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_reader_wait_handle(r: *mut ucwa_reader, out_handle: *mut i64) -> ucwa_status {
    enter("ucwa_reader_wait_handle", |call| {
        let out = call.out("out_handle", out_handle)?;
        let handle = call.reader(r)?.wait_handle().map_err(|error| system(&error))?;
        out.set(raw(handle));
        Ok(())
    })
}

/// For loops that take posts: cb runs at each step from empty to not empty, at once if something is queued, and when
/// the last session is over. cb NULL removes it. An earlier one is replaced; this does not wait for it: destroy tells
/// that it is over.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_reader_set_wakeup(
    r: *mut ucwa_reader,
    cb: ucwa_wakeup_cb,
    user_data: *mut c_void,
    destroy: ucwa_destroy_cb,
) -> ucwa_status {
    enter("ucwa_reader_set_wakeup", |call| {
        let reader = call.reader(r)?;
        let (data, receipt) = UserData::new(user_data, destroy);
        let wake = cb.map(|cb| -> Box<dyn FnMut() + Send> {
            // SAFETY: the caller gave the function for this user data, which lives until `data` is dropped.
            Box::new(move || unsafe { cb(data.pointer()) })
        });
        reader.set_wakeup(wake).map_err(|error| system(&error))?;
        receipt.take();
        Ok(())
    })
}

/// What the system refused.
pub(super) fn system(error: &io::Error) -> Failure {
    let code = match error.kind() {
        io::ErrorKind::Unsupported => Code::UCWA_E_UNSUPPORTED,
        _ => Code::UCWA_E_RESOURCES,
    };
    Failure::new(code, format!("the system refused: {error}"))
}

#[cfg(unix)]
fn raw(handle: WaitHandle) -> i64 {
    use std::os::fd::IntoRawFd;
    i64::from(handle.into_raw_fd())
}

#[cfg(windows)]
fn raw(handle: WaitHandle) -> i64 {
    use std::os::windows::io::IntoRawHandle;
    handle.into_raw_handle() as i64
}

#[cfg(not(any(unix, windows)))]
fn raw(handle: WaitHandle) -> i64 {
    match handle {}
}
