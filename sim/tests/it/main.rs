//! The simulator's tests, over real sockets.

#[cfg(test)]
mod channel;
#[cfg(test)]
mod common;
#[cfg(test)]
mod control;
#[cfg(test)]
mod docs;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod invitations;
#[cfg(test)]
mod media;
#[cfg(test)]
mod meeting;
#[cfg(test)]
mod messaging;
#[cfg(test)]
mod other;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod signin;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod wire;
