//! The engine's delivery, compiled with the locks and threads of loom (see `src/delivery/sync.rs`): a model in
//! `tests/` runs once for every order that the steps of its threads can take, and a deadlock or a failed assertion in
//! any of them fails it.
//!
//! Another room joins by taking its locks from `crate::sync` in the same way and by a line here.

// The tests inside the rooms are for the real thing, so there is nothing here to be tested by itself.
#![cfg(not(test))]
// Much of the rooms that delivery stands on is used by rooms that are not here.
#![allow(dead_code, unused_imports)]

pub mod handles;
mod process;
pub mod sync;

#[path = "../../../src/delivery/mod.rs"]
pub mod delivery;
#[path = "../../../src/error.rs"]
mod error;
#[path = "../../../src/model/mod.rs"]
pub mod model;
#[path = "../../../src/wire/mod.rs"]
pub mod wire;

pub use error::{Error, ErrorKind};

/// Waits until every thread of delivery has ended.
pub fn join_all() {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(3600);
    while !delivery::threads::join_all(deadline) {}
}

/// An event that is never dropped, and that the server sends without end.
pub fn conversation_added(id: model::ConversationId) -> delivery::EventBody {
    let conversation = std::sync::Arc::new(model::Conversation::new(id));
    delivery::EventBody::Conversation(model::ConversationChange { phase: model::Phase::Added, conversation })
}
