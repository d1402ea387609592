//! Events of invitations that may turn out to be ours: their POST has no answer yet, or its answer named no address, and
//! they say no operationId (PROTOCOL 6.1, 6.4: a real decline says none).

use std::collections::HashMap;

use super::ledger::invitation_body;
use super::{InvitationKind, fetch::Subject, step::Step};
use crate::wire::{Base, Event, InvitationBody, ResourceId, Target};

/// How many addresses may wait to be claimed, and how many events each: what is beyond belongs to nobody of ours.
const ADDRESSES: usize = 1000;
const EVENTS: usize = 100;

#[derive(Debug, Default)]
pub(super) struct Unclaimed(HashMap<ResourceId, Stranger>);

/// What is known of an address that waits to be claimed.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) key: ResourceId,
    pub(super) kind: InvitationKind,
    /// Whom it is for; empty when nothing said so.
    pub(super) to: String,
    /// More may be learned: its body is being read.
    pub(super) reading: bool,
}

/// One address.
#[derive(Debug)]
struct Stranger {
    kind: InvitationKind,
    target: Target,
    /// What happened there, in order.
    events: Vec<(Event, Base)>,
    /// Its body is being read.
    reading: bool,
    /// Whom it is for, if anything said so.
    to: String,
}

impl Unclaimed {
    /// Keeps an event for whoever it belongs to. One without a body has the body read. False: there is no room.
    pub(super) fn hold(
        &mut self,
        step: &mut Step<'_>,
        kind: InvitationKind,
        target: &Target,
        event: &Event,
        base: &Base,
    ) -> bool {
        let key = target.id();
        let is_full = self.0.len() >= ADDRESSES && !self.0.contains_key(&key);
        if is_full || self.0.get(&key).is_some_and(|known| known.events.len() >= EVENTS) {
            return false;
        }
        let stranger = self.0.entry(key.clone()).or_insert_with(|| Stranger {
            kind,
            target: target.clone(),
            events: Vec::new(),
            reading: false,
            to: String::new(),
        });
        match invitation_body(event) {
            Some(body) => stranger.take(body),
            None if stranger.events.is_empty() => {
                stranger.reading = true;
                step.fetches.want(Subject::UnknownInvitation(key), target.clone());
            }
            None => {}
        }
        stranger.events.push((event.clone(), base.clone()));
        true
    }

    /// Its body was read, or cannot be. The kind of what is held there; `None`: nothing is.
    pub(super) fn was_read(
        &mut self,
        key: &ResourceId,
        body: Option<&InvitationBody>,
    ) -> Option<InvitationKind> {
        let stranger = self.0.get_mut(key)?;
        stranger.reading = false;
        if let Some(body) = body {
            stranger.take(body);
        }
        Some(stranger.kind)
    }

    /// What is held under an address, and where exactly that is.
    pub(super) fn look(&self, key: &ResourceId) -> Option<(InvitationKind, Target)> {
        self.0.get(key).map(|stranger| (stranger.kind, stranger.target.clone()))
    }

    /// Hands out the events held under an address.
    pub(super) fn take(&mut self, key: &ResourceId) -> Vec<(Event, Base)> {
        self.0.remove(key).map(|stranger| stranger.events).unwrap_or_default()
    }

    /// Everything that is held, in the order of the addresses, so that the same inputs give the same outputs.
    pub(super) fn all(&self) -> Vec<Waiting> {
        let waiting = |(key, stranger): (&ResourceId, &Stranger)| Waiting {
            key: key.clone(),
            kind: stranger.kind,
            to: stranger.to.clone(),
            reading: stranger.reading,
        };
        let mut all: Vec<Waiting> = self.0.iter().map(waiting).collect();
        all.sort_by(|one, other| one.key.cmp(&other.key));
        all
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Stranger {
    fn take(&mut self, body: &InvitationBody) {
        if let Some(to) = &body.to {
            self.to.clone_from(to);
        }
    }
}
