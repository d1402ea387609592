//! The state of the simulated server, apart from sockets and from how resources are written.

pub(crate) mod activity;
pub(crate) mod application;
pub(crate) mod asking;
pub(crate) mod calls;
pub(crate) mod channel;
pub(crate) mod contacts;
pub(crate) mod conversation;
pub(crate) mod escalation;
pub(crate) mod event;
pub(crate) mod happening;
pub(crate) mod ids;
pub(crate) mod invitation;
pub(crate) mod inviting;
pub(crate) mod joining;
pub(crate) mod media;
pub(crate) mod meeting;
pub(crate) mod messaging;
pub(crate) mod participant;
pub(crate) mod reasons;
pub(crate) mod room;
pub(crate) mod stage;
pub(crate) mod token;
pub(crate) mod world;
