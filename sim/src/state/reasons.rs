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
pub(crate) const ESCALATION_FAILED: Reason =
    Reason::new("ServiceFailure", "EscalationFailed", "The conversation could not become a meeting.");
pub(crate) const ELSEWHERE: Reason =
    Reason::new("LocalFailure", "ConnectedElsewhere", "The call was answered by another application.");
pub(crate) const DIAL_OUT: Reason =
    Reason::new("Forbidden", "DialoutNotAllowed", "Dialing out is not allowed.");
pub(crate) const FULL: Reason = Reason::new("Forbidden", "TooManyParticipants", "The meeting is full.");
pub(crate) const LOBBY_FULL: Reason =
    Reason::new("Forbidden", "TooManyLobbyParticipants", "The lobby is full.");
pub(crate) const EJECTED: Reason =
    Reason::new("Informational", "Ejected", "You were removed from the meeting.");
pub(crate) const DEMOTED: Reason = Reason::new("Informational", "Demoted", "You are an attendee now.");
pub(crate) const REMOVED: Reason = Reason::new("Informational", "Removed", "The modality was removed.");
pub(crate) const ENDED: Reason = Reason::new("Informational", "Ended", "The meeting has ended.");
