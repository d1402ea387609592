//! Applications and their instances.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::activity::Idleness;
use super::channel::Channel;
use super::contacts::Subscription;
use super::event::{Event, EventType, Link};
use super::ids::AppId;
use super::token::Identity;
use super::world::{Action, World};
use crate::choices::{LostApplication, Reachable, SameApplication};
use crate::resources::href;

/// What makes two POSTs name the same application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) culture: String,
    pub(crate) endpoint_id: String,
    pub(crate) user_agent: String,
    pub(crate) kind: Option<String>,
}

/// An application: one sign-in of one program.
#[derive(Debug)]
pub(crate) struct Application {
    pub(crate) owner: Identity,
    pub(crate) key: Key,
    pub(crate) instances: Vec<Instance>,
    pub(crate) communication: Communication,
    /// Set by makeMeAvailable.
    pub(crate) available: Option<Availability>,
    pub(crate) subscriptions: BTreeMap<u64, Subscription>,
}

/// One tab or window of an application, with its own event channel.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) id: Option<String>,
    pub(crate) channel: Channel,
}

/// The properties of `communication` that a client can set.
#[derive(Debug, Clone)]
pub(crate) struct Communication {
    /// Name of the property that has to come back in a PUT.
    pub(crate) guid: String,
    pub(crate) etag: u64,
    pub(crate) modalities: Vec<String>,
    pub(crate) formats: Vec<String>,
    /// Whatever else was put.
    pub(crate) more: serde_json::Map<String, serde_json::Value>,
}

/// What makeMeAvailable brings to life.
#[derive(Debug, Clone)]
pub(crate) struct Availability {
    pub(crate) presence: String,
    pub(crate) note: String,
    pub(crate) location: String,
    /// After how long without activity he is idle; none: the usual.
    pub(crate) inactive_ms: Option<u64>,
    /// Serial number of his last activity.
    pub(crate) active: u64,
    pub(crate) idleness: Idleness,
}

impl Availability {
    /// What others see.
    pub(crate) fn shown(&self) -> &str {
        self.idleness.shown(&self.presence)
    }
}

impl World {
    /// POST applications. The second is true when the application (or its instance) is new.
    pub(crate) fn create_application(
        &mut self,
        owner: &Identity,
        key: Key,
        instance: Option<String>,
    ) -> (AppId, bool) {
        let now = Instant::now();
        let first_ack = self.switches.first_ack;
        let same = |app: &Application| app.key == key && crate::uri::same(app.owner.uri(), owner.uri());
        let known = self.applications.iter_mut().find(|(_, app)| same(app));
        let Some((&id, application)) = known else {
            return (self.new_application(owner.clone(), key, instance), true);
        };
        if application.instances.iter().any(|known| known.id == instance) {
            if instance.is_none() && self.switches.same_application == SameApplication::Replace {
                self.lose_application(id);
                return (self.new_application(owner.clone(), key, instance), true);
            }
            return (id, false);
        }
        application.instances.push(Instance { id: instance, channel: Channel::new(first_ack, now) });
        (id, true)
    }

    fn new_application(&mut self, owner: Identity, key: Key, instance: Option<String>) -> AppId {
        let id = self.application_number();
        let channel = Channel::new(self.switches.first_ack, Instant::now());
        let communication = Communication {
            guid: crate::random::guid(),
            etag: crate::random::number() % 4_000_000_000,
            modalities: Vec::new(),
            formats: vec!["Plain".into()],
            more: serde_json::Map::new(),
        };
        let application = Application {
            owner,
            key,
            instances: vec![Instance { id: instance, channel }],
            communication,
            available: None,
            subscriptions: BTreeMap::new(),
        };
        self.applications.insert(id, application);
        self.after(self.switches.silence_ms, Action::Silence(id));
        id
    }

    /// DELETE application by one of its instances: the last one takes everything along.
    pub(crate) fn delete_instance(&mut self, id: AppId, instance: Option<&str>) {
        let Some(application) = self.applications.get_mut(&id) else {
            return;
        };
        let of_this = |known: &Instance| known.id.as_deref() == instance;
        if application.instances.len() > 1 && application.instances.iter().any(of_this) {
            let gone: Vec<_> = application.instances.iter().filter(|known| of_this(known)).collect();
            let notify: Vec<_> = gone.iter().map(|known| known.channel.notify()).collect();
            application.instances.retain(|known| !of_this(known));
            for notify in notify {
                self.wake_later(notify);
            }
            return;
        }
        self.lose_application(id);
    }

    /// The end of an application: its user leaves everything that he is in.
    pub(crate) fn lose_application(&mut self, id: AppId) {
        let mine = self.conversations.iter().filter(|(_, c)| c.app == id && !c.ended).map(|(id, _)| *id);
        for conversation in mine.collect::<Vec<_>>() {
            self.leave(conversation, None);
        }
        if let Some(application) = self.applications.remove(&id) {
            for instance in application.instances {
                self.wake_later(instance.channel.notify());
            }
        }
    }

    /// Ends an application for which nobody has waited for too long.
    pub(crate) fn check_silence(&mut self, id: AppId) {
        let limit = Duration::from_millis(self.switches.silence_ms);
        let Some(application) = self.applications.get(&id) else {
            return;
        };
        let now = Instant::now();
        let left = application.instances.iter().map(|instance| {
            let silent = instance.channel.silent_since();
            silent.map_or(limit, |since| limit.saturating_sub(now.duration_since(since)))
        });
        match left.max() {
            Some(left) if !left.is_zero() => self.after(left.as_millis() as u64 + 1, Action::Silence(id)),
            _ => self.lose_application(id),
        }
    }

    /// The status of a request for an application that is not there.
    pub(crate) fn lost_status(&self, id: Option<AppId>) -> (u16, &'static str, &'static str) {
        if id.is_some_and(|id| self.expired.contains(&id)) {
            return (410, "Gone", "InactiveApplicationExpired");
        }
        match self.switches.lost_application {
            LostApplication::NotFound => (404, "NotFound", "ApplicationNotFound"),
            LostApplication::Gone => (410, "Gone", "InactiveApplicationExpired"),
        }
    }

    /// Closes conversations and subscriptions and lets the next page say `resume`.
    pub(crate) fn resume_application(&mut self, id: AppId) {
        let mine = self.conversations.iter().filter(|(_, c)| c.app == id && !c.ended).map(|(id, _)| *id);
        for conversation in mine.collect::<Vec<_>>() {
            self.leave(conversation, None);
        }
        let Some(application) = self.applications.get_mut(&id) else {
            return;
        };
        application.subscriptions.clear();
        let mut wake = Vec::new();
        for instance in &mut application.instances {
            instance.channel.resume();
            wake.push(instance.channel.notify());
        }
        for notify in wake {
            self.wake_later(notify);
        }
    }

    /// makeMeAvailable; false when it was called before.
    pub(crate) fn make_available(
        &mut self,
        id: AppId,
        modalities: Vec<String>,
        formats: Vec<String>,
        presence: &str,
        inactive_ms: Option<u64>,
    ) -> bool {
        let Some(application) = self.applications.get_mut(&id).filter(|app| app.available.is_none()) else {
            return false;
        };
        application.available = Some(Availability {
            presence: presence.to_owned(),
            note: String::new(),
            location: String::new(),
            inactive_ms,
            active: 0,
            idleness: Idleness::Active,
        });
        application.communication.modalities = modalities;
        if !formats.is_empty() {
            application.communication.formats = formats;
        }
        application.communication.etag += 1;
        let me = || Link::new("me", href::below(id, "me"));
        self.tell(id, Event::new(me(), EventType::Updated, me()).medium());
        for rel in ["presence", "note", "location"] {
            let link = Link::new(rel, href::below(id, &format!("me/{rel}")));
            self.tell(id, Event::new(me(), EventType::Added, link).medium());
        }
        self.tell_communication(id);
        self.report_activity(id);
        true
    }

    pub(crate) fn tell_communication(&mut self, id: AppId) {
        let Some(body) = self.communication_json(id) else {
            return;
        };
        let link = Link::new("communication", href::communication(id));
        self.tell(id, Event::of_communication(id, EventType::Updated, link).medium().embed(body));
    }

    /// What a user who called makeMeAvailable says of himself.
    pub(crate) fn availability(&self, uri: &str) -> Option<&Availability> {
        let mine = |app: &&Application| crate::uri::same(app.owner.uri(), uri) && !app.owner.is_guest();
        self.applications.values().filter(mine).find_map(|app| app.available.as_ref())
    }

    /// The applications through which a user can be reached.
    pub(crate) fn reachable_all(&self, uri: &str) -> Vec<AppId> {
        let answers = |app: &Application| match self.switches.reachable {
            Reachable::Available => app.available.is_some(),
            Reachable::SignedIn => true,
            Reachable::Active => app.available.as_ref().is_some_and(|own| own.idleness == Idleness::Active),
        };
        let reachable = |app: &Application| {
            !app.owner.is_guest() && crate::uri::same(app.owner.uri(), uri) && answers(app)
        };
        self.applications.iter().filter(|(_, app)| reachable(app)).map(|(id, _)| *id).collect()
    }
}
