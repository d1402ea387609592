//! An answer.

use serde_json::{Value, json};

use crate::choices::ErrorParameters;
use crate::errors::ErrorName;
use crate::state::world::World;

/// An answer in the making: JSON stays a value until it is sent, so that it can still be spoilt on purpose.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
}

#[derive(Debug, Clone)]
pub(crate) enum Body {
    Empty,
    Json(Value),
    Bytes(Vec<u8>),
}

/// An answer, or the error that takes its place.
pub(crate) type Handled = Result<Response, Response>;

impl Response {
    fn new(status: u16, body: Body) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self::new(status, Body::Empty)
    }

    pub(crate) fn json(status: u16, body: Value) -> Self {
        let etag = body.get("etag").and_then(Value::as_str).map(|etag| format!("\"{etag}\""));
        let response =
            Self::new(status, Body::Json(body)).with("Content-Type", "application/json; charset=utf-8");
        match etag {
            Some(etag) => response.with("ETag", &etag),
            None => response,
        }
    }

    pub(crate) fn html(status: u16, text: &str) -> Self {
        Self::new(status, Body::Bytes(text.as_bytes().to_vec()))
            .with("Content-Type", "text/html; charset=utf-8")
    }

    pub(crate) fn bytes(content_type: &str, bytes: Vec<u8>) -> Self {
        Self::new(200, Body::Bytes(bytes)).with("Content-Type", content_type)
    }

    /// 201 with the address of what was made, and no body.
    pub(crate) fn created(location: String) -> Self {
        Self::empty(201).with("Location", &location)
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        // A line break in a value would be a header of its own.
        let value = value.chars().filter(|c| !c.is_control()).collect();
        self.headers.push((name.to_owned(), value));
        self
    }

    pub(crate) fn error(status: u16, code: &str, subcode: &str, message: &str) -> Self {
        Self::json(status, json!({"code": code, "subcode": subcode, "message": message}))
    }

    /// One of the errors that can be asked for by name.
    pub(crate) fn named(error: &ErrorName, parameters: &[(String, String)]) -> Self {
        Self::json(error.status(), error.body(parameters))
    }

    pub(crate) fn not_found() -> Self {
        Self::error(404, "NotFound", "ResourceNotFound", "There is nothing at this address.")
    }

    pub(crate) fn conversation_not_found() -> Self {
        Self::error(
            404,
            "NotFound",
            "ConversationNotFound",
            "This conversation does not exist, or no longer.",
        )
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::error(405, "MethodNotAllowed", "None", "This method is not supported here.")
    }

    pub(crate) fn forbidden(subcode: &str) -> Self {
        Self::error(403, "Forbidden", subcode, "You may not do this.")
    }

    pub(crate) fn conflict(subcode: &str, message: &str) -> Self {
        Self::error(409, "Conflict", subcode, message)
    }

    /// 400 with what is wrong about each parameter.
    pub(crate) fn invalid(parameters: &[(&str, &str)]) -> Self {
        let list: Vec<_> =
            parameters.iter().map(|(name, reason)| json!({"name": name, "reason": reason})).collect();
        Self::json(
            400,
            json!({
                "code": "BadRequest", "subcode": "ParameterValidationFailure",
                "message": "Please check what you entered and try again.", "parameters": list,
            }),
        )
    }

    /// The last touch before it goes out: without what is left out, and in the spelling that switches say.
    pub(crate) fn finish(&mut self, world: &World, origin: &str) {
        if let Body::Json(body) = &mut self.body {
            world.without.strip(body);
            if world.switches.error_parameters == ErrorParameters::Object {
                crate::errors::parameters_as_object(body);
            }
            crate::resources::spelling::respell(body, world.switches.href_spelling);
        }
        if world.switches.absolute_hrefs {
            self.make_absolute(origin);
        }
    }

    /// Gives every href scheme and host, and the Location too.
    fn make_absolute(&mut self, base: &str) {
        if let Body::Json(body) = &mut self.body {
            crate::resources::make_absolute(body, base);
        }
        for (name, value) in &mut self.headers {
            if name == "Location" && value.starts_with('/') {
                value.insert_str(0, base);
            }
        }
    }

    /// The body as it goes out.
    pub(crate) fn body_bytes(&self) -> Vec<u8> {
        match &self.body {
            Body::Empty => Vec::new(),
            Body::Json(value) => value.to_string().into_bytes(),
            Body::Bytes(bytes) => bytes.clone(),
        }
    }

    /// Status line and headers. Names in their usual spelling: there are clients that compare them with case.
    pub(crate) fn head(&self, length: usize, keep_alive: bool) -> String {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason_phrase(self.status));
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.headers.iter().any(|(name, _)| name == "Cache-Control") {
            head.push_str("Cache-Control: no-cache\r\n");
        }
        head.push_str("X-MS-Server-Fqdn: sim.contoso.com\r\n");
        // HTTP forbids a length on these two.
        if !matches!(self.status, 204 | 304) {
            head.push_str(&format!("Content-Length: {length}\r\n"));
        }
        if !keep_alive {
            head.push_str("Connection: close\r\n");
        }
        head.push_str("\r\n");
        head
    }
}

pub(crate) fn reason_phrase(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Request Entity Too Large",
        415 => "Unsupported Media Type",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}

/// The code of the error table that belongs to a status.
pub(crate) fn code_of(status: u16) -> &'static str {
    match status {
        400 => "BadRequest",
        403 => "Forbidden",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        408 => "ClientTimeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "PreConditionFailed",
        413 => "EntityTooLarge",
        415 => "UnsupportedMediaType",
        428 => "PreConditionRequired",
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => "ServiceFailure",
    }
}
