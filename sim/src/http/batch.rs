//! Batches: many requests in one.

use super::request::Request;
use super::response::{Body, Handled, Response, reason_phrase};
use super::router::{Call, Reply, handle};
use crate::requests::SeenRequest;
use crate::state::world::unix_ms;

/// More parts than this are refused, and nothing is carried out.
const LIMIT: usize = 100;

/// POST batch.
pub(crate) fn run(call: &mut Call<'_>) -> Handled {
    let content_type = call.request.header("content-type").unwrap_or_default();
    let multipart = content_type.trim().to_ascii_lowercase().starts_with("multipart/");
    let Some(boundary) = boundary(content_type).filter(|_| multipart) else {
        let message = "Send multipart/batching with a boundary.";
        return Err(Response::error(415, "UnsupportedMediaType", "UnsupportedMediaType", message));
    };
    let text = String::from_utf8_lossy(&call.request.body).into_owned();
    let parts: Vec<Option<Request>> =
        split(&text, &boundary).into_iter().map(|part| part_request(part, call.request)).collect();
    if parts.is_empty() {
        return Err(Response::error(400, "BadRequest", "None", "There is no part in this batch."));
    }
    if parts.len() > LIMIT {
        let message = "Too many requests at once; nothing was carried out.";
        return Err(Response::error(429, "TooManyRequests", "None", message));
    }
    let own = crate::random::guid();
    let mut body = Vec::new();
    for part in parts {
        let answer = match part {
            Some(request) => one(call, &request),
            None => Response::error(400, "BadRequest", "None", "This part is no HTTP request."),
        };
        write_part(&mut body, &own, answer, call);
    }
    body.extend(format!("--{own}--\r\n").into_bytes());
    Ok(Response::bytes(&format!("multipart/batching; boundary=\"{own}\""), body))
}

fn boundary(content_type: &str) -> Option<String> {
    let named = |part: &&str| part.trim().to_ascii_lowercase().starts_with("boundary");
    let (_, value) = content_type.split(';').find(named)?.split_once('=')?;
    let value = value.trim().trim_matches('"');
    (!value.is_empty()).then(|| value.to_owned())
}

/// The texts between the boundaries. Line ends may be bare, a last boundary may be missing.
fn split<'a>(text: &'a str, boundary: &str) -> Vec<&'a str> {
    let mark = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut start = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let trimmed = line.trim_end();
        let last = trimmed.strip_prefix(&mark) == Some("--");
        if last || trimmed == mark {
            parts.extend(start.and_then(|start| text.get(start..at)));
            start = (!last).then_some(end);
        }
        at = end;
    }
    parts.extend(start.and_then(|start| text.get(start..)).filter(|rest| !rest.trim().is_empty()));
    parts
}

/// The request in a part: its own headers stand before it, its body after it.
fn part_request(part: &str, outer: &Request) -> Option<Request> {
    let (_, inner) = head_and_rest(part.trim_start_matches(['\r', '\n']))?;
    let inner = inner.trim_start_matches(['\r', '\n']);
    let (head, body) = head_and_rest(inner).unwrap_or((inner, ""));
    let mut lines = head.lines();
    let mut words = lines.next()?.split_whitespace();
    let (method, target) = (words.next()?, words.next()?);
    let header = |line: &str| line.split_once(':').map(|(k, v)| (k.trim().to_owned(), v.trim().to_owned()));
    let mut headers: Vec<(String, String)> = lines.filter_map(header).collect();
    // A part has no Authorization of its own: that of the batch counts.
    headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
    headers.extend(outer.header("authorization").map(|value| ("Authorization".to_owned(), value.to_owned())));
    let (scheme, _) = outer.origin.split_once("://")?;
    let mut request = Request::new(method, target, headers, scheme);
    if request.header("host").is_none() {
        request.origin.clone_from(&outer.origin);
    }
    request.body = body.trim_end_matches(['\r', '\n']).as_bytes().to_vec();
    request.in_batch = true;
    Some(request)
}

/// What stands before and after the first empty line.
fn head_and_rest(text: &str) -> Option<(&str, &str)> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            return Some((text.get(..at)?, text.get(at + line.len()..)?));
        }
        at += line.len();
    }
    None
}

fn one(call: &mut Call<'_>, request: &Request) -> Response {
    let number = call.world.requests.note(SeenRequest {
        number: 0,
        unix_ms: unix_ms(),
        origin: request.origin.clone(),
        method: request.method.clone(),
        target: request.target.clone(),
        headers: request.headers.clone(),
        body: String::from_utf8_lossy(&request.body).into_owned(),
        in_batch: true,
        status: None,
    });
    let answer = if is_allowed(request) {
        match handle(call.world, request) {
            Reply::Now(response) => response,
            Reply::Wait(waiting) => {
                waiting.abandon(call.world);
                Response::conflict("None", "This cannot be part of a batch.")
            }
        }
    } else {
        Response::conflict("None", "This cannot be part of a batch.")
    };
    call.world.requests.answered(number, answer.status);
    answer
}

/// Batches, photos and events have to be asked for by themselves.
fn is_allowed(request: &Request) -> bool {
    let last = request.segments.last().map(|part| part.to_ascii_lowercase()).unwrap_or_default();
    let photo = request.segments.iter().any(|part| part.eq_ignore_ascii_case("photos"));
    !photo && last != "batch" && last != "events"
}

/// A part of the answer. A byte order mark stands before its JSON, as in the captures.
fn write_part(body: &mut Vec<u8>, boundary: &str, mut answer: Response, call: &Call<'_>) {
    answer.finish(call.world, &call.request.origin);
    let mut head = format!("--{boundary}\r\nContent-Type: application/http; msgtype=response\r\n\r\n");
    head.push_str(&format!("HTTP/1.1 {} {}\r\n", answer.status, reason_phrase(answer.status)));
    head.push_str("Cache-Control: no-cache\r\n");
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    body.extend(head.into_bytes());
    if matches!(answer.body, Body::Json(_)) {
        body.extend("\u{feff}".as_bytes());
    }
    body.extend(answer.body_bytes());
    body.extend(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_what_clients_really_send() {
        let text = "\r\n--b\r\nContent-Type: application/http\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n\
                    --b\nContent-Type: application/http\n\nPOST /b HTTP/1.1\nHost: h\n\n{\"x\":1}\n--b--\n";
        let outer = Request::new("POST", "/batch", vec![("Host".into(), "h".into())], "http");
        let parts: Vec<_> =
            split(text, "b").into_iter().filter_map(|part| part_request(part, &outer)).collect();
        let seen: Vec<_> = parts.iter().map(|p| (p.method.as_str(), p.path.as_str())).collect();
        assert_eq!(seen, [("GET", "/a"), ("POST", "/b")]);
        assert_eq!(parts[1].body, b"{\"x\":1}");
        assert_eq!(boundary("multipart/batching; boundary=\"x y\"").as_deref(), Some("x y"));
        assert_eq!(split("--b\r\nA: b\r\n\r\nGET / HTTP/1.1\r\n\r\n", "b").len(), 1, "no last boundary");
    }
}
