//! Events on their way out: readers, wake-ups, subscriptions.

mod event;

pub use event::{
    CredentialKind, CredentialsNeeded, Event, EventBody, OperationDone, Overflow, SessionState, StateChange,
};
