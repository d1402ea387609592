use std::ffi::{CStr, c_char};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::sync::Mutex;

use super::guard::{Failure, enter, plain, with_last_message};
use super::handle::{Kind, Registry};
use super::options;
use super::status::{Code, ucwa_status};
use crate::delivery::{Reader, Subscription, callback_threads};
use crate::process::PerProcess;
use crate::session::Session;
use crate::session::{Config, engine_threads, shutdown};

/// The number in libucwa.so.1: grows only on an incompatible change. Compare it with ucwa_abi_version().
pub const UCWA_ABI_VERSION: u32 = 1;

/// What a handle stands for.
pub(super) enum Object {
    Config(Arc<Mutex<Config>>),
    Session(Arc<Session>),
    Reader(Reader),
    Subscription(Subscription),
}

impl Object {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Object::Config(_) => Kind::Config,
            Object::Session(_) => Kind::Session,
            Object::Reader(_) => Kind::Reader,
            Object::Subscription(_) => Kind::Subscription,
        }
    }
}

/// What this process has of the library. A child of a fork has its own.
pub(super) struct Process {
    pub(super) handles: Registry<Object>,
    pub(super) events: AtomicUsize,
    pub(super) rosters: AtomicUsize,
}

impl Default for Process {
    fn default() -> Self {
        Process {
            handles: Registry::new(crate::delivery::fork_generation()),
            events: AtomicUsize::new(0),
            rosters: AtomicUsize::new(0),
        }
    }
}

/// This process's own. Takes no lock, so it may be asked after a fork before anything else.
pub(super) fn process() -> &'static Process {
    static PROCESS: PerProcess<Process> = PerProcess::new();
    PROCESS.get()
}

/// What lives now, for leak tests. The caller sets struct_size.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
pub struct ucwa_counts {
    /// sizeof(ucwa_counts).
    pub struct_size: u32,
    /// Handles not freed yet.
    pub configs: u32,
    /// Handles not freed yet.
    pub sessions: u32,
    /// Handles not freed yet.
    pub readers: u32,
    /// Handles not freed yet.
    pub subscriptions: u32,
    /// Objects with a reference somewhere.
    pub events: u32,
    /// Objects with a reference somewhere.
    pub rosters: u32,
    /// Threads of the library: those of the engine and those of callbacks. A thread that has nothing left to do but end
    /// may not be counted any more; ucwa_shutdown() waits for its end.
    pub threads: u32,
}

/// The version of the library, as UCWA_VERSION_NUMBER; compare with it.
#[unsafe(no_mangle)]
pub extern "C" fn ucwa_version() -> u32 {
    const NUMBER: u32 = {
        const fn number(text: &str) -> u32 {
            match u32::from_str_radix(text, 10) {
                Ok(number) => number,
                Err(_) => 0,
            }
        }
        number(env!("CARGO_PKG_VERSION_MAJOR")) << 16
            | number(env!("CARGO_PKG_VERSION_MINOR")) << 8
            | number(env!("CARGO_PKG_VERSION_PATCH"))
    };
    NUMBER
}

/// The number of the ABI; must equal UCWA_ABI_VERSION.
#[unsafe(no_mangle)]
pub extern "C" fn ucwa_abi_version() -> u32 {
    UCWA_ABI_VERSION
}

/// The version as text, "0.1.0". Static.
#[unsafe(no_mangle)]
pub extern "C" fn ucwa_version_string() -> *const c_char {
    const TEXT: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(text) => text,
        Err(_) => c"",
    };
    TEXT.as_ptr()
}

/// Copies the calling thread's message for its last failed call into buf: which function, which argument, why, and what
/// to do about it. Returns the length of the whole message without its NUL. What does not fit into cap bytes is cut off
/// between two characters; what is copied always ends with a NUL, unless cap is 0 (then buf may be NULL). A successful
/// call leaves the message as it is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_last_error_message(buf: *mut c_char, cap: usize) -> usize {
    plain("ucwa_last_error_message", 0, || {
        with_last_message(|message| {
            if let Some(room) = cap.checked_sub(1).filter(|_| !buf.is_null()) {
                let fits =
                    (0..=room.min(message.len())).rfind(|at| message.is_char_boundary(*at)).unwrap_or(0);
                // SAFETY: the caller says that buf has room for cap bytes; fits + 1 is at most that.
                unsafe {
                    std::ptr::copy_nonoverlapping(message.as_ptr(), buf.cast(), fits);
                    buf.add(fits).write(0);
                }
            }
            message.len()
        })
    })
}

/// Counts what lives now. Fails with UCWA_E_INVALID_ARG when struct_size is too small; a bigger one is fine, and what
/// this version does not know stays as it was.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_debug_counts(inout: *mut ucwa_counts) -> ucwa_status {
    enter("ucwa_debug_counts", |call| {
        let out = call.out("inout", inout)?;
        let given = options::read::<ucwa_counts>(call, "inout", inout)?;
        let small = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let (process, handles) = (process(), &process().handles);
        out.set(ucwa_counts {
            struct_size: given.struct_size,
            configs: small(handles.count(Kind::Config)),
            sessions: small(handles.count(Kind::Session)),
            readers: small(handles.count(Kind::Reader)),
            subscriptions: small(handles.count(Kind::Subscription)),
            events: small(process.events.load(Ordering::SeqCst)),
            rosters: small(process.rosters.load(Ordering::SeqCst)),
            threads: small(engine_threads() + callback_threads()),
        });
        Ok(())
    })
}

/// Frees every handle: signs out every session, ends readers and subscriptions (their destroy functions run), and joins
/// every thread of the library. Waits, at most timeout_ms (below 0: an hour). Handles made before are invalid
/// afterwards, so freeing them later does no harm; events and rosters live on. Later calls start the library again.
///
/// UCWA_E_TIMEOUT: not everything ended in time: sign-outs are given up, a callback that still runs goes on until it
/// returns. UCWA_E_WOULD_DEADLOCK: called inside a callback; nothing was done.
#[unsafe(no_mangle)]
pub extern "C" fn ucwa_shutdown(timeout_ms: i32) -> ucwa_status {
    enter("ucwa_shutdown", |call| {
        call.may_wait()?;
        for object in process().handles.drain() {
            match object {
                Object::Config(_) => {}
                Object::Session(session) => session.abandon(),
                Object::Reader(reader) => reader.close(),
                Object::Subscription(subscription) => subscription.free_async(),
            }
        }
        let timeout = u64::try_from(timeout_ms).map_or(Duration::from_secs(3600), Duration::from_millis);
        if shutdown(timeout) {
            return Ok(());
        }
        let message = "not everything ended in time: a sign-out was given up, or a callback still runs";
        Err(Failure::new(Code::UCWA_E_TIMEOUT, message))
    })
}
