//! From a raw answer to what the session gets: an [`Answer`], or the right error (PROTOCOL 4.1, 4.2, 10).

use std::time::SystemTime;

use bytes::Bytes;
use url::Url;

use super::retry::{self, Failure};
use super::transport::Raw;
use super::trouble::Trouble;
use super::{Answer, Content};
use crate::wire::{self, Href, Reason};
use crate::{Error, ErrorKind};

/// The names under which UCWA sends JSON.
const JSON: [&str; 3] =
    ["application/json", "application/vnd.microsoft.com.ucwa+json", "application/vnd.microsoft.ucwa+json"];
const HTML: [&str; 2] = ["text/html", "application/xhtml+xml"];
/// How much of the server's message an error repeats; the whole stays in its reason.
const MESSAGE_SHOWN: usize = 200;

/// What the session gets for an answer that is no redirect and no 401. `tried` names the request.
pub(super) fn read(raw: Raw, url: &Url, tried: String) -> Result<Answer, Trouble> {
    let content = content(&raw);
    if !is_success(raw.status) {
        return Err(reject(&raw, tried));
    }
    if content == Content::Html || coding(&raw).is_some() {
        return Err(not_ucwa(&raw, &tried, Failure::Final));
    }
    Ok(Answer {
        status: raw.status,
        url: url.clone(),
        location: raw.header("location").map(Href::new),
        content,
        retry_after: raw.header("retry-after").and_then(|text| retry::retry_after(text, SystemTime::now())),
        diagnostics: diagnostics(&raw),
        body: Bytes::from(raw.body),
        asked: tried,
    })
}

/// 304 is the good answer to a conditional request.
fn is_success(status: u16) -> bool {
    (200..300).contains(&status) || status == 304
}

/// What a body is, by its Content-Type.
pub(super) fn content(raw: &Raw) -> Content {
    if raw.body.is_empty() {
        return Content::None;
    }
    let full = raw.header("content-type").unwrap_or_default();
    let essence = full.split(';').next().unwrap_or_default().trim();
    let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(essence));
    if is(&JSON) {
        Content::Json
    } else if is(&HTML) {
        Content::Html
    } else {
        Content::Other
    }
}

/// The compression of a body, if it has one: asked for by nobody here.
fn coding(raw: &Raw) -> Option<&str> {
    let coding = raw.header("content-encoding").map(str::trim).filter(|_| !raw.body.is_empty())?;
    (!coding.is_empty() && !coding.eq_ignore_ascii_case("identity")).then_some(coding)
}

/// The server's marks of a request, for the reader of its log.
pub(super) fn diagnostics(raw: &Raw) -> Option<String> {
    let marks: Vec<&str> =
        ["x-ms-server-fqdn", "x-ms-diagnostics"].iter().filter_map(|name| raw.header(name)).collect();
    (!marks.is_empty()).then(|| marks.join("; "))
}

/// The error for any answer that is no success.
pub(super) fn reject(raw: &Raw, tried: String) -> Trouble {
    let after = raw.header("retry-after").and_then(|text| retry::retry_after(text, SystemTime::now()));
    let content = if coding(raw).is_some() { Content::Other } else { content(raw) };
    let reason = match content {
        Content::Json => wire::error_body(&raw.body),
        _ => None,
    };
    let subcode = reason.as_ref().map(|reason| reason.subcode.as_str()).unwrap_or_default();
    let failure = Failure::status(raw.status, subcode, after);
    if matches!(content, Content::Html | Content::Other) {
        return not_ucwa(raw, &tried, failure);
    }
    let kind = match raw.status {
        300..=399 => ErrorKind::Protocol,
        401 => ErrorKind::Auth,
        407 => ErrorKind::Network,
        429 => ErrorKind::Throttled,
        _ => ErrorKind::Server,
    };
    let mut error = Error::new(kind, tried, came(raw.status, reason.as_ref())).advise(advice(raw.status));
    if let Some(reason) = reason {
        error = error.with_reason(reason);
    }
    finish(error, raw, failure)
}

/// The error for a body that UCWA did not write: a proxy's or web server's page (PROTOCOL 4.1).
fn not_ucwa(raw: &Raw, tried: &str, failure: Failure) -> Trouble {
    let kind = match coding(raw) {
        Some(coding) => format!("compressed with {coding}, which was not asked for"),
        None => raw.header("content-type").unwrap_or("without a type").to_owned(),
    };
    let kind: String = kind.chars().take(60).collect();
    let came = format!("HTTP {} with a body that is not UCWA's own ({kind})", raw.status);
    let advice = match raw.status {
        407 => advice(407),
        _ => "something on the way answered instead of the server: check the address and the proxy",
    };
    let mut error = Error::new(ErrorKind::Protocol, tried, came).advise(advice);
    if matches!(raw.status, 200..=299 | 502 | 504) {
        // A gateway lost the server's answer, or put its own in the place: the server may have acted.
        error = error.maybe_worked();
    }
    finish(error, raw, failure)
}

fn finish(error: Error, raw: &Raw, failure: Failure) -> Trouble {
    let mut error = error.with_http_status(raw.status);
    if failure.passes() {
        let Failure::Status { retry_after, .. } = failure else {
            return Trouble { error: error.retryable(None), failure };
        };
        error = error.retryable(retry_after);
    }
    if let Some(marks) = diagnostics(raw) {
        error = error.with_diagnostics(marks);
    }
    Trouble { error, failure }
}

fn came(status: u16, reason: Option<&Reason>) -> String {
    let Some(reason) = reason else {
        return format!("HTTP {status}");
    };
    let mut text = format!("HTTP {status} {}", reason.code);
    if !reason.subcode.is_empty() {
        text.push('/');
        text.push_str(&reason.subcode);
    }
    if !reason.message.is_empty() {
        text.push_str(": ");
        text.extend(reason.message.chars().take(MESSAGE_SHOWN));
    }
    text
}

fn advice(status: u16) -> &'static str {
    match status {
        407 => "the proxy wants a user and password: configure the proxy with them",
        413 => "send less",
        429 | 503 => "come again later",
        _ => "",
    }
}
