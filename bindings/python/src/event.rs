//! Events: one class for each kind, whose attributes are made when they are asked for.

use std::sync::Arc;

use pyo3::prelude::*;
use ucwa::delivery::{
    self, CredentialKind, CredentialsNeeded, EventBody, EventKind, Mask, OperationDone, Overflow, StateChange,
};

use super::conversation::ConversationEvent;
use super::error::exception;
use super::invitation::InvitationEvent;
use super::participant::ParticipantEvent;

/// Something that happened in a session. Immutable; may be kept and read from any thread, also when its session is gone.
#[pyclass(frozen, subclass, module = "ucwa")]
pub(crate) struct Event(pub(crate) Arc<delivery::Event>);

#[pymethods]
impl Event {
    /// The kind of event, as in docs/EVENTS.md: "participant", "invitation", ...
    #[getter]
    fn r#type(&self) -> &'static str {
        self.0.body.kind().as_str()
    }

    /// Rises within a session; 0 for what was looked up and not delivered.
    #[getter]
    fn seq(&self) -> u64 {
        self.0.seq
    }

    /// When it was published: milliseconds since 1970, UTC.
    #[getter]
    fn unix_ms(&self) -> i64 {
        self.0.unix_ms
    }

    /// The event as one line of JSON, as docs/EVENTS.md says.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        Ok(format!("<{} {}>", slf.get_type().name()?, slf.get().0.to_json()))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Event>().is_ok_and(|other| Arc::ptr_eq(&self.0, &other.get().0))
    }

    fn __hash__(&self) -> u64 {
        self.0.session.rotate_left(32) ^ self.0.seq
    }
}

/// The bit of a kind of events in a mask. Raises KeyError when there is no such kind.
#[pyfunction]
pub(crate) fn kind_bits(kind: &str) -> PyResult<u64> {
    const KINDS: [EventKind; 7] = [
        EventKind::OperationDone,
        EventKind::State,
        EventKind::CredentialsNeeded,
        EventKind::Overflow,
        EventKind::Invitation,
        EventKind::Conversation,
        EventKind::Participant,
    ];
    let known = KINDS.iter().find(|known| known.as_str() == kind);
    known
        .map(|kind| Mask::of(&[*kind]).bits())
        .ok_or_else(|| pyo3::exceptions::PyKeyError::new_err(kind.to_owned()))
}

/// The Python object for an event.
pub(crate) fn wrap(py: Python<'_>, event: Arc<delivery::Event>) -> PyResult<Py<PyAny>> {
    let base = PyClassInitializer::from(Event(event.clone()));
    Ok(match &event.body {
        EventBody::Participant(change) => {
            Py::new(py, base.add_subclass(ParticipantEvent(change.clone())))?.into_any()
        }
        EventBody::Invitation(change) => {
            Py::new(py, base.add_subclass(InvitationEvent(change.clone())))?.into_any()
        }
        EventBody::Conversation(change) => {
            Py::new(py, base.add_subclass(ConversationEvent(change.clone())))?.into_any()
        }
        EventBody::State(change) => Py::new(py, base.add_subclass(StateEvent(change.clone())))?.into_any(),
        EventBody::OperationDone(done) => {
            Py::new(py, base.add_subclass(OperationDoneEvent(done.clone())))?.into_any()
        }
        EventBody::CredentialsNeeded(asked) => {
            Py::new(py, base.add_subclass(CredentialsNeededEvent(asked.clone())))?.into_any()
        }
        EventBody::Overflow(overflow) => Py::new(py, base.add_subclass(OverflowEvent(*overflow)))?.into_any(),
        _ => Py::new(py, base)?.into_any(),
    })
}

/// The session went from one state to another. After "Closed" and "Failed" nothing follows.
#[pyclass(frozen, extends = Event, module = "ucwa")]
pub(crate) struct StateEvent(StateChange);

#[pymethods]
impl StateEvent {
    #[classattr]
    #[pyo3(name = "__match_args__")]
    const MATCH_ARGS: (&'static str, &'static str, &'static str) = ("old", "new", "reason");

    /// The state before: "New", "Discovering", "Authenticating", "Online", "Recovering", "Closing", "Closed" or "Failed".
    #[getter]
    fn old(&self) -> &'static str {
        self.0.old.as_str()
    }

    /// The state now.
    #[getter(new)]
    fn state(&self) -> &'static str {
        self.0.new.as_str()
    }

    /// Why, for "Recovering" and "Failed": an `Error`. Else None.
    #[getter]
    fn reason<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.reason.as_ref().map(|error| exception(py, error)).transpose()
    }

    /// For "Recovering": which try this is, from 1. Else 0.
    #[getter]
    fn attempt(&self) -> u32 {
        self.0.attempt
    }

    /// For "Recovering": seconds until the next try. Else None.
    #[getter]
    fn retry_in(&self) -> Option<f64> {
        self.0.retry_in.map(|pause| pause.as_secs_f64())
    }
}

/// An operation that the program started has ended; comes exactly once for each.
#[pyclass(frozen, extends = Event, module = "ucwa")]
pub(crate) struct OperationDoneEvent(OperationDone);

#[pymethods]
impl OperationDoneEvent {
    #[classattr]
    #[pyo3(name = "__match_args__")]
    const MATCH_ARGS: (&'static str, &'static str, &'static str) = ("operation", "result", "error");

    /// Which operation.
    #[getter]
    fn operation(&self) -> u64 {
        self.0.operation.get()
    }

    /// The id of the conversation or the invitation that came of it; None when there is none, or when it failed.
    #[getter]
    fn result(&self) -> Option<u64> {
        self.0.result.as_ref().ok().copied().filter(|id| *id != 0)
    }

    /// Why it failed: an `Error`. None when it succeeded.
    #[getter]
    fn error<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.result.as_ref().err().map(|error| exception(py, error)).transpose()
    }
}

/// The session needs credentials and waits for the answer that names `request_id`.
#[pyclass(frozen, extends = Event, module = "ucwa")]
pub(crate) struct CredentialsNeededEvent(CredentialsNeeded);

#[pymethods]
impl CredentialsNeededEvent {
    #[classattr]
    #[pyo3(name = "__match_args__")]
    const MATCH_ARGS: (&'static str, &'static str, &'static str) = ("kind", "resource", "attempt");

    /// Names this question in the answer.
    #[getter]
    fn request_id(&self) -> u64 {
        self.0.request_id
    }

    /// "bearer": a token for `resource`. "password": a user name and a password.
    #[getter]
    fn kind(&self) -> &'static str {
        match self.0.kind {
            CredentialKind::Bearer => "bearer",
            CredentialKind::Password => "password",
        }
    }

    /// From 1. Above 1, the answer before was refused.
    #[getter]
    fn attempt(&self) -> u32 {
        self.0.attempt
    }

    /// The origin that the token is for, or that the password goes to.
    #[getter]
    fn resource(&self) -> &str {
        &self.0.resource
    }

    /// The authority or the trusted issuers; "" when the server named none.
    #[getter]
    fn authority(&self) -> &str {
        &self.0.authority
    }

    /// The client id of the server's challenge; "" when it named none.
    #[getter]
    fn client_id(&self) -> &str {
        &self.0.client_id
    }
}

/// The reader was slow and roster deltas of a conversation were dropped for it: take `conversation.roster` anew.
#[pyclass(frozen, extends = Event, module = "ucwa")]
pub(crate) struct OverflowEvent(Overflow);

#[pymethods]
impl OverflowEvent {
    #[classattr]
    #[pyo3(name = "__match_args__")]
    const MATCH_ARGS: (&'static str, &'static str) = ("conversation", "revision");

    /// Id of the conversation whose deltas were dropped.
    #[getter]
    fn conversation(&self) -> u64 {
        self.0.conversation.get()
    }

    /// A roster with at least this revision holds all that was dropped.
    #[getter]
    fn revision(&self) -> u64 {
        self.0.revision
    }
}
