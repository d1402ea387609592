//! `ucwa._ucwa`: the engine's Rust API, thin, for the Python package `ucwa` over it.
//!
//! Three rules keep an interpreter safe with it, at its exit above all. Nothing here waits: Python waits for a reader's
//! wait handle. No thread of the engine ever touches Python. And nothing here runs Python code, so no thread lets go of
//! the interpreter inside a call of ours: a thread that comes back to an interpreter that has ended is unwound by force
//! (pthread_exit), and a frame of Rust below it turns that into an abort of the process.

mod conversation;
mod error;
mod event;
mod fork;
mod invitation;
mod log;
mod participant;
mod reader;
mod roster;
mod session;

/// The engine, as the package `ucwa` uses it. Programs import `ucwa`.
#[pyo3::pymodule(gil_used = true)]
mod _ucwa {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::conversation::{ConversationEvent, Meeting};
    #[pymodule_export]
    use super::error::Reason;
    #[pymodule_export]
    use super::event::{
        CredentialsNeededEvent, Event, OperationDoneEvent, OverflowEvent, StateEvent, kind_bits,
    };
    #[pymodule_export]
    use super::invitation::InvitationEvent;
    #[pymodule_export]
    use super::log::LogReader;
    #[pymodule_export]
    use super::participant::{Media, Participant, ParticipantEvent};
    #[pymodule_export]
    use super::reader::Reader;
    #[pymodule_export]
    use super::roster::Roster;
    #[pymodule_export]
    use super::session::Session;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
