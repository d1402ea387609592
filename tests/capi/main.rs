//! The C ABI against the simulator, called as C calls it. What counts for a whole process is in tests/capi_process.rs.

#![allow(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod abi;
mod arguments;
mod credentials;
mod delivery;
mod events;
mod host;
mod incoming;
mod recovery;
mod story;
