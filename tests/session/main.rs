//! The engine against the simulator, over real sockets. Expected values come from the simulator's truth.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cancel;
mod failures;
mod host;
mod incoming;
mod meetings;
mod pages;
mod recovery;
mod sign_in;
