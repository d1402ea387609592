use pyo3::exceptions::PyValueError;
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

    /// Where the entries are that are equal to `value`. Compared here: no `__eq__` of the program runs below a call of ours.
    fn equal_to(&self, value: &Bound<'_, PyAny>) -> impl Iterator<Item = usize> {
        let wanted = value.cast::<Participant>().ok().map(|person| person.get().0.clone());
        let people = self.roster.iter().enumerate();
        people.filter(move |(_, person)| wanted.as_ref() == Some(*person)).map(|(index, _)| index)
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

    fn __contains__(&self, participant: &Bound<'_, PyAny>) -> bool {
        self.equal_to(participant).next().is_some()
    }

    /// The index of the first entry equal to `value`. Raises ValueError when there is none.
    #[pyo3(signature = (value, start = 0, stop = isize::MAX))]
    fn index(&self, value: &Bound<'_, PyAny>, start: isize, stop: isize) -> PyResult<usize> {
        // As of a list: below 0 counts from the end.
        let len = self.roster.len();
        let place = |index: isize| match index < 0 {
            true => len.saturating_sub(index.unsigned_abs()),
            false => index.unsigned_abs(),
        };
        let range = place(start)..place(stop);
        let found = self.equal_to(value).find(|index| range.contains(index));
        found.ok_or_else(|| PyValueError::new_err("nobody in the roster is equal to it"))
    }

    /// How many entries are equal to `value`.
    fn count(&self, value: &Bound<'_, PyAny>) -> usize {
        self.equal_to(value).count()
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
