use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyIterator, PyTuple};
use ucwa::model::{self, ParticipantId};

use super::participant::Participant;

/// Who is in a conversation at one moment: an immutable sequence of `Participant`, in the order of joining, the lobby and
/// the signed-in user included. To have it costs the same for 10 and for 10,000 people. Changes (`ParticipantEvent`) with a
/// revision above its own lead on from it.
#[pyclass(frozen, sequence, module = "ucwa")]
pub(crate) struct Roster {
    roster: model::Roster,
    /// Made when somebody first looks at the people.
    people: PyOnceLock<Py<PyTuple>>,
}

impl Roster {
    pub(crate) fn new(roster: model::Roster) -> Self {
        Roster { roster, people: PyOnceLock::new() }
    }

    fn people<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyTuple>> {
        let people = self.people.get_or_try_init(py, || {
            let people: Vec<_> = self.roster.iter().map(|person| Participant(person.clone())).collect();
            PyTuple::new(py, people).map(Bound::unbind)
        })?;
        Ok(people.bind(py))
    }
}

#[pymethods]
impl Roster {
    /// Id of the conversation.
    #[getter]
    fn conversation(&self) -> u64 {
        self.roster.conversation().get()
    }

    /// Grows by one with each change.
    #[getter]
    fn revision(&self) -> u64 {
        self.roster.revision()
    }

    /// False while the server has not told everything yet.
    #[getter]
    fn complete(&self) -> bool {
        self.roster.is_complete()
    }

    /// The participant with this id; None when nobody has it.
    fn get(&self, id: u64) -> Option<Participant> {
        let id = ParticipantId::new(id)?;
        self.roster.get(id).cloned().map(Participant)
    }

    fn __len__(&self) -> usize {
        self.roster.len()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, index: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.people(py)?.as_any().get_item(index)
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.people(py)?.try_iter()
    }

    fn __contains__(&self, py: Python<'_>, participant: Bound<'_, PyAny>) -> PyResult<bool> {
        self.people(py)?.as_any().contains(participant)
    }

    /// The index of the first entry equal to `value`. Raises ValueError when there is none.
    #[pyo3(signature = (value, start = 0, stop = isize::MAX))]
    fn index(&self, py: Python<'_>, value: Bound<'_, PyAny>, start: isize, stop: isize) -> PyResult<usize> {
        self.people(py)?.as_any().call_method1("index", (value, start, stop))?.extract()
    }

    /// How many entries are equal to `value`.
    fn count(&self, py: Python<'_>, value: Bound<'_, PyAny>) -> PyResult<usize> {
        self.people(py)?.as_any().call_method1("count", (value,))?.extract()
    }

    fn __repr__(&self) -> String {
        let roster = &self.roster;
        let complete = if roster.is_complete() { "" } else { ", not complete" };
        format!(
            "<Roster of conversation {}: {} people, revision {}{complete}>",
            roster.conversation(),
            roster.len(),
            roster.revision()
        )
    }
}
