use std::ffi::{CStr, c_char};

use crate::ErrorKind;

/// What a function answers: UCWA_OK, UCWA_NO_EVENT, or a negative UCWA_E_*. A plain integer, so that a value from a
/// later version stays defined on both sides.
pub type ucwa_status = i32;

/// The values of ucwa_status. Names for code that compares; functions return ucwa_status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum ucwa_status_code {
    /// Done; for what goes on in the background: begun.
    UCWA_OK = 0,
    /// Nothing came in the time given; not an error.
    UCWA_NO_EVENT = 1,
    /// A pointer that must not be NULL is.
    UCWA_E_NULL_ARG = -1,
    /// A bad value, bad UTF-8, a bad struct_size.
    UCWA_E_INVALID_ARG = -2,
    /// The handle was freed, is of another kind, or never was one.
    UCWA_E_INVALID_HANDLE = -3,
    /// A defect of libucwa, caught; the session concerned becomes FAILED.
    UCWA_E_PANIC = -4,
    /// The call does not fit the state of the session.
    UCWA_E_WRONG_STATE = -5,
    /// The call would wait inside a callback of ours.
    UCWA_E_WOULD_DEADLOCK = -6,
    /// The handle was made before fork() and is used in the child.
    UCWA_E_FORKED = -7,
    /// The session or the reader has ended.
    UCWA_E_CLOSED = -8,
    /// The operation was cancelled.
    UCWA_E_CANCELLED = -9,
    /// The time allowed is over.
    UCWA_E_TIMEOUT = -10,
    /// Unknown or expired id, unknown configuration key, or nothing of the kind.
    UCWA_E_NOT_FOUND = -11,
    /// The server offers no link for this now; nothing was sent.
    UCWA_E_NOT_ALLOWED = -12,
    /// The server, the system or this build lacks it.
    UCWA_E_UNSUPPORTED = -13,
    /// Credentials are asked for and nobody has given them.
    UCWA_E_CREDENTIALS_NEEDED = -14,
    /// The system is out of threads, file descriptors or the like, or there are too many handles.
    UCWA_E_RESOURCES = -15,
    /// No connection, or it broke.
    UCWA_E_NETWORK = -100,
    /// The server's certificate or the version of TLS was not accepted.
    UCWA_E_TLS = -101,
    /// Autodiscovery found no server.
    UCWA_E_AUTODISCOVER = -102,
    /// The server did not accept the credentials, or the host refused to give them.
    UCWA_E_AUTH = -103,
    /// The answer could not be understood, or an origin was refused.
    UCWA_E_PROTOCOL = -104,
    /// The server answered with an error of its own: see ucwa_error.code and subcode.
    UCWA_E_SERVER = -105,
    /// Too many requests: see ucwa_error.retry_after_ms.
    UCWA_E_THROTTLED = -106,
}

pub(super) use ucwa_status_code as Code;

impl From<ErrorKind> for Code {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidArgument => Code::UCWA_E_INVALID_ARG,
            ErrorKind::WrongState => Code::UCWA_E_WRONG_STATE,
            ErrorKind::Closed => Code::UCWA_E_CLOSED,
            ErrorKind::Cancelled => Code::UCWA_E_CANCELLED,
            ErrorKind::Timeout => Code::UCWA_E_TIMEOUT,
            ErrorKind::NotFound => Code::UCWA_E_NOT_FOUND,
            ErrorKind::NotAllowed => Code::UCWA_E_NOT_ALLOWED,
            ErrorKind::Unsupported => Code::UCWA_E_UNSUPPORTED,
            ErrorKind::CredentialsNeeded => Code::UCWA_E_CREDENTIALS_NEEDED,
            ErrorKind::Network => Code::UCWA_E_NETWORK,
            ErrorKind::Tls => Code::UCWA_E_TLS,
            ErrorKind::Discovery => Code::UCWA_E_AUTODISCOVER,
            ErrorKind::Auth => Code::UCWA_E_AUTH,
            ErrorKind::Protocol => Code::UCWA_E_PROTOCOL,
            ErrorKind::Server => Code::UCWA_E_SERVER,
            ErrorKind::Throttled => Code::UCWA_E_THROTTLED,
            ErrorKind::Internal => Code::UCWA_E_PANIC,
        }
    }
}

/// Every status with its name.
macro_rules! names {
    ($($name:ident),+ $(,)?) => {
        const NAMES: &[(Code, &CStr)] = &[$((
            Code::$name,
            match CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
                Ok(name) => name,
                Err(_) => c"",
            },
        )),+];

        /// Fails to compile when a status is missing above.
        const fn _complete(code: Code) {
            match code {
                $(Code::$name => (),)+
            }
        }
    };
}

names!(
    UCWA_OK,
    UCWA_NO_EVENT,
    UCWA_E_NULL_ARG,
    UCWA_E_INVALID_ARG,
    UCWA_E_INVALID_HANDLE,
    UCWA_E_PANIC,
    UCWA_E_WRONG_STATE,
    UCWA_E_WOULD_DEADLOCK,
    UCWA_E_FORKED,
    UCWA_E_CLOSED,
    UCWA_E_CANCELLED,
    UCWA_E_TIMEOUT,
    UCWA_E_NOT_FOUND,
    UCWA_E_NOT_ALLOWED,
    UCWA_E_UNSUPPORTED,
    UCWA_E_CREDENTIALS_NEEDED,
    UCWA_E_RESOURCES,
    UCWA_E_NETWORK,
    UCWA_E_TLS,
    UCWA_E_AUTODISCOVER,
    UCWA_E_AUTH,
    UCWA_E_PROTOCOL,
    UCWA_E_SERVER,
    UCWA_E_THROTTLED,
);

/// The name of a status, "UCWA_E_AUTH"; "UCWA_E_UNKNOWN" for a value that this version does not know. Static, never
/// NULL.
#[unsafe(no_mangle)]
pub extern "C" fn ucwa_status_name(status: ucwa_status) -> *const c_char {
    let known = NAMES.iter().find(|(code, _)| *code as i32 == status);
    known.map_or(c"UCWA_E_UNKNOWN", |(_, name)| name).as_ptr()
}
