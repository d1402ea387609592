//! The words that switches take.

use serde::{Deserialize, Serialize};

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

/// State of an invitation that was declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclinedState {
    /// Failed, as in the capture.
    Failed,
    /// Declined, as in the enumeration.
    Declined,
}

/// What becomes of an invitation of somebody who is in the meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlreadyThere {
    /// It succeeds, and the roster does not change.
    Succeeds,
    /// The POST is answered with 409 AlreadyExists.
    AlreadyExists,
}

/// What events of a participantInvitation embed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Embedding {
    /// The whole resource.
    Full,
    /// direction, state, operationId, importance, and the links self and conversation.
    Lean,
    /// Nothing.
    None,
}

/// addParticipant in a conversation between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Escalation {
    /// The conversation becomes a meeting.
    Works,
    /// The invitation fails with EscalationFailed, and the conversation goes on as it was.
    Fails,
    /// There is no addParticipant before a meeting.
    NotOffered,
}

/// How the partner of an escalated conversation gets into the meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EscalatedPartner {
    /// His invitation is accepted by itself.
    Automatic,
    /// He has to accept it.
    Asked,
}

/// Whose modalities activeModalities names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActiveModalities {
    /// Those of the user himself.
    Own,
    /// Those that anybody takes part in.
    Anybody,
}

/// How the `parameters` of an error are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorParameters {
    /// A list of name and reason, as seen on a server.
    List,
    /// An object, as the words of the page suggest.
    Object,
}

/// Through which applications a user can be asked for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reachable {
    /// Those that called makeMeAvailable.
    Available,
    /// All of them.
    SignedIn,
    /// Those that called makeMeAvailable, while their user is not idle.
    Active,
}

/// How the hrefs of participants and contacts are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HrefSpelling {
    /// `participants/bo@contoso.com`.
    Plain,
    /// `participants/bo%40contoso.com`.
    Encoded,
    /// Encoded in events, plain in resources, with capitals in the links of collections.
    Mixed,
}
