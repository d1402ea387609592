use std::ffi::c_char;

use super::conversation::{modality_bits, modality_words, ucwa_conversation_id};
use super::event::phase;
use super::kept::Kept;
use crate::model::{Participant, ParticipantChange};
use crate::wire::{Modality, Role};

/// A person in a roster; 0: none.
pub type ucwa_participant_id = u64;

/// Unknown yet, or a word that this version does not know: see role_text.
pub const UCWA_ROLE_UNKNOWN: i32 = 0;
/// An attendee.
pub const UCWA_ROLE_ATTENDEE: i32 = 1;
/// A leader.
pub const UCWA_ROLE_LEADER: i32 = 2;

/// The signed-in user.
pub const UCWA_PART_LOCAL: u32 = 0x01;
/// The organizer of the meeting.
pub const UCWA_PART_ORGANIZER: u32 = 0x02;
/// A guest without an account.
pub const UCWA_PART_ANONYMOUS: u32 = 0x04;
/// Waits in the lobby.
pub const UCWA_PART_IN_LOBBY: u32 = 0x08;
/// Is typing now.
pub const UCWA_PART_TYPING: u32 = 0x10;
/// The audio is muted.
pub const UCWA_PART_AUDIO_MUTED: u32 = 0x20;
/// Only the link is known so far; UPDATED follows.
pub const UCWA_PART_PARTIAL: u32 = 0x40;

/// The video is muted.
pub const UCWA_PART_VIDEO_MUTED: u32 = 0x80;
/// The panoramic video is muted.
pub const UCWA_PART_PANORAMIC_VIDEO_MUTED: u32 = 0x100;

/// Let in from the lobby.
pub const UCWA_CAN_ADMIT: u32 = 0x01;
/// Refuse in the lobby.
pub const UCWA_CAN_REJECT: u32 = 0x02;
/// Remove from the meeting.
pub const UCWA_CAN_EJECT: u32 = 0x04;
/// Make a leader.
pub const UCWA_CAN_PROMOTE: u32 = 0x08;
/// Make an attendee.
pub const UCWA_CAN_DEMOTE: u32 = 0x10;
/// Mute the audio.
pub const UCWA_CAN_MUTE_AUDIO: u32 = 0x20;
/// Let the audio be heard again.
pub const UCWA_CAN_UNMUTE_AUDIO: u32 = 0x40;
/// Mute the video.
pub const UCWA_CAN_MUTE_VIDEO: u32 = 0x80;
/// Let the video be seen again.
pub const UCWA_CAN_UNMUTE_VIDEO: u32 = 0x100;

/// ucwa_participant_event.changed: uri.
pub const UCWA_CHANGED_URI: u32 = 0x0001;
/// name.
pub const UCWA_CHANGED_NAME: u32 = 0x0002;
/// role.
pub const UCWA_CHANGED_ROLE: u32 = 0x0004;
/// source_network.
pub const UCWA_CHANGED_SOURCE_NETWORK: u32 = 0x0008;
/// UCWA_PART_ORGANIZER.
pub const UCWA_CHANGED_ORGANIZER: u32 = 0x0010;
/// UCWA_PART_ANONYMOUS.
pub const UCWA_CHANGED_ANONYMOUS: u32 = 0x0020;
/// UCWA_PART_LOCAL.
pub const UCWA_CHANGED_LOCAL: u32 = 0x0040;
/// UCWA_PART_IN_LOBBY.
pub const UCWA_CHANGED_IN_LOBBY: u32 = 0x0080;
/// UCWA_PART_TYPING.
pub const UCWA_CHANGED_TYPING: u32 = 0x0100;
/// UCWA_PART_PARTIAL.
pub const UCWA_CHANGED_PARTIAL: u32 = 0x0200;
/// modalities.
pub const UCWA_CHANGED_MODALITIES: u32 = 0x0400;
/// work_phone or other_phone.
pub const UCWA_CHANGED_PHONES: u32 = 0x0800;
/// can.
pub const UCWA_CHANGED_CAN: u32 = 0x1000;
/// UCWA_PART_*_MUTED, a direction or a source id.
pub const UCWA_CHANGED_MEDIA: u32 = 0x2000;
/// contact, contact_photo or contact_presence.
pub const UCWA_CHANGED_CONTACT: u32 = 0x4000;

/// One person in a room.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct ucwa_participant {
    /// Grows with the version.
    pub struct_size: u32,
    /// UCWA_PART_*.
    pub flags: u32,
    /// Stays the same while the person is in the room.
    pub id: ucwa_participant_id,
    /// UCWA_ROLE_*.
    pub role: i32,
    /// UCWA_MODALITY_*: what this person takes part in.
    pub modalities: u32,
    /// UCWA_CAN_*: what the server allows with this person now.
    pub can: u32,
    /// 0.
    pub reserved: u32,
    /// "sip:..." or "tel:..."; "" while unknown.
    pub uri: *const c_char,
    /// Display name; the uri when the server gives none.
    pub name: *const c_char,
    /// The protocol's word: "Attendee", "Leader", ...; "" while unknown.
    pub role_text: *const c_char,
    /// "SameEnterprise", "Federated", "PublicCloud", "Everyone"; "" while unknown.
    pub source_network: *const c_char,
    /// The protocol's words in the order of joining, with commas: "Messaging,Audio".
    pub modalities_text: *const c_char,
    /// "tel:..." or "".
    pub work_phone: *const c_char,
    /// "tel:..." or "".
    pub other_phone: *const c_char,
    /// "SendReceive", "SendOnly", "ReceiveOnly", "Inactive"; "" while unknown, or without audio. So the next three.
    pub audio_direction: *const c_char,
    /// Of the video.
    pub video_direction: *const c_char,
    /// Of the panoramic video.
    pub panoramic_video_direction: *const c_char,
    /// Of the application sharing.
    pub application_sharing_direction: *const c_char,
    /// The server's name of the source; "" while unknown. So the next three.
    pub audio_source_id: *const c_char,
    /// Of the video.
    pub video_source_id: *const c_char,
    /// Of the panoramic video.
    pub panoramic_video_source_id: *const c_char,
    /// Of the application sharing.
    pub application_sharing_source_id: *const c_char,
    /// Address of the person's contact, or "".
    pub contact: *const c_char,
    /// Address of the person's photo, or "".
    pub contact_photo: *const c_char,
    /// Address of the person's presence, or "".
    pub contact_presence: *const c_char,
}

/// One change of a roster. phase: ADDED, UPDATED or DELETED.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct ucwa_participant_event {
    /// Grows with the version.
    pub struct_size: u32,
    /// UCWA_PHASE_*.
    pub phase: i32,
    /// Whose roster.
    pub conversation: ucwa_conversation_id,
    /// The roster's revision after this change; skip it unless it is above that of your snapshot.
    pub revision: u64,
    /// UCWA_CHANGED_*, for UPDATED.
    pub changed: u32,
    /// 0.
    pub reserved: u32,
    /// The person after the change; for DELETED as it was.
    pub participant: *const ucwa_participant,
}

/// A person as C reads it.
pub(super) fn view(person: &Participant, kept: &mut Kept) -> ucwa_participant {
    let media = |modality| person.media.iter().find(|media| media.modality == modality);
    let muted = |modality| media(modality).is_some_and(|media| media.muted == Some(true));
    let direction =
        |modality| media(modality).and_then(|media| media.direction.as_ref()).map(|word| word.as_str());
    let source_id = |modality| media(modality).map_or("", |media| media.source_id.as_str());
    let flags = [
        (person.local, UCWA_PART_LOCAL),
        (person.organizer, UCWA_PART_ORGANIZER),
        (person.anonymous, UCWA_PART_ANONYMOUS),
        (person.in_lobby, UCWA_PART_IN_LOBBY),
        (person.typing, UCWA_PART_TYPING),
        (person.partial, UCWA_PART_PARTIAL),
        (muted(Modality::Audio), UCWA_PART_AUDIO_MUTED),
        (muted(Modality::Video), UCWA_PART_VIDEO_MUTED),
        (muted(Modality::PanoramicVideo), UCWA_PART_PANORAMIC_VIDEO_MUTED),
    ];
    ucwa_participant {
        struct_size: size_of::<ucwa_participant>() as u32,
        flags: flags.iter().filter(|(set, _)| *set).fold(0, |bits, (_, bit)| bits | bit),
        id: person.id.get(),
        role: match person.role {
            Some(Role::Attendee) => UCWA_ROLE_ATTENDEE,
            Some(Role::Leader) => UCWA_ROLE_LEADER,
            _ => UCWA_ROLE_UNKNOWN,
        },
        modalities: modality_bits(&person.modalities),
        can: person.can.bits(),
        reserved: 0,
        uri: kept.text(&person.uri),
        name: kept.text(&person.name),
        role_text: kept.optional_text(person.role.as_ref().map(|word| word.as_str())),
        source_network: kept.optional_text(person.source_network.as_ref().map(|word| word.as_str())),
        modalities_text: kept.text(&modality_words(&person.modalities)),
        work_phone: kept.text(&person.work_phone),
        other_phone: kept.text(&person.other_phone),
        audio_direction: kept.optional_text(direction(Modality::Audio)),
        video_direction: kept.optional_text(direction(Modality::Video)),
        panoramic_video_direction: kept.optional_text(direction(Modality::PanoramicVideo)),
        application_sharing_direction: kept.optional_text(direction(Modality::ApplicationSharing)),
        audio_source_id: kept.text(source_id(Modality::Audio)),
        video_source_id: kept.text(source_id(Modality::Video)),
        panoramic_video_source_id: kept.text(source_id(Modality::PanoramicVideo)),
        application_sharing_source_id: kept.text(source_id(Modality::ApplicationSharing)),
        contact: kept.text(&person.contact),
        contact_photo: kept.text(&person.contact_photo),
        contact_presence: kept.text(&person.contact_presence),
    }
}

pub(super) fn delta(change: &ParticipantChange, kept: &mut Kept) -> ucwa_participant_event {
    let person = view(&change.participant, kept);
    ucwa_participant_event {
        struct_size: size_of::<ucwa_participant_event>() as u32,
        phase: phase(change.phase),
        conversation: change.conversation.get(),
        revision: change.revision,
        changed: change.changed.bits(),
        reserved: 0,
        participant: kept.keep(person),
    }
}
