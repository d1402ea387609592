use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use tracing::Level;
use ucwa::log::{Record, set_sink};

use super::fork::Ours;

/// Records kept for a Python that does not come to take them.
const CAPACITY: usize = 10_000;

/// Takes the engine's log records for `logging`, which is Python's to call. Never waits: wait until `fileno()` is readable.
#[pyclass(frozen, module = "ucwa._ucwa")]
pub(crate) struct LogReader {
    queue: Ours<Arc<Mutex<Queue>>>,
    readable: UnixStream,
}

struct Queue {
    records: VecDeque<Record>,
    dropped: usize,
    bell: UnixStream,
    rung: bool,
}

impl Queue {
    fn push(&mut self, record: &Record) {
        if self.records.len() == CAPACITY {
            self.records.pop_front();
            self.dropped += 1;
        }
        self.records.push_back(record.clone());
        if !self.rung {
            // A bell that cannot be rung delays the record until the next one; there is nobody to tell.
            self.rung = self.bell.write(&[1]).is_ok();
        }
    }
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

fn level(number: u8) -> PyResult<Level> {
    Ok(match number {
        10 => Level::DEBUG,
        20 => Level::INFO,
        30 => Level::WARN,
        40 => Level::ERROR,
        0..10 => Level::TRACE,
        _ => return Err(PyValueError::new_err(format!("{number} is no level of logging"))),
    })
}

fn number(level: Level) -> u8 {
    match level {
        Level::TRACE => 5,
        Level::DEBUG => 10,
        Level::INFO => 20,
        Level::WARN => 30,
        Level::ERROR => 40,
    }
}

#[pymethods]
impl LogReader {
    /// Takes the records of this process from now on, up to the level, by logging's numbers (5: everything).
    #[new]
    fn new(level_number: u8) -> PyResult<Self> {
        let (readable, bell) = UnixStream::pair()?;
        readable.set_nonblocking(true)?;
        bell.set_nonblocking(true)?;
        let queue = Queue { records: VecDeque::new(), dropped: 0, bell, rung: false };
        let reader = LogReader { queue: Ours::new(Arc::new(Mutex::new(queue))), readable };
        reader.set_level(level_number)?;
        Ok(reader)
    }

    /// Takes records up to this level from now on.
    fn set_level(&self, level_number: u8) -> PyResult<()> {
        let queue = Arc::clone(self.queue.get()?);
        // The extension has the engine to itself: no collector but ours can be there.
        set_sink(level(level_number)?, Some(Arc::new(move |record: &Record| lock(&queue).push(record))));
        Ok(())
    }

    /// Readable while `take` would give something. Not to be read or closed.
    fn fileno(&self) -> i32 {
        self.readable.as_raw_fd()
    }

    /// How many records were dropped since the last call, and the rest: level, logger, message, fields.
    #[allow(clippy::type_complexity)] // read by one place in Python
    fn take(&self) -> PyResult<(usize, Vec<(u8, String, String, Vec<(&'static str, String)>)>)> {
        let mut queue = lock(self.queue.get()?);
        loop {
            match (&self.readable).read(&mut [0; 16]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                _ => break,
            }
        }
        queue.rung = false;
        let dropped = std::mem::take(&mut queue.dropped);
        let records = std::mem::take(&mut queue.records);
        drop(queue);
        let rows = records.into_iter().map(|record| {
            (number(record.level), record.target.replace("::", "."), record.message, record.fields)
        });
        Ok((dropped, rows.collect()))
    }
}
