//! Ids of the host's world. Never 0, never reused within a session; they live on when the application is recreated.

use std::fmt;
use std::num::NonZeroU64;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(super) NonZeroU64);

        impl $name {
            /// The id with this number; `None` for 0.
            pub fn new(number: u64) -> Option<Self> {
                NonZeroU64::new(number).map(Self)
            }

            /// The number, as C and Python see it.
            pub fn get(self) -> u64 {
                self.0.get()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A conversation: one joining of ours.
    ConversationId
);
id!(
    /// A person in a roster.
    ParticipantId
);
id!(
    /// An invitation, outgoing or incoming.
    InvitationId
);
id!(
    /// A call of the host that ends with an event of its own.
    OperationId
);
