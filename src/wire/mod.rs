//! What the bytes mean. Pure: no I/O, no clock, no state.
//!
//! Resources are HAL-like (PROTOCOL 4.3): properties, `_links`, `_embedded`. What varies between servers ends here:
//! rel prefixes, a byte order mark, a literal `\u0026` in hrefs, one link or an array of links, four forms of dates,
//! properties of an unexpected type. Enumerations are open: a word nobody knows is kept as its text.

mod challenge;
mod data_uri;
mod date;
mod error;
mod event;
mod href;
mod links;
mod open_enum;
mod page;
mod read;
mod reason;
mod rel;
mod request;
mod resource;
mod resource_id;
mod token;
mod words;

pub use challenge::{BearerChallenge, Challenges, MsRtcChallenge, challenges};
pub use data_uri::{DataUri, data_uri};
pub use date::unix_ms;
pub use error::WireError;
pub use event::{Event, EventPage, GoOn, Sender};
pub use href::{Base, Href, HrefError, Target};
pub use links::{Link, Links};
pub use page::event_page;
pub use reason::{Parameter, Reason, error_body};
pub use rel::Rel;
pub use request::{
    AddMessagingRequest, AddParticipantRequest, DeclineReason, MakeMeAvailableRequest, MeetingRequest,
    MessageLink, NewApplication, StartMessagingRequest, request_body,
};
pub use resource::{
    ApplicationBody, Body, CollectionBody, ConversationBody, InvitationBody, MessageBody, ModalityBody,
    OnlineMeetingBody, ParticipantBody, ParticipantModalityBody, PlainBody, application, body, collection,
    conversation, invitation, online_meeting, participant, participant_modality, plain,
};
pub use resource_id::ResourceId;
pub use token::{TokenAnswer, TokenError, anonymous_meeting_form, password_form, token_answer, token_error};
pub use words::{
    AccessLevel, AudienceSetting, AudioPreference, CallState, ConversationState, Direction, EventStatus,
    EventType, Importance, InvitationState, MediaDirection, MessageFormat, Modality, PreferredAvailability,
    Role, SourceNetwork,
};

#[cfg(test)]
mod properties;
