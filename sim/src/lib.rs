//! A simulator of a UCWA server (Skype for Business Server), to develop and test clients against.
//!
//! It is a real HTTP server with real state: users, tokens, applications, event channels, meetings, and people who
//! answer, decline or ignore an invitation. What it does follows the public documentation of UCWA; where that is
//! silent, the choice is a switch with a default (see docs/SIMULATOR.md).
//!
//! ```
//! use ucwa_sim::{Settings, Simulator};
//!
//! let simulator = Simulator::start(Settings::default())?;
//! println!("sign in at {}", simulator.root_url());
//! assert!(simulator.control().truth().meetings.is_empty());
//! # Ok::<(), ucwa_sim::StartError>(())
//! ```

/// The examples of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod certificates;
mod choices;
mod control;
mod errors;
mod faults;
mod http;
mod people;
mod random;
mod requests;
mod resources;
mod script;
mod settings;
mod simulator;
mod state;
mod story;
mod switches;
mod truth;
mod uri;
mod without;

pub use choices::{
    ActiveModalities, Aggregation, AlreadyThere, CancelledState, DeclinedState, Embedding, ErrorParameters,
    EscalatedPartner, Escalation, HrefSpelling, LostApplication, NoAnswer, Reachable, Redirect,
    SameApplication, UnknownPerson,
};
pub use control::{Ask, AskKind, Control, ControlError};
pub use errors::{ErrorName, error_names};
pub use faults::{Fault, FaultBody, FaultKind, SetFault};
pub use people::{Answer, Behaviour, Medium, Person, ScriptedEnd};
pub use requests::SeenRequest;
pub use script::{Script, ScriptError};
pub use settings::{AccessLevel, PlannedMeeting, Settings, User};
pub use simulator::{Simulator, StartError};
pub use story::{StoryAction, StoryStep};
pub use switches::Switches;
pub use truth::{
    ApplicationTruth, ChannelTruth, ConversationTruth, InvitationTruth, MeetingTruth, Outcome, RosterEntry,
    Truth,
};
pub use without::{LeftOut, effects};
