use std::os::fd::{AsRawFd, OwnedFd};

use pyo3::prelude::*;
use pyo3::types::PyList;
use ucwa::delivery::{self, Mask, Next};

use super::event::wrap;
use super::fork::Ours;
use super::session::Session;

/// Events of a session from now on, by a mask, in a bounded queue. Never waits: wait until `fileno()` is readable.
#[pyclass(frozen, module = "ucwa._ucwa")]
pub(crate) struct Reader {
    reader: Ours<delivery::Reader>,
    /// Signalled while something is queued, and for good when nothing will come any more.
    handle: OwnedFd,
}

#[pymethods]
impl Reader {
    #[new]
    #[pyo3(signature = (session, mask, capacity = 0))]
    fn new(session: &Session, mask: u64, capacity: usize) -> PyResult<Self> {
        let session = session.inner()?;
        let reader = delivery::Reader::new(Mask::from_bits(mask), capacity);
        let handle = reader.wait_handle()?;
        reader.attach(session.events());
        Ok(Reader { reader: Ours::new(reader), handle })
    }

    /// Readable while `take` would give something. Not to be read or closed.
    fn fileno(&self) -> i32 {
        self.handle.as_raw_fd()
    }

    /// What is queued, at most `most` events; None when nothing will come any more.
    fn take<'py>(&self, py: Python<'py>, most: usize) -> PyResult<Option<Bound<'py, PyList>>> {
        let reader = self.reader.get()?;
        let events = PyList::empty(py);
        while events.len() < most {
            match reader.next(Some(std::time::Duration::ZERO)) {
                Next::Event(event) => events.append(wrap(py, event)?)?,
                Next::Closed if events.is_empty() => return Ok(None),
                Next::Empty | Next::Closed => break,
            }
        }
        Ok(Some(events))
    }

    /// Takes other kinds of events from now on.
    fn set_mask(&self, mask: u64) -> PyResult<()> {
        self.reader.get()?.set_mask(Mask::from_bits(mask));
        Ok(())
    }

    /// Ends the reader: what is queued is dropped, whoever waits for it wakes up.
    fn close(&self) -> PyResult<()> {
        self.reader.get()?.close();
        Ok(())
    }
}
