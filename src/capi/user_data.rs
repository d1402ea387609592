use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// Tells that user_data is not used any more: runs exactly once for each successful call that took it, on any thread,
/// after the last callback has returned. When the call failed it does not run: user_data stays the caller's. NULL:
/// nothing to tell.
pub type ucwa_destroy_cb = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// The user data of a callback. The destroy function runs when it is dropped, if the call that took it succeeded.
pub(super) struct UserData {
    pointer: *mut c_void,
    destroy: ucwa_destroy_cb,
    stage: Arc<AtomicU8>,
}

// SAFETY: the header demands of the host that callbacks and destroy functions may run on any thread.
unsafe impl Send for UserData {}
// SAFETY: as above.
unsafe impl Sync for UserData {}

/// Stages: the call is under way; it succeeded; the data was dropped before the call succeeded.
const PENDING: u8 = 0;
const TAKEN: u8 = 1;
const DROPPED: u8 = 2;

/// Says that the call succeeded.
pub(super) struct Receipt {
    pointer: *mut c_void,
    destroy: ucwa_destroy_cb,
    stage: Arc<AtomicU8>,
}

impl UserData {
    pub(super) fn new(pointer: *mut c_void, destroy: ucwa_destroy_cb) -> (Self, Receipt) {
        let stage = Arc::new(AtomicU8::new(PENDING));
        let receipt = Receipt { pointer, destroy, stage: stage.clone() };
        (UserData { pointer, destroy, stage }, receipt)
    }

    pub(super) fn pointer(&self) -> *mut c_void {
        self.pointer
    }
}

impl Receipt {
    /// The call succeeded: from now on the data is the library's.
    pub(super) fn take(self) {
        if self.stage.swap(TAKEN, Ordering::SeqCst) == DROPPED {
            destroy(self.destroy, self.pointer);
        }
    }
}

impl Drop for UserData {
    fn drop(&mut self) {
        if self.stage.swap(DROPPED, Ordering::SeqCst) == TAKEN {
            destroy(self.destroy, self.pointer);
        }
    }
}

fn destroy(with: ucwa_destroy_cb, pointer: *mut c_void) {
    if let Some(destroy) = with {
        // SAFETY: the host gave the function for this pointer, and it runs once.
        unsafe { destroy(pointer) };
    }
}
