//! HTTP: sockets, requests, and what is behind each path.

pub(crate) mod applications;
pub(crate) mod batch;
pub(crate) mod communication;
pub(crate) mod connection;
pub(crate) mod conversations;
pub(crate) mod discovery;
pub(crate) mod events;
pub(crate) mod input;
pub(crate) mod me;
pub(crate) mod meetings;
pub(crate) mod participants;
pub(crate) mod people;
pub(crate) mod reader;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod router;
pub(crate) mod server;
pub(crate) mod token;
