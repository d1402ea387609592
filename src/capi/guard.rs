//! What every exported function goes through.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::sync::Mutex;

use super::handle::{Kind, Miss};
use super::library::{Object, process};
use super::status::{Code, ucwa_status};
use super::{ucwa_config, ucwa_reader, ucwa_session};
use crate::delivery::{self, Reader};
use crate::log::inside_sink;
use crate::session::{Config, Session};
use crate::{Error, ErrorKind};

/// Why a call failed: its status, and which argument and why.
#[derive(Debug)]
pub(super) struct Failure {
    code: Code,
    message: String,
}

impl Failure {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Failure { code, message: message.into() }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::new(error.kind().into(), error.to_string())
    }
}

thread_local! {
    static LAST_MESSAGE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The calling thread's message for its last failed call.
pub(super) fn with_last_message<R>(read: impl FnOnce(&str) -> R) -> R {
    let mut read = Some(read);
    let seen = LAST_MESSAGE.try_with(|message| read.take().map(|read| read(&message.borrow())));
    match (seen, read) {
        (Ok(Some(seen)), _) => seen,
        // The thread is at its end and its messages are gone.
        (_, Some(read)) => read(""),
        (_, None) => unreachable!("`read` is taken only to be called"),
    }
}

/// Keeps a message for `ucwa_last_error_message`.
pub(super) fn keep_message(message: String) {
    // A thread at its end keeps none.
    let _ = LAST_MESSAGE.try_with(|last| *last.borrow_mut() = message);
}

/// One call: what is needed to check its arguments and to say what is wrong with them.
pub(super) struct Call {
    /// The session that it is about: a panic is its end.
    session: Cell<Option<Arc<Session>>>,
}

/// Runs the body of an exported function.
pub(super) fn enter(name: &str, body: impl FnOnce(&Call) -> Result<(), Failure>) -> ucwa_status {
    enter_with(name, |call| body(call).map(|()| Code::UCWA_OK))
}

/// As [`enter`], for those that have more to say than OK.
pub(super) fn enter_with(name: &str, body: impl FnOnce(&Call) -> Result<Code, Failure>) -> ucwa_status {
    let call = Call { session: Cell::new(None) };
    let outcome = caught(name, || {
        if inside_sink() {
            return Err(Failure::new(Code::UCWA_E_WOULD_DEADLOCK, "called inside a log callback"));
        }
        body(&call)
    });
    let failure = match outcome {
        Ok(Ok(code)) => return code as ucwa_status,
        Ok(Err(failure)) => failure,
        Err(said) => {
            let error = Error::new(ErrorKind::Internal, name, format!("a defect was caught: {said}"))
                .advise("please report it");
            if let Some(session) = call.session.take() {
                // What went wrong once may do so again.
                let _ = caught(name, || session.fail(error.clone()));
            }
            Failure::new(Code::UCWA_E_PANIC, format!("a defect was caught: {said}"))
        }
    };
    let _ = caught(name, || keep_message(format!("{name}: {}", failure.message)));
    failure.code as ucwa_status
}

/// Runs something that hands no status to C. The default stands in for a defect.
pub(super) fn plain<R>(name: &str, default: R, body: impl FnOnce() -> R) -> R {
    caught(name, body).unwrap_or(default)
}

/// Catches a panic and gives its text.
fn caught<R>(name: &str, body: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(body)).map_err(|payload| {
        let said = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("(no text)")
            .to_owned();
        // A payload may panic when it is dropped; it is a defect's, so better kept than looked at any more.
        std::mem::forget(payload);
        let _ = catch_unwind(|| tracing::error!(target: "ucwa::capi", name, said, "a panic was caught"));
        said
    })
}

impl Call {
    /// Refuses inside a callback of ours what would wait there.
    pub(super) fn may_wait(&self) -> Result<(), Failure> {
        if delivery::inside_callback() {
            return Err(Failure::new(Code::UCWA_E_WOULD_DEADLOCK, "it would wait inside a callback"));
        }
        Ok(())
    }

    pub(super) fn session(&self, handle: *const ucwa_session) -> Result<Arc<Session>, Failure> {
        let found = self.look("s", Kind::Session, handle as usize, |object| match object {
            Object::Session(session) => Some(session.clone()),
            _ => None,
        })?;
        self.session.set(Some(found.clone()));
        Ok(found)
    }

    pub(super) fn config(&self, handle: *const ucwa_config) -> Result<Arc<Mutex<Config>>, Failure> {
        self.look("cfg", Kind::Config, handle as usize, |object| match object {
            Object::Config(config) => Some(config.clone()),
            _ => None,
        })
    }

    pub(super) fn reader(&self, handle: *const ucwa_reader) -> Result<Reader, Failure> {
        self.look("r", Kind::Reader, handle as usize, |object| match object {
            Object::Reader(reader) => Some(reader.clone()),
            _ => None,
        })
    }

    fn look<R>(
        &self,
        name: &str,
        kind: Kind,
        token: usize,
        look: impl FnOnce(&Object) -> Option<R>,
    ) -> Result<R, Failure> {
        self.not_null(name, token == 0)?;
        let found = process().handles.get(kind, token, look);
        found.and_then(|found| found.ok_or(Miss::Foreign)).map_err(|miss| missed(name, kind, miss))
    }

    /// Takes the object behind a handle that is freed. `None` for NULL.
    pub(super) fn remove(&self, name: &str, kind: Kind, token: usize) -> Result<Option<Object>, Failure> {
        if token == 0 {
            return Ok(None);
        }
        process().handles.remove(kind, token).map(Some).map_err(|miss| missed(name, kind, miss))
    }

    /// A handle for a new object.
    pub(super) fn insert<H>(&self, object: Object) -> Result<*mut H, Failure> {
        let token = process().handles.insert(object.kind(), object);
        let token = token.map_err(|object| full(object.kind()))?;
        Ok(std::ptr::without_provenance_mut(token))
    }

    pub(super) fn not_null(&self, name: &str, is_null: bool) -> Result<(), Failure> {
        if is_null {
            return Err(Failure::new(Code::UCWA_E_NULL_ARG, format!("{name} is NULL")));
        }
        Ok(())
    }

    /// Text that may be NULL.
    pub(super) unsafe fn nullable_text<'a>(
        &self,
        name: &str,
        text: *const c_char,
    ) -> Result<Option<&'a str>, Failure> {
        if text.is_null() {
            return Ok(None);
        }
        // SAFETY: the caller gives NUL-terminated text that lives during the call.
        utf8(name, unsafe { CStr::from_ptr(text) }.to_bytes()).map(Some)
    }

    pub(super) unsafe fn text<'a>(&self, name: &str, text: *const c_char) -> Result<&'a str, Failure> {
        self.not_null(name, text.is_null())?;
        Ok(self.nullable_text(name, text)?.unwrap_or_default())
    }

    /// Text with a length, or NUL-terminated.
    pub(super) unsafe fn sized_text<'a>(
        &self,
        name: &str,
        text: *const c_char,
        len: usize,
    ) -> Result<&'a str, Failure> {
        utf8(name, self.bytes(name, text.cast(), len)?)
    }

    /// Bytes with a length, or NUL-terminated.
    pub(super) unsafe fn bytes<'a>(
        &self,
        name: &str,
        bytes: *const c_void,
        len: usize,
    ) -> Result<&'a [u8], Failure> {
        self.not_null(name, bytes.is_null())?;
        if len == usize::MAX {
            // SAFETY: the caller says that it is NUL-terminated.
            return Ok(unsafe { CStr::from_ptr(bytes.cast()) }.to_bytes());
        }
        if isize::try_from(len).is_err() {
            let message = format!("the length of {name} is {len}, more than any memory");
            return Err(Failure::new(Code::UCWA_E_INVALID_ARG, message));
        }
        // SAFETY: the caller says that so many bytes are there, and they live during the call.
        Ok(unsafe { std::slice::from_raw_parts(bytes.cast(), len) })
    }

    /// A place for a result.
    pub(super) fn out<T>(&self, name: &str, place: *mut T) -> Result<Out<T>, Failure> {
        self.not_null(name, place.is_null())?;
        aligned(name, place)?;
        Ok(Out(Some(place)))
    }

    /// A place for a result that not everybody wants.
    pub(super) fn nullable_out<T>(&self, name: &str, place: *mut T) -> Result<Out<T>, Failure> {
        aligned(name, place)?;
        Ok(Out(Some(place).filter(|place| !place.is_null())))
    }

    /// A place for a pointer, NULL until there is one.
    pub(super) unsafe fn out_pointer<T>(
        &self,
        name: &str,
        place: *mut *mut T,
    ) -> Result<Out<*mut T>, Failure> {
        let out = self.out(name, place)?;
        // SAFETY: not NULL and aligned, and the caller says that it may be written.
        unsafe { place.write(std::ptr::null_mut()) };
        Ok(out)
    }

    /// As [`Call::out_pointer`], for a pointer to what is only read.
    pub(super) unsafe fn out_object<T>(
        &self,
        name: &str,
        place: *mut *const T,
    ) -> Result<Out<*const T>, Failure> {
        let out = self.out(name, place)?;
        // SAFETY: as in out_pointer.
        unsafe { place.write(std::ptr::null()) };
        Ok(out)
    }
}

/// A checked place for a result.
pub(super) struct Out<T>(Option<*mut T>);

impl<T> Out<T> {
    pub(super) unsafe fn set(self, value: T) {
        if let Some(place) = self.0 {
            // SAFETY: not NULL and aligned, and the caller says that it may be written.
            unsafe { place.write(value) };
        }
    }
}

fn aligned<T>(name: &str, place: *const T) -> Result<(), Failure> {
    if place.is_aligned() {
        return Ok(());
    }
    Err(Failure::new(Code::UCWA_E_INVALID_ARG, format!("{name} is not aligned for what it points to")))
}

fn utf8<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, Failure> {
    std::str::from_utf8(bytes).map_err(|error| {
        let message = format!("{name} is not UTF-8 from byte {} on", error.valid_up_to());
        Failure::new(Code::UCWA_E_INVALID_ARG, message)
    })
}

fn full(kind: Kind) -> Failure {
    Failure::new(Code::UCWA_E_RESOURCES, format!("there are too many handles for one more {}", kind.as_str()))
}

fn missed(name: &str, wanted: Kind, miss: Miss) -> Failure {
    let wanted = wanted.as_str();
    match miss {
        Miss::Foreign => {
            Failure::new(Code::UCWA_E_INVALID_HANDLE, format!("{name} is no handle of this library"))
        }
        Miss::Freed => Failure::new(Code::UCWA_E_INVALID_HANDLE, format!("{name}, a {wanted}, was freed")),
        Miss::Other(kind) => {
            let message = format!("{name} is a {}, not a {wanted}", kind.as_str());
            Failure::new(Code::UCWA_E_INVALID_HANDLE, message)
        }
        Miss::Forked => {
            let message = format!("{name} was made before the fork; this process needs one of its own");
            Failure::new(Code::UCWA_E_FORKED, message)
        }
    }
}

#[cfg(test)]
mod tests;
