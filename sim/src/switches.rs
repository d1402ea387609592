//! Choices where the protocol is silent, only infers, or allows several ways. docs/SIMULATOR.md lists them.

use serde::{Deserialize, Serialize};

use crate::choices::{
    ActiveModalities, Aggregation, AlreadyThere, CancelledState, DeclinedState, Embedding, ErrorParameters,
    EscalatedPartner, Escalation, HrefSpelling, LostApplication, NoAnswer, Reachable, Redirect,
    SameApplication, UnknownPerson,
};
use crate::people::ScriptedEnd;
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
    /// Embed participantAudio and the like in their events.
    pub embed_modalities: bool,
    /// Tell somebody who joins a meeting of his own membership in leaders, attendees or lobby.
    pub local_membership_events: bool,
    /// Tell somebody who is admitted from the lobby, or types, of his own membership: the repeated `added` of
    /// localParticipant's page.
    pub local_repeated_events: bool,
    /// Tell somebody who joins a meeting of everybody there. Without: he has to read the collections.
    pub present_on_joining: bool,
    /// Tell of a membership in leaders, attendees or lobby before the participant himself, on coming and going.
    pub membership_first: bool,
    /// Through which applications a user can be asked for something.
    pub reachable: Reachable,
    /// How the hrefs of participants and contacts are spelled.
    pub href_spelling: HrefSpelling,
    /// Give an empty page an empty `sender` array.
    pub empty_page_sender: bool,
    /// How an invitation of an address that does not exist fails.
    pub unknown_person: UnknownPerson,
    /// The reason of an invitation that nobody answered.
    pub no_answer: NoAnswer,
    /// State of an invitation that its sender cancelled.
    pub cancelled_state: CancelledState,
    /// State of an invitation that was declined.
    pub declined_state: DeclinedState,
    /// What becomes of an invitation of somebody who is in the meeting.
    pub already_there: AlreadyThere,
    /// Tell of a participantInvitation when it starts. Without: only its end is told, as after a merge.
    pub invitation_started: bool,
    /// Tell of `Alerting` while it rings.
    pub invitation_alerting: bool,
    /// What events of a participantInvitation embed.
    pub invitation_embedded: Embedding,
    /// `completed` of an invitation has a `status`.
    pub completed_status: bool,
    /// participantInvitation has the link application of the older page.
    pub application_link: bool,
    /// An incoming invitation has an operationId.
    pub incoming_operation_id: bool,
    /// addParticipant in a conversation between two.
    pub escalation: Escalation,
    /// How the partner of an escalated conversation gets into the meeting.
    pub escalated_partner: EscalatedPartner,
    /// The partner of an escalated conversation is `added` once more.
    pub escalated_partner_again: bool,
    /// The messaging of an escalated conversation goes through Connecting once more.
    pub escalation_reconnects: bool,
    /// Access level of an ad hoc meeting.
    pub adhoc_access_level: AccessLevel,
    /// How long somebody waits in the lobby before he is turned away. None: for ever.
    pub lobby_timeout_ms: Option<u64>,
    /// How many may be in a meeting; None: any number.
    pub meeting_size: Option<usize>,
    /// How many may wait in its lobby; None: any number.
    pub lobby_size: Option<usize>,
    /// Every onlineMeetingInvitation that a client makes ends so. None: it succeeds.
    pub joining_fails: Option<ScriptedEnd>,
    /// Whether `tel:` addresses may be invited.
    pub dial_out: bool,
    /// A meeting ends when its organizer leaves.
    pub organizer_ends: bool,
    /// `onlineMeeting added` has only the URI; the rest comes by `updated`.
    pub lean_online_meeting: bool,
    /// Whose modalities activeModalities names.
    pub active_modalities: ActiveModalities,
    /// How long somebody stays in typingParticipants after setIsTyping.
    pub typing_ms: u64,
    /// How long an application lives without a pending GET after the last one was released.
    pub silence_ms: u64,
    /// After how long without reportMyActivity a user is idle. None: what makeMeAvailable said, else 5 minutes.
    pub inactive_ms: Option<u64>,
    /// How long an idle user takes to be away.
    pub away_ms: u64,
    /// After how long without reportMyActivity an application expires. None: never.
    pub inactive_expiry_ms: Option<u64>,
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
    /// How the `parameters` of an error are written.
    pub error_parameters: ErrorParameters,
    /// What is left out, by name: see `--without` in docs/SIMULATOR.md.
    pub without: Vec<String>,
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
            embed_modalities: false,
            local_membership_events: false,
            local_repeated_events: true,
            present_on_joining: true,
            membership_first: false,
            reachable: Reachable::Available,
            href_spelling: HrefSpelling::Plain,
            empty_page_sender: false,
            unknown_person: UnknownPerson::Event,
            no_answer: NoAnswer::Missed,
            cancelled_state: CancelledState::Cancelled,
            declined_state: DeclinedState::Failed,
            already_there: AlreadyThere::Succeeds,
            invitation_started: true,
            invitation_alerting: false,
            invitation_embedded: Embedding::Full,
            completed_status: true,
            application_link: true,
            incoming_operation_id: false,
            escalation: Escalation::Works,
            escalated_partner: EscalatedPartner::Automatic,
            escalated_partner_again: true,
            escalation_reconnects: false,
            adhoc_access_level: AccessLevel::SameEnterprise,
            lobby_timeout_ms: None,
            meeting_size: None,
            lobby_size: None,
            joining_fails: None,
            dial_out: true,
            organizer_ends: false,
            lean_online_meeting: false,
            active_modalities: ActiveModalities::Own,
            typing_ms: 4_000,
            silence_ms: 900_000,
            inactive_ms: None,
            away_ms: 300_000,
            inactive_expiry_ms: None,
            resume_after_ms: None,
            lost_application: LostApplication::NotFound,
            same_application: SameApplication::Existing,
            allowed_origins: Vec::new(),
            passive: false,
            windows_user: None,
            schedule_status: 201,
            error_parameters: ErrorParameters::List,
            without: Vec::new(),
        }
    }
}
