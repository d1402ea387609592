//! Code of the host on threads of ours: it may panic, and it may call us back.

use std::cell::Cell;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{sync, threads};
use crate::process::PerProcess;

static THREADS: PerProcess<AtomicUsize> = PerProcess::new();

sync::per_thread! {
    /// How many callbacks this thread is in.
    static DEPTH: Cell<usize> = Cell::new(0);
}

/// Whether this thread is inside a callback of ours: calls that wait for other callbacks or for the engine should not
/// wait here.
pub fn inside_callback() -> bool {
    DEPTH.try_with(|depth| depth.get() > 0).unwrap_or(false)
}

/// How many threads for callbacks run now, for leak tests.
pub fn callback_threads() -> usize {
    THREADS.get().load(Ordering::SeqCst)
}

/// Runs code of the host. A panic is logged and goes no further.
pub(super) fn run(what: &'static str, code: impl FnOnce()) {
    DEPTH.with(|depth| depth.set(depth.get() + 1));
    let outcome = sync::catch(code);
    DEPTH.with(|depth| depth.set(depth.get() - 1));
    let Err(payload) = outcome else { return };
    let said = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no text)");
    tracing::error!(target: "ucwa::delivery", what, said, "a panic in code of the host was caught");
    // A payload may panic when it is dropped; what that throws is not looked at any more.
    if let Err(second) = sync::catch(|| drop(payload)) {
        std::mem::forget(second);
    }
}

/// Counts a thread for [`callback_threads`] while it lives.
pub(super) struct Counted(());

impl Drop for Counted {
    fn drop(&mut self) {
        THREADS.get().fetch_sub(1, Ordering::SeqCst);
    }
}

/// Starts a thread for callbacks. `work` drops the mark when it has nothing to do any more.
pub(super) fn spawn(name: &str, work: impl FnOnce(Counted) + Send + 'static) -> io::Result<()> {
    THREADS.get().fetch_add(1, Ordering::SeqCst);
    let counted = Counted(());
    threads::spawn(name, move || work(counted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::panic_any;
    use std::thread;

    struct PanicsWhenDropped;
    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            if !thread::panicking() {
                panic!("again");
            }
        }
    }

    #[test]
    fn a_panic_goes_no_further_whatever_it_throws() {
        run("text", || panic!("text"));
        run("string", || panic!("{}", 1));
        run("other", || panic_any(7));
        run("evil", || panic_any(PanicsWhenDropped));
        assert!(!inside_callback());
    }

    #[test]
    fn inside_is_known_also_when_nested() {
        let mut seen = vec![inside_callback()];
        run("outer", || {
            run("inner", || seen.push(inside_callback()));
            run("inner that panics", || panic!("text"));
            seen.push(inside_callback());
        });
        seen.push(inside_callback());
        assert_eq!(seen, [false, true, true, false]);
    }
}
