//! A roster delta and the person in it, as JSON.

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use super::Modalities;
use crate::model::{Capabilities, Media, Participant, ParticipantChange};

#[derive(Serialize)]
pub(super) struct ParticipantChangeJson<'a> {
    phase: &'static str,
    conversation: u64,
    revision: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed: Vec<&'static str>,
    participant: ParticipantJson<'a>,
}

impl<'a> ParticipantChangeJson<'a> {
    pub(super) fn of(change: &'a ParticipantChange) -> Self {
        ParticipantChangeJson {
            phase: change.phase.as_str(),
            conversation: change.conversation.get(),
            revision: change.revision,
            changed: change.changed.names().collect(),
            participant: ParticipantJson::of(&change.participant),
        }
    }
}

#[derive(Serialize)]
struct ParticipantJson<'a> {
    id: u64,
    uri: &'a str,
    name: &'a str,
    partial: bool,
    role: Option<&'a str>,
    organizer: bool,
    anonymous: bool,
    local: bool,
    in_lobby: bool,
    source_network: Option<&'a str>,
    modalities: Modalities<'a>,
    typing: bool,
    can: Can,
    #[serde(skip_serializing_if = "str::is_empty")]
    work_phone: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    other_phone: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    media: Vec<MediaJson<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    contact: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    contact_photo: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    contact_presence: &'a str,
}

#[derive(Serialize)]
struct MediaJson<'a> {
    modality: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    muted: Option<bool>,
    #[serde(skip_serializing_if = "str::is_empty")]
    source_id: &'a str,
}

impl<'a> MediaJson<'a> {
    fn of(media: &'a Media) -> Self {
        MediaJson {
            modality: media.modality.as_str(),
            direction: media.direction.as_ref().map(|word| word.as_str()),
            muted: media.muted,
            source_id: &media.source_id,
        }
    }
}

impl<'a> ParticipantJson<'a> {
    fn of(person: &'a Participant) -> Self {
        ParticipantJson {
            id: person.id.get(),
            uri: &person.uri,
            name: &person.name,
            partial: person.partial,
            role: person.role.as_ref().map(|word| word.as_str()),
            organizer: person.organizer,
            anonymous: person.anonymous,
            local: person.local,
            in_lobby: person.in_lobby,
            source_network: person.source_network.as_ref().map(|word| word.as_str()),
            modalities: Modalities(&person.modalities),
            typing: person.typing,
            can: Can(person.can),
            work_phone: &person.work_phone,
            other_phone: &person.other_phone,
            media: person.media.iter().map(MediaJson::of).collect(),
            contact: &person.contact,
            contact_photo: &person.contact_photo,
            contact_presence: &person.contact_presence,
        }
    }
}

struct Can(Capabilities);

impl Serialize for Can {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut words = serializer.serialize_seq(None)?;
        for capability in self.0.iter() {
            words.serialize_element(capability.as_str())?;
        }
        words.end()
    }
}
