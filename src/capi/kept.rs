//! What the pointers of an object handed to C lead to: made once, unmoved, and gone with the object.

use std::any::Any;
use std::ffi::{CString, c_char};
use std::sync::Arc;

#[derive(Default)]
pub(super) struct Kept(Vec<Arc<dyn Any>>);

impl Kept {
    /// Keeps a value and lends it out.
    pub(super) fn keep<T: 'static>(&mut self, value: T) -> *const T {
        let kept = Arc::new(value);
        let place = Arc::as_ptr(&kept);
        self.0.push(kept);
        place
    }

    /// Keeps several values; NULL when there are none.
    pub(super) fn keep_all<T: 'static>(&mut self, values: Vec<T>) -> *const T {
        if values.is_empty() {
            return std::ptr::null();
        }
        let place = values.as_ptr();
        self.0.push(Arc::new(values));
        place
    }

    /// Keeps text with a NUL at its end. U+0000 within becomes U+FFFD.
    pub(super) fn text(&mut self, text: &str) -> *const c_char {
        if text.is_empty() {
            return c"".as_ptr();
        }
        let kept = c_string(text);
        let place = kept.as_ptr();
        self.0.push(Arc::new(kept));
        place
    }

    /// "" when absent.
    pub(super) fn optional_text(&mut self, text: Option<&str>) -> *const c_char {
        self.text(text.unwrap_or_default())
    }
}

/// Text with a NUL at its end; U+0000 within becomes U+FFFD.
pub(super) fn c_string(text: &str) -> CString {
    CString::new(text).unwrap_or_else(|_| CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default())
}
