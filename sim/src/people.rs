//! Simulated people, and how they take invitations.

use serde::{Deserialize, Serialize};

use crate::errors::ErrorName;
use crate::truth::Outcome;

/// Somebody who can be invited, and how he takes it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// SIP URI, or `tel:` and a number.
    pub uri: String,
    /// Display name.
    #[serde(default)]
    pub name: String,
    /// What he does with an invitation.
    #[serde(default)]
    pub behaviour: Behaviour,
    /// Whether he joins the messaging of a meeting that he enters.
    #[serde(default)]
    pub joins_messaging: bool,
    /// What else he joins on entering.
    #[serde(default)]
    pub joins: Vec<Medium>,
    /// Is a guest without an account.
    #[serde(default)]
    pub anonymous: bool,
    /// His SourceNetwork. None: by his address.
    #[serde(default)]
    pub source_network: Option<String>,
    /// `tel:` number at work.
    #[serde(default)]
    pub work_phone: Option<String>,
    /// Another `tel:` number.
    #[serde(default)]
    pub other_phone: Option<String>,
    /// addParticipant of him is answered with this error. None: it is carried out.
    #[serde(default)]
    pub refused: Option<ErrorName>,
    /// The wrong parameters that the error names, with what is wrong.
    #[serde(default)]
    pub refused_parameters: Vec<(String, String)>,
    /// States that an invitation of him goes through while it rings: `Alerting`, `Forwarded`, `TeamRing`.
    #[serde(default)]
    pub steps: Vec<String>,
    /// How an invitation ends that he does not take, in place of what belongs to his answer.
    #[serde(default)]
    pub end: Option<ScriptedEnd>,
}

/// The end of an invitation, word for word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptedEnd {
    /// Code of the reason.
    pub code: String,
    /// Subcode of the reason; empty: none is told.
    #[serde(default)]
    pub subcode: String,
    /// Message of the reason; none: null.
    #[serde(default)]
    pub message: Option<String>,
    /// InvitationState.
    #[serde(default = "failed")]
    pub state: String,
    /// Status of the event; none: none is told.
    #[serde(default = "failure")]
    pub status: Option<String>,
    /// What it is in the truth.
    #[serde(default = "failed_outcome")]
    pub outcome: Outcome,
}

fn failed() -> String {
    "Failed".into()
}

#[allow(clippy::unnecessary_wraps)]
fn failure() -> Option<String> {
    Some("Failure".into())
}

fn failed_outcome() -> Outcome {
    Outcome::Failed
}

impl ScriptedEnd {
    /// An end with the usual state and status.
    #[must_use]
    pub fn new(code: &str, subcode: &str, outcome: Outcome) -> Self {
        Self {
            code: code.into(),
            subcode: subcode.into(),
            message: Some("As it was asked for.".into()),
            state: failed(),
            status: failure(),
            outcome,
        }
    }
}

/// What somebody can take part in besides messaging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Medium {
    /// Audio.
    Audio,
    /// Video.
    Video,
    /// Panoramic video.
    PanoramicVideo,
    /// Sharing of an application or a screen.
    ApplicationSharing,
    /// Data collaboration.
    DataCollaboration,
}

/// What somebody does with an invitation, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Behaviour {
    /// The answer.
    pub answer: Answer,
    /// Milliseconds from the invitation to the answer.
    pub after_ms: u64,
}

impl Behaviour {
    /// How long an answer takes when nothing else is said.
    const USUAL_MS: u64 = 300;

    /// A behaviour.
    #[must_use]
    pub const fn new(answer: Answer, after_ms: u64) -> Self {
        Self { answer, after_ms }
    }
}

impl Default for Behaviour {
    fn default() -> Self {
        Self::new(Answer::Accept, Self::USUAL_MS)
    }
}

/// In a script a behaviour is `"decline"` or `{"answer":"decline","after_ms":100}`.
impl<'de> Deserialize<'de> for Behaviour {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> serde::de::Visitor<'de> for Either {
            type Value = Behaviour;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an answer such as \"accept\", or {\"answer\": ..., \"after_ms\": ...}")
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Behaviour, E> {
                let answer = Answer::deserialize(serde::de::value::StrDeserializer::<E>::new(word))?;
                Ok(Behaviour::new(answer, Behaviour::USUAL_MS))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Behaviour, A::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Full {
                    answer: Answer,
                    after_ms: Option<u64>,
                }
                let full = Full::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(Behaviour::new(full.answer, full.after_ms.unwrap_or(Behaviour::USUAL_MS)))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// The ways to take an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Comes in.
    Accept,
    /// Says no.
    Decline,
    /// Is busy.
    Busy,
    /// Does not want to be disturbed.
    DoNotDisturb,
    /// Lets it ring.
    Ignore,
    /// Cannot be reached now.
    Unreachable,
    /// There is no such address.
    Unknown,
}
