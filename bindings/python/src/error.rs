//! The engine's errors as exceptions of `ucwa`, whose classes stand in python/ucwa/_errors.py.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};
use ucwa::ErrorKind;
use ucwa::wire;

/// The server's own words for a failure or a change (`ErrorCode` and friends).
#[pyclass(frozen, eq, module = "ucwa")]
#[derive(PartialEq)]
pub(crate) struct Reason(pub(crate) wire::Reason);

#[pymethods]
impl Reason {
    #[classattr]
    #[pyo3(name = "__match_args__")]
    const MATCH_ARGS: (&'static str, &'static str) = ("code", "subcode");

    /// The error code, such as "RemoteFailure".
    #[getter]
    fn code(&self) -> &str {
        &self.0.code
    }

    /// What refines the code, such as "Declined"; "" when the server gave none.
    #[getter]
    fn subcode(&self) -> &str {
        &self.0.subcode
    }

    /// Text for people, in the culture of the application; "" when the server gave none.
    #[getter]
    fn message(&self) -> &str {
        &self.0.message
    }

    /// Pairs of name and reason: the properties of a request that the server found invalid.
    #[getter]
    fn parameters(&self) -> Vec<(&str, &str)> {
        pairs(&self.0)
    }

    fn __repr__(&self) -> String {
        format!("Reason(code={:?}, subcode={:?}, message={:?})", self.0.code, self.0.subcode, self.0.message)
    }
}

fn pairs(reason: &wire::Reason) -> Vec<(&str, &str)> {
    reason.parameters.iter().map(|parameter| (parameter.name.as_str(), parameter.reason.as_str())).collect()
}

/// The exception for an error, to raise.
pub(crate) fn raise(error: &ucwa::Error) -> PyErr {
    Python::attach(|py| match exception(py, error) {
        Ok(exception) => PyErr::from_value(exception),
        Err(failed) => failed,
    })
}

/// The exception for an error, as a value.
pub(crate) fn exception<'py>(py: Python<'py>, error: &ucwa::Error) -> PyResult<Bound<'py, PyAny>> {
    let made = class(py, class_name(error.kind()))?.call1((error.to_string(),))?;
    made.setattr("tried", error.tried())?;
    made.setattr("came", error.came())?;
    made.setattr("advice", error.advice())?;
    made.setattr("retryable", error.is_retryable())?;
    made.setattr("may_have_worked", error.may_have_worked())?;
    if let Some(status) = error.http_status() {
        made.setattr("http_status", status)?;
    }
    if let Some(after) = error.retry_after() {
        made.setattr("retry_after", after.as_secs_f64())?;
    }
    if let Some(diagnostics) = error.diagnostics() {
        made.setattr("diagnostics", diagnostics)?;
    }
    if let Some(reason) = error.reason() {
        made.setattr("code", &reason.code)?;
        made.setattr("subcode", &reason.subcode)?;
        made.setattr("message", &reason.message)?;
        made.setattr("parameters", PyTuple::new(py, pairs(reason))?)?;
    }
    Ok(made)
}

/// Used in a child of the process that made it.
pub(crate) fn forked() -> PyErr {
    let text = "it belongs to the parent of this process; make a new session after a fork";
    Python::attach(|py| match class(py, "ForkedError").and_then(|class| class.call1((text,))) {
        Ok(exception) => PyErr::from_value(exception),
        Err(failed) => failed,
    })
}

/// Nothing the engine knows has this id, or it is 0.
pub(crate) fn unknown(what: &str, id: u64) -> PyErr {
    let came = format!("there is no {what} {id} (any more)");
    raise(&ucwa::Error::new(ErrorKind::NotFound, format!("look up {what} {id}"), came))
}

fn class_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidArgument => "InvalidArgumentError",
        ErrorKind::WrongState => "WrongStateError",
        ErrorKind::Closed => "ClosedError",
        ErrorKind::Cancelled => "CancelledError",
        ErrorKind::Timeout => "TimeoutError",
        ErrorKind::NotFound => "NotFoundError",
        ErrorKind::NotAllowed => "NotAllowedError",
        ErrorKind::Unsupported => "UnsupportedError",
        ErrorKind::CredentialsNeeded | ErrorKind::Auth => "CredentialsError",
        ErrorKind::Network => "NetworkError",
        ErrorKind::Tls => "TlsError",
        ErrorKind::Discovery => "DiscoveryError",
        ErrorKind::Protocol => "ProtocolError",
        ErrorKind::Server => "ServerError",
        ErrorKind::Throttled => "ThrottledError",
        ErrorKind::Internal => "InternalError",
        _ => "Error",
    }
}

fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyType>> {
    let found = py.import("ucwa._errors")?.getattr(name)?;
    found
        .cast_into::<PyType>()
        .map_err(|_| PyRuntimeError::new_err(format!("ucwa._errors.{name} is no class")))
}
