//! The registry of handles of the C ABI, which that room keeps to itself.

// Its own package formats it, and knows where its tests are.
#[rustfmt::skip]
#[path = "../../../src/capi/handle.rs"]
mod handle;

use handle::{Kind, Registry};

/// Handles of one kind.
pub struct Handles<T>(Registry<T>);

impl<T: Clone> Handles<T> {
    /// Of the first process.
    pub fn new() -> Self {
        Handles(Registry::new(1))
    }

    /// A handle; 0 when there are too many.
    pub fn insert(&self, object: T) -> usize {
        self.0.insert(Kind::Reader, object).unwrap_or(0)
    }

    /// What it stands for, unless it was freed.
    pub fn get(&self, handle: usize) -> Option<T> {
        self.0.get(Kind::Reader, handle, T::clone).ok()
    }

    /// Frees it; `None` when somebody else did.
    pub fn remove(&self, handle: usize) -> Option<T> {
        self.0.remove(Kind::Reader, handle).ok()
    }

    /// Frees all.
    pub fn drain(&self) -> Vec<T> {
        self.0.drain()
    }
}

impl<T: Clone> Default for Handles<T> {
    fn default() -> Self {
        Self::new()
    }
}
