//! The names under which things appear in paths.

use std::fmt;
use std::str::FromStr;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) struct $name(pub(crate) u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = ();
            fn from_str(s: &str) -> Result<Self, ()> {
                s.strip_prefix($prefix).and_then(|n| n.parse().ok()).map(Self).ok_or(())
            }
        }
    };
}

id!(
    /// An application.
    AppId, ""
);
id!(
    /// A conversation of one application.
    ConversationId, "c"
);
id!(
    /// An invitation, as one application sees it.
    InvitationId, "i"
);
id!(
    /// Where people meet: a meeting or a peer-to-peer conversation.
    RoomId, "r"
);
id!(
    /// One presence of somebody in a room.
    MemberId, "m"
);
