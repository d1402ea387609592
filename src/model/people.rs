//! The people of one conversation: what each event does to them, and the deltas that follow (PROTOCOL 7.4 to 7.7).
//!
//! Events without `in` create and remove entries; events with `in` change a membership or a modality (trap T-9).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::entry::{Entry, Place, has_state, is_local};
use super::fetch::{Stamp, Subject};
use super::rebirth::{Former, Known};
use super::step::Step;
use super::{
    Capability, Change, Changed, ConversationId, Participant, ParticipantChange, ParticipantId, Phase, Roster,
};
use crate::wire::{Base, Link, Modality, ParticipantBody, ParticipantModalityBody, ResourceId, Target};

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
    /// Who was there before the application was lost, while it is being found out who is now.
    former: Option<Former>,
}

/// What an event says of a person's modality.
#[derive(Debug)]
pub(super) enum Part<'a> {
    /// He takes part, there.
    There {
        /// Its own address.
        target: Target,
        /// Its body, if the event brought it.
        body: Option<&'a ParticipantModalityBody>,
    },
    /// He takes part no more.
    Gone,
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
            former: None,
        }
    }

    pub(super) fn roster(&self) -> &Roster {
        &self.roster
    }

    pub(super) fn set_complete(&mut self, complete: bool) {
        self.roster.complete = complete;
    }

    /// All addresses are void. Whom the host was told of stays until it is known who is there now.
    pub(super) fn lose_application(&mut self) {
        self.roster.complete = false;
        self.former = Some(Former::of(&self.roster));
        self.gone = None;
        self.entries.clear();
        self.by_id.clear();
        self.aliases.clear();
    }

    /// The events of this room came under another id: takes over whom they told of.
    pub(super) fn take_over(&mut self, step: &mut Step<'_>, other: People) {
        let mut entries: Vec<_> = other.entries.into_iter().collect();
        entries.sort_by_key(|(_, entry)| entry.draft.id);
        self.aliases.extend(other.aliases);
        for (key, mut entry) in entries {
            entry.draft.id = step.ids.participant();
            let is_somebody = entry.shown.take().is_some();
            self.by_id.insert(entry.draft.id, key.clone());
            self.entries.insert(key.clone(), entry);
            self.reread_if_partial(step, &key);
            if is_somebody {
                self.show(step, &key);
            }
        }
    }

    /// Whether it is being found out who is still there.
    pub(super) fn has_former(&self) -> bool {
        self.former.is_some()
    }

    /// The server has told who is there.
    pub(super) fn told_all(&mut self, step: &mut Step<'_>) {
        if let Some(former) = &mut self.former {
            former.told_all();
            self.settle(step);
        }
    }

    /// Once everybody who is there is known: tells who is gone, and what is different about the others.
    fn settle(&mut self, step: &mut Step<'_>) {
        let Some(former) = self.former.as_mut().filter(|former| former.is_settled()) else { return };
        let (gone, found) = former.part();
        if former.is_over() {
            self.former = None;
        }
        for person in gone {
            self.roster.people.remove_mut(&person.id);
            self.delta(step, Phase::Deleted, Changed::default(), person);
        }
        for id in found {
            if let Some(key) = self.by_id.get(&id).cloned() {
                self.tell(step, &key);
            }
        }
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
        self.settle(step);
    }

    fn remove(&mut self, step: &mut Step<'_>, key: &ResourceId) -> Option<Entry> {
        step.fetches.drop_waiting(&Subject::Participant(self.roster.conversation, key.clone()));
        let entry = self.entries.remove(key)?;
        if let Some(former) = &mut self.former {
            former.give_up(key);
        }
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
        let is_unknown = self.former.as_ref().is_some_and(|former| former.is_unknown(&key));
        let entry = self.entry(step, &key, link, base);
        entry.touched = step.stamp;
        entry.placed = step.stamp;
        if let Some(body) = body {
            entry.apply(body, base);
        }
        entry.stand(place, entered);
        let stranger = entry.shown.is_none() && !is_unknown;
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

    /// A person's modality came, changed or went. Attributed by `in`, for the link may name another person (PROTOCOL 7.7).
    pub(super) fn modality(
        &mut self,
        step: &mut Step<'_>,
        modality: &Modality,
        whose: &Target,
        event: Part<'_>,
    ) {
        let key = self.key(whose);
        let Some(entry) = self.entries.get_mut(&key) else {
            return;
        };
        entry.touched = step.stamp;
        let subject = Subject::Modality(self.roster.conversation, key.clone(), modality.clone());
        match event {
            Part::Gone => {
                step.fetches.drop_waiting(&subject);
                entry.leave(modality);
            }
            Part::There { target, body } => {
                entry.join(modality.clone());
                if let Some(part) = entry.part_at(modality, target.clone()).filter(|_| has_state(modality)) {
                    part.touched = step.stamp;
                    match body {
                        Some(body) => {
                            step.fetches.drop_waiting(&subject);
                            part.apply(body, &target.base);
                        }
                        None => {
                            part.target = target.clone();
                            step.fetches.want(subject, target);
                        }
                    }
                }
                entry.show_parts();
            }
        }
        if entry.shown.is_some() {
            self.show(step, &key);
        }
    }

    /// The body of a GET on a person's modality.
    pub(super) fn modality_fetched(
        &mut self,
        step: &mut Step<'_>,
        (key, modality): (&ResourceId, &Modality),
        sent: Stamp,
        target: Target,
        base: &Base,
        body: &ParticipantModalityBody,
    ) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        if !entry.draft.modalities.contains(modality) {
            return;
        }
        let Some(part) = entry.part_at(modality, target) else { return };
        if part.touched > sent {
            let subject = Subject::Modality(self.roster.conversation, key.clone(), modality.clone());
            step.fetches.want(subject, part.target.clone());
            return;
        }
        part.apply(body, base);
        entry.show_parts();
        if entry.shown.is_some() {
            self.show(step, key);
        }
    }

    /// A GET on it failed: what is known stays, unless it was asked for before the last event.
    pub(super) fn modality_failed(
        &mut self,
        step: &mut Step<'_>,
        key: &ResourceId,
        modality: &Modality,
        sent: Stamp,
    ) {
        let part = self.entries.get_mut(key).and_then(|entry| entry.part(modality));
        if let Some(part) = part.filter(|part| part.touched > sent) {
            let subject = Subject::Modality(self.roster.conversation, key.clone(), modality.clone());
            step.fetches.want(subject, part.target.clone());
        }
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
        let is_unknown = self.former.as_ref().is_some_and(|former| former.is_unknown(&key));
        if self.entries.get(&key).is_some_and(|entry| entry.shown.is_some() || is_unknown) {
            self.show(step, &key);
        }
        self.settle(step);
    }

    /// A GET failed. A failure from before the last event says nothing about after it.
    pub(super) fn fetch_failed(&mut self, step: &mut Step<'_>, key: &ResourceId, sent: Stamp) {
        if self.entries.get(key).is_some_and(|entry| entry.touched > sent) {
            self.reread_if_partial(step, key);
        } else if self.former.as_ref().is_some_and(|former| former.is_unknown(key)) {
            // Who he was will not be known: he is somebody.
            self.tell(step, key);
            if let Some(former) = &mut self.former {
                former.give_up(key);
            }
            self.settle(step);
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
        self.entries.get(self.by_id.get(&id)?)?.capability(capability)
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

    /// Tells the host what differs from what it was told last. While it is being found out who is still there, only what
    /// is new for sure.
    fn show(&mut self, step: &mut Step<'_>, key: &ResourceId) {
        if self.former.is_none() || self.is_to_be_told(key) {
            self.tell(step, key);
        }
        self.settle(step);
    }

    fn is_to_be_told(&mut self, key: &ResourceId) -> bool {
        let (Some(former), Some(entry)) = (&mut self.former, self.entries.get_mut(key)) else {
            return true;
        };
        if entry.shown.is_none() {
            match former.recognise(key, &entry.draft) {
                Known::Not => return false,
                Known::New => {}
                Known::As(before) => {
                    self.by_id.remove(&entry.draft.id);
                    self.by_id.insert(before.id, key.clone());
                    entry.draft.id = before.id;
                    entry.shown = Some(before);
                }
            }
        }
        !former.holds(entry.draft.id)
    }

    fn tell(&mut self, step: &mut Step<'_>, key: &ResourceId) {
        let Some(entry) = self.entries.get_mut(key) else {
            return;
        };
        // How he took part before one joined, no event need tell.
        for (modality, target) in entry.unread_parts() {
            if let Some(part) = entry.part_at(&modality, target.clone()) {
                // An answer that is on its way is about an earlier stay of his.
                part.touched = step.stamp;
            }
            step.fetches.want(Subject::Modality(self.roster.conversation, key.clone(), modality), target);
        }
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
