//! Events on their way out: readers, wake-ups, subscriptions.
//!
//! A session publishes into its [`Hub`]; each [`Reader`] attached to it has a mask, a bounded queue and, when asked
//! for, a wait handle or a wake-up callback; a [`Subscription`] is a reader with a thread that runs a callback. An
//! [`Event`] is immutable and shared by all of them. Locks are taken in one order, hub before reader, and no code
//! of the host ever runs under one.

mod callback;
mod event;
mod gate;
mod hub;
mod json;
mod mask;
mod os;
mod queue;
mod reader;
#[cfg(test)]
mod samples;
mod subscription;
mod sync;
pub(crate) mod threads;
mod wakeup;

pub use callback::{callback_threads, inside_callback};
pub use event::{
    CredentialKind, CredentialsNeeded, Event, EventBody, EventKind, OperationDone, Overflow, SessionState,
    StateChange,
};
pub use hub::Hub;
pub use mask::Mask;
pub use os::WaitHandle;
pub use os::fork_generation;
pub use reader::{DEFAULT_CAPACITY, Next, Reader};
pub use subscription::Subscription;
