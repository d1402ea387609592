//! What the engine holds belongs to the process that made it: its threads and locks do not follow a fork.

use pyo3::PyResult;
use ucwa::fork_generation;

use super::error::forked;

/// A value that only the process that made it touches. In a child it can neither be used nor dropped: both take locks
/// that a thread of the parent may have held at the fork.
pub(crate) struct Ours<T> {
    value: Option<T>,
    generation: u64,
}

impl<T> Ours<T> {
    pub(crate) fn new(value: T) -> Self {
        Ours { value: Some(value), generation: fork_generation() }
    }

    /// The value; in a child of the process that made it, `ForkedError`.
    pub(crate) fn get(&self) -> PyResult<&T> {
        match &self.value {
            Some(value) if self.is_ours() => Ok(value),
            _ => Err(forked()),
        }
    }

    fn is_ours(&self) -> bool {
        fork_generation() == self.generation
    }
}

impl<T> Drop for Ours<T> {
    fn drop(&mut self) {
        if !self.is_ours() {
            std::mem::forget(self.value.take());
        }
    }
}
