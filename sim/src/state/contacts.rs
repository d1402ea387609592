//! Presence subscriptions.

use super::event::{Event, EventType, Link};
use super::ids::AppId;
use super::world::{Action, World};
use crate::resources::href;

/// A subscription to the presence of some people.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) uris: Vec<String>,
    /// Which extension it is at: only the latest one's end counts.
    pub(crate) serial: u64,
}

/// A subscription that is about to run out is announced this long before.
const MINUTE_MS: u64 = 60_000;

impl World {
    /// POST presenceSubscriptions, or the extension of one.
    pub(crate) fn subscribe(
        &mut self,
        app: AppId,
        id: Option<u64>,
        uris: Vec<String>,
        minutes: u64,
    ) -> Option<u64> {
        let serial = self.number();
        let subscriptions = &mut self.applications.get_mut(&app)?.subscriptions;
        let id = id.unwrap_or(serial);
        let fresh = !subscriptions.contains_key(&id);
        let uris = subscriptions.remove(&id).map_or(uris, |known| known.uris);
        subscriptions.insert(id, Subscription { uris: uris.clone(), serial });
        self.after(minutes * MINUTE_MS, Action::EndSubscription(app, id, serial));
        if fresh {
            self.tell_subscription(app, id, EventType::Added);
            for uri in uris {
                self.tell_contact_presence(app, &uri);
            }
        }
        Some(id)
    }

    fn tell_subscription(&mut self, app: AppId, id: u64, kind: EventType) {
        let people = Link::new("people", href::below(app, "people"));
        let link = Link::new(
            "presenceSubscription",
            href::below(app, &format!("people/presenceSubscriptions/{id}")),
        );
        self.tell(app, Event::new(people, kind, link).medium());
    }

    fn tell_contact_presence(&mut self, app: AppId, uri: &str) {
        let people = Link::new("people", href::below(app, "people"));
        let contact = href::contact(app, uri);
        let link = Link::new("contactPresence", format!("{contact}/presence"));
        let event = Event::new(people, EventType::Updated, link).medium();
        self.tell(app, event.within(Link::new("contact", contact)));
    }

    pub(crate) fn end_subscription(&mut self, app: AppId, id: u64, serial: Option<u64>) {
        let Some(application) = self.applications.get_mut(&app) else {
            return;
        };
        let current = application.subscriptions.get(&id).map(|subscription| subscription.serial);
        if current.is_some() && (serial.is_none() || serial == current) {
            application.subscriptions.remove(&id);
            self.tell_subscription(app, id, EventType::Deleted);
        }
    }

    /// Somebody's presence changed: all who subscribed to it are told.
    pub(crate) fn tell_presence(&mut self, uri: &str) {
        let subscribed = self.applications.iter().filter(|(_, app)| {
            app.subscriptions.values().any(|s| s.uris.iter().any(|known| crate::uri::same(known, uri)))
        });
        for app in subscribed.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.tell_contact_presence(app, uri);
        }
    }

    /// Somebody's availability as others see it.
    pub(crate) fn availability_of(&self, uri: &str) -> String {
        if let Some(available) = self.availability(uri) {
            return available.shown().to_owned();
        }
        use crate::people::Answer;
        match self.person(uri).map(|person| person.behaviour.answer) {
            Some(Answer::Accept | Answer::Decline) => "Online",
            Some(Answer::Busy) => "Busy",
            Some(Answer::DoNotDisturb) => "DoNotDisturb",
            Some(Answer::Ignore) => "Away",
            _ => "Offline",
        }
        .to_owned()
    }
}
