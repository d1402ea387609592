//! Which kinds of events a reader takes.

use super::EventKind;

/// A set of event kinds: bit `kind & 63` for each, so that C writes `UCWA_MASK(type)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Mask(u64);

impl Mask {
    /// Every kind, also those that later versions add.
    pub const ALL: Mask = Mask(u64::MAX);
    /// No kind at all.
    pub const NONE: Mask = Mask(0);

    /// The mask with these bits, as C and Python write it.
    pub const fn from_bits(bits: u64) -> Self {
        Mask(bits)
    }

    /// The bits, as C and Python see them.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The mask of these kinds.
    pub fn of(kinds: &[EventKind]) -> Self {
        kinds.iter().fold(Mask::NONE, |mask, kind| mask.with(*kind))
    }

    /// The mask with one kind more.
    #[must_use]
    pub const fn with(self, kind: EventKind) -> Self {
        Mask(self.0 | 1 << (kind as u32 & 63))
    }

    /// What either of the two has.
    #[must_use]
    pub const fn union(self, other: Mask) -> Self {
        Mask(self.0 | other.0)
    }

    /// Whether the bit of this kind is set.
    pub const fn contains(self, kind: EventKind) -> bool {
        self.0 & (1 << (kind as u32 & 63)) != 0
    }

    /// Whether a reader with this mask is given events of this kind. Who takes roster deltas is told when some were
    /// dropped, whether or not the bit of Overflow is set: without it the roster would be wrong in silence.
    pub(super) const fn takes(self, kind: EventKind) -> bool {
        self.contains(kind) || (matches!(kind, EventKind::Overflow) && self.contains(EventKind::Participant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_the_numbers_of_the_kinds_modulo_64() {
        let rows = [
            (EventKind::OperationDone, 1),
            (EventKind::State, 2),
            (EventKind::CredentialsNeeded, 3),
            (EventKind::Overflow, 4),
            (EventKind::Invitation, 16),
            (EventKind::Conversation, 17),
            (EventKind::Participant, 18),
            (EventKind::Message, 19),
            (EventKind::Presence, 20),
            (EventKind::Raw, 63),
        ];
        for (kind, bit) in rows {
            assert_eq!(Mask::of(&[kind]).bits(), 1 << bit, "{kind:?}");
            assert!(Mask::ALL.contains(kind));
            assert!(!Mask::NONE.contains(kind));
            for (other, _) in rows {
                assert_eq!(Mask::of(&[kind]).contains(other), kind == other, "{kind:?} {other:?}");
            }
        }
        let two = Mask::of(&[EventKind::State, EventKind::Raw]);
        assert_eq!(two, Mask::from_bits(1 << 2 | 1 << 63));
        assert_eq!(two, Mask::of(&[EventKind::State]).union(Mask::of(&[EventKind::Raw])));
    }

    #[test]
    fn who_takes_participants_takes_overflows() {
        assert!(Mask::of(&[EventKind::Participant]).takes(EventKind::Overflow));
        assert!(Mask::of(&[EventKind::Overflow]).takes(EventKind::Overflow));
        assert!(!Mask::of(&[EventKind::Overflow]).takes(EventKind::Participant));
        assert!(!Mask::of(&[EventKind::Conversation]).takes(EventKind::Overflow));
    }
}
