//! Faults: what a server, a proxy or a network does wrong, on purpose.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::errors::ErrorName;

/// A fault and the requests that it hits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// A name for it, so that it can be found in the list.
    #[serde(default)]
    pub name: String,
    /// The method it hits; none: all.
    #[serde(default)]
    pub method: Option<String>,
    /// A part of the path and query of the requests it hits; empty: all.
    #[serde(default)]
    pub path: String,
    /// The address that the request's JSON body has as `to`; none: whatever it has.
    #[serde(default)]
    pub to: Option<String>,
    /// How many matching requests pass before it begins.
    #[serde(default)]
    pub skip: u64,
    /// How many requests it hits then; none: all.
    #[serde(default = "once")]
    pub count: Option<u64>,
    /// What it does.
    pub does: FaultKind,
}

#[allow(clippy::unnecessary_wraps)]
fn once() -> Option<u64> {
    Some(1)
}

impl Fault {
    /// A fault that hits one request with this part in its path.
    #[must_use]
    pub fn once(method: &str, path: &str, does: FaultKind) -> Self {
        let method = (!method.is_empty()).then(|| method.to_owned());
        Self { name: String::new(), method, path: path.to_owned(), to: None, skip: 0, count: Some(1), does }
    }

    /// The same fault for so many requests.
    #[must_use]
    pub fn times(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// The same fault for all requests from now on.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.count = None;
        self
    }

    /// The same fault, only for requests that are for this address.
    #[must_use]
    pub fn to(mut self, uri: &str) -> Self {
        self.to = Some(uri.to_owned());
        self
    }

    /// The same fault, after so many requests have passed.
    #[must_use]
    pub fn after(mut self, skip: u64) -> Self {
        self.skip = skip;
        self
    }
}

/// What a fault does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// Answers with this status; the request is not carried out.
    Status {
        /// HTTP status.
        status: u16,
        /// What the body looks like.
        #[serde(default)]
        body: FaultBody,
        /// Code in a JSON body; empty: the one that belongs to the status.
        #[serde(default)]
        code: String,
        /// Subcode in a JSON body.
        #[serde(default)]
        subcode: String,
        /// Further headers, such as Retry-After.
        #[serde(default)]
        headers: Vec<(String, String)>,
    },
    /// Answers with a synchronous error of the protocol, by its name; the request is not carried out.
    Error {
        /// Its name (docs/SIMULATOR.md lists them).
        name: ErrorName,
        /// What its `parameters` name, with what is wrong.
        #[serde(default)]
        parameters: Vec<(String, String)>,
    },
    /// Answers with exactly this; the request is not carried out.
    Answer {
        /// HTTP status.
        status: u16,
        /// Content-Type.
        content_type: String,
        /// The body.
        text: String,
    },
    /// Closes the connection without an answer.
    Drop {
        /// Whether the request is carried out all the same.
        #[serde(default)]
        carried_out: bool,
    },
    /// Sends only so many bytes of the body and closes the connection; Content-Length tells the whole length.
    Truncate {
        /// How many bytes of the body.
        bytes: usize,
    },
    /// Carries the request out and holds its answer back.
    Delay {
        /// How long.
        ms: u64,
    },
    /// Puts a byte order mark before the body.
    Bom {},
    /// Takes `_embedded` out of every event of the page.
    NoEmbedded {},
    /// Takes `sender` out of the page.
    NoSender {},
    /// Lets the events of the request be delivered before its answer is sent.
    EventBefore201 {},
}

/// What the body of a fault's answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultBody {
    /// An error of UCWA.
    #[default]
    Json,
    /// A page of some proxy.
    Html,
    /// Nothing.
    Empty,
}

/// A fault with how often it has hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetFault {
    /// Its number.
    pub id: u64,
    /// The fault.
    pub fault: Fault,
    /// How many requests matched.
    pub matched: u64,
    /// How many requests it hit.
    pub fired: u64,
}

/// The faults that are set.
#[derive(Debug, Default)]
pub(crate) struct FaultBook {
    faults: Vec<SetFault>,
    count: u64,
}

impl FaultBook {
    pub(crate) fn set(&mut self, fault: Fault) -> u64 {
        self.count += 1;
        self.faults.push(SetFault { id: self.count, fault, matched: 0, fired: 0 });
        self.count
    }

    pub(crate) fn list(&self) -> Vec<SetFault> {
        self.faults.clone()
    }

    /// Takes one fault away, or all. Says whether there was any.
    pub(crate) fn clear(&mut self, id: Option<u64>) -> bool {
        let before = self.faults.len();
        self.faults.retain(|set| id.is_some_and(|id| id != set.id));
        self.faults.len() < before
    }

    /// What hits this request.
    pub(crate) fn hit(&mut self, method: &str, target: &str, body: &[u8]) -> Vec<FaultKind> {
        let mut hits = Vec::new();
        for set in &mut self.faults {
            let fault = &set.fault;
            let matches = fault.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && target.contains(&fault.path)
                && fault.to.as_ref().is_none_or(|wanted| is_for(body, wanted));
            if !matches {
                continue;
            }
            set.matched += 1;
            if set.matched > fault.skip && fault.count.is_none_or(|count| set.fired < count) {
                set.fired += 1;
                hits.push(fault.does.clone());
            }
        }
        hits
    }
}

/// Whether a JSON body is addressed so.
fn is_for(body: &[u8], wanted: &str) -> bool {
    let Ok(Value::Object(map)) = serde_json::from_slice(body) else {
        return false;
    };
    let to = map.iter().find(|(name, _)| name.eq_ignore_ascii_case("to")).and_then(|(_, to)| to.as_str());
    to.is_some_and(|to| crate::uri::same(to, wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_what_it_matches_as_often_as_it_says() {
        let mut book = FaultBook::default();
        let fault =
            Fault { skip: 1, count: Some(2), ..Fault::once("get", "/events", FaultKind::NoSender {}) };
        let id = book.set(fault);
        let hits = |book: &mut FaultBook, method: &str, path: &str| book.hit(method, path, b"").len();
        assert_eq!(hits(&mut book, "POST", "/a/events"), 0, "other method");
        assert_eq!(hits(&mut book, "GET", "/a/me"), 0, "other path");
        assert_eq!(hits(&mut book, "GET", "/a/events?ack=1"), 0, "the first is skipped");
        assert_eq!(hits(&mut book, "GET", "/a/events?ack=2"), 1);
        assert_eq!(hits(&mut book, "GET", "/a/events?ack=3"), 1);
        assert_eq!(hits(&mut book, "GET", "/a/events?ack=4"), 0, "twice is enough");
        assert_eq!(book.list().first().map(|set| (set.matched, set.fired)), Some((4, 2)));
        assert!(book.clear(Some(id)) && book.list().is_empty());
    }
}
