//! What the engine's rooms call their locks and threads, made of loom's, in the manner of parking_lot.

use std::any::Any;
use std::ops::{Deref, DerefMut};
use std::time::Instant;
use std::{fmt, io};

use loom::sync::atomic::{AtomicBool, Ordering};

pub use loom::thread;

/// As `parking_lot::Mutex`.
#[derive(Default)]
pub struct Mutex<T>(loom::sync::Mutex<T>);

/// As `parking_lot::MutexGuard`. Empty only while [`Condvar::wait`] has the lock.
pub struct MutexGuard<'a, T>(Option<loom::sync::MutexGuard<'a, T>>);

impl<T> Mutex<T> {
    /// A lock around this.
    pub fn new(value: T) -> Self {
        Mutex(loom::sync::Mutex::new(value))
    }

    /// Waits for the lock.
    #[track_caller]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard(self.0.lock().ok())
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Some(guard) => guard,
            None => unreachable!("a guard is not looked at while it waits"),
        }
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.0 {
            Some(guard) => guard,
            None => unreachable!("a guard is not looked at while it waits"),
        }
    }
}

/// As `parking_lot::Condvar`.
#[derive(Default)]
pub struct Condvar(loom::sync::Condvar);

impl Condvar {
    /// Nobody waits.
    pub fn new() -> Self {
        Condvar(loom::sync::Condvar::new())
    }

    /// Waits for a notice.
    #[track_caller]
    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        guard.0 = guard.0.take().and_then(|guard| self.0.wait(guard).ok());
    }

    /// There is no time in a model: every deadline is far.
    #[track_caller]
    pub fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, _deadline: Instant) {
        self.wait(guard);
    }

    /// Wakes one who waits.
    #[track_caller]
    pub fn notify_one(&self) {
        self.0.notify_one();
    }

    /// Wakes all who wait.
    #[track_caller]
    pub fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// As the engine's.
#[derive(Debug, Default)]
pub struct RwLock<T>(loom::sync::RwLock<T>);

impl<T> RwLock<T> {
    /// A lock around this.
    pub fn new(value: T) -> Self {
        RwLock(loom::sync::RwLock::new(value))
    }

    /// Waits until nobody writes.
    #[track_caller]
    pub fn read(&self) -> loom::sync::RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Waits until nobody else has it.
    #[track_caller]
    pub fn write(&self) -> loom::sync::RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// As `tokio::sync::Notify`, which knows nothing of loom: each call is a step at which the threads may change.
#[derive(Default)]
pub struct Notify {
    step: loom::sync::Mutex<()>,
    notify: tokio::sync::Notify,
}

impl Notify {
    /// Nobody waits.
    pub fn new() -> Self {
        Notify::default()
    }

    /// Hears what rings from now on.
    pub fn notified(&self) -> tokio::sync::futures::Notified<'_> {
        drop(self.step.lock());
        self.notify.notified()
    }

    /// Rings for all who wait.
    pub fn notify_waiters(&self) {
        drop(self.step.lock());
        self.notify.notify_waiters();
    }
}

/// In place of what an operating system can poll.
pub struct Signal(std::sync::Arc<AtomicBool>);

/// In place of the duplicate that the host gets.
pub struct WaitHandle(std::sync::Arc<AtomicBool>);

impl Signal {
    /// Low.
    pub fn new() -> io::Result<Self> {
        Ok(Signal(std::sync::Arc::new(AtomicBool::new(false))))
    }

    /// For the host.
    pub fn duplicate(&self) -> io::Result<WaitHandle> {
        Ok(WaitHandle(std::sync::Arc::clone(&self.0)))
    }

    /// Raises or lowers.
    pub fn set(&mut self, raised: bool) {
        self.0.store(raised, Ordering::SeqCst);
    }
}

impl WaitHandle {
    /// What poll(2) would say.
    pub fn is_signalled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl fmt::Debug for WaitHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WaitHandle")
    }
}

macro_rules! per_thread {
    ($(#[$doc:meta])* static $name:ident: $type:ty = $value:expr;) => {
        loom::thread_local! {
            $(#[$doc])*
            static $name: $type = $value;
        }
    };
}

pub(crate) use per_thread;

/// A panic in a model is a failure of the model: it is never caught.
pub fn catch(code: impl FnOnce()) -> Result<(), Box<dyn Any + Send>> {
    code();
    Ok(())
}
