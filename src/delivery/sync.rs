//! The locks and threads of this room, under the names of the engine's and the standard library's. The models of
//! `tests/loom` compile the same sources with `cfg(loom)`, where these names mean loom's, which try every order of steps
//! that threads may take.

#[cfg(loom)]
pub(super) use crate::sync::*;
#[cfg(not(loom))]
pub(super) use real::*;

#[cfg(not(loom))]
mod real {
    use std::any::Any;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    pub(in super::super) use crate::sync::{Condvar, Mutex, MutexGuard};
    pub(in super::super) use std::thread;
    pub(in super::super) use tokio::sync::Notify;

    /// A static that each thread has for itself.
    macro_rules! per_thread {
        ($(#[$doc:meta])* static $name:ident: $type:ty = $value:expr;) => {
            thread_local! {
                $(#[$doc])*
                static $name: $type = const { $value };
            }
        };
    }

    pub(in super::super) use per_thread;

    /// What `code` threw, if it panicked.
    pub(in super::super) fn catch(code: impl FnOnce()) -> Result<(), Box<dyn Any + Send>> {
        catch_unwind(AssertUnwindSafe(code))
    }
}
