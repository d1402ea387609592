//! The C ABI against the simulator, called as C calls it.

#![allow(unsafe_code)]
#![allow(dead_code)] // more tests follow
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod host;
mod story;
