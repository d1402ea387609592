use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use ucwa::model::{self, ParticipantChange, Phase};

use super::event::Event;

/// A person in a conversation, as known at one moment. Immutable: a change makes a new one.
#[pyclass(frozen, eq, module = "ucwa")]
#[derive(PartialEq)]
pub(crate) struct Participant(pub(crate) Arc<model::Participant>);

#[pymethods]
impl Participant {
    #[classattr]
    #[pyo3(name = "__match_args__")]
    const MATCH_ARGS: (&'static str, &'static str) = ("uri", "name");

    /// Stays the same while the person is in the room.
    #[getter]
    fn id(&self) -> u64 {
        self.0.id.get()
    }

    /// `sip:` or `tel:`; "" while unknown.
    #[getter]
    fn uri(&self) -> &str {
        &self.0.uri
    }

    /// The display name; the uri when the server gives none.
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// "Attendee", "Leader", or what the server says; None while unknown.
    #[getter]
    fn role(&self) -> Option<&str> {
        self.0.role.as_ref().map(|role| role.as_str())
    }

    /// How this person is related to the own company ("SameEnterprise", ...); None while unknown.
    #[getter]
    fn source_network(&self) -> Option<&str> {
        self.0.source_network.as_ref().map(|network| network.as_str())
    }

    /// Whether this is the organizer of the meeting.
    #[getter]
    fn organizer(&self) -> bool {
        self.0.organizer
    }

    /// Whether this is a guest without an account.
    #[getter]
    fn anonymous(&self) -> bool {
        self.0.anonymous
    }

    /// Whether this is the signed-in user.
    #[getter]
    fn local(&self) -> bool {
        self.0.local
    }

    /// Whether this person waits in the lobby.
    #[getter]
    fn in_lobby(&self) -> bool {
        self.0.in_lobby
    }

    /// Whether this person is typing.
    #[getter]
    fn typing(&self) -> bool {
        self.0.typing
    }

    /// Whether only the link is known so far; an update follows when the rest is there.
    #[getter]
    fn partial(&self) -> bool {
        self.0.partial
    }

    /// What this person takes part in: "Messaging", "Audio", ..., in the order of joining.
    #[getter]
    fn modalities<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.modalities.iter().map(|modality| modality.as_str()).collect::<Vec<_>>())
    }

    /// `tel:` uri; "" when absent.
    #[getter]
    fn work_phone(&self) -> &str {
        &self.0.work_phone
    }

    /// `tel:` uri; "" when absent.
    #[getter]
    fn other_phone(&self) -> &str {
        &self.0.other_phone
    }

    /// How this person takes part, for the modalities of which the server tells that: `Media`, in the order of joining.
    #[getter]
    fn media<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.media.iter().cloned().map(Media))
    }

    /// Address of the person's contact; "" when absent.
    #[getter]
    fn contact(&self) -> &str {
        &self.0.contact
    }

    /// Address of the person's photo; "" when absent.
    #[getter]
    fn contact_photo(&self) -> &str {
        &self.0.contact_photo
    }

    /// Address of the person's presence; "" when absent.
    #[getter]
    fn contact_presence(&self) -> &str {
        &self.0.contact_presence
    }

    /// What may be done with this person now: of "admit", "reject", "eject", "promote", "demote", "muteAudio",
    /// "unmuteAudio", "muteVideo", "unmuteVideo".
    #[getter]
    fn can<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.can.iter().map(|capability| capability.as_str()).collect::<Vec<_>>())
    }

    fn __hash__(&self) -> u64 {
        self.0.id.get()
    }

    fn __repr__(&self) -> String {
        let person = &self.0;
        let role = person.role.as_ref().map_or("None".to_owned(), |role| format!("{:?}", role.as_str()));
        let mut text = format!(
            "Participant(id={}, uri={:?}, name={:?}, role={role}",
            person.id, person.uri, person.name
        );
        let flags = [
            (person.local, "local"),
            (person.organizer, "organizer"),
            (person.anonymous, "anonymous"),
            (person.in_lobby, "in_lobby"),
            (person.partial, "partial"),
        ];
        for (_, flag) in flags.iter().filter(|(set, _)| *set) {
            text.push_str(", ");
            text.push_str(flag);
            text.push_str("=True");
        }
        text.push(')');
        text
    }
}

/// A person's part in one modality. Immutable.
#[pyclass(frozen, eq, module = "ucwa")]
#[derive(PartialEq)]
pub(crate) struct Media(model::Media);

#[pymethods]
impl Media {
    #[classattr]
    #[pyo3(name = "__match_args__")]
    const MATCH_ARGS: (&'static str, &'static str, &'static str) = ("modality", "direction", "muted");

    /// Which: "Messaging", "Audio", "Video", ...
    #[getter]
    fn modality(&self) -> &str {
        self.0.modality.as_str()
    }

    /// Who hears or sees whom: "SendReceive", "SendOnly", "ReceiveOnly" or "Inactive"; None while unknown.
    #[getter]
    fn direction(&self) -> Option<&str> {
        self.0.direction.as_ref().map(|direction| direction.as_str())
    }

    /// Whether nothing is sent on; None while unknown, and for what cannot be muted.
    #[getter]
    fn muted(&self) -> Option<bool> {
        self.0.muted
    }

    /// The server's name of the source; "" while unknown.
    #[getter]
    fn source_id(&self) -> &str {
        &self.0.source_id
    }

    fn __repr__(&self) -> String {
        let direction = self.direction().map_or("None".to_owned(), |word| format!("{word:?}"));
        let muted = self.0.muted.map_or("None", |muted| if muted { "True" } else { "False" });
        format!("Media(modality={:?}, direction={direction}, muted={muted})", self.modality())
    }
}

/// One change of a roster.
#[pyclass(frozen, extends = Event, module = "ucwa")]
pub(crate) struct ParticipantEvent(pub(crate) ParticipantChange);

#[pymethods]
impl ParticipantEvent {
    #[classattr]
    #[pyo3(name = "__match_args__")]
    const MATCH_ARGS: (&'static str, &'static str) = ("phase", "participant");

    /// "added", "updated" or "deleted".
    #[getter]
    fn phase(&self) -> &'static str {
        self.0.phase.as_str()
    }

    /// Id of the conversation whose roster changed.
    #[getter]
    fn conversation(&self) -> u64 {
        self.0.conversation.get()
    }

    /// The roster's revision after this change; skip a change whose revision is not above that of your roster.
    #[getter]
    fn revision(&self) -> u64 {
        self.0.revision
    }

    /// With "updated": the names of the attributes that changed; "phones" stands for both phones,
    /// "contact" for the three addresses. Else empty.
    #[getter]
    fn changed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let names: Vec<&str> = match self.0.phase {
            Phase::Updated => self.0.changed.names().collect(),
            _ => Vec::new(),
        };
        PyTuple::new(py, names)
    }

    /// The person after the change; with "deleted", as it was.
    #[getter]
    fn participant(&self) -> Participant {
        Participant(self.0.participant.clone())
    }
}
