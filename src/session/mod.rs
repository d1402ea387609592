//! The life of a session: sign in, event channel, operations, recovery.
