//! What becomes of a user who is available and does nothing: reportMyActivity keeps him Online.

use super::event::{Event, EventType, Link};
use super::ids::AppId;
use super::world::{Action, World};
use crate::resources::href;
use crate::without::Effect;

/// How long a user is active without a sign of it, when makeMeAvailable does not say.
const FIVE_MINUTES_MS: u64 = 300_000;

/// How long somebody has done nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Idleness {
    #[default]
    Active,
    Idle,
    Away,
}

impl Idleness {
    /// What others see of somebody who says that he is `presence`.
    pub(crate) fn shown(self, presence: &str) -> &str {
        match (self, presence) {
            (Self::Idle, "Online") => "IdleOnline",
            (Self::Idle, "Busy") => "IdleBusy",
            (Self::Away, "Online" | "Busy") => "Away",
            _ => presence,
        }
    }
}

impl World {
    /// makeMeAvailable or reportMyActivity: the user is there.
    pub(crate) fn report_activity(&mut self, id: AppId) {
        let serial = self.number();
        let Some(own) = self.applications.get_mut(&id).and_then(|app| app.available.as_mut()) else {
            return;
        };
        own.active = serial;
        let was = std::mem::take(&mut own.idleness);
        let limit = self.switches.inactive_ms.or(own.inactive_ms).unwrap_or(FIVE_MINUTES_MS);
        if was != Idleness::Active {
            self.tell_own_presence(id);
        }
        self.after(limit, Action::Inactive(id, serial));
        if let Some(limit) = self.switches.inactive_expiry_ms {
            self.after(limit, Action::ExpireInactive(id, serial));
        }
    }

    /// He has done nothing since.
    pub(crate) fn inactive(&mut self, id: AppId, serial: u64) {
        let decays = !self.lacks(Effect::Idleness);
        let own = self.applications.get_mut(&id).and_then(|app| app.available.as_mut());
        let Some(own) = own.filter(|own| own.active == serial && decays) else {
            return;
        };
        let next = match own.idleness {
            Idleness::Active => Idleness::Idle,
            _ => Idleness::Away,
        };
        let before = std::mem::replace(&mut own.idleness, next);
        if before == Idleness::Active {
            self.after(self.switches.away_ms, Action::Inactive(id, serial));
        }
        self.tell_own_presence(id);
    }

    pub(crate) fn expire_inactive(&mut self, id: AppId, serial: u64) {
        let own = self.applications.get(&id).and_then(|app| app.available.as_ref());
        if own.is_some_and(|own| own.active == serial) {
            self.expired.insert(id);
            self.lose_application(id);
        }
    }

    fn tell_own_presence(&mut self, id: AppId) {
        let me = Link::new("me", href::below(id, "me"));
        let link = Link::new("presence", href::below(id, "me/presence"));
        self.tell(id, Event::new(me, EventType::Updated, link).medium());
        if let Some(uri) = self.applications.get(&id).map(|app| app.owner.uri().to_owned()) {
            self.tell_presence(&uri);
        }
    }
}

/// A span of minutes, or of hours, minutes and seconds with colons between them, in milliseconds.
pub(crate) fn read_span(text: &str) -> Option<u64> {
    if let Ok(minutes) = text.parse::<u64>() {
        return minutes.checked_mul(60_000);
    }
    let mut parts = text.split(':').map(|part| part.parse::<u64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    (parts.next().is_none() && hours < 10_000 && minutes < 60 && seconds < 60)
        .then_some(((hours * 60 + minutes) * 60 + seconds) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_minutes_or_clock_times() {
        assert_eq!(read_span("5"), Some(300_000));
        assert_eq!(read_span("00:05:01"), Some(301_000));
        for bad in ["", "soon", "1:2", "0:60:0", "0:0:0:0", "-1"] {
            assert_eq!(read_span(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_who_says_that_he_is_there_can_be_idle() {
        assert_eq!(Idleness::Idle.shown("Busy"), "IdleBusy");
        assert_eq!(Idleness::Away.shown("Online"), "Away");
        assert_eq!(Idleness::Away.shown("DoNotDisturb"), "DoNotDisturb");
    }
}
