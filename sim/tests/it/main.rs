//! The simulator's tests, over real sockets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod activity;
mod by_hand;
mod channel;
mod common;
mod control;
mod docs;
mod endings;
mod escalation;
mod faults;
mod incoming;
mod invitations;
mod lobby;
mod media;
mod meeting;
mod messaging;
mod modalities;
mod other;
mod people;
mod replay;
mod samples;
mod signin;
mod stage;
mod wire;
mod without;
