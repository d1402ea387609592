//! The library as programs in C and C++ have it: headers, examples, documentation, an installed tree. Needs a C and a C++
//! compiler; clang is used beside gcc when it is there.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod documentation;
mod examples;
mod headers;
mod install;
mod programs;
mod tools;
