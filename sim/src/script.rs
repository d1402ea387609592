//! Scripts: a world in a JSON file.

use serde::{Deserialize, Serialize};

use crate::people::Person;
use crate::settings::{PlannedMeeting, Settings, User};
use crate::story::StoryStep;
use crate::switches::Switches;

/// A world as a script file describes it. Everything but `users` may be left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Accounts that can sign in.
    pub users: Vec<User>,
    /// Simulated people.
    #[serde(default)]
    pub people: Vec<Person>,
    /// Meetings that exist from the start.
    #[serde(default)]
    pub meetings: Vec<PlannedMeeting>,
    /// What happens in a meeting.
    #[serde(default)]
    pub story: Vec<StoryStep>,
    /// Whom a demonstration program is expected to invite.
    #[serde(default)]
    pub invite: Vec<String>,
    /// Which user a demonstration program signs in as.
    #[serde(default)]
    pub sign_in: Option<String>,
    /// Switches.
    #[serde(default)]
    pub switches: Switches,
}

/// What is wrong with a script, and where.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("script: {0}")]
pub struct ScriptError(String);

impl Script {
    /// Reads a script and checks it.
    ///
    /// # Errors
    /// It is no JSON, has something that is not known, lacks something, or contradicts itself.
    pub fn read(text: &str) -> Result<Self, ScriptError> {
        let mut json = serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}'));
        let script: Self = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let place = error.path().to_string();
            let place = if place == "." { String::new() } else { format!("{place}: ") };
            ScriptError(format!("{place}{}", error.into_inner()))
        })?;
        json.end().map_err(|error| ScriptError(error.to_string()))?;
        match script.clone().settings().problem() {
            Some(problem) => Err(ScriptError(problem)),
            None => Ok(script),
        }
    }

    /// The settings of a simulator that plays this script.
    #[must_use]
    pub fn settings(self) -> Settings {
        Settings {
            users: self.users,
            people: self.people,
            meetings: self.meetings,
            story: self.story,
            invite: self.invite,
            sign_in: self.sign_in,
            switches: self.switches,
            ..Settings::default()
        }
    }
}

impl From<&Settings> for Script {
    fn from(settings: &Settings) -> Self {
        Self {
            users: settings.users.clone(),
            people: settings.people.clone(),
            meetings: settings.meetings.clone(),
            story: settings.story.clone(),
            invite: settings.invite.clone(),
            sign_in: settings.sign_in.clone(),
            switches: settings.switches.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(text: &str) -> String {
        Script::read(text).expect_err("should be refused").to_string()
    }

    #[test]
    fn says_where_a_script_is_wrong() {
        let user = r#""users":[{"uri":"sip:a@b.c","password":"x"}]"#;
        let cases = [
            (String::new(), "EOF"),
            ("{}".into(), "missing field `users`"),
            (format!("{{{user},\"peple\":[]}}"), "unknown field `peple`"),
            (format!("{{{user}}} x"), "trailing characters"),
            (
                format!("{{{user},\"people\":[{{\"uri\":\"sip:a@b.c\"}}]}}"),
                "people[0].uri: \"sip:a@b.c\" is already",
            ),
            (format!("{{{user},\"people\":[{{\"uri\":\"x\"}}]}}"), "people[0].uri: \"x\" is not of the form"),
            (
                format!("{{{user},\"people\":[{{\"uri\":\"sip:b@b.c\",\"behaviour\":\"acept\"}}]}}"),
                "people[0].behaviour: unknown variant `acept`",
            ),
            (
                format!("{{{user},\"people\":[{{\"uri\":\"sip:b@b.c\",\"behaviour\":{{\"after\":3}}}}]}}"),
                "people[0].behaviour",
            ),
            (format!("{{{user},\"story\":[{{\"at_ms\":1,\"action\":\"join\"}}]}}"), "story[0].uri"),
            (
                format!(
                    "{{{user},\"story\":[{{\"at_ms\":1,\"action\":\"message\",\"uri\":\"sip:x@b.c\"}}]}}"
                ),
                "story[0].text",
            ),
            (format!("{{{user},\"sign_in\":\"sip:z@b.c\"}}"), "sign_in"),
            (format!("{{{user},\"switches\":{{\"fast\":true}}}}"), "switches.fast: unknown field"),
            (format!("{{{user},\"invite\":[\"bo\"]}}"), "invite[0]"),
            (
                format!("{{{user},\"meetings\":[{{\"id\":\"A 1\",\"organizer\":\"sip:a@b.c\"}}]}}"),
                "meetings[0].id",
            ),
            (r#"{"users":[]}"#.into(), "users: name at least one"),
        ];
        for (text, wanted) in cases {
            let complaint = complaint(&text);
            assert!(complaint.contains(wanted), "{text}\n gives: {complaint}\n not: {wanted}");
        }
    }

    #[test]
    fn reads_short_and_long_behaviours() {
        let text = r#"{"users":[{"uri":"sip:a@b.c","password":"x"}],"people":[
            {"uri":"sip:d@b.c","behaviour":"decline"},
            {"uri":"sip:e@b.c","behaviour":{"answer":"busy","after_ms":7}}]}"#;
        let script = Script::read(text).expect("a good script");
        let seen: Vec<_> = script.people.iter().map(|person| person.behaviour).collect();
        use crate::people::{Answer, Behaviour};
        assert_eq!(seen, [Behaviour::new(Answer::Decline, 300), Behaviour::new(Answer::Busy, 7)]);
    }
}
