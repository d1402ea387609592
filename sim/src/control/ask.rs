//! What a simulated person asks a user for.

use serde::{Deserialize, Serialize};

use crate::state::conversation::Wish;

/// Something that a simulated person asks a user for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// What for; the control API over HTTP takes it from the path.
    #[serde(skip)]
    pub kind: AskKind,
    /// The user.
    pub to: String,
    /// A first message in plain text.
    #[serde(default)]
    pub text: Option<String>,
    /// Into which meeting, by its key or URI. None: one that the person organizes.
    #[serde(default)]
    pub meeting: Option<String>,
    /// Subject.
    #[serde(default)]
    pub subject: String,
    /// `Normal`, `Urgent` or `Emergency`.
    #[serde(default)]
    pub importance: Option<String>,
    /// Data URI for the two programs alone.
    #[serde(default)]
    pub custom_content: Option<String>,
    /// In whose name.
    #[serde(default)]
    pub on_behalf_of: Option<String>,
}

/// What somebody can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AskKind {
    /// A conversation: a messagingInvitation.
    #[default]
    Messaging,
    /// To come into a meeting: an onlineMeetingInvitation.
    Meeting,
}

impl Ask {
    /// Asks for no more than that.
    #[must_use]
    pub fn new(kind: AskKind, to: &str) -> Self {
        Self {
            kind,
            to: to.to_owned(),
            text: None,
            meeting: None,
            subject: String::new(),
            importance: None,
            custom_content: None,
            on_behalf_of: None,
        }
    }

    pub(crate) fn wish(&self) -> Wish {
        let data = |text: &String| {
            let data: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            format!("data:text/plain;charset=utf-8,{data}")
        };
        Wish {
            subject: self.subject.clone(),
            importance: self.importance.clone(),
            message: self.text.as_ref().map(data),
            custom_content: self.custom_content.clone(),
            on_behalf_of: self.on_behalf_of.clone(),
            ..Wish::default()
        }
    }
}
