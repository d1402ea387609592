//! What the simulator leaves out on purpose: each thing that it does can be switched off by name, so that a client's
//! tests can be shown to notice it.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::http::request::Request;
use crate::state::event::Event;

macro_rules! effects {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal,)*) => {
        /// What the simulator makes of an operation or of time passing.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Effect {
            $($(#[doc = $doc])* $name,)*
        }

        impl Effect {
            const ALL: &[(Self, &str, &str)] = &[$((Self::$name, $word, concat!($($doc),*)),)*];
        }
    };
}

effects! {
    /// Who is not let in by the access level waits in the lobby. Without: everybody comes in.
    Lobby = "lobby",
    /// Who waits in the lobby for too long is turned away.
    LobbyTimeout = "lobby_timeout",
    /// An invitation that nobody answers ends. Without: it stays open.
    AnswerTimeout = "answer_timeout",
    /// The one who is asked learns that the invitation was taken back.
    Withdrawal = "withdrawal",
    /// The inviter learns that the one who was asked said no.
    Decline = "decline",
    /// Every application of a user rings. Without: only the first.
    EveryEndpoint = "every_endpoint",
    /// The other applications of a user stop ringing when one has answered.
    ConnectedElsewhere = "connected_elsewhere",
    /// An invitation succeeds when the participant is in the roster. Without: before.
    RosterFirst = "roster_first",
    /// Inviting somebody into a conversation between two makes a meeting of it.
    Escalation = "escalation",
    /// The partner of an escalated conversation comes along.
    PartnerFollows = "partner_follows",
    /// Only leaders have the links that change the meeting.
    LeadersOnly = "leaders_only",
    /// The mute lock mutes the attendees.
    MuteLockMutes = "mute_lock_mutes",
    /// Attendees cannot unmute themselves under the mute lock.
    MuteLockHolds = "mute_lock_holds",
    /// Attendees cannot write when the audience's messaging is disabled.
    AudienceMessaging = "audience_messaging",
    /// Somebody who types is seen typing for a while only.
    TypingEnds = "typing_ends",
    /// Somebody who is removed loses his conversation.
    EjectionEnds = "ejection_ends",
    /// The open invitations of one who leaves are canceled.
    LeavingCancels = "leaving_cancels",
    /// The open invitations of a meeting that ends fail.
    EndingFails = "ending_fails",
    /// Who reports no activity becomes idle and then away.
    Idleness = "idleness",
    /// The modalities of one who leaves go before him.
    ModalitiesGo = "modalities_go",
}

/// One thing that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Effect(Effect),
    Event { rel: String, kind: String, within: Option<String> },
    Link { of: Option<String>, name: String },
    Property { of: Option<String>, name: String },
    Embedded { of: Option<String>, name: String },
    Operation(String),
    Input { of: Option<String>, name: String },
}

/// How the operations are called in paths whose last part is not their name.
const OPERATIONS: [(&str, &str); 8] = [
    ("addparticipant", "participantinvitations"),
    ("startmessaging", "messaginginvitations"),
    ("addmessaging", "messaginginvitations"),
    ("startonlinemeeting", "onlinemeetinginvitations"),
    ("joinonlinemeeting", "onlinemeetinginvitations"),
    ("sendmessage", "messages"),
    ("stopmessaging", "terminate"),
    ("setistyping", "typing"),
];

impl What {
    fn read(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let named = |name: &str| match name.split_once('.') {
            Some((of, name)) => (Some(of.to_owned()), name.to_owned()),
            None => (None, name.to_owned()),
        };
        Some(match words.as_slice() {
            ["effect", word] => Self::Effect(
                Effect::ALL.iter().find(|(_, known, _)| known == word).map(|(effect, ..)| *effect)?,
            ),
            ["event", rel, kind] => Self::Event { rel: (*rel).into(), kind: (*kind).into(), within: None },
            ["event", rel, kind, "in", within] => {
                Self::Event { rel: (*rel).into(), kind: (*kind).into(), within: Some((*within).into()) }
            }
            ["link", name] => {
                let (of, name) = named(name);
                Self::Link { of, name }
            }
            ["property", name] => {
                let (of, name) = named(name);
                Self::Property { of, name }
            }
            ["embedded", name] => {
                let (of, name) = named(name);
                Self::Embedded { of, name }
            }
            ["input", name] => {
                let (of, name) = named(name);
                Self::Input { of: of.map(|of| of.to_ascii_lowercase()), name }
            }
            ["operation", name] => Self::Operation(name.to_ascii_lowercase()),
            _ => return None,
        })
    }
}

/// One thing that is left out, and how often that made a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// How often something would have been there.
    pub hits: u64,
}

/// Everything that is left out.
#[derive(Debug, Default)]
pub(crate) struct Without {
    left_out: Vec<(String, What, Cell<u64>)>,
}

/// What is wrong with a list of names.
pub(crate) fn problem(names: &[String]) -> Option<String> {
    let bad = names.iter().find(|name| What::read(name).is_none())?;
    Some(format!("without: \"{bad}\" is nothing that can be left out (docs/SIMULATOR.md lists the forms)"))
}

/// What the environment says is to be left out: names with semicolons between them. It reaches simulators inside
/// test programs too.
pub(crate) fn from_environment() -> Vec<String> {
    let named = std::env::var("UCWA_SIM_WITHOUT").unwrap_or_default();
    named.split(';').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Every effect that can be switched off, with what it is.
#[must_use]
pub fn effects() -> BTreeMap<&'static str, &'static str> {
    Effect::ALL.iter().map(|(_, word, text)| (*word, text.trim())).collect()
}

impl Without {
    /// Leaves these out from now on; names that cannot be read are passed over. Counts of names that stay stay.
    pub(crate) fn set(&mut self, names: &[String]) {
        let before = std::mem::take(&mut self.left_out);
        for name in names {
            let hits = before.iter().find(|(known, ..)| known == name).map_or(0, |(_, _, hits)| hits.get());
            self.left_out.extend(What::read(name).map(|what| (name.clone(), what, Cell::new(hits))));
        }
    }

    pub(crate) fn list(&self) -> Vec<LeftOut> {
        let one =
            |(name, _, hits): &(String, What, Cell<u64>)| LeftOut { name: name.clone(), hits: hits.get() };
        self.left_out.iter().map(one).collect()
    }

    fn hit(&self, is: impl Fn(&What) -> bool) -> bool {
        let found = self.left_out.iter().find(|(_, what, _)| is(what));
        found.inspect(|(_, _, hits)| hits.set(hits.get() + 1)).is_some()
    }

    pub(crate) fn effect(&self, effect: Effect) -> bool {
        self.hit(|what| *what == What::Effect(effect))
    }

    pub(crate) fn event(&self, event: &Event) -> bool {
        self.hit(|what| match what {
            What::Event { rel, kind, within } => {
                event.link.rel == rel
                    && event.kind.word() == kind
                    && event.within.as_ref().map(|link| link.rel) == within.as_deref()
            }
            _ => false,
        })
    }

    /// Whether the operation behind a path is left out.
    pub(crate) fn operation(&self, segments: &[String]) -> bool {
        self.hit(|what| matches!(what, What::Operation(name) if leads_to(segments, name)))
    }

    /// A request without the properties of its body that are overlooked; none when it is to be taken as it is.
    pub(crate) fn overlook(&self, request: &Request) -> Option<Request> {
        let overlooked = |what: &What| match what {
            What::Input { of, name } if of.as_ref().is_none_or(|of| leads_to(&request.segments, of)) => {
                Some(name.clone())
            }
            _ => None,
        };
        let names: Vec<_> =
            self.left_out.iter().filter_map(|(_, what, hits)| Some((overlooked(what)?, hits))).collect();
        if names.is_empty() {
            return None;
        }
        let mut body: Map<String, Value> = serde_json::from_slice(&request.body).ok()?;
        for (name, hits) in names {
            let before = body.len();
            body.retain(|key, _| !key.eq_ignore_ascii_case(&name));
            hits.set(hits.get() + (before - body.len()) as u64);
        }
        Some(Request { body: Value::Object(body).to_string().into_bytes(), ..request.clone() })
    }

    /// Takes what is left out of a document away, in every resource of it.
    pub(crate) fn strip(&self, document: &mut Value) {
        if !self.left_out.is_empty() {
            self.walk(document);
        }
    }

    fn walk(&self, value: &mut Value) {
        match value {
            Value::Object(map) => {
                if let Some(of) = kind_of(map) {
                    self.strip_one(map, &of);
                }
                map.values_mut().for_each(|value| self.walk(value));
            }
            Value::Array(list) => list.iter_mut().for_each(|value| self.walk(value)),
            _ => {}
        }
    }

    fn strip_one(&self, map: &mut Map<String, Value>, kind: &str) {
        for (_, what, hits) in &self.left_out {
            let (of, name, from) = match what {
                What::Link { of, name } => (of, name, map.get_mut("_links").and_then(Value::as_object_mut)),
                What::Embedded { of, name } => {
                    (of, name, map.get_mut("_embedded").and_then(Value::as_object_mut))
                }
                What::Property { of, name } if !name.starts_with('_') => (of, name, Some(&mut *map)),
                _ => continue,
            };
            let meant = of.as_ref().is_none_or(|of| of == kind);
            if let Some(from) = from.filter(|_| meant)
                && from.remove(name).is_some()
            {
                hits.set(hits.get() + 1);
            }
        }
    }
}

/// Whether a path is that of an operation.
fn leads_to(segments: &[String], operation: &str) -> bool {
    let path = OPERATIONS.iter().find(|(known, _)| *known == operation).map_or(operation, |(_, path)| path);
    segments.last().is_some_and(|last| last.eq_ignore_ascii_case(path))
}

/// The kind of a resource: its rel; of an event: `event`.
fn kind_of(map: &Map<String, Value>) -> Option<String> {
    if map.contains_key("link") && map.contains_key("type") {
        return Some("event".into());
    }
    map.get("_links")?;
    Some(map.get("rel").and_then(Value::as_str).unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_read_strictly() {
        for good in [
            "effect lobby",
            "event participant added",
            "event participant added in lobby",
            "link participant.admit",
            "property participantCount",
            "embedded from",
            "operation admit",
            "input addParticipant.subject",
        ] {
            assert_eq!(problem(&[good.into()]), None, "{good}");
        }
        for bad in ["", "lobby", "effect lobbi", "event participant", "link", "event a b of c"] {
            assert!(problem(&[bad.into()]).is_some(), "{bad}");
        }
        assert!(effects().values().all(|text| !text.is_empty()));
    }

    #[test]
    fn takes_links_and_properties_out_of_the_resources_that_are_meant() {
        let mut without = Without::default();
        without.set(&[
            "link participant.admit".into(),
            "property role".into(),
            "property event.status".into(),
        ]);
        let mut page = json!({"sender": [{"rel": "conversation", "events": [{
            "link": {"rel": "participant"}, "type": "added", "status": "Success",
            "_embedded": {"participant": {
                "rel": "participant", "role": "Leader", "name": "x", "_links": {"admit": {}, "self": {}}}},
        }]}], "_links": {"admit": {}}});
        without.strip(&mut page);
        let event = &page["sender"][0]["events"][0];
        assert_eq!(
            event["_embedded"]["participant"],
            json!({"rel": "participant", "name": "x", "_links": {"self": {}}})
        );
        assert!(event.get("status").is_none() && page["_links"].get("admit").is_some());
        assert!(without.list().iter().all(|left_out| left_out.hits == 1));
    }
}
