//! Threads of ours outside the runtime: each is joined, by the one that starts the next or by a shutdown.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::sync::thread::{self, JoinHandle};
use super::sync::{Condvar, Mutex};
use crate::process::PerProcess;

static STARTED: PerProcess<Started> = PerProcess::new();

#[derive(Default)]
struct Started {
    threads: Mutex<Vec<Thread>>,
    /// One of them is at its end.
    ended: Condvar,
}

struct Thread {
    handle: JoinHandle<()>,
    /// Nothing but the system's own end of the thread is left to do.
    done: Arc<AtomicBool>,
}

/// Starts a thread.
pub(crate) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let started = STARTED.get();
    let done = Arc::new(AtomicBool::new(false));
    let last_act = LastAct(Arc::clone(&done));
    let handle = thread::Builder::new().name(name.to_owned()).spawn(move || {
        let _last_act = last_act;
        work();
    })?;
    let mut threads = started.threads.lock();
    threads.push(Thread { handle, done });
    let over = take_done(&mut threads);
    drop(threads);
    join(over);
    Ok(())
}

/// Waits until every thread has ended, or until `deadline`. False: some still run.
pub(crate) fn join_all(deadline: Instant) -> bool {
    let started = STARTED.get();
    loop {
        let mut threads = started.threads.lock();
        let mut over = take_done(&mut threads);
        if over.is_empty() && !threads.is_empty() {
            started.ended.wait_until(&mut threads, deadline);
            over = take_done(&mut threads);
        }
        let all = threads.is_empty();
        drop(threads);
        join(over);
        if all || Instant::now() >= deadline {
            return all;
        }
    }
}

fn take_done(threads: &mut Vec<Thread>) -> Vec<Thread> {
    let (over, running) = std::mem::take(threads).into_iter().partition(|t| t.done.load(Ordering::SeqCst));
    *threads = running;
    over
}

fn join(over: Vec<Thread>) {
    let own = thread::current().id();
    for thread in over.into_iter().filter(|thread| thread.handle.thread().id() != own) {
        // A panic of the thread was told where it happened.
        let _ = thread.handle.join();
    }
}

/// Says that a thread is at its end, however it got there.
struct LastAct(Arc<AtomicBool>);

impl Drop for LastAct {
    fn drop(&mut self) {
        let started = STARTED.get();
        let _threads = started.threads.lock();
        self.0.store(true, Ordering::SeqCst);
        started.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn a_thread_that_runs_is_waited_for_until_the_deadline() {
        let (go, wait) = mpsc::channel::<()>();
        spawn("test", move || {
            let _ = wait.recv();
        })
        .unwrap();
        assert!(!join_all(Instant::now()), "it still runs");
        drop(go);
        // Other tests of this process start threads that end, too.
        assert!(join_all(Instant::now() + Duration::from_secs(60)));
    }

    #[test]
    fn a_thread_that_panics_is_over() {
        spawn("test", || panic!("a defect")).unwrap();
        assert!(join_all(Instant::now() + Duration::from_secs(60)));
    }
}
