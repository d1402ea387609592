//! The engine against servers that are not our simulator: scripted ones, whose answers are written out in the tests, in
//! the shapes of the documentation's own samples (PROTOCOL) and with what stands between a client and a server in the
//! way. Expected values are written by hand from the protocol.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cancel;
mod changes;
mod channel;
mod connections;
mod documents;
mod host;
mod incoming;
mod invitations;
mod media;
mod pages;
mod recovery;
mod rosters;
mod server;
mod signing_in;
mod styles;
