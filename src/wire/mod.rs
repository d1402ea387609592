//! What the bytes mean. Pure: no I/O, no clock, no state.
//!
//! Resources are HAL-like (PROTOCOL 4.3): properties, `_links`, `_embedded`. What varies between servers ends here:
//! rel prefixes, a byte order mark, a literal `\u0026` in hrefs, one link or an array of links, four forms of dates,
//! properties of an unexpected type. Enumerations are open: a word nobody knows is kept as its text.

mod event;
mod href;
mod links;
mod open_enum;
mod reason;
mod rel;
mod resource;
mod words;

pub use event::{Event, EventPage, GoOn, Sender};
pub use href::{Base, Href, ResourceId, Target};
pub use links::{Link, Links};
pub use reason::{Parameter, Reason};
pub use rel::Rel;
pub use resource::{
    ApplicationBody, Body, CollectionBody, ConversationBody, InvitationBody, MessageBody, ModalityBody,
    OnlineMeetingBody, ParticipantBody, ParticipantModalityBody, PlainBody,
};
pub use words::{
    AccessLevel, AudienceSetting, CallState, ConversationState, Direction, EventStatus, EventType,
    Importance, InvitationState, MediaDirection, Modality, Role, SourceNetwork,
};
