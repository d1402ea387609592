//! What a process has that must not grow.

use std::time::{Duration, Instant};

use ucwa::delivery::callback_threads;

/// Threads and open file descriptors of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    threads: usize,
    descriptors: usize,
}

impl Held {
    pub(crate) fn now() -> Held {
        let entries = |of: &str| std::fs::read_dir(of).expect("Linux").count();
        Held { threads: entries("/proc/self/task"), descriptors: entries("/proc/self/fd") }
    }

    /// Waits until no more is held than this. The runtime's threads and the simulator's connections end in their own
    /// time, so how long that takes says nothing.
    pub(crate) fn again(self, patience: Duration) {
        let deadline = Instant::now() + patience;
        loop {
            let now = Held::now();
            let more = now.threads > self.threads || now.descriptors > self.descriptors;
            if !more && callback_threads() == 0 {
                return;
            }
            let callbacks = callback_threads();
            assert!(
                Instant::now() < deadline,
                "held {self:?}, now {now:?}, threads of callbacks {callbacks}"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
