//! In place of the engine's `process`: one process for each order that a model is tried in.

use std::marker::PhantomData;

use loom::lazy_static::Lazy;

/// As the engine's.
pub(crate) struct PerProcess<T: 'static>(Lazy<T>);

impl<T: Default + Sync> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        PerProcess(Lazy { init: T::default, _p: PhantomData })
    }

    pub(crate) fn get(&'static self) -> &'static T {
        self.0.get()
    }
}
