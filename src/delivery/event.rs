//! What a host is told: one immutable event, shared by all readers (C: `ucwa_event`; JSON: docs/EVENTS.md).

use std::time::Duration;

use crate::Error;
use crate::model::{ConversationChange, ConversationId, InvitationChange, OperationId, ParticipantChange};

/// One event of a session.
#[derive(Debug, Clone)]
pub struct Event {
    /// Rises within a session.
    pub seq: u64,
    /// When it was published: milliseconds since 1970, UTC.
    pub unix_ms: i64,
    /// Which session it is from: [`super::Hub::number`]. A reader may serve several.
    pub session: u64,
    /// The host's own mark of the session when the event was published: [`super::Hub::set_tag`].
    pub tag: usize,
    /// What happened.
    pub body: EventBody,
}

/// The kinds of events, by the numbers that C and Python see. A mask has bit `number & 63`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// An operation of the host ended.
    OperationDone = 1,
    /// The session went to another state.
    State = 2,
    /// The session needs credentials.
    CredentialsNeeded = 3,
    /// Roster deltas were dropped for this reader.
    Overflow = 4,
    /// An invitation began, moved or ended.
    Invitation = 16,
    /// A conversation came, changed or went.
    Conversation = 17,
    /// One roster delta.
    Participant = 18,
    /// A message.
    Message = 19,
    /// Presence of a contact.
    Presence = 20,
    /// Something that is not modelled yet.
    Raw = 255,
}

impl EventKind {
    /// The word in JSON (`type`) and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            EventKind::OperationDone => "operation_done",
            EventKind::State => "state",
            EventKind::CredentialsNeeded => "credentials_needed",
            EventKind::Overflow => "overflow",
            EventKind::Invitation => "invitation",
            EventKind::Conversation => "conversation",
            EventKind::Participant => "participant",
            EventKind::Message => "message",
            EventKind::Presence => "presence",
            EventKind::Raw => "raw",
        }
    }
}

/// What happened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum EventBody {
    /// An operation of the host ended.
    OperationDone(OperationDone),
    /// The session went to another state.
    State(StateChange),
    /// The session needs credentials and waits for an answer.
    CredentialsNeeded(CredentialsNeeded),
    /// Roster deltas of a conversation were dropped for this reader: take a snapshot.
    Overflow(Overflow),
    /// An invitation began, moved or ended.
    Invitation(InvitationChange),
    /// A conversation came, changed or went.
    Conversation(ConversationChange),
    /// One roster delta.
    Participant(ParticipantChange),
}

impl EventBody {
    /// Which kind of event it is.
    pub fn kind(&self) -> EventKind {
        match self {
            EventBody::OperationDone(_) => EventKind::OperationDone,
            EventBody::State(_) => EventKind::State,
            EventBody::CredentialsNeeded(_) => EventKind::CredentialsNeeded,
            EventBody::Overflow(_) => EventKind::Overflow,
            EventBody::Invitation(_) => EventKind::Invitation,
            EventBody::Conversation(_) => EventKind::Conversation,
            EventBody::Participant(_) => EventKind::Participant,
        }
    }
}

/// The end of an operation; comes exactly once for each.
#[derive(Debug, Clone)]
pub struct OperationDone {
    /// Which operation.
    pub operation: OperationId,
    /// The conversation or invitation that came of it (0: none), or why it failed.
    pub result: Result<u64, Error>,
}

/// A session went from one state to another.
#[derive(Debug, Clone)]
pub struct StateChange {
    /// Before.
    pub old: SessionState,
    /// Now.
    pub new: SessionState,
    /// Why, for Recovering and Failed.
    pub reason: Option<Error>,
    /// For Recovering: which try this is, from 1.
    pub attempt: u32,
    /// For Recovering: how long until the next try.
    pub retry_in: Option<Duration>,
}

/// States of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the words say it
pub enum SessionState {
    New = 0,
    Discovering = 1,
    Authenticating = 2,
    Online = 3,
    Recovering = 4,
    Closing = 5,
    Closed = 6,
    Failed = 7,
}

impl SessionState {
    /// Nothing follows: Closed and Failed.
    pub fn is_terminal(self) -> bool {
        matches!(self, SessionState::Closed | SessionState::Failed)
    }

    /// The word in JSON and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            SessionState::New => "New",
            SessionState::Discovering => "Discovering",
            SessionState::Authenticating => "Authenticating",
            SessionState::Online => "Online",
            SessionState::Recovering => "Recovering",
            SessionState::Closing => "Closing",
            SessionState::Closed => "Closed",
            SessionState::Failed => "Failed",
        }
    }
}

/// What kind of credentials are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CredentialKind {
    /// A bearer token for `resource`.
    Bearer = 1,
    /// A user name and a password.
    Password = 2,
}

/// A question to the host; answered by its `request_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialsNeeded {
    /// Names this question in the answer.
    pub request_id: u64,
    /// What is wanted.
    pub kind: CredentialKind,
    /// From 1; above it the earlier answer was refused.
    pub attempt: u32,
    /// The origin that the token is for, or that the password goes to.
    pub resource: String,
    /// `authorization_uri` or trusted issuers, when the server named them; else empty.
    pub authority: String,
    /// `client_id` of the challenge; else empty.
    pub client_id: String,
}

/// Deltas were dropped because the reader was slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflow {
    /// Whose deltas.
    pub conversation: ConversationId,
    /// The revision of the last delta dropped; a snapshot at or above it holds all of them.
    pub revision: u64,
}
