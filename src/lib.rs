//! libucwa.
