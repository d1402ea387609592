//! The synchronous errors of the protocol, by name.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A synchronous error that is asked for: one of [`error_names`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ErrorName(&'static Row);

#[derive(Debug, PartialEq, Eq)]
struct Row {
    name: &'static str,
    status: u16,
    code: &'static str,
    subcode: &'static str,
    message: &'static str,
}

const fn row(
    name: &'static str,
    status: u16,
    code: &'static str,
    subcode: &'static str,
    message: &'static str,
) -> Row {
    Row { name, status, code, subcode, message }
}

/// First the rows of every POST's page, then the generic ones, then what other pages name. HTTP codes that no page
/// gives are inferred.
const ROWS: &[Row] = &[
    row(
        "AlreadyExists",
        409,
        "Conflict",
        "AlreadyExists",
        "The requested resource already exists. Please wait and try again.",
    ),
    row(
        "CallbackChannelError",
        500,
        "ServiceFailure",
        "CallbackChannelError",
        "The remote event channel is not reachable.",
    ),
    row("CannotRedirect", 410, "Gone", "CannotRedirect", "There is no backup pool."),
    row("None", 409, "Conflict", "None", "This service, resource or API is not supported."),
    row("TooManyGroups", 409, "Conflict", "TooManyGroups", "There are too many groups."),
    row("ApplicationNotFound", 404, "NotFound", "ApplicationNotFound", "This application does not exist."),
    row("BadRequest", 400, "BadRequest", "None", "The request is malformed."),
    row(
        "DeserializationFailure",
        400,
        "BadRequest",
        "DeserializationFailure",
        "The body could not be deserialized.",
    ),
    row("EntityTooLarge", 413, "EntityTooLarge", "None", "The request is too large."),
    row(
        "ExchangeServiceFailure",
        500,
        "ExchangeServiceFailure",
        "None",
        "The mailbox server cannot be reached.",
    ),
    row(
        "InactiveApplicationExpired",
        410,
        "Gone",
        "InactiveApplicationExpired",
        "The inactive application has expired.",
    ),
    row("MethodNotAllowed", 405, "MethodNotAllowed", "None", "This method is not supported here."),
    row(
        "MobileApplicationNoLongerAllowed",
        403,
        "Forbidden",
        "MobileApplicationNoLongerAllowed",
        "Mobile applications are no longer allowed.",
    ),
    row(
        "ParameterValidationFailure",
        400,
        "BadRequest",
        "ParameterValidationFailure",
        "Please check what you entered and try again.",
    ),
    row(
        "PreconditionFailed",
        412,
        "PreConditionFailed",
        "None",
        "The resource has changed since it was read.",
    ),
    row("PreconditionRequired", 428, "PreConditionRequired", "None", "If-Match is missing."),
    row("ResourceNotFound", 404, "NotFound", "ResourceNotFound", "There is nothing at this address."),
    row("ServiceFailure", 500, "ServiceFailure", "None", "The service has failed."),
    row("ServiceTimeout", 504, "Timeout", "Timeout", "A service did not answer in time."),
    row("TooManyApplications", 410, "Gone", "TooManyApplications", "This user runs too many applications."),
    row(
        "UnsupportedMediaType",
        415,
        "UnsupportedMediaType",
        "UnsupportedMediaType",
        "This content type is not supported.",
    ),
    row(
        "VersionNotSupported",
        404,
        "NotFound",
        "APIVersionNotSupported",
        "This version of the resource is not supported.",
    ),
    row("AnonymousNotAllowed", 403, "Forbidden", "AnonymousNotAllowed", "This is not for guests."),
    row(
        "AnotherOperationPending",
        409,
        "Conflict",
        "AnotherOperationPending",
        "Another operation is in progress.",
    ),
    row("AttendeeNotAllowed", 403, "Forbidden", "AttendeeNotAllowed", "Attendees may not do this."),
    row(
        "ConversationNotFound",
        404,
        "NotFound",
        "ConversationNotFound",
        "This conversation does not exist, or no longer.",
    ),
    row("DestinationNotFound", 404, "NotFound", "DestinationNotFound", "There is nobody with this address."),
    row("DialoutNotAllowed", 403, "Forbidden", "DialoutNotAllowed", "Dialing out is not allowed."),
    row("Forbidden", 403, "Forbidden", "None", "You may not do this."),
    row(
        "InvalidExchangeServerVersion",
        500,
        "ServiceFailure",
        "InvalidExchangeServerVersion",
        "The mailbox is on an unsupported server.",
    ),
    row("LimitExceeded", 403, "Forbidden", "LimitExceeded", "A limit is exceeded."),
    row("MakeMeAvailableRequired", 409, "Conflict", "MakeMeAvailableRequired", "Call makeMeAvailable first."),
    row("ServiceUnavailable", 503, "ServiceUnavailable", "None", "The service is not available now."),
    row("TooManyConversations", 409, "Conflict", "TooManyConversations", "There are too many conversations."),
    row("TooManyParticipants", 409, "Conflict", "TooManyParticipants", "There are too many participants."),
    row("TooManyRequests", 429, "TooManyRequests", "None", "There are too many requests."),
    row("UserAgentNotAllowed", 410, "Gone", "UserAgentNotAllowed", "This program is no longer supported."),
];

/// The names of all errors that can be asked for.
pub fn error_names() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.name)
}

impl TryFrom<String> for ErrorName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let found = ROWS.iter().find(|row| row.name.eq_ignore_ascii_case(&name));
        found.map(Self).ok_or_else(|| format!("\"{name}\" is none of the errors of docs/SIMULATOR.md"))
    }
}

impl From<ErrorName> for String {
    fn from(name: ErrorName) -> Self {
        name.0.name.to_owned()
    }
}

impl std::str::FromStr for ErrorName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::try_from(name.to_owned())
    }
}

impl ErrorName {
    pub(crate) fn status(&self) -> u16 {
        self.0.status
    }

    /// The body; `parameters` are names and what is wrong with each.
    pub(crate) fn body(&self, parameters: &[(String, String)]) -> Value {
        let mut body = json!({"code": self.0.code, "subcode": self.0.subcode, "message": self.0.message});
        if let Value::Object(body) = &mut body
            && !parameters.is_empty()
        {
            let one = |(name, reason): &(String, String)| json!({"name": name, "reason": reason});
            body.insert("parameters".into(), parameters.iter().map(one).collect());
        }
        body
    }
}

/// Turns the list of wrong parameters of an error into an object, one member each.
pub(crate) fn parameters_as_object(body: &mut Value) {
    let Some(list) = body.get("parameters").and_then(Value::as_array) else {
        return;
    };
    let pair = |item: &Value| Some((item.get("name")?.as_str()?.to_owned(), item.get("reason")?.clone()));
    let bag: Map<String, Value> = list.iter().filter_map(pair).collect();
    if let Value::Object(body) = body {
        body.insert("parameters".into(), Value::Object(bag));
    }
}
