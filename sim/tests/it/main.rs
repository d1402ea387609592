//! The simulator's tests, over real sockets.

#[cfg(test)]
mod channel;
#[cfg(test)]
mod common;
#[cfg(test)]
mod meeting;
#[cfg(test)]
mod signin;
