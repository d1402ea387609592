use pyo3::prelude::*;
use pyo3::types::PyTuple;
use ucwa::model::{self, InvitationChange};

use super::error::Reason;
use super::event::Event;

/// An invitation began, moved or ended: incoming or outgoing, of every kind. Each ends exactly once, with the phase
/// "completed" and an outcome.
#[pyclass(frozen, extends = Event, module = "ucwa")]
pub(crate) struct InvitationEvent(pub(crate) InvitationChange);

impl InvitationEvent {
    fn invitation(&self) -> &model::Invitation {
        &self.0.invitation
    }
}

#[pymethods]
impl InvitationEvent {
    #[classattr]
    #[pyo3(name = "__match_args__")]
    const MATCH_ARGS: (&'static str, &'static str, &'static str) = ("phase", "to", "outcome");

    /// "started", "updated" or "completed". "updated" may come without "started", "completed" without either.
    #[getter]
    fn phase(&self) -> &'static str {
        self.0.phase.as_str()
    }

    /// Id of the invitation.
    #[getter]
    fn id(&self) -> u64 {
        self.invitation().id.get()
    }

    /// "messagingInvitation", "onlineMeetingInvitation", "audioVideoInvitation", "phoneAudioInvitation" or
    /// "participantInvitation" (made by addParticipant).
    #[getter]
    fn kind(&self) -> &'static str {
        self.invitation().kind.as_str()
    }

    /// "Incoming" or "Outgoing".
    #[getter]
    fn direction(&self) -> &str {
        self.invitation().direction.as_str()
    }

    /// Id of the conversation that it belongs to; None until known.
    #[getter]
    fn conversation(&self) -> Option<u64> {
        self.invitation().conversation.map(|id| id.get())
    }

    /// Who invites; "" when unknown.
    #[getter(from_uri)]
    fn inviter_uri(&self) -> &str {
        &self.invitation().from_uri
    }

    /// The display name of who invites; "" when unknown.
    #[getter(from_name)]
    fn inviter_name(&self) -> &str {
        &self.invitation().from_name
    }

    /// Who is invited; "" when unknown.
    #[getter]
    fn to(&self) -> &str {
        &self.invitation().to
    }

    /// The display name shown to the invited person; "" when there is none.
    #[getter]
    fn on_behalf_of(&self) -> &str {
        &self.invitation().on_behalf_of
    }

    /// Subject of the conversation; "" when there is none.
    #[getter]
    fn subject(&self) -> &str {
        &self.invitation().subject
    }

    /// Text that comes along; "" when there is none.
    #[getter]
    fn message(&self) -> &str {
        &self.invitation().message
    }

    /// The meeting's URI, for an "onlineMeetingInvitation"; else "".
    #[getter]
    fn meeting_uri(&self) -> &str {
        &self.invitation().meeting_uri
    }

    /// "Normal", "Urgent" or "Emergency"; None when not said.
    #[getter]
    fn importance(&self) -> Option<&str> {
        self.invitation().importance.as_ref().map(|importance| importance.as_str())
    }

    /// Identifies the thread over conversations; "" when unknown.
    #[getter]
    fn thread_id(&self) -> &str {
        &self.invitation().thread_id
    }

    /// The server's own state: "Connecting", "Alerting", "Connected", "Failed", ...; None before its first event.
    #[getter]
    fn state(&self) -> Option<&str> {
        self.invitation().state.as_ref().map(|state| state.as_str())
    }

    /// How it ended: "accepted", "declined", "busy", "no_answer", "unreachable", "cancelled", "failed" or "lost". None while
    /// it is under way.
    #[getter]
    fn outcome(&self) -> Option<&'static str> {
        self.invitation().outcome.map(|outcome| outcome.as_str())
    }

    /// The server's status of the completed event: "Success" or "Failure"; None when it gave none.
    #[getter]
    fn status(&self) -> Option<&str> {
        self.invitation().status.as_ref().map(|status| status.as_str())
    }

    /// Ids of the participants who took it; may differ from `to`.
    #[getter]
    fn accepted_by<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.invitation().accepted_by.iter().map(|id| id.get()).collect::<Vec<_>>())
    }

    /// Ties the request to its events: ours when outgoing, the server's when incoming.
    #[getter]
    fn operation_id(&self) -> &str {
        &self.invitation().operation_id
    }

    /// Why it ended or changed, in the server's words; None when it gave none.
    #[getter]
    fn reason(&self) -> Option<Reason> {
        self.invitation().reason.clone().map(Reason)
    }

    /// Id of the roster entry of who is invited; None until there is one.
    #[getter]
    fn participant(&self) -> Option<u64> {
        self.invitation().participant.map(|id| id.get())
    }

    /// Whether it was accepted and whoever took it is not in the roster yet: his entry follows.
    #[getter]
    fn entry_missing(&self) -> bool {
        self.invitation().entry_missing
    }

    /// Content of the inviter's own that comes along, as text; "" when there is none.
    #[getter]
    fn custom_content(&self) -> &str {
        &self.invitation().custom_content
    }

    /// The media type of `custom_content`; "" when there is none.
    #[getter]
    fn custom_content_type(&self) -> &str {
        &self.invitation().custom_content_type
    }

    /// What can be joined, for an "onlineMeetingInvitation": "Messaging", "Audio", ...
    #[getter]
    fn available_modalities<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let words: Vec<_> = self.invitation().available_modalities.iter().map(|word| word.as_str()).collect();
        PyTuple::new(py, words)
    }

    /// The phone that is called, for a "phoneAudioInvitation"; else "".
    #[getter]
    fn phone_number(&self) -> &str {
        &self.invitation().phone_number
    }

    /// Under which name a guest joins; "" when there is none.
    #[getter]
    fn anonymous_display_name(&self) -> &str {
        &self.invitation().anonymous_display_name
    }

    /// What the server offers with it now: of "accept", "decline", "cancel".
    #[getter]
    fn can<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.invitation().can.names().collect::<Vec<_>>())
    }

    /// Its links with absolute addresses, as pairs of rel and address; of several with one rel the first.
    #[getter]
    fn links<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let links = self.invitation().links.iter().map(|(rel, href)| (rel.as_str(), href.as_str()));
        PyTuple::new(py, links.collect::<Vec<_>>())
    }
}
