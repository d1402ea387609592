//! The locks of the engine: those of the standard library, without poison.
//!
//! On Linux each is a word of its own that the kernel knows. Locks that park threads in a table of the process leave dead
//! threads in it after a fork, and a child that then starts the engine may hang.

use std::ops::{Deref, DerefMut};
use std::sync;
use std::time::Instant;

/// A mutex. A panic under it leaves it usable: a panic ends the session concerned, not the others.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Mutex(sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard(Some(self.0.lock().unwrap_or_else(sync::PoisonError::into_inner)))
    }
}

/// Holds a [`Mutex`]. Empty only while a [`Condvar`] waits with it.
pub(crate) struct MutexGuard<'a, T>(Option<sync::MutexGuard<'a, T>>);

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Some(guard) => guard,
            None => unreachable!("who waits cannot look"),
        }
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.0 {
            Some(guard) => guard,
            None => unreachable!("who waits cannot look"),
        }
    }
}

/// Waits for a change of what a [`Mutex`] holds.
#[derive(Debug, Default)]
pub(crate) struct Condvar {
    inner: sync::Condvar,
    #[cfg(test)]
    waiters: sync::atomic::AtomicUsize,
}

impl Condvar {
    #[cfg(test)]
    pub(crate) fn new() -> Self {
        Self::default()
    }

    #[cfg(not(test))]
    pub(crate) const fn new() -> Self {
        Condvar { inner: sync::Condvar::new() }
    }

    /// How many wait now, for whoever holds their mutex.
    #[cfg(test)]
    pub(crate) fn waiters(&self) -> usize {
        self.waiters.load(sync::atomic::Ordering::SeqCst)
    }

    pub(crate) fn notify_one(&self) {
        self.inner.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.inner.notify_all();
    }

    /// May return without a change.
    pub(crate) fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        let _counted = self.counted();
        guard.0 =
            guard.0.take().map(|held| self.inner.wait(held).unwrap_or_else(sync::PoisonError::into_inner));
    }

    /// May return without a change. True: the time is over.
    pub(crate) fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, deadline: Instant) -> bool {
        let _counted = self.counted();
        let left = deadline.saturating_duration_since(Instant::now());
        let waited = guard
            .0
            .take()
            .map(|held| self.inner.wait_timeout(held, left).unwrap_or_else(sync::PoisonError::into_inner));
        let (held, outcome) = waited.unzip();
        guard.0 = held;
        outcome.is_some_and(|outcome| outcome.timed_out())
    }

    fn counted(&self) -> Counted<'_> {
        #[cfg(test)]
        self.waiters.fetch_add(1, sync::atomic::Ordering::SeqCst);
        Counted(self)
    }
}

/// A thread that waits.
struct Counted<'a>(#[cfg_attr(not(test), expect(dead_code))] &'a Condvar);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        #[cfg(test)]
        self.0.waiters.fetch_sub(1, sync::atomic::Ordering::SeqCst);
    }
}

/// Many readers or one writer.
#[derive(Debug, Default)]
pub(crate) struct RwLock<T>(sync::RwLock<T>);

impl<T> RwLock<T> {
    pub(crate) const fn new(value: T) -> Self {
        RwLock(sync::RwLock::new(value))
    }

    pub(crate) fn read(&self) -> sync::RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(sync::PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> sync::RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn a_panic_under_a_lock_leaves_it_usable() {
        let (mutex, lock) = (Arc::new(Mutex::new(1)), Arc::new(RwLock::new(1)));
        let (inner, other) = (mutex.clone(), lock.clone());
        let ended = thread::spawn(move || {
            let (_mutex, _lock) = (inner.lock(), other.write());
            panic!("a defect");
        });
        assert!(ended.join().is_err());
        assert_eq!(*mutex.lock(), 1);
        assert_eq!(*lock.read(), 1);
        assert_eq!(*lock.write(), 1);
    }

    #[test]
    fn waiting_gives_the_lock_back() {
        let shared = Arc::new((Mutex::new(false), Condvar::new()));
        let other = shared.clone();
        let setter = thread::spawn(move || {
            *other.0.lock() = true;
            other.1.notify_all();
        });
        let mut set = shared.0.lock();
        while !*set {
            shared.1.wait(&mut set);
        }
        assert!(shared.1.wait_until(&mut set, Instant::now() + Duration::from_millis(1)));
        assert!(*set);
        drop(set);
        setter.join().unwrap();
    }
}
