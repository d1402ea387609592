//! A client engine for UCWA, the HTTP API of Skype for Business Server.
//!
//! Data goes one way, bytes -> [`wire`] -> [`model`] -> [`delivery`]; commands go the other way, [`session`] ->
//! [`http`]. Each room says at its top what it is about and what it never sees.

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
