//! Events on their way to an event channel.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::ids::{AppId, ConversationId};
use crate::resources::href;

/// How urgent an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    High,
    Medium,
}

/// What happened to the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventType {
    Added,
    Updated,
    Deleted,
    Started,
    Completed,
}

impl EventType {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::Started => "started",
            Self::Completed => "completed",
        }
    }
}

/// A link as events carry it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) rel: &'static str,
    pub(crate) href: String,
    pub(crate) title: Option<String>,
}

impl Link {
    pub(crate) fn new(rel: &'static str, href: String) -> Self {
        Self { rel, href, title: None }
    }

    pub(crate) fn titled(rel: &'static str, href: String, title: &str) -> Self {
        Self { rel, href, title: Some(title.to_owned()) }
    }

    fn to_json(&self) -> Value {
        match &self.title {
            Some(title) => json!({"rel": self.rel, "href": self.href, "title": title}),
            None => json!({"rel": self.rel, "href": self.href}),
        }
    }
}

/// Words that are the simulator's own, or a script's.
pub(crate) type Word = Cow<'static, str>;

/// Why something ended, in the shape of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) code: Word,
    /// Empty: not said.
    pub(crate) subcode: Word,
    /// None: null.
    pub(crate) message: Option<Word>,
}

impl Reason {
    pub(crate) const fn new(code: &'static str, subcode: &'static str, message: &'static str) -> Self {
        Self {
            code: Cow::Borrowed(code),
            subcode: Cow::Borrowed(subcode),
            message: Some(Cow::Borrowed(message)),
        }
    }

    /// The same with another code: what is remote for one side is local for the other.
    pub(crate) fn with_code(mut self, code: &'static str) -> Self {
        self.code = Cow::Borrowed(code);
        self
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut json = json!({"code": self.code, "message": self.message});
        if let Value::Object(json) = &mut json
            && !self.subcode.is_empty()
        {
            json.insert("subcode".into(), self.subcode.clone().into());
        }
        json
    }
}

/// One event.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) class: Class,
    pub(crate) sender: Link,
    pub(crate) link: Link,
    pub(crate) within: Option<Link>,
    pub(crate) kind: EventType,
    pub(crate) embedded: Option<Value>,
    pub(crate) status: Option<Word>,
    pub(crate) reason: Option<Reason>,
}

impl Event {
    /// An event whose sender is `communication`.
    pub(crate) fn of_communication(app: AppId, kind: EventType, link: Link) -> Self {
        Self::new(Link::new("communication", href::communication(app)), kind, link)
    }

    /// An event whose sender is a conversation.
    pub(crate) fn of_conversation(app: AppId, id: ConversationId, kind: EventType, link: Link) -> Self {
        Self::new(Link::new("conversation", href::conversation(app, id)), kind, link)
    }

    pub(crate) fn new(sender: Link, kind: EventType, link: Link) -> Self {
        let class = Class::High;
        Self { class, sender, link, within: None, kind, embedded: None, status: None, reason: None }
    }

    pub(crate) fn medium(mut self) -> Self {
        self.class = Class::Medium;
        self
    }

    pub(crate) fn within(mut self, link: Link) -> Self {
        self.within = Some(link);
        self
    }

    pub(crate) fn embed(mut self, resource: Value) -> Self {
        self.embedded = Some(resource);
        self
    }

    pub(crate) fn ended(mut self, status: Option<Word>, reason: Option<Reason>) -> Self {
        self.status = status;
        self.reason = reason;
        self
    }

    pub(crate) fn because(mut self, reason: Option<Reason>) -> Self {
        self.reason = reason;
        self
    }

    /// Whether two events are about the same thing in the same collection.
    pub(crate) fn same_target(&self, other: &Self) -> bool {
        self.link.rel == other.link.rel
            && self.link.href == other.link.href
            && self.within.as_ref().map(|link| &link.href) == other.within.as_ref().map(|link| &link.href)
    }

    pub(crate) fn state(&self) -> Option<&str> {
        self.embedded.as_ref()?.get("state")?.as_str()
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut event = Map::new();
        event.insert("link".into(), self.link.to_json());
        if let Some(link) = &self.within {
            event.insert("in".into(), link.to_json());
        }
        if let Some(status) = &self.status {
            event.insert("status".into(), status.clone().into());
        }
        if let Some(resource) = &self.embedded {
            // The key is the link's rel, whatever rel the resource itself has: clients look it up that way.
            event.insert("_embedded".into(), json!({self.link.rel: resource}));
        }
        if let Some(reason) = &self.reason {
            event.insert("reason".into(), reason.to_json());
        }
        event.insert("type".into(), self.kind.word().into());
        Value::Object(event)
    }
}
