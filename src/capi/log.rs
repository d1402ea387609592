use std::cell::Cell;
use std::ffi::{c_char, c_void};
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

use crate::sync::RwLock;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

use super::guard::{Failure, enter};
use super::kept::c_string;
use super::status::{Code, ucwa_status};
use super::user_data::{UserData, ucwa_destroy_cb};
use crate::process::PerProcess;

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
                install()?;
                set(level, Some(Arc::new(Sink { cb, data })));
            }
            None => {
                set(0, None);
                drop(data);
            }
        }
        receipt.take();
        Ok(())
    })
}

fn level(max_level: i32) -> Result<u8, Failure> {
    match u8::try_from(max_level) {
        Ok(level @ 1..=5) => Ok(level),
        _ => {
            let message = format!("max_level is {max_level}, which is no UCWA_LOG_*");
            Err(Failure::new(Code::UCWA_E_INVALID_ARG, message))
        }
    }
}

struct Sink {
    cb: unsafe extern "C" fn(*mut c_void, i32, *const c_char, *const c_char),
    data: UserData,
}

/// Where records go in this process.
#[derive(Default)]
struct Log {
    /// Of the sink; 0: there is none.
    level: AtomicU8,
    sink: RwLock<Option<Arc<Sink>>>,
}

static LOG: PerProcess<Log> = PerProcess::new();

fn set(level: u8, sink: Option<Arc<Sink>>) {
    let log = LOG.get();
    let old = {
        let mut place = log.sink.write();
        log.level.store(level, Ordering::SeqCst);
        std::mem::replace(&mut *place, sink)
    };
    // Outside the lock: its destroy function may run now.
    drop(old);
}

/// Makes ours the collector of the process's records. The library sets none unless the host asks for it here.
fn install() -> Result<(), Failure> {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    if *INSTALLED.get_or_init(|| tracing::subscriber::set_global_default(Collector).is_ok()) {
        return Ok(());
    }
    let message = "this program has a collector of tracing records of its own, which gets them";
    Err(Failure::new(Code::UCWA_E_UNSUPPORTED, message))
}

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside a log callback, where nothing of ours may be called: locks may be held.
pub(super) fn is_inside() -> bool {
    INSIDE.try_with(Cell::get).unwrap_or(false)
}

/// Gives the library's own records to the sink of the process, and nothing else.
struct Collector;

fn number(level: &Level) -> u8 {
    match *level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    target == "ucwa" || target.starts_with("ucwa::")
}

impl Subscriber for Collector {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        // The level may change at any time, so it is looked at with each record.
        if is_ours(metadata) && metadata.is_event() { Interest::sometimes() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let wanted = LOG.get().level.load(Ordering::Relaxed);
        number(metadata.level()) <= wanted && is_ours(metadata) && metadata.is_event() && !is_inside()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::TRACE)
    }

    fn event(&self, event: &Event<'_>) {
        let Some(sink) = LOG.get().sink.read().clone() else { return };
        let mut text = Text(String::new());
        event.record(&mut text);
        let (target, message) = (c_string(event.metadata().target()), c_string(&text.0));
        let level = i32::from(number(event.metadata().level()));
        let Ok(()) = INSIDE.try_with(|inside| inside.set(true)) else { return };
        // SAFETY: the caller gave the function for this user data, which lives as long as the sink.
        unsafe { (sink.cb)(sink.data.pointer(), level, target.as_ptr(), message.as_ptr()) };
        // Replaced meanwhile: its destroy function runs here, and must not call the library either.
        drop(sink);
        let _ = INSIDE.try_with(|inside| inside.set(false));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// "what happened field=value field=value"
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a String does not fail.
        let _ = match field.name() {
            "message" => {
                let rest = std::mem::take(&mut self.0);
                write!(self.0, "{value:?}{rest}")
            }
            name => write!(self.0, " {name}={value:?}"),
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.0.insert_str(0, value),
            name => drop(write!(self.0, " {name}={value:?}")),
        }
    }
}
