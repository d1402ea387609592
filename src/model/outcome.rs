//! How an invitation ended, from the server's raw words (PROTOCOL 6.4, 6.6; trap T-18).

use super::Outcome;
use crate::wire::{EventStatus, InvitationState, Reason};

/// Subcode -> outcome. Mostly inference from the texts of the protocol's pages, so it is data; what it does not know
/// is decided by the state, then by the code, else it is `Failed`.
const BY_SUBCODE: &[(&str, Outcome)] = &[
    ("Declined", Outcome::Declined),
    ("NotAcceptable", Outcome::Declined),
    ("NotAllowed", Outcome::Declined),
    ("RepliedWithOtherModality", Outcome::Declined),
    ("Denied", Outcome::Declined),
    ("TransferDeclined", Outcome::Declined),
    ("TransferTargetDeclined", Outcome::Declined),
    ("Busy", Outcome::Busy),
    ("DoNotDisturb", Outcome::Busy),
    ("Timeout", Outcome::NoAnswer),
    ("Missed", Outcome::NoAnswer),
    ("Expired", Outcome::NoAnswer),
    ("Canceled", Outcome::Cancelled),
    ("CallTerminated", Outcome::Cancelled),
    ("DestinationNotFound", Outcome::Unreachable),
    ("Unreachable", Outcome::Unreachable),
    ("TemporarilyUnavailable", Outcome::Unreachable),
    ("Unavailable", Outcome::Unreachable),
    ("FederationRequired", Outcome::Unreachable),
    ("ModalityNotSupported", Outcome::Unreachable),
];

/// Code -> outcome, when neither subcode nor state decide.
const BY_CODE: &[(&str, Outcome)] = &[
    ("NotFound", Outcome::Unreachable),
    ("NotAcceptable", Outcome::Declined),
    ("Timeout", Outcome::NoAnswer),
    ("GatewayTimeout", Outcome::NoAnswer),
];

/// The outcome of a completed invitation. `None` when nothing that was said decides it.
pub(super) fn decide(
    status: Option<&EventStatus>,
    state: Option<&InvitationState>,
    reason: Option<&Reason>,
) -> Option<Outcome> {
    match status {
        Some(EventStatus::Success | EventStatus::Succeeded) => return Some(Outcome::Accepted),
        None if state == Some(&InvitationState::Connected) => return Some(Outcome::Accepted),
        _ => {}
    }
    let by_subcode = reason.and_then(|r| look_up(BY_SUBCODE, &r.subcode));
    let by_state = || match state {
        Some(InvitationState::Declined) => Some(Outcome::Declined),
        Some(InvitationState::Cancelled) => Some(Outcome::Cancelled),
        _ => None,
    };
    let by_code = || reason.and_then(|r| look_up(BY_CODE, &r.code));
    by_subcode.or_else(by_state).or_else(by_code).or_else(|| {
        let said_something = status.is_some() || state.is_some() || reason.is_some();
        said_something.then_some(Outcome::Failed)
    })
}

/// Spellings differ in case between pages (trap T-32).
fn look_up(table: &[(&str, Outcome)], word: &str) -> Option<Outcome> {
    table.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, outcome)| *outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(code: &str, subcode: &str) -> Option<Reason> {
        Some(Reason { code: code.into(), subcode: subcode.into(), ..Reason::default() })
    }

    #[test]
    fn t18_outcomes_by_status_subcode_state_and_code() {
        use EventStatus::{Failure, Success};
        use InvitationState as S;
        let rows = [
            (Some(Success), Some(S::Connected), None, Some(Outcome::Accepted)),
            (Some(Success), None, None, Some(Outcome::Accepted)),
            (None, Some(S::Connected), None, Some(Outcome::Accepted)),
            (Some(Failure), Some(S::Failed), reason("RemoteFailure", "Declined"), Some(Outcome::Declined)),
            (Some(Failure), Some(S::Connected), reason("RemoteFailure", "Busy"), Some(Outcome::Busy)),
            (Some(Failure), Some(S::Failed), reason("RemoteFailure", "DoNotDisturb"), Some(Outcome::Busy)),
            (Some(Failure), Some(S::Failed), reason("RemoteFailure", "Missed"), Some(Outcome::NoAnswer)),
            (Some(Failure), Some(S::Failed), reason("Timeout", "Timeout"), Some(Outcome::NoAnswer)),
            (Some(Failure), Some(S::Cancelled), reason("LocalFailure", "Canceled"), Some(Outcome::Cancelled)),
            (Some(Failure), Some(S::Cancelled), None, Some(Outcome::Cancelled)),
            (None, Some(S::Declined), None, Some(Outcome::Declined)),
            (
                Some(Failure),
                Some(S::Failed),
                reason("NotFound", "DestinationNotFound"),
                Some(Outcome::Unreachable),
            ),
            (Some(Failure), Some(S::Failed), reason("NotFound", ""), Some(Outcome::Unreachable)),
            (Some(Failure), Some(S::Failed), reason("gatewaytimeout", ""), Some(Outcome::NoAnswer)),
            (
                Some(Failure),
                Some(S::Declined),
                reason("RemoteFailure", "NeverHeardOf"),
                Some(Outcome::Declined),
            ),
            (Some(Failure), Some(S::Failed), reason("RemoteFailure", "NeverHeardOf"), Some(Outcome::Failed)),
            (Some(EventStatus::Other("Maybe".into())), None, None, Some(Outcome::Failed)),
            (None, None, None, None),
        ];
        for (status, state, reason, expected) in rows {
            let got = decide(status.as_ref(), state.as_ref(), reason.as_ref());
            assert_eq!(got, expected, "{status:?} {state:?} {reason:?}");
        }
    }
}
