//! One connection: requests in, answers out, one after the other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

use super::events::{Found, Waiting};
use super::reader::{ReadError, Reader};
use super::request::Request;
use super::response::{Body, Response, code_of};
use super::router::{Reply, handle};
use crate::control::Control;
use crate::faults::{FaultBody, FaultKind};
use crate::requests::SeenRequest;
use crate::settings::Settings;
use crate::state::world::{World, unix_ms};

/// How long an answer is held back at most so that its events come first.
const EVENTS_FIRST: Duration = Duration::from_secs(10);
/// How much is read ahead of a waiting P-GET.
const AHEAD_LIMIT: usize = 64 * 1024;

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) world: Mutex<World>,
    /// What it was started with.
    pub(crate) settings: Arc<Settings>,
}

impl Shared {
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        // Every method leaves the world whole, so a panic elsewhere is no reason to stop here.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something to the world and wakes whom it concerns at once.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let (result, wake) = {
            let mut world = self.world();
            (act(&mut world), world.take_wake())
        };
        rouse(&wake);
        result
    }
}

pub(crate) fn rouse(wake: &[Arc<Notify>]) {
    for notify in wake {
        notify.notify_waiters();
    }
}

/// Serves a connection to its end. Over plain HTTP where HTTPS is spoken there is only a redirect.
pub(crate) async fn serve<S>(stream: S, shared: Arc<Shared>, scheme: &'static str, only_redirect: bool)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut reader = Reader::new(stream);
    loop {
        let request = match reader.request(scheme).await {
            Ok(request) => request,
            Err(error) => return complain(&mut reader.stream, &error).await,
        };
        let keep_alive = request.keep_alive;
        if only_redirect {
            let to = format!("https{}{}", request.origin.trim_start_matches("http"), request.target);
            let answer = Response::empty(302).with("Location", &to);
            if write(&mut reader.stream, &answer, keep_alive, None).await.is_err() || !keep_alive {
                return;
            }
            continue;
        }
        if !answer(&mut reader, &shared, &request).await {
            let _ = reader.stream.shutdown().await;
            return;
        }
    }
}

async fn complain<S: AsyncWrite + Unpin>(stream: &mut S, error: &ReadError) {
    let (status, subcode) = match error {
        ReadError::Closed => return,
        ReadError::Malformed => (400, "None"),
        ReadError::HeadTooLarge => (431, "None"),
        ReadError::BodyTooLarge => (413, "EntityTooLarge"),
    };
    let answer = Response::error(status, code_of(status), subcode, "This request cannot be read.");
    let _ = write(stream, &answer, false, None).await;
    let _ = stream.shutdown().await;
}

/// Answers one request; false when the connection is over.
async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
    reader: &mut Reader<S>,
    shared: &Arc<Shared>,
    request: &Request,
) -> bool {
    if request.segments.first().is_some_and(|first| first == "sim") {
        let response = crate::control::http::handle(&Control::new(Arc::clone(shared)), request);
        return write(&mut reader.stream, &response, request.keep_alive, None).await.is_ok()
            && request.keep_alive;
    }
    let (number, faults) = {
        let mut world = shared.world();
        let number = note(&mut world, request);
        (number, world.faults.hit(&request.method, &request.target, &request.body))
    };
    if faults.iter().any(|fault| matches!(fault, FaultKind::Drop { carried_out: false })) {
        return false;
    }
    let (reply, wake) = match faults.iter().find_map(refused) {
        Some(response) => (Reply::Now(response), Vec::new()),
        None => {
            let mut world = shared.world();
            let reply = handle(&mut world, request);
            (reply, world.take_wake())
        }
    };
    let mut response = match reply {
        Reply::Now(response) => response,
        Reply::Wait(waiting) => {
            rouse(&wake);
            match wait(reader, shared, &waiting).await {
                Some(response) => response,
                None => return false,
            }
        }
    };
    if let Some(held) = faults.iter().find_map(held_back) {
        rouse(&wake);
        hold(shared, request, held).await;
    }
    response.finish(&shared.world(), &request.origin);
    let keep_alive = if faults.iter().any(|fault| matches!(fault, FaultKind::Drop { .. })) {
        false
    } else {
        shared.world().requests.answered(number, response.status);
        let cut = spoil(&mut response, &faults);
        let written = write(&mut reader.stream, &response, request.keep_alive, cut).await;
        written.is_ok() && request.keep_alive && cut.is_none()
    };
    rouse(&wake);
    keep_alive
}

fn note(world: &mut World, request: &Request) -> u64 {
    let secret = request.path.to_ascii_lowercase().ends_with("oauthtoken");
    let body = if secret { String::new() } else { String::from_utf8_lossy(&request.body).into_owned() };
    world.requests.note(SeenRequest {
        number: 0,
        unix_ms: unix_ms(),
        origin: request.origin.clone(),
        method: request.method.clone(),
        target: request.target.clone(),
        headers: request.headers.clone(),
        body,
        in_batch: request.in_batch,
        status: None,
    })
}

/// Waits with a P-GET; none when the client goes away.
async fn wait<S: AsyncRead + AsyncWrite + Unpin>(
    reader: &mut Reader<S>,
    shared: &Arc<Shared>,
    waiting: &Waiting,
) -> Option<Response> {
    loop {
        // Registered before looking, so that no news slips in between.
        let news = waiting.notify.notified();
        tokio::pin!(news);
        news.as_mut().enable();
        let until = match waiting.look(&mut shared.world()) {
            Found::Answer(response) => return Some(response),
            Found::Nothing(until) => Instant::from_std(until),
        };
        let open = reader.buffer.len() < AHEAD_LIMIT;
        tokio::select! {
            () = &mut news => {}
            () = sleep_until(until) => {}
            more = reader.fill(), if open => {
                if more.is_err() {
                    waiting.abandon(&mut shared.world());
                    return None;
                }
            }
        }
    }
}

/// A fault that answers in place of the server.
fn refused(fault: &FaultKind) -> Option<Response> {
    let (status, body, code, subcode, headers) = match fault {
        FaultKind::Error { name, parameters } => return Some(Response::named(name, parameters)),
        FaultKind::Status { status, body, code, subcode, headers } => (status, body, code, subcode, headers),
        FaultKind::Answer { status, content_type, text } => {
            let bytes = Body::Bytes(text.clone().into_bytes());
            let answer = Response { status: *status, headers: Vec::new(), body: bytes };
            return Some(answer.with("Content-Type", content_type));
        }
        _ => return None,
    };
    let code = if code.is_empty() { code_of(*status) } else { code };
    let mut response = match body {
        FaultBody::Json => Response::error(*status, code, subcode, "A fault that was asked for."),
        FaultBody::Html => {
            Response::html(*status, "<html><body><h1>Something is in the way.</h1></body></html>")
        }
        FaultBody::Empty => Response::empty(*status),
    };
    for (name, value) in headers {
        response = response.with(name, value);
    }
    Some(response)
}

#[derive(Clone, Copy)]
enum Held {
    For(u64),
    UntilRead,
}

fn held_back(fault: &FaultKind) -> Option<Held> {
    match fault {
        FaultKind::Delay { ms } => Some(Held::For(*ms)),
        FaultKind::EventBefore201 {} => Some(Held::UntilRead),
        _ => None,
    }
}

async fn hold(shared: &Arc<Shared>, request: &Request, held: Held) {
    match held {
        Held::For(ms) => sleep(Duration::from_millis(ms)).await,
        Held::UntilRead => {
            let limit = Instant::now() + EVENTS_FIRST;
            let pages = shared.world().open_pages(&request.segments);
            while !shared.world().are_read(&pages) && Instant::now() < limit {
                sleep(Duration::from_millis(5)).await;
            }
        }
    }
}

/// Spoils an answer as asked; says after how many bytes of the body to stop.
fn spoil(response: &mut Response, faults: &[FaultKind]) -> Option<usize> {
    let mut cut = None;
    for fault in faults {
        match (fault, &mut response.body) {
            (FaultKind::NoSender {}, Body::Json(Value::Object(page))) => {
                page.remove("sender");
            }
            (FaultKind::NoEmbedded {}, Body::Json(page)) => without_embedded(page),
            (FaultKind::Truncate { bytes }, _) => cut = Some(*bytes),
            _ => {}
        }
    }
    if faults.contains(&FaultKind::Bom {}) {
        let mut bytes = "\u{feff}".as_bytes().to_vec();
        bytes.extend(response.body_bytes());
        response.body = Body::Bytes(bytes);
    }
    cut
}

fn without_embedded(page: &mut Value) {
    let senders = page.get_mut("sender").and_then(Value::as_array_mut);
    let events = senders.into_iter().flatten().filter_map(|sender| sender.get_mut("events")?.as_array_mut());
    for event in events.flatten().filter_map(Value::as_object_mut) {
        event.remove("_embedded");
    }
}

/// Writes an answer in one piece.
async fn write<S: AsyncWrite + Unpin>(
    stream: &mut S,
    response: &Response,
    keep_alive: bool,
    cut: Option<usize>,
) -> std::io::Result<()> {
    let body = response.body_bytes();
    let mut bytes = response.head(body.len(), keep_alive).into_bytes();
    bytes.extend(body.get(..cut.unwrap_or(body.len()).min(body.len())).unwrap_or_default());
    stream.write_all(&bytes).await?;
    stream.flush().await
}
