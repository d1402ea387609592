//! The runtime that all sessions of a process share: made with the first session, dropped with the last.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::sync::{Condvar, Mutex};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

use crate::delivery::threads;
use crate::process::PerProcess;
use crate::{Error, ErrorKind};

/// Two workers: one may apply a page while the other keeps the sockets going.
const WORKERS: usize = 2;
/// How long a thread that looks up a name may take to end.
const LOOK_UP: Duration = Duration::from_secs(60);

static ENGINE: PerProcess<Engine> = PerProcess::new();

/// The runtime of this process, if it runs.
#[derive(Default)]
struct Engine {
    running: Mutex<Running>,
    /// Nobody uses the runtime any more.
    idle: Condvar,
    threads: Arc<AtomicUsize>,
}

#[derive(Default)]
struct Running {
    runtime: Option<Counted>,
    /// Which runtime this is: users of one that was ended before they went do not count any more.
    number: u64,
    users: usize,
    /// Somebody waits for the last user to go and ends the threads himself.
    ending: usize,
    /// Runtimes that were taken out and have not ended, nor been handed to the thread that ends them.
    retiring: usize,
}

/// A runtime that knows how many threads it has.
struct Counted {
    runtime: Runtime,
    threads: Arc<AtomicUsize>,
}

impl Counted {
    /// Ends its threads and waits for them. False: some went on beyond the time.
    fn end(self, timeout: Duration) -> bool {
        self.runtime.shutdown_timeout(timeout);
        self.threads.load(Ordering::SeqCst) == 0
    }
}

/// A use of the runtime, which runs while there is one.
#[derive(Debug)]
pub(super) struct Shared {
    handle: Handle,
    number: u64,
}

/// The shared runtime, started if it does not run.
pub(super) fn shared() -> Result<Arc<Shared>, Error> {
    let engine = ENGINE.get();
    let mut running = engine.running.lock();
    let handle = match &running.runtime {
        Some(it) => it.runtime.handle().clone(),
        None => {
            let runtime = start(&engine.threads)?;
            running.runtime.insert(runtime).runtime.handle().clone()
        }
    };
    running.users += 1;
    Ok(Arc::new(Shared { handle, number: running.number }))
}

fn start(all: &Arc<AtomicUsize>) -> Result<Counted, Error> {
    let threads = Arc::new(AtomicUsize::new(0));
    let counts = [all.clone(), threads.clone()];
    let (begun, ended) = (counts.clone(), counts);
    let runtime = Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_name("ucwa")
        .on_thread_start(move || {
            begun.iter().for_each(|count| {
                count.fetch_add(1, Ordering::SeqCst);
            });
        })
        .on_thread_stop(move || {
            ended.iter().for_each(|count| {
                count.fetch_sub(1, Ordering::SeqCst);
            });
        })
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| {
            Error::new(ErrorKind::Internal, "start the engine's threads", error.to_string())
                .advise("the process is out of threads or file descriptors")
        })?;
    Ok(Counted { runtime, threads })
}

/// How many threads the runtime has now.
pub(super) fn thread_count() -> usize {
    ENGINE.get().threads.load(Ordering::SeqCst)
}

/// Waits until the last session is gone and the engine's threads have ended. What still runs at `deadline` is stopped where
/// it is; false then. Must not be called on a thread of the runtime.
pub(super) fn end(deadline: Instant) -> bool {
    let engine = ENGINE.get();
    let mut running = engine.running.lock();
    running.ending += 1;
    while running.users + running.retiring > 0 && !engine.idle.wait_until(&mut running, deadline) {}
    running.ending -= 1;
    let in_time = running.users + running.retiring == 0;
    let runtime = running.runtime.take();
    running.users = 0;
    running.number += 1;
    let Some(runtime) = runtime else { return in_time };
    // Others that end the engine at the same time wait for this.
    running.retiring += 1;
    drop(running);
    let all_ended = runtime.end(deadline.saturating_duration_since(Instant::now()));
    engine.running.lock().retiring -= 1;
    engine.idle.notify_all();
    in_time && all_ended
}

impl Shared {
    /// Runs a future to its end in the background.
    pub(super) fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.handle.spawn(future)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let engine = ENGINE.get();
        let mut running = engine.running.lock();
        if running.number != self.number {
            return;
        }
        running.users = running.users.saturating_sub(1);
        if running.users > 0 {
            return;
        }
        engine.idle.notify_all();
        let unused = if running.ending == 0 { running.runtime.take() } else { None };
        if let Some(runtime) = unused {
            running.retiring += 1;
            drop(running);
            retire(runtime);
            engine.running.lock().retiring -= 1;
            engine.idle.notify_all();
        }
    }
}

/// Ends the threads of a runtime without waiting for them: the last one to let go may be one of them. A thread of its
/// own joins them.
fn retire(runtime: Counted) {
    let place = Arc::new(Mutex::new(Some(runtime)));
    let taken = place.clone();
    let started = threads::spawn("ucwa-end", move || {
        if let Some(runtime) = taken.lock().take() {
            runtime.end(LOOK_UP);
        }
    });
    if started.is_err()
        && let Some(runtime) = place.lock().take()
    {
        runtime.runtime.shutdown_background();
    }
}
