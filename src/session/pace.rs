//! Keeps a server that holds no pending GET from being asked in a loop.
//!
//! A page that brings nothing is normal after the server's time-out (PROTOCOL 5.4). One that comes at once, again and
//! again, is not: a gateway that answers for the server, a link that leads back to the same page, a resync without end.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// The longest time between two requests on account of this: what happens meanwhile is heard that much later.
const LONGEST: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Pages in a row that brought nothing.
    barren: u32,
    last: u64,
}

impl Pace {
    /// How long to wait before the next request. `took`: how long the server held this one. `own` is the pause for a
    /// number of tries.
    pub(super) fn rest(
        &mut self,
        page: &[u8],
        has_events: bool,
        took: Duration,
        own: impl FnOnce(u32) -> Duration,
    ) -> Duration {
        let mut hasher = DefaultHasher::new();
        page.hash(&mut hasher);
        let same = std::mem::replace(&mut self.last, hasher.finish()) == hasher.finish();
        if has_events && !same {
            self.barren = 0;
            return Duration::ZERO;
        }
        self.barren = self.barren.saturating_add(1);
        own(self.barren).min(LONGEST).saturating_sub(took)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn only_what_brings_nothing_too_soon_has_to_wait() {
        let mut pace = Pace::default();
        let own = |tries: u32| ms(100 << tries);
        // page, has events, the server held it for, pause
        let rows: [(&[u8], bool, u64, u64); 10] = [
            (b"a", true, 0, 0),
            (b"b", true, 0, 0),
            (b"b", true, 0, 200),
            (b"c", false, 0, 400),
            (b"d", false, 300, 500),
            (b"e", false, 180_000, 0),
            (b"f", false, 0, 2000),
            (b"f", false, 500, 1500),
            (b"g", true, 0, 0),
            (b"h", false, 0, 200),
        ];
        for (row, (page, has_events, took, pause)) in rows.into_iter().enumerate() {
            assert_eq!(pace.rest(page, has_events, ms(took), own), ms(pause), "row {row}");
        }
    }
}
