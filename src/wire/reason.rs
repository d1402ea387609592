//! The server's own words for a failure (PROTOCOL 10.1): the body of an error answer and `reason` in events.

/// Why something failed or changed, as the server said it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reason {
    /// One of the protocol's error codes ("Gone", "RemoteFailure"); kept as it came.
    pub code: String,
    /// Refines the code ("ApplicationNotFound", "Declined"); empty when absent.
    pub subcode: String,
    /// Text for people, in the culture of the application; empty when absent or null.
    pub message: String,
    /// With a 400: the properties that the server found invalid.
    pub parameters: Vec<Parameter>,
}

/// One invalid property of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameter {
    /// The property's name.
    pub name: String,
    /// What is wrong with it ("Invalid"); may be empty.
    pub reason: String,
}
