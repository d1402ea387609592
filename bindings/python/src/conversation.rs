use pyo3::prelude::*;
use pyo3::types::PyTuple;
use ucwa::model::{self, ConversationChange};

use super::error::Reason;
use super::event::Event;

/// A conversation came, changed or went.
#[pyclass(frozen, extends = Event, module = "ucwa")]
pub(crate) struct ConversationEvent(pub(crate) ConversationChange);

impl ConversationEvent {
    fn conversation(&self) -> &model::Conversation {
        &self.0.conversation
    }
}

#[pymethods]
impl ConversationEvent {
    #[classattr]
    #[pyo3(name = "__match_args__")]
    const MATCH_ARGS: (&'static str, &'static str) = ("phase", "state");

    /// "added", "updated" or "deleted".
    #[getter]
    fn phase(&self) -> &'static str {
        self.0.phase.as_str()
    }

    /// Id of the conversation: one joining of ours.
    #[getter]
    fn id(&self) -> u64 {
        self.conversation().id.get()
    }

    /// The server's own state: "Connecting", "InLobby", "Conferenced", "Disconnected", ...; None while only the link is known.
    #[getter]
    fn state(&self) -> Option<&str> {
        self.conversation().state.as_ref().map(|state| state.as_str())
    }

    /// Subject; "" when there is none.
    #[getter]
    fn subject(&self) -> &str {
        &self.conversation().subject
    }

    /// "Normal", "Urgent" or "Emergency"; None when not said.
    #[getter]
    fn importance(&self) -> Option<&str> {
        self.conversation().importance.as_ref().map(|importance| importance.as_str())
    }

    /// Identifies the thread over conversations; "" when unknown.
    #[getter]
    fn thread_id(&self) -> &str {
        &self.conversation().thread_id
    }

    /// What is going on in it: "Messaging", "Audio", ...
    #[getter]
    fn active_modalities<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let words: Vec<_> =
            self.conversation().active_modalities.iter().map(|modality| modality.as_str()).collect();
        PyTuple::new(py, words)
    }

    /// The server's own count, independent of the roster; None when not said.
    #[getter]
    fn participant_count(&self) -> Option<u64> {
        self.conversation().participant_count
    }

    /// Whether somebody records; None when not said.
    #[getter]
    fn recording(&self) -> Option<bool> {
        self.conversation().recording
    }

    /// Whether the audience is muted: "Enabled" or "Disabled"; None when not said.
    #[getter]
    fn audience_mute(&self) -> Option<&str> {
        self.conversation().audience_mute.as_ref().map(|setting| setting.as_str())
    }

    /// Whether the audience may send messages: "Enabled" or "Disabled"; None when not said.
    #[getter]
    fn audience_messaging(&self) -> Option<&str> {
        self.conversation().audience_messaging.as_ref().map(|setting| setting.as_str())
    }

    /// Whether people can be invited now.
    #[getter]
    fn can_add_participant(&self) -> bool {
        self.conversation().can_add_participant
    }

    /// What may be done with the audience now: of "enableAudienceMuteLock", "disableAudienceMuteLock",
    /// "enableAudienceMessaging", "disableAudienceMessaging".
    #[getter]
    fn can<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.conversation().can.iter().map(|action| action.as_str()))
    }

    /// The meeting behind it; None until known.
    #[getter]
    fn meeting(&self) -> Option<Meeting> {
        self.conversation().meeting.clone().map(Meeting)
    }

    /// Why it ended or changed, in the server's words, also what became of the user himself ("Ejected", "Demoted", ...);
    /// None when it gave none.
    #[getter]
    fn reason(&self) -> Option<Reason> {
        self.conversation().reason.clone().map(Reason)
    }
}

/// What is known of a conversation's meeting. Immutable.
#[pyclass(frozen, eq, module = "ucwa")]
#[derive(PartialEq)]
pub(crate) struct Meeting(model::Meeting);

#[pymethods]
impl Meeting {
    #[classattr]
    #[pyo3(name = "__match_args__")]
    const MATCH_ARGS: (&'static str, &'static str) = ("uri", "subject");

    /// The conference URI: what another person needs to join.
    #[getter]
    fn uri(&self) -> &str {
        &self.0.uri
    }

    /// The https address for people; "" when unknown.
    #[getter]
    fn join_url(&self) -> &str {
        &self.0.join_url
    }

    /// Short id; "" when unknown.
    #[getter]
    fn id(&self) -> &str {
        &self.0.id
    }

    /// Subject; "" when there is none.
    #[getter]
    fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Who skips the lobby ("SameEnterprise", ...); None when unknown.
    #[getter]
    fn access_level(&self) -> Option<&str> {
        self.0.access_level.as_ref().map(|level| level.as_str())
    }

    /// Who owns the meeting; "" when unknown.
    #[getter]
    fn organizer_uri(&self) -> &str {
        &self.0.organizer_uri
    }

    /// Display name of the owner; "" when unknown.
    #[getter]
    fn organizer_name(&self) -> &str {
        &self.0.organizer_name
    }

    fn __repr__(&self) -> String {
        format!("Meeting(uri={:?}, subject={:?}, join_url={:?})", self.0.uri, self.0.subject, self.0.join_url)
    }
}
