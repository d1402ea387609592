//! What a simulator starts with: its world and its switches.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::people::{Answer, Behaviour, Person};
use crate::story::StoryStep;
use crate::switches::Switches;

/// Everything that [`Simulator::start`](crate::Simulator::start) needs.
///
/// The default is a small world that is ready for use: the domain `contoso.com`, the users
/// `sip:lene@contoso.com` (password `Pa55w.rd!`) and `sip:tosh@contoso.com` (the same password), and one
/// person for each way to answer an invitation:
///
/// | person | answer |
/// |---|---|
/// | `sip:ana@contoso.com`, `sip:bo@contoso.com` | accepts (after 200 and 350 ms) |
/// | `sip:dan@contoso.com` | declines |
/// | `sip:bea@contoso.com` | busy |
/// | `sip:dora@contoso.com` | do not disturb |
/// | `sip:ines@contoso.com` | never answers |
/// | `sip:ulf@contoso.com` | cannot be reached |
/// | `sip:nobody@contoso.com` | does not exist |
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Where to listen; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Speak HTTPS with a certificate of a CA made at start.
    pub tls: bool,
    /// Accounts that can sign in.
    pub users: Vec<User>,
    /// Simulated people: they answer invitations by themselves.
    pub people: Vec<Person>,
    /// Meetings that exist from the start.
    pub meetings: Vec<PlannedMeeting>,
    /// What happens in each meeting, from the moment its organizer is in it.
    pub story: Vec<StoryStep>,
    /// Whom a demonstration program is expected to invite.
    pub invite: Vec<String>,
    /// Which user a demonstration program signs in as.
    pub sign_in: Option<String>,
    /// Choices where the protocol is silent or allows several.
    pub switches: Switches,
}

/// An account that can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// SIP URI, such as `sip:lene@contoso.com`.
    pub uri: String,
    /// Password for the `password` grant. The user name of the grant is the URI without `sip:`.
    pub password: String,
    /// Display name.
    #[serde(default)]
    pub name: String,
}

/// A meeting that exists before anybody schedules one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedMeeting {
    /// The conference key, the last part of the meeting's URI: letters and digits.
    pub id: String,
    /// One of the users.
    pub organizer: String,
    /// Subject.
    #[serde(default)]
    pub subject: String,
    /// Who passes the lobby.
    #[serde(default = "same_enterprise")]
    pub access_level: AccessLevel,
    /// URIs of those who are leaders by appointment.
    #[serde(default)]
    pub leaders: Vec<String>,
    /// URIs of those who are invited.
    #[serde(default)]
    pub attendees: Vec<String>,
}

/// Who becomes a leader of a meeting on joining, besides its organizer and those named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum AutomaticLeaders {
    /// Nobody.
    #[default]
    Disabled,
    /// Everybody of the organizer's company.
    SameEnterprise,
    /// Everybody.
    Everyone,
}

fn same_enterprise() -> AccessLevel {
    AccessLevel::SameEnterprise
}

/// Who passes the lobby of a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccessLevel {
    /// Everybody.
    Everyone,
    /// Everybody of the organizer's company.
    SameEnterprise,
    /// Those of the company who are invited.
    Invited,
    /// The organizer alone.
    Locked,
}

impl Default for Settings {
    fn default() -> Self {
        let user = |name: &str, who: &str| User {
            uri: format!("sip:{who}@contoso.com"),
            password: "Pa55w.rd!".into(),
            name: name.into(),
        };
        let person = |name: &str, who: &str, answer, after_ms, joins_messaging| Person {
            uri: format!("sip:{who}@contoso.com"),
            name: name.into(),
            behaviour: Behaviour::new(answer, after_ms),
            joins_messaging,
            ..Person::default()
        };
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            tls: false,
            users: vec![user("Lene Aaling", "lene"), user("Tosh Meston", "tosh")],
            people: vec![
                person("Ana Perez", "ana", Answer::Accept, 200, true),
                person("Bo Lind", "bo", Answer::Accept, 350, false),
                person("Dan Jump", "dan", Answer::Decline, 150, false),
                person("Bea Curran", "bea", Answer::Busy, 100, false),
                person("Dora Hale", "dora", Answer::DoNotDisturb, 100, false),
                person("Ines Silva", "ines", Answer::Ignore, 0, false),
                person("Ulf Berg", "ulf", Answer::Unreachable, 100, false),
                person("", "nobody", Answer::Unknown, 50, false),
            ],
            meetings: Vec::new(),
            story: Vec::new(),
            invite: Vec::new(),
            sign_in: None,
            switches: Switches::default(),
        }
    }
}

impl Settings {
    /// The SIP domain of an entry point that does not name one: that of the first user.
    pub(crate) fn main_domain(&self) -> &str {
        self.users.first().and_then(|user| crate::uri::domain(&user.uri)).unwrap_or("contoso.com")
    }

    /// Every SIP domain that is named, without repetition.
    pub(crate) fn domains(&self) -> Vec<String> {
        let users = self.users.iter().map(|user| &user.uri);
        let mut domains: Vec<String> = users
            .chain(self.people.iter().map(|person| &person.uri))
            .filter_map(|uri| crate::uri::domain(uri))
            .map(str::to_ascii_lowercase)
            .collect();
        domains.sort();
        domains.dedup();
        domains
    }

    /// What contradicts itself, with the place where it stands.
    pub(crate) fn problem(&self) -> Option<String> {
        if self.users.is_empty() {
            return Some("users: name at least one user, or nobody can sign in".into());
        }
        let uris = self.users.iter().enumerate().map(|(n, user)| (format!("users[{n}].uri"), &user.uri));
        let uris =
            uris.chain(self.people.iter().enumerate().map(|(n, p)| (format!("people[{n}].uri"), &p.uri)));
        let mut seen: Vec<String> = Vec::new();
        for (place, uri) in uris {
            let user = place.starts_with("users");
            if crate::uri::domain(uri).is_none() && (user || !crate::uri::is_phone(uri)) {
                return Some(format!("{place}: \"{uri}\" is not of the form sip:name@domain"));
            }
            if seen.contains(&crate::uri::fold(uri)) {
                return Some(format!("{place}: \"{uri}\" is already there"));
            }
            seen.push(crate::uri::fold(uri));
        }
        if self.switches.first_ack > 1 << 50 {
            return Some("switches.first_ack: a client could not count on from there".into());
        }
        crate::without::problem(&self.switches.without)
            .map(|problem| format!("switches.{problem}"))
            .or_else(|| self.problem_of_references())
    }

    fn problem_of_references(&self) -> Option<String> {
        let is_user = |uri: &str| self.users.iter().any(|user| crate::uri::same(&user.uri, uri));
        if let Some(uri) = self.sign_in.as_deref().filter(|uri| !is_user(uri)) {
            return Some(format!("sign_in: \"{uri}\" is none of the users"));
        }
        if let Some(uri) = self.switches.windows_user.as_deref().filter(|uri| !is_user(uri)) {
            return Some(format!("switches.windows_user: \"{uri}\" is none of the users"));
        }
        for (n, meeting) in self.meetings.iter().enumerate() {
            if !is_user(&meeting.organizer) {
                let uri = &meeting.organizer;
                return Some(format!("meetings[{n}].organizer: \"{uri}\" is none of the users"));
            }
            if meeting.id.is_empty() || !meeting.id.chars().all(|c| c.is_ascii_alphanumeric()) {
                return Some(format!("meetings[{n}].id: \"{}\" must be letters and digits", meeting.id));
            }
        }
        let invited = self.invite.iter().enumerate().map(|(n, uri)| (format!("invite[{n}]"), uri));
        let told = self.story.iter().enumerate();
        let told = told.filter_map(|(n, step)| Some((format!("story[{n}].uri"), step.uri.as_ref()?)));
        for (place, uri) in invited.chain(told) {
            if crate::uri::domain(uri).is_none() && !crate::uri::is_phone(uri) {
                return Some(format!("{place}: \"{uri}\" is not of the form sip:name@domain"));
            }
        }
        self.story.iter().enumerate().find_map(|(n, step)| Some(format!("story[{n}].{}", step.problem()?)))
    }
}
