//! The people of one conversation: what each event does to them, and the deltas that follow (PROTOCOL 7.4 to 7.7).
//!
//! Events without `in` create and remove entries; events with `in` change a membership or a modality (trap T-9).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::fetch::{Stamp, Subject};
use super::step::Step;
use super::{
    Capabilities, Capability, Change, Changed, ConversationId, Participant, ParticipantChange, ParticipantId,
};
use super::{Phase, Roster};
use crate::wire::{Base, Link, Links, Modality, ParticipantBody, Rel, ResourceId, Role, Target};

#[derive(Debug)]
pub(super) struct People {
    roster: Roster,
    entries: HashMap<ResourceId, Entry>,
    by_id: HashMap<ParticipantId, ResourceId>,
    /// The user's own entry may be known under a second address (PROTOCOL 7.5).
    aliases: HashMap<ResourceId, ResourceId>,
    /// Who was deleted while collections are being read: a collection made earlier must not revive him. `None` while
    /// none are read, for in a long meeting many leave.
    gone: Option<HashMap<ResourceId, Stamp>>,
}

#[derive(Debug)]
struct Entry {
    /// The state to show; becomes `shown` when it differs.
    draft: Participant,
    /// What the host was told; `None` while only memberships are known.
    shown: Option<Arc<Participant>>,
    target: Target,
    links: Links,
    base: Base,
    /// The last event about this person.
    touched: Stamp,
    /// The last event about his role or his place in the lobby.
    placed: Stamp,
}

/// Where a person stands in a meeting, as a membership event or a collection tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Leader,
    Attendee,
    Lobby,
}

/// Which events named the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whom {
    Participant,
    LocalParticipant,
}

impl People {
    pub(super) fn new(conversation: ConversationId) -> Self {
        People {
            roster: Roster::new(conversation),
            entries: HashMap::new(),
            by_id: HashMap::new(),
            aliases: HashMap::new(),
            gone: None,
        }
    }

    pub(super) fn roster(&self) -> &Roster {
        &self.roster
    }

    pub(super) fn set_complete(&mut self, complete: bool) {
        self.roster.complete = complete;
    }

    /// Collections are about to be read: remembers who leaves meanwhile.
    pub(super) fn watch(&mut self) {
        self.gone.get_or_insert_default();
    }

    /// They have been read.
    pub(super) fn stop_watching(&mut self) {
        self.gone = None;
    }

    /// `added` or `updated` without `in`. A link alone is enough: the entry is shown at once, as partial.
    pub(super) fn upsert(
        &mut self,
        step: &mut Step<'_>,
        whom: Whom,
        link: &Link,
        base: &Base,
        body: Option<&ParticipantBody>,
    ) {
        let key = self.key(&Target::new(link.href.clone(), base.clone()));
        if let Some(gone) = &mut self.gone {
            gone.remove(&key);
        }
        let is_local = whom == Whom::LocalParticipant || body.is_some_and(is_local);
        let key = if is_local {
            self.settle_local(step, key, body.and_then(|body| body.uri.as_deref()))
        } else {
            key
        };
        let entry = self.entry(step, &key, link, base);
        entry.touched = step.stamp;
        entry.draft.local |= whom == Whom::LocalParticipant;
        if let Some(title) = link.title.as_deref().filter(|t| !t.is_empty() && entry.draft.partial) {
            entry.draft.name = title.to_owned();
        }
        if let Some(body) = body {
            entry.apply(body, base);
        }
        let subject = Subject::Participant(self.roster.conversation, key.clone());
        if body.is_some() {
            step.fetches.drop_waiting(&subject);
        } else {
            // An update without a body says that something changed, not what: read it again.
            let target = self.entry(step, &key, link, base).target.clone();
            step.fetches.want(subject, target);
        }
        self.show(step, &key);
    }

    /// `deleted` without `in`: the person is gone. Unknown ones are ignored (trap T-10).
    pub(super) fn delete(&mut self, step: &mut Step<'_>, target: &Target) {
        let key = self.key(target);
        if let Some(gone) = &mut self.gone {
            gone.insert(key.clone(), step.stamp);
        }
        self.remove(step, &key);
    }

    fn remove(&mut self, step: &mut Step<'_>, key: &ResourceId) -> Option<Entry> {
        step.fetches.drop_waiting(&Subject::Participant(self.roster.conversation, key.clone()));
        let entry = self.entries.remove(key)?;
        self.by_id.remove(&entry.draft.id);
        self.aliases.retain(|_, to| to != key);
        if let Some(shown) = &entry.shown {
            self.roster.people.remove_mut(&shown.id);
            self.delta(step, Phase::Deleted, Changed::default(), shown.clone());
        }
        Some(entry)
    }

    /// Membership of leaders, attendees or lobby changed. True when the person was not known: something was missed.
    pub(super) fn place(
        &mut self,
        step: &mut Step<'_>,
        place: Place,
        entered: bool,
        link: &Link,
        base: &Base,
        body: Option<&ParticipantBody>,
    ) -> bool {
        let target = Target::new(link.href.clone(), base.clone());
        let key = self.key(&target);
        if !entered && !self.entries.contains_key(&key) {
            return false;
        }
        let entry = self.entry(step, &key, link, base);
        entry.touched = step.stamp;
        entry.placed = step.stamp;
        if let Some(body) = body {
            entry.apply(body, base);
        }
        entry.stand(place, entered);
        let stranger = entry.shown.is_none();
        self.reread_if_partial(step, &key);
        if !stranger {
            self.show(step, &key);
        }
        stranger && entered
    }

    /// Typing began or ended.
    pub(super) fn typing(&mut self, step: &mut Step<'_>, typing: bool, target: &Target) {
        self.change(step, target, |draft| draft.typing = typing);
    }

    /// A person's modality came or went. Attributed by `in`, for the link may name another person (PROTOCOL 7.7).
    pub(super) fn modality(
        &mut self,
        step: &mut Step<'_>,
        modality: Modality,
        takes_part: bool,
        target: &Target,
    ) {
        self.change(step, target, |draft| {
            if !takes_part {
                draft.modalities.retain(|m| *m != modality);
            } else if !draft.modalities.contains(&modality) {
                draft.modalities.push(modality);
            }
        });
    }

    fn change(&mut self, step: &mut Step<'_>, target: &Target, change: impl FnOnce(&mut Participant)) {
        let key = self.key(target);
        let Some(entry) = self.entries.get_mut(&key) else {
            return;
        };
        entry.touched = step.stamp;
        change(&mut entry.draft);
        if entry.shown.is_some() {
            self.show(step, &key);
        }
    }

    /// The body of a GET. Dropped when an event touched the person since it was sent, or when he is gone.
    pub(super) fn fetched(
        &mut self,
        step: &mut Step<'_>,
        key: &ResourceId,
        sent: Stamp,
        base: &Base,
        body: &ParticipantBody,
    ) {
        let Some(entry) = self.entries.get_mut(key) else {
            return;
        };
        if entry.touched > sent {
            let target = entry.target.clone();
            step.fetches.want(Subject::Participant(self.roster.conversation, key.clone()), target);
            return;
        }
        entry.apply(body, base);
        let key = if is_local(body) {
            self.settle_local(step, key.clone(), body.uri.as_deref())
        } else {
            key.clone()
        };
        if self.entries.get(&key).is_some_and(|entry| entry.shown.is_some()) {
            self.show(step, &key);
        }
    }

    /// A GET failed. A failure from before the last event says nothing about after it.
    pub(super) fn fetch_failed(&mut self, step: &mut Step<'_>, key: &ResourceId, sent: Stamp) {
        if self.entries.get(key).is_some_and(|entry| entry.touched > sent) {
            self.reread_if_partial(step, key);
        }
    }

    /// Somebody whom a collection names. Membership events since it was asked for win over it.
    pub(super) fn listed(
        &mut self,
        step: &mut Step<'_>,
        place: Place,
        sent: Stamp,
        link: &Link,
        base: &Base,
        body: Option<&ParticipantBody>,
    ) -> ResourceId {
        let key = self.key(&Target::new(link.href.clone(), base.clone()));
        if self.gone.as_ref().and_then(|gone| gone.get(&key)).is_some_and(|when| *when > sent) {
            return key;
        }
        let local = body.filter(|body| is_local(body));
        let key = match local {
            Some(body) => self.settle_local(step, key, body.uri.as_deref()),
            None => key,
        };
        let entry = self.entry(step, &key, link, base);
        if entry.placed <= sent {
            match place {
                Place::Lobby => entry.draft.in_lobby = true,
                place => {
                    entry.draft.in_lobby = false;
                    entry.stand(place, true);
                }
            }
        }
        if let Some(body) = body.filter(|_| entry.touched <= sent) {
            entry.apply(body, base);
        }
        if let Some(title) = link.title.as_deref().filter(|t| !t.is_empty() && entry.draft.name.is_empty()) {
            entry.draft.name = title.to_owned();
        }
        self.reread_if_partial(step, &key);
        self.show(step, &key);
        key
    }

    /// All collections are read: whoever none of them names, and no event touched since, is not in the room.
    pub(super) fn keep_only(
        &mut self,
        step: &mut Step<'_>,
        listed: &HashSet<ResourceId>,
        since: Stamp,
        lobby_read: bool,
    ) {
        let absent: Vec<ResourceId> = self
            .entries
            .iter()
            .filter(|(key, entry)| {
                let may_be_unlisted = entry.draft.local || (entry.draft.in_lobby && !lobby_read);
                !may_be_unlisted && entry.touched <= since && !listed.contains(key)
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in absent {
            self.remove(step, &key);
        }
    }

    /// The capability link of a person, while he is there.
    pub(super) fn capability(&self, id: ParticipantId, capability: Capability) -> Option<Target> {
        let entry = self.entries.get(self.by_id.get(&id)?)?;
        let link = entry.links.get(&capability_rel(capability))?;
        Some(Target::new(link.href.clone(), entry.base.clone()))
    }

    /// Who is at this address, as the host was told of him.
    pub(super) fn at(&self, target: &Target) -> Option<&Participant> {
        let entry = self.entries.get(&self.key(target))?;
        entry.shown.as_deref()
    }

    fn key(&self, target: &Target) -> ResourceId {
        let id = target.id();
        self.aliases.get(&id).cloned().unwrap_or(id)
    }

    fn entry(&mut self, step: &mut Step<'_>, key: &ResourceId, link: &Link, base: &Base) -> &mut Entry {
        let by_id = &mut self.by_id;
        self.entries.entry(key.clone()).or_insert_with(|| {
            let id = step.ids.participant();
            by_id.insert(id, key.clone());
            Entry::new(id, Target::new(link.href.clone(), base.clone()))
        })
    }

    /// The user himself stands once: a second address of his becomes an alias of the first. Two people who both are
    /// said to be local but have different uris stay two.
    fn settle_local(&mut self, step: &mut Step<'_>, key: ResourceId, uri: Option<&str>) -> ResourceId {
        let same = |entry: &Entry| {
            let known = entry.draft.uri.as_str();
            known.is_empty() || uri.is_none_or(|uri| uri.eq_ignore_ascii_case(known))
        };
        let others = self.entries.iter().filter(|(known, entry)| **known != key && entry.draft.local);
        let local = others.filter(|(_, entry)| same(entry)).min_by_key(|(_, entry)| entry.draft.id);
        match local.map(|(known, _)| known.clone()) {
            Some(known) => {
                let other = self.remove(step, &key);
                if let (Some(entry), Some(other)) = (self.entries.get_mut(&known), other) {
                    entry.take_over(other);
                }
                self.aliases.insert(key, known.clone());
                known
            }
            None => key,
        }
    }

    /// What is known of everybody may be otherwise now: reads it again.
    pub(super) fn reread(&self, step: &mut Step<'_>) {
        let mut all: Vec<_> = self.entries.iter().collect();
        all.sort_by_key(|(_, entry)| entry.draft.id);
        for (key, entry) in all {
            let subject = Subject::Participant(self.roster.conversation, key.clone());
            step.fetches.want(subject, entry.target.clone());
        }
    }

    fn reread_if_partial(&mut self, step: &mut Step<'_>, key: &ResourceId) {
        let Some(entry) = self.entries.get(key) else {
            return;
        };
        if entry.draft.partial {
            step.fetches
                .want(Subject::Participant(self.roster.conversation, key.clone()), entry.target.clone());
        }
    }

    /// Tells the host what differs from what it was told last.
    fn show(&mut self, step: &mut Step<'_>, key: &ResourceId) {
        let Some(entry) = self.entries.get_mut(key) else {
            return;
        };
        let mut now = entry.draft.clone();
        if now.name.is_empty() {
            now.name.clone_from(&now.uri);
        }
        let (phase, changed) = match &entry.shown {
            None => (Phase::Added, Changed::default()),
            Some(before) => (Phase::Updated, Changed::between(before, &now)),
        };
        if phase == Phase::Updated && changed.is_empty() {
            return;
        }
        let now = Arc::new(now);
        entry.shown = Some(now.clone());
        self.roster.people.insert_mut(now.id, now.clone());
        self.delta(step, phase, changed, now);
    }

    fn delta(&mut self, step: &mut Step<'_>, phase: Phase, changed: Changed, participant: Arc<Participant>) {
        self.roster.revision += 1;
        step.changes.push(Change::Participant(ParticipantChange {
            phase,
            conversation: self.roster.conversation,
            revision: self.roster.revision,
            changed,
            participant,
        }));
    }
}

impl Entry {
    fn new(id: ParticipantId, target: Target) -> Self {
        let draft = Participant { partial: true, ..Participant::new(id) };
        let base = target.base.clone();
        Entry { draft, shown: None, target, links: Links::default(), base, touched: 0, placed: 0 }
    }

    /// What a body says wins over what was known; what it leaves out stays.
    fn apply(&mut self, body: &ParticipantBody, base: &Base) {
        let draft = &mut self.draft;
        draft.partial = false;
        set(&mut draft.uri, body.uri.as_ref());
        if let Some(name) = body.name.as_ref().filter(|name| !name.is_empty()) {
            draft.name.clone_from(name);
        }
        set(&mut draft.work_phone, body.work_phone_number.as_ref());
        set(&mut draft.other_phone, body.other_phone_number.as_ref());
        set(&mut draft.organizer, body.organizer.as_ref());
        set(&mut draft.anonymous, body.anonymous.as_ref());
        set(&mut draft.in_lobby, body.in_lobby.as_ref());
        draft.local |= is_local(body);
        draft.role = body.role.clone().or(draft.role.take());
        draft.source_network = body.source_network.clone().or(draft.source_network.take());
        draft.can = capabilities(&body.links);
        for (rel, modality) in MODALITY_RELS {
            if body.links.has(rel) && !draft.modalities.contains(modality) {
                draft.modalities.push(modality.clone());
            }
        }
        self.links = body.links.clone();
        self.base = base.clone();
    }

    /// The same person was known under another address: what was said of him there, of his own person excepted.
    fn take_over(&mut self, other: Entry) {
        if other.placed >= self.placed {
            self.draft.in_lobby = other.draft.in_lobby;
            self.draft.role = other.draft.role.or(self.draft.role.take());
        }
        self.draft.local = true;
        self.draft.typing |= other.draft.typing;
        for modality in other.draft.modalities {
            if !self.draft.modalities.contains(&modality) {
                self.draft.modalities.push(modality);
            }
        }
        self.touched = self.touched.max(other.touched);
        self.placed = self.placed.max(other.placed);
    }

    fn stand(&mut self, place: Place, entered: bool) {
        match (place, entered) {
            (Place::Lobby, waits) => self.draft.in_lobby = waits,
            (Place::Leader, true) => self.draft.role = Some(Role::Leader),
            (Place::Attendee, true) => self.draft.role = Some(Role::Attendee),
            // Left the collection: demoted, promoted or gone. The event that says which follows; until then the
            // last known role is the better answer.
            (Place::Leader | Place::Attendee, false) => {}
        }
    }
}

/// The user's own entry: the property says so, or the link that no other has (PROTOCOL 7.4).
fn is_local(body: &ParticipantBody) -> bool {
    body.local == Some(true) || (body.local.is_none() && body.links.has(&Rel::Me))
}

fn set<T: Clone>(field: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        field.clone_from(value);
    }
}

/// A participant's modality resource -> what he takes part in.
const MODALITY_RELS: &[(Rel, Modality)] = &[
    (Rel::ParticipantMessaging, Modality::Messaging),
    (Rel::ParticipantAudio, Modality::Audio),
    (Rel::ParticipantVideo, Modality::Video),
    (Rel::ParticipantPanoramicVideo, Modality::PanoramicVideo),
    (Rel::ParticipantApplicationSharing, Modality::ApplicationSharing),
    (Rel::ParticipantDataCollaboration, Modality::DataCollaboration),
];

/// The modality behind the rel of a participant's modality resource.
pub(super) fn modality_of(rel: &Rel) -> Option<Modality> {
    MODALITY_RELS.iter().find(|(known, _)| known == rel).map(|(_, modality)| modality.clone())
}

fn capability_rel(capability: Capability) -> Rel {
    Rel::from_word(capability.as_str())
}

fn capabilities(links: &Links) -> Capabilities {
    Capability::ALL
        .into_iter()
        .filter(|capability| links.has(&capability_rel(*capability)))
        .fold(Capabilities::default(), Capabilities::with)
}
