//! The simulator's tests, over real sockets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod by_hand;
mod channel;
mod common;
mod control;
mod docs;
mod faults;
mod invitations;
mod media;
mod meeting;
mod messaging;
mod other;
mod replay;
mod samples;
mod signin;
mod stage;
mod wire;
