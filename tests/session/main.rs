//! The engine against the simulator, over real sockets. Expected values come from the simulator's truth.

mod failures;
mod host;
mod meetings;
mod sign_in;
