//! One person of a room, with all that was said of him and where (PROTOCOL 7.4 to 7.7).

use std::sync::Arc;

use super::fetch::Stamp;
use super::part::Part;
use super::{Capabilities, Capability, Participant, ParticipantId};
use crate::wire::{Base, Link, Links, Modality, ParticipantBody, Rel, Role, Target};

#[derive(Debug)]
pub(super) struct Entry {
    /// The state to show; becomes `shown` when it differs.
    pub(super) draft: Participant,
    /// What the host was told; `None` while only memberships are known.
    pub(super) shown: Option<Arc<Participant>>,
    pub(super) target: Target,
    links: Links,
    base: Base,
    /// The last event about this person.
    pub(super) touched: Stamp,
    /// The last event about his role or his place in the lobby.
    pub(super) placed: Stamp,
    /// His modalities, as far as more is known of them than that he takes part.
    parts: Vec<Part>,
}

/// Where a person stands in a meeting, as a membership event or a collection tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Leader,
    Attendee,
    Lobby,
}

impl Entry {
    pub(super) fn new(id: ParticipantId, target: Target) -> Self {
        let draft = Participant { partial: true, ..Participant::new(id) };
        let base = target.base.clone();
        Entry {
            draft,
            shown: None,
            target,
            links: Links::default(),
            base,
            touched: 0,
            placed: 0,
            parts: Vec::new(),
        }
    }

    /// What a body says wins over what was known; what it leaves out stays.
    pub(super) fn apply(&mut self, body: &ParticipantBody, base: &Base) {
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
        for (rel, field) in [
            (Rel::Contact, &mut draft.contact),
            (Rel::ContactPhoto, &mut draft.contact_photo),
            (Rel::ContactPresence, &mut draft.contact_presence),
        ] {
            if let Some(link) = body.links.get(&rel) {
                *field = absolute(link, base);
            }
        }
        for (rel, modality) in PARTS {
            if body.links.has(rel) && !draft.modalities.contains(modality) {
                draft.modalities.push(modality.clone());
            }
        }
        self.links = body.links.clone();
        self.base = base.clone();
        self.allow();
    }

    /// What is allowed with him: by his own links and by those of his modalities.
    fn allow(&mut self) {
        let links = self.parts.iter().map(Part::links).chain([&self.links]);
        self.draft.can = links.fold(Capabilities::default(), |can, links| {
            let offered = |capability: &Capability| links.has(&capability_rel(*capability));
            Capability::ALL.into_iter().filter(offered).fold(can, Capabilities::with)
        });
    }

    /// Where something can be done with him, if it is allowed.
    pub(super) fn capability(&self, capability: Capability) -> Option<Target> {
        let rel = capability_rel(capability);
        let own = self.links.get(&rel).map(|link| Target::new(link.href.clone(), self.base.clone()));
        own.or_else(|| self.parts.iter().find_map(|part| part.link(&rel)))
    }

    /// Takes part in a modality.
    pub(super) fn join(&mut self, modality: Modality) {
        if !self.draft.modalities.contains(&modality) {
            self.draft.modalities.push(modality);
        }
    }

    /// Takes part in it no more.
    pub(super) fn leave(&mut self, modality: &Modality) {
        self.draft.modalities.retain(|known| known != modality);
        self.draft.media.retain(|known| known.modality != *modality);
        self.parts.retain(|known| known.modality() != modality);
        self.allow();
    }

    /// What is known of how he takes part in a modality.
    pub(super) fn part(&mut self, modality: &Modality) -> Option<&mut Part> {
        self.parts.iter_mut().find(|known| known.modality() == modality)
    }

    /// The same, made if it is new.
    pub(super) fn part_at(&mut self, modality: &Modality, target: Target) -> Option<&mut Part> {
        if self.part(modality).is_none() {
            self.parts.push(Part::new(modality.clone(), target));
        }
        self.part(modality)
    }

    /// Shows what is known of his modalities now.
    pub(super) fn show_parts(&mut self) {
        self.draft.media = self.parts.iter().filter_map(Part::media).collect();
        self.allow();
    }

    /// Modalities that his body links to and of which no more is known, each with where more is.
    pub(super) fn unread_parts(&self) -> Vec<(Modality, Target)> {
        let links = PARTS.iter().filter_map(|(rel, modality)| Some((modality, self.links.get(rel)?)));
        let unread = links.filter(|(modality, _)| {
            has_state(modality) && !self.parts.iter().any(|known| known.modality() == *modality)
        });
        unread
            .map(|(modality, link)| (modality.clone(), Target::new(link.href.clone(), self.base.clone())))
            .collect()
    }

    /// The same person was known under another address: what was said of him there, of his own person excepted.
    pub(super) fn take_over(&mut self, other: Entry) {
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
        for part in other.parts {
            if self.part(part.modality()).is_none() {
                self.parts.push(part);
            }
        }
        self.show_parts();
        self.touched = self.touched.max(other.touched);
        self.placed = self.placed.max(other.placed);
    }

    pub(super) fn stand(&mut self, place: Place, entered: bool) {
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
pub(super) fn is_local(body: &ParticipantBody) -> bool {
    body.local == Some(true) || (body.local.is_none() && body.links.has(&Rel::Me))
}

fn set<T: Clone>(field: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        field.clone_from(value);
    }
}

/// A participant's modality resource -> what he takes part in.
const PARTS: &[(Rel, Modality)] = &[
    (Rel::ParticipantMessaging, Modality::Messaging),
    (Rel::ParticipantAudio, Modality::Audio),
    (Rel::ParticipantVideo, Modality::Video),
    (Rel::ParticipantPanoramicVideo, Modality::PanoramicVideo),
    (Rel::ParticipantApplicationSharing, Modality::ApplicationSharing),
    (Rel::ParticipantDataCollaboration, Modality::DataCollaboration),
];

/// The modality behind the rel of a participant's modality resource.
pub(super) fn modality_of(rel: &Rel) -> Option<Modality> {
    PARTS.iter().find(|(known, _)| known == rel).map(|(_, modality)| modality.clone())
}

fn capability_rel(capability: Capability) -> Rel {
    Rel::from_word(capability.as_str())
}

/// Whether the server tells more of it than who takes part.
pub(super) fn has_state(modality: &Modality) -> bool {
    !matches!(modality, Modality::Messaging | Modality::DataCollaboration)
}

fn absolute(link: &Link, base: &Base) -> String {
    let url = Target::new(link.href.clone(), base.clone()).url();
    url.map_or_else(|_| link.href.as_str().to_owned(), String::from)
}
