//! The simulator's tests, over real sockets.

#[cfg(test)]
mod common;
#[cfg(test)]
mod meeting;
