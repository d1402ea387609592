//! The C ABI: `include/ucwa.h` is written from these files by cbindgen, its rules stand at its top (cbindgen.toml).
//!
//! One noun of the header, one file. Every exported function runs inside `guard`: panics are caught, arguments are
//! checked, tokens are resolved and the message is kept for `ucwa_last_error_message`. What a function does is said once,
//! in the comment that the header carries.

// An exported function is unsafe as a whole: its pointers are what the header's rules demand of the caller. The places
// that trust them say so.
#![allow(unsafe_code, unsafe_op_in_unsafe_fn, clippy::missing_safety_doc)]
#![allow(non_camel_case_types)] // the names are C's

mod availability;
mod config;
mod conversation;
mod event;
mod event_object;
mod guard;
mod handle;
mod invitation;
mod kept;
mod library;
mod log;
mod meeting;
mod options;
mod participant;
mod reader;
mod roster;
mod session;
mod status;
mod subscription;
mod user_data;

pub use availability::*;
pub use config::*;
pub use conversation::*;
pub use event::*;
pub use invitation::*;
pub use library::*;
pub use log::*;
pub use meeting::*;
pub use participant::*;
pub use reader::*;
pub use roster::*;
pub use session::*;
pub use status::*;
pub use subscription::*;
pub use user_data::ucwa_destroy_cb;
