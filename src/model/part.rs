//! A person's part in one modality, with what can be done about it (PROTOCOL 7.7).

use super::Media;
use super::fetch::Stamp;
use crate::wire::{Base, Links, Modality, ParticipantModalityBody, Rel, Target};

#[derive(Debug)]
pub(super) struct Part {
    /// `None` in it is unknown.
    media: Media,
    pub(super) target: Target,
    links: Links,
    base: Base,
    /// The last event about it.
    pub(super) touched: Stamp,
    /// Its body was read, or came with an event.
    is_read: bool,
}

impl Part {
    pub(super) fn new(modality: Modality, target: Target) -> Self {
        let media = Media { modality, direction: None, muted: None, source_id: String::new() };
        let base = target.base.clone();
        Part { media, target, links: Links::default(), base, touched: 0, is_read: false }
    }

    pub(super) fn modality(&self) -> &Modality {
        &self.media.modality
    }

    /// For the host; `None` until more is known than who takes part.
    pub(super) fn media(&self) -> Option<Media> {
        self.is_read.then(|| self.media.clone())
    }

    pub(super) fn links(&self) -> &Links {
        &self.links
    }

    pub(super) fn link(&self, rel: &Rel) -> Option<Target> {
        self.links.get(rel).map(|link| Target::new(link.href.clone(), self.base.clone()))
    }

    /// What a body says wins over what was known; what it leaves out stays.
    pub(super) fn apply(&mut self, body: &ParticipantModalityBody, base: &Base) {
        self.is_read = true;
        self.media.direction = body.direction.clone().or(self.media.direction.take());
        self.media.muted = body.muted.or(self.media.muted);
        if let Some(source_id) = &body.source_id {
            self.media.source_id.clone_from(source_id);
        }
        self.links = body.links.clone();
        self.base = base.clone();
    }
}
