//! An event channel: what is queued, which page is out, who is waiting.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tokio::sync::Notify;

use super::event::{Class, Event, EventType};
use crate::choices::Aggregation;
use crate::switches::Switches;

/// The documented bounds of the parameters of a P-GET, in milliseconds.
const HOLD: (u64, u64) = (5_000, 1_800_000);
const TIMEOUT: (u64, u64) = (180_000, 1_800_000);
const MEDIUM_DEFAULT: Duration = Duration::from_millis(5_000);
const TIMEOUT_DEFAULT: Duration = Duration::from_millis(180_000);

/// A pending GET as it came in.
#[derive(Debug, Clone)]
pub(crate) struct PGet {
    /// Path without query.
    pub(crate) path: String,
    /// The whole query.
    pub(crate) query: Vec<(String, String)>,
}

impl PGet {
    fn value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn ack(&self) -> Option<u64> {
        self.value("ack")?.parse().ok()
    }

    /// The link with another `ack`. What the client added for itself is dropped, for it adds it again; what it
    /// did not make (`key`, `instanceId`, anything unknown) stays.
    fn link(&self, ack: u64) -> Value {
        let own = ["ack", "low", "medium", "timeout", "priority"];
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("ack", &ack.to_string());
        for (key, value) in &self.query {
            if !own.iter().any(|name| key.eq_ignore_ascii_case(name)) {
                query.append_pair(key, value);
            }
        }
        json!({"href": format!("{}?{}", self.path, query.finish())})
    }
}

/// The answer to an arriving P-GET.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// A body at once: a page once more, or the way back for a wrong `ack`.
    Body(Value),
    /// Another one waits with a higher priority.
    Refused,
    /// It waits; the ticket names it.
    Parked(u64),
}

/// What a waiting P-GET learns when it looks.
#[derive(Debug)]
pub(crate) enum Look {
    Body(Value),
    Replaced,
    WaitUntil(Instant),
}

#[derive(Debug)]
struct Parked {
    ticket: u64,
    request: PGet,
    ack: u64,
    priority: i64,
    deadline: Instant,
}

/// An event channel.
#[derive(Debug)]
pub(crate) struct Channel {
    queue: VecDeque<(Instant, Event)>,
    /// The page that was sent and not yet acknowledged.
    page: Option<(u64, Value)>,
    /// The `ack` of the page to be made next.
    next_ack: u64,
    parked: Option<Parked>,
    tickets: u64,
    medium: Duration,
    timeout: Duration,
    last_release: Instant,
    resume: bool,
    notify: Arc<Notify>,
}

impl Channel {
    pub(crate) fn new(first_ack: u64, now: Instant) -> Self {
        Self {
            queue: VecDeque::new(),
            page: None,
            next_ack: first_ack,
            parked: None,
            tickets: 0,
            medium: MEDIUM_DEFAULT,
            timeout: TIMEOUT_DEFAULT,
            last_release: now,
            resume: false,
            notify: Arc::new(Notify::new()),
        }
    }

    pub(crate) fn notify(&self) -> Arc<Notify> {
        Arc::clone(&self.notify)
    }

    /// The `ack` that a client needs which knows nothing: the page that is out, or the next one.
    pub(crate) fn current_ack(&self) -> u64 {
        self.page.as_ref().map_or(self.next_ack, |(ack, _)| *ack)
    }

    /// The `ack` of the page that has, or will have, everything that was queued up to now.
    pub(crate) fn open_page(&self) -> Option<u64> {
        if self.queue.is_empty() { self.page.as_ref().map(|(ack, _)| *ack) } else { Some(self.next_ack) }
    }

    /// Whether the page after this one was asked for.
    pub(crate) fn is_past(&self, ack: u64) -> bool {
        self.next_ack > ack + 1 || (self.next_ack > ack && self.page.is_none())
    }

    pub(crate) fn is_parked(&self) -> bool {
        self.parked.is_some()
    }

    pub(crate) fn queued(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn unacknowledged(&self) -> usize {
        let page = self.page.as_ref().map(|(_, page)| page);
        let senders = page.and_then(|page| page.get("sender")).and_then(Value::as_array);
        let events = |sender: &Value| sender.get("events").and_then(Value::as_array).map_or(0, Vec::len);
        senders.map_or(0, |senders| senders.iter().map(events).sum())
    }

    /// Since when nobody waits; none while somebody does.
    pub(crate) fn silent_since(&self) -> Option<Instant> {
        self.parked.is_none().then_some(self.last_release)
    }

    /// The next page tells the client to resume.
    pub(crate) fn resume(&mut self) {
        self.queue.clear();
        self.resume = true;
    }

    pub(crate) fn arrive(&mut self, request: PGet, switches: &Switches, now: Instant) -> Arrival {
        self.remember_times(&request, switches);
        let Some(ack) = request.ack() else {
            return Arrival::Body(self.resync(&request));
        };
        if let Some((_, page)) = self.page.as_ref().filter(|(kept, _)| *kept == ack) {
            return Arrival::Body(page.clone());
        }
        if ack != self.next_ack {
            return Arrival::Body(self.resync(&request));
        }
        // Asking for the page after it acknowledges the page that is out.
        self.page = None;
        let priority = request.value("priority").and_then(|value| value.parse().ok()).unwrap_or(0);
        if self.parked.as_ref().is_some_and(|waiting| priority < waiting.priority) {
            return Arrival::Refused;
        }
        self.tickets += 1;
        let deadline = now + self.timeout;
        self.parked = Some(Parked { ticket: self.tickets, request, ack, priority, deadline });
        self.notify.notify_waiters();
        Arrival::Parked(self.tickets)
    }

    /// A wrong `ack`: the only link leads to the first page that is not acknowledged.
    fn resync(&self, request: &PGet) -> Value {
        json!({"_links": {"resync": request.link(self.current_ack())}})
    }

    fn remember_times(&mut self, request: &PGet, switches: &Switches) {
        let time = |name: &str, (least, most): (u64, u64)| {
            let seconds: f64 = request.value(name)?.parse().ok()?;
            let millis = (seconds.clamp(0.0, 1e6) * 1000.0) as u64;
            Some(Duration::from_millis(
                millis.clamp(switches.min_timeout_ms.unwrap_or(least).min(most), most),
            ))
        };
        self.timeout = time("timeout", TIMEOUT).unwrap_or(self.timeout);
        self.medium = time("medium", HOLD).unwrap_or(self.medium);
    }

    pub(crate) fn look(&mut self, ticket: u64, switches: &Switches, now: Instant) -> Look {
        let Some(parked) = self.parked.as_ref().filter(|parked| parked.ticket == ticket) else {
            return Look::Replaced;
        };
        let deadline = parked.deadline;
        match self.release_at(deadline) {
            Some(at) if at > now => Look::WaitUntil(at.min(deadline)),
            _ => Look::Body(self.release(switches, now)),
        }
    }

    /// When the waiting P-GET is to be answered; none for at once.
    fn release_at(&self, deadline: Instant) -> Option<Instant> {
        if self.resume || self.queue.iter().any(|(_, event)| event.class == Class::High) {
            return None;
        }
        let held = self.queue.iter().map(|(queued, _)| *queued + self.medium).min();
        Some(held.map_or(deadline, |at| at.min(deadline)))
    }

    fn release(&mut self, switches: &Switches, now: Instant) -> Value {
        let Some(parked) = self.parked.take() else {
            return Value::Null;
        };
        let events: Vec<Event> = self.queue.drain(..).map(|(_, event)| event).collect();
        let onward = if std::mem::take(&mut self.resume) { "resume" } else { "next" };
        let mut links = Map::new();
        links.insert("self".into(), parked.request.link(parked.ack));
        links.insert(onward.into(), parked.request.link(parked.ack + 1));
        let mut page = json!({"_links": links});
        if let Value::Object(page) = &mut page
            && (!events.is_empty() || switches.empty_page_sender)
        {
            page.insert("sender".into(), senders(&events));
        }
        self.next_ack = parked.ack + 1;
        self.page = Some((parked.ack, page.clone()));
        self.last_release = now;
        page
    }

    /// The client of a waiting P-GET went away: nothing is released, nothing is lost.
    pub(crate) fn abandon(&mut self, ticket: u64, now: Instant) {
        if self.parked.as_ref().is_some_and(|parked| parked.ticket == ticket) {
            self.parked = None;
            self.last_release = now;
        }
    }

    pub(crate) fn queue(&mut self, event: Event, switches: &Switches, now: Instant) {
        use EventType::{Added, Completed, Deleted, Started, Updated};
        let full = switches.aggregation == Aggregation::Full;
        // What begins something is never merged into anything, so there is nothing to look for.
        let may_merge = match event.kind {
            Updated => switches.aggregation != Aggregation::Off,
            Completed | Deleted => full,
            Added | Started => false,
        };
        let same = |(_, queued): &(Instant, Event)| queued.same_target(&event);
        let Some(at) = self.queue.iter().rposition(|queued| may_merge && same(queued)) else {
            self.queue.push_back((now, event));
            return;
        };
        let Some((_, queued)) = self.queue.get_mut(at) else {
            return;
        };
        match (queued.kind, event.kind) {
            // The later state tells all that the earlier one told. It takes the earlier one's place, so that what
            // was told about its consequences still comes after it, and nothing waits longer for being merged.
            (Updated, Updated) if full || queued.state() == event.state() => {
                queued.embedded = event.embedded;
                queued.reason = event.reason.or(queued.reason.take());
            }
            (Added, Updated) if full => queued.embedded = event.embedded,
            (Started | Updated, Completed) if full => {
                self.queue.remove(at);
                self.queue.push_back((now, event));
            }
            (Started, Updated) if full => queued.embedded = event.embedded,
            (Added, Deleted) if full && switches.vanish => {
                self.queue.remove(at);
            }
            _ => self.queue.push_back((now, event)),
        }
    }
}

/// Events in order, consecutive ones of one sender under one roof.
fn senders(events: &[Event]) -> Value {
    let mut senders: Vec<(&super::event::Link, Vec<Value>)> = Vec::new();
    for event in events {
        match senders.last_mut() {
            Some((sender, list)) if *sender == &event.sender => list.push(event.to_json()),
            _ => senders.push((&event.sender, vec![event.to_json()])),
        }
    }
    let one = |(sender, events): (&super::event::Link, Vec<Value>)| json!({"rel": sender.rel, "href": sender.href, "events": events});
    Value::Array(senders.into_iter().map(one).collect())
}
