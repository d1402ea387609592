use std::ffi::{c_char, c_void};
use std::sync::Arc;

use tracing::Level;

use super::guard::{Failure, enter};
use super::kept::c_string;
use super::status::{Code, ucwa_status};
use super::user_data::{UserData, ucwa_destroy_cb};
use crate::log::{Record, set_sink};

/// Something failed for good.
pub const UCWA_LOG_ERROR: i32 = 1;
/// Something failed and is tried again, or was left out.
pub const UCWA_LOG_WARN: i32 = 2;
/// What an operator wants to know.
pub const UCWA_LOG_INFO: i32 = 3;
/// What somebody who looks for a fault wants to know.
pub const UCWA_LOG_DEBUG: i32 = 4;
/// Everything.
pub const UCWA_LOG_TRACE: i32 = 5;

/// Takes one record: UCWA_LOG_*, the part of the library ("ucwa::http"), and text. Called from any thread, also several
/// at once, sometimes under a lock of ours: it must return soon and must not call the library (which answers
/// UCWA_E_WOULD_DEADLOCK there). The strings are borrowed for the call.
pub type ucwa_log_cb = Option<
    unsafe extern "C" fn(user_data: *mut c_void, level: i32, target: *const c_char, message: *const c_char),
>;

/// Gives the library's log records up to max_level (UCWA_LOG_*) to cb; NULL ends it. One callback serves the process, a
/// later one replaces it; this does not wait for a record that is being given: destroy tells that the old one is over.
/// There is no password and no token in any record, at any level. A child of fork() begins without one.
///
/// UCWA_E_INVALID_ARG: no such level. UCWA_E_UNSUPPORTED: a program in Rust that links the library has a collector of
/// its own, which gets the records.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_set_log_callback(
    max_level: i32,
    cb: ucwa_log_cb,
    user_data: *mut c_void,
    destroy: ucwa_destroy_cb,
) -> ucwa_status {
    enter("ucwa_set_log_callback", |_| {
        let level = level(max_level)?;
        let (data, receipt) = UserData::new(user_data, destroy);
        match cb {
            Some(cb) => {
                let sink = Sink { cb, data };
                if !set_sink(level, Some(Arc::new(move |record: &Record| sink.take(record)))) {
                    let message =
                        "this program has a collector of tracing records of its own, which gets them";
                    return Err(Failure::new(Code::UCWA_E_UNSUPPORTED, message));
                }
            }
            None => {
                set_sink(level, None);
                drop(data);
            }
        }
        receipt.take();
        Ok(())
    })
}

fn level(max_level: i32) -> Result<Level, Failure> {
    Ok(match max_level {
        UCWA_LOG_ERROR => Level::ERROR,
        UCWA_LOG_WARN => Level::WARN,
        UCWA_LOG_INFO => Level::INFO,
        UCWA_LOG_DEBUG => Level::DEBUG,
        UCWA_LOG_TRACE => Level::TRACE,
        _ => {
            let message = format!("max_level is {max_level}, which is no UCWA_LOG_*");
            return Err(Failure::new(Code::UCWA_E_INVALID_ARG, message));
        }
    })
}

struct Sink {
    cb: unsafe extern "C" fn(*mut c_void, i32, *const c_char, *const c_char),
    data: UserData,
}

impl Sink {
    fn take(&self, record: &Record) {
        let level = match record.level {
            Level::ERROR => UCWA_LOG_ERROR,
            Level::WARN => UCWA_LOG_WARN,
            Level::INFO => UCWA_LOG_INFO,
            Level::DEBUG => UCWA_LOG_DEBUG,
            Level::TRACE => UCWA_LOG_TRACE,
        };
        let (target, message) = (c_string(record.target), c_string(&record.to_string()));
        // SAFETY: the caller gave the function for this user data, which lives as long as the sink.
        unsafe { (self.cb)(self.data.pointer(), level, target.as_ptr(), message.as_ptr()) };
    }
}
