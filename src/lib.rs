//! A client engine for UCWA, the HTTP API of Skype for Business Server.
//!
//! Data goes one way, bytes -> [`wire`] -> [`model`] -> [`delivery`]; commands go the other way, [`session`] ->
//! [`http`]. Each room says at its top what it is about and what it never sees.
//!
//! # After a fork
//!
//! A child of `fork(2)` has none of the parent's threads. The C API notices that by itself: handles of the parent answer
//! `UCWA_E_FORKED`, and new ones work. In a program in Rust the child must not touch (or drop) sessions, readers and
//! subscriptions of its parent; it may make its own, unless it was forked at a bad moment: the start of a Rust program
//! installs a handler of stack overflows, which takes a lock whenever a thread starts or ends. A child that another thread
//! forks in that instant inherits the lock taken, and hangs with its first new thread. Programs in C and Python do not have
//! the handler. A program in Rust that has to fork does so before its first session, or calls `exec` in the child.

#[cfg(feature = "capi")]
pub mod capi;
pub mod delivery;
mod error;
pub mod http;
pub mod log;
pub mod model;
mod process;
pub mod session;
mod sync;
pub mod wire;

pub use delivery::fork_generation;
pub use error::{Error, ErrorKind};

/// The README's example is compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
