//! Choices where the protocol is silent, only infers, or allows several ways. docs/SIMULATOR.md lists them.

use serde::{Deserialize, Serialize};

use crate::settings::AccessLevel;

/// The switches. Every field has a default, so a script names only those it changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Switches {
    /// How long an invitation may stay without an answer.
    pub answer_timeout_ms: u64,
    /// How long the server takes for one step on its own, such as Connecting to Conferencing.
    pub connect_ms: u64,
    /// Life of a user's token in seconds.
    pub token_lifetime_s: u64,
    /// Life of a meeting guest's token in seconds.
    pub guest_token_lifetime_s: u64,
    /// Lower bound of `timeout`, `low` and `medium` of the event channel in place of the documented ones
    /// (180 s and 5 s); for tests that cannot wait.
    pub min_timeout_ms: Option<u64>,
    /// The `ack` of a new event channel.
    pub first_ack: u64,
    /// How far undelivered changes of one resource are merged.
    pub aggregation: Aggregation,
    /// With `aggregation` full: something that came and went before delivery leaves no event at all.
    pub vanish: bool,
    /// Write every href with scheme and host instead of as a rooted path.
    pub absolute_hrefs: bool,
    /// Authority (`host` or `host:port`, `{port}` stands for the own port) of the links that lead away from
    /// the autodiscovery host. None: the host that the request named.
    pub web_host: Option<String>,
    /// Where autodiscovery redirects once.
    pub redirect: Redirect,
    /// Embed the participant in its events.
    pub embed_participants: bool,
    /// Tell somebody who joins a meeting of his own membership in leaders or attendees.
    pub local_membership_events: bool,
    /// Give an empty page an empty `sender` array.
    pub empty_page_sender: bool,
    /// How an invitation of an address that does not exist fails.
    pub unknown_person: UnknownPerson,
    /// The reason of an invitation that nobody answered.
    pub no_answer: NoAnswer,
    /// State of an invitation that its sender cancelled.
    pub cancelled_state: CancelledState,
    /// Access level of an ad hoc meeting.
    pub adhoc_access_level: AccessLevel,
    /// How long somebody waits in the lobby before he is turned away. None: for ever.
    pub lobby_timeout_ms: Option<u64>,
    /// How long somebody stays in typingParticipants after setIsTyping.
    pub typing_ms: u64,
    /// How long an application lives without a pending GET after the last one was released.
    pub silence_ms: u64,
    /// After how long a silence the event channel resumes: conversations and subscriptions are closed and the
    /// page has `resume` in place of `next`. None: never by itself.
    pub resume_after_ms: Option<u64>,
    /// What a request for a lost application is answered with.
    pub lost_application: LostApplication,
    /// POST applications without instanceId while the same application runs.
    pub same_application: SameApplication,
    /// Origins that browsers may come from. Empty: every one.
    pub allowed_origins: Vec<String>,
    /// Offer the passive grant (which only ever leads to its error).
    pub passive: bool,
    /// Who signs in by the windows grant. None: `sign_in`, or the first user.
    pub windows_user: Option<String>,
    /// Status of a POST that schedules a meeting: 201 as in the reference or 200 as in the task sample.
    pub schedule_status: u16,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            answer_timeout_ms: 30_000,
            connect_ms: 20,
            token_lifetime_s: 28_800,
            guest_token_lifetime_s: 3_600,
            min_timeout_ms: None,
            first_ack: 1,
            aggregation: Aggregation::SameState,
            vanish: false,
            absolute_hrefs: false,
            web_host: None,
            redirect: Redirect::None,
            embed_participants: false,
            local_membership_events: false,
            empty_page_sender: false,
            unknown_person: UnknownPerson::Event,
            no_answer: NoAnswer::Missed,
            cancelled_state: CancelledState::Cancelled,
            adhoc_access_level: AccessLevel::SameEnterprise,
            lobby_timeout_ms: None,
            typing_ms: 4_000,
            silence_ms: 900_000,
            resume_after_ms: None,
            lost_application: LostApplication::NotFound,
            same_application: SameApplication::Existing,
            allowed_origins: Vec::new(),
            passive: false,
            windows_user: None,
            schedule_status: 201,
        }
    }
}

/// How far undelivered changes of one resource are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    /// Every change is an event.
    Off,
    /// An `updated` replaces the one before it when both have the same `state`: no step of a life is skipped.
    SameState,
    /// Only the latest state of a resource is delivered; an operation may show only its `completed`.
    Full,
}

/// Where autodiscovery redirects once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Redirect {
    /// Nowhere.
    None,
    /// From the entry point.
    Root,
    /// From the `user` resource, after the sign-in.
    User,
}

/// How an invitation of an address that does not exist fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownPerson {
    /// 201, then `completed` with NotFound/DestinationNotFound.
    Event,
    /// 404 NotFound/DestinationNotFound.
    Post,
}

/// The reason of an invitation that nobody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoAnswer {
    /// RemoteFailure/Missed.
    Missed,
    /// Timeout/Timeout.
    Timeout,
}

/// State of an invitation that its sender cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelledState {
    /// Cancelled.
    Cancelled,
    /// Failed.
    Failed,
}

/// What a request for a lost application is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LostApplication {
    /// 404 ApplicationNotFound.
    NotFound,
    /// 410 InactiveApplicationExpired.
    Gone,
}

/// POST applications without instanceId while the same application runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameApplication {
    /// 200 and the existing event channel.
    Existing,
    /// 201, a new application; the old one is gone.
    Replace,
}
