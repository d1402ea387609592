//! A page of the event channel, or one posted callback: the same document (PROTOCOL 5.2, 12.5).

use super::{Body, EventStatus, EventType, Href, Link, Reason, Rel};

/// One page of events, in document order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EventPage {
    /// Where to go on.
    pub go_on: GoOn,
    /// The page's own address; told apart from `next` only by equality, never by its `ack`.
    pub own: Option<Href>,
    /// `baseuri` of the second dialect: an absolute base for the relative addresses.
    pub base: Option<Href>,
    /// Who raised events, in order; one may stand here several times.
    pub senders: Vec<Sender>,
    /// What was left out because it could not be read, for the log.
    pub skipped: Vec<String>,
}

/// Where the next P-GET goes (PROTOCOL 5.5): resync before resume before next.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum GoOn {
    /// In order.
    Next(Href),
    /// The client was away for long: conversations are closed on the server.
    Resume(Href),
    /// The ack did not fit: what is cached may be wrong.
    Resync(Href),
    /// No link at all.
    #[default]
    Nowhere,
}

/// One raiser of events.
#[derive(Debug, Clone, PartialEq)]
pub struct Sender {
    /// communication, conversation, me, people ...; empty text when it is missing.
    pub rel: Rel,
    /// Its address, if given.
    pub href: Option<Href>,
    /// Its events, in order.
    pub events: Vec<Event>,
}

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// added, updated, deleted, started, completed.
    pub kind: EventType,
    /// The target's type.
    pub rel: Rel,
    /// The target.
    pub link: Link,
    /// `in`: the collection or parent that the event is about.
    pub within: Option<(Rel, Link)>,
    /// The embedded target, if the server sent it and it could be read.
    pub body: Option<Body>,
    /// `status`, on completed.
    pub status: Option<EventStatus>,
    /// `reason`, on failures and changes that the server made.
    pub reason: Option<Reason>,
}
