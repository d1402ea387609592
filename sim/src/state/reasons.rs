//! Why invitations and conversations end. The first is a capture, the others follow the texts of the subcodes.

use super::event::Reason;

pub(crate) const DECLINED: Reason = Reason::new("RemoteFailure", "Declined", "Your invitation was declined.");
pub(crate) const BUSY: Reason = Reason::new("RemoteFailure", "Busy", "The person is in another call.");
pub(crate) const DO_NOT_DISTURB: Reason =
    Reason::new("RemoteFailure", "DoNotDisturb", "The person does not want to be disturbed.");
pub(crate) const MISSED: Reason = Reason::new("RemoteFailure", "Missed", "Nobody answered.");
pub(crate) const TIMEOUT: Reason = Reason::new("Timeout", "Timeout", "Nobody answered in time.");
pub(crate) const UNREACHABLE: Reason =
    Reason::new("RemoteFailure", "Unreachable", "The person cannot be reached now.");
pub(crate) const NOT_FOUND: Reason =
    Reason::new("NotFound", "DestinationNotFound", "There is nobody with this address.");
pub(crate) const CANCELED: Reason = Reason::new("LocalFailure", "Canceled", "The invitation was canceled.");
pub(crate) const DENIED: Reason = Reason::new("Forbidden", "Denied", "Entry to the meeting was denied.");
pub(crate) const EJECTED: Reason =
    Reason::new("Informational", "Ejected", "You were removed from the meeting.");
pub(crate) const ENDED: Reason = Reason::new("Informational", "Ended", "The meeting has ended.");
