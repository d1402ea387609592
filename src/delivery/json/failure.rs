//! Why something failed, as JSON: the server's own reason, and an error of ours.

use serde::Serialize;

use super::millis;
use crate::wire::Reason;
use crate::{Error, ErrorKind};

#[derive(Serialize)]
pub(super) struct ReasonJson<'a> {
    code: &'a str,
    subcode: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<ParameterJson<'a>>,
}

#[derive(Serialize)]
struct ParameterJson<'a> {
    name: &'a str,
    reason: &'a str,
}

impl<'a> ReasonJson<'a> {
    pub(super) fn of(reason: &'a Reason) -> Self {
        let parameters = reason.parameters.iter();
        ReasonJson {
            code: &reason.code,
            subcode: &reason.subcode,
            message: &reason.message,
            parameters: parameters
                .map(|parameter| ParameterJson { name: &parameter.name, reason: &parameter.reason })
                .collect(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct ErrorJson<'a> {
    kind: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    retryable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ReasonJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostics: Option<&'a str>,
}

impl<'a> ErrorJson<'a> {
    pub(super) fn of(error: &'a Error) -> Self {
        ErrorJson {
            kind: error_word(error.kind()),
            message: error.to_string(),
            http_status: error.http_status(),
            retryable: error.is_retryable(),
            retry_after_ms: error.retry_after().map(millis),
            reason: error.reason().map(ReasonJson::of),
            diagnostics: error.diagnostics(),
        }
    }
}

fn error_word(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidArgument => "invalid_argument",
        ErrorKind::WrongState => "wrong_state",
        ErrorKind::Closed => "closed",
        ErrorKind::Cancelled => "cancelled",
        ErrorKind::Timeout => "timeout",
        ErrorKind::NotFound => "not_found",
        ErrorKind::NotAllowed => "not_allowed",
        ErrorKind::Unsupported => "unsupported",
        ErrorKind::CredentialsNeeded => "credentials_needed",
        ErrorKind::Network => "network",
        ErrorKind::Tls => "tls",
        ErrorKind::Discovery => "discovery",
        ErrorKind::Auth => "auth",
        ErrorKind::Protocol => "protocol",
        ErrorKind::Server => "server",
        ErrorKind::Throttled => "throttled",
        ErrorKind::Internal => "internal",
    }
}
