//! A person in a conversation, as the host sees it (PROTOCOL 7.4, 7.5).

use std::sync::Arc;

use super::{ConversationId, ParticipantId, Phase};
use crate::wire::{MediaDirection, Modality, Role, SourceNetwork};

/// One entry of a roster. Immutable: a change makes a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Stays the same while the person is in the room, over updates and recoveries.
    pub id: ParticipantId,
    /// `sip:` or `tel:`; empty while unknown.
    pub uri: String,
    /// Display name; the uri when the server gives none.
    pub name: String,
    /// Attendee, Leader, or what the server says; `None` while unknown.
    pub role: Option<Role>,
    /// How this person is related to the own company; `None` while unknown.
    pub source_network: Option<SourceNetwork>,
    /// The organizer of the meeting.
    pub organizer: bool,
    /// A guest without an account.
    pub anonymous: bool,
    /// The signed-in user himself.
    pub local: bool,
    /// Waits in the lobby.
    pub in_lobby: bool,
    /// Is typing now.
    pub typing: bool,
    /// Only the link is known so far; an update follows when the body is there.
    pub partial: bool,
    /// What this person takes part in, without duplicates, in the order of joining.
    pub modalities: Vec<Modality>,
    /// `tel:` uri; empty when absent.
    pub work_phone: String,
    /// `tel:` uri; empty when absent.
    pub other_phone: String,
    /// What the server allows the user to do with this person now.
    pub can: Capabilities,
    /// How this person takes part, for the modalities of which the server tells that; in the order of joining.
    pub media: Vec<Media>,
    /// Address of the person's contact; empty when absent.
    pub contact: String,
    /// Address of the person's photo; empty when absent.
    pub contact_photo: String,
    /// Address of the person's presence; empty when absent.
    pub contact_presence: String,
}

/// A person's part in one modality (PROTOCOL 7.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// Which.
    pub modality: Modality,
    /// Who hears or sees whom; `None` while unknown.
    pub direction: Option<MediaDirection>,
    /// Nothing is sent on; `None` while unknown, and for what cannot be muted.
    pub muted: Option<bool>,
    /// The server's name of the source; empty while unknown.
    pub source_id: String,
}

impl Participant {
    /// Somebody of whom nothing is known.
    pub(crate) fn new(id: ParticipantId) -> Self {
        Participant {
            id,
            uri: String::new(),
            name: String::new(),
            role: None,
            source_network: None,
            organizer: false,
            anonymous: false,
            local: false,
            in_lobby: false,
            typing: false,
            partial: false,
            modalities: Vec::new(),
            work_phone: String::new(),
            other_phone: String::new(),
            can: Capabilities::default(),
            media: Vec::new(),
            contact: String::new(),
            contact_photo: String::new(),
            contact_presence: String::new(),
        }
    }
}

/// Something that can be done with a participant; allowed while its link is present (PROTOCOL 7.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Capability {
    /// Let in from the lobby.
    Admit = 0x01,
    /// Refuse in the lobby.
    Reject = 0x02,
    /// Remove from the meeting.
    Eject = 0x04,
    /// Make a leader.
    Promote = 0x08,
    /// Make an attendee.
    Demote = 0x10,
    /// Mute the audio.
    MuteAudio = 0x20,
    /// Let the audio be heard again.
    UnmuteAudio = 0x40,
    /// Mute the video.
    MuteVideo = 0x80,
    /// Let the video be seen again.
    UnmuteVideo = 0x100,
}

impl Capability {
    /// Every one.
    pub const ALL: [Capability; 9] = [
        Capability::Admit,
        Capability::Reject,
        Capability::Eject,
        Capability::Promote,
        Capability::Demote,
        Capability::MuteAudio,
        Capability::UnmuteAudio,
        Capability::MuteVideo,
        Capability::UnmuteVideo,
    ];

    /// The rel of the link.
    pub fn as_str(self) -> &'static str {
        match self {
            Capability::Admit => "admit",
            Capability::Reject => "reject",
            Capability::Eject => "eject",
            Capability::Promote => "promote",
            Capability::Demote => "demote",
            Capability::MuteAudio => "muteAudio",
            Capability::UnmuteAudio => "unmuteAudio",
            Capability::MuteVideo => "muteVideo",
            Capability::UnmuteVideo => "unmuteVideo",
        }
    }
}

/// A set of [`Capability`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities(u16);

impl Capabilities {
    /// Whether it is allowed now.
    pub fn has(self, capability: Capability) -> bool {
        self.0 & capability as u16 != 0
    }

    /// The set with one more.
    #[must_use]
    pub fn with(self, capability: Capability) -> Self {
        Capabilities(self.0 | capability as u16)
    }

    /// The members, in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.into_iter().filter(move |c| self.has(*c))
    }

    /// One bit for each member, as the C header names them.
    pub fn bits(self) -> u32 {
        u32::from(self.0)
    }
}

/// Which fields an update changed; a bit for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changed(u32);

impl Changed {
    /// `uri`
    pub const URI: Changed = Changed(1);
    /// `name`
    pub const NAME: Changed = Changed(1 << 1);
    /// `role`
    pub const ROLE: Changed = Changed(1 << 2);
    /// `source_network`
    pub const SOURCE_NETWORK: Changed = Changed(1 << 3);
    /// `organizer`
    pub const ORGANIZER: Changed = Changed(1 << 4);
    /// `anonymous`
    pub const ANONYMOUS: Changed = Changed(1 << 5);
    /// `local`
    pub const LOCAL: Changed = Changed(1 << 6);
    /// `in_lobby`
    pub const IN_LOBBY: Changed = Changed(1 << 7);
    /// `typing`
    pub const TYPING: Changed = Changed(1 << 8);
    /// `partial`
    pub const PARTIAL: Changed = Changed(1 << 9);
    /// `modalities`
    pub const MODALITIES: Changed = Changed(1 << 10);
    /// `work_phone` or `other_phone`
    pub const PHONES: Changed = Changed(1 << 11);
    /// `can`
    pub const CAN: Changed = Changed(1 << 12);
    /// `media`
    pub const MEDIA: Changed = Changed(1 << 13);
    /// `contact`, `contact_photo` or `contact_presence`
    pub const CONTACT: Changed = Changed(1 << 14);

    /// What differs between two states of one person.
    pub fn between(old: &Participant, new: &Participant) -> Self {
        let rows = [
            (old.uri != new.uri, Self::URI),
            (old.name != new.name, Self::NAME),
            (old.role != new.role, Self::ROLE),
            (old.source_network != new.source_network, Self::SOURCE_NETWORK),
            (old.organizer != new.organizer, Self::ORGANIZER),
            (old.anonymous != new.anonymous, Self::ANONYMOUS),
            (old.local != new.local, Self::LOCAL),
            (old.in_lobby != new.in_lobby, Self::IN_LOBBY),
            (old.typing != new.typing, Self::TYPING),
            (old.partial != new.partial, Self::PARTIAL),
            (old.modalities != new.modalities, Self::MODALITIES),
            (old.work_phone != new.work_phone || old.other_phone != new.other_phone, Self::PHONES),
            (old.can != new.can, Self::CAN),
            (old.media != new.media, Self::MEDIA),
            (
                old.contact != new.contact
                    || old.contact_photo != new.contact_photo
                    || old.contact_presence != new.contact_presence,
                Self::CONTACT,
            ),
        ];
        Changed(rows.iter().filter(|(differs, _)| *differs).fold(0, |bits, (_, field)| bits | field.0))
    }

    /// Nothing changed.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this field changed.
    pub fn has(self, field: Changed) -> bool {
        self.0 & field.0 != 0
    }

    /// The bits, as the C header names them.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// The names of the fields that changed, as JSON has them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        const NAMES: [(Changed, &str); 15] = [
            (Changed::URI, "uri"),
            (Changed::NAME, "name"),
            (Changed::ROLE, "role"),
            (Changed::SOURCE_NETWORK, "source_network"),
            (Changed::ORGANIZER, "organizer"),
            (Changed::ANONYMOUS, "anonymous"),
            (Changed::LOCAL, "local"),
            (Changed::IN_LOBBY, "in_lobby"),
            (Changed::TYPING, "typing"),
            (Changed::PARTIAL, "partial"),
            (Changed::MODALITIES, "modalities"),
            (Changed::PHONES, "phones"),
            (Changed::CAN, "can"),
            (Changed::MEDIA, "media"),
            (Changed::CONTACT, "contact"),
        ];
        NAMES.into_iter().filter(move |(field, _)| self.has(*field)).map(|(_, name)| name)
    }
}

/// One roster delta.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantChange {
    /// Added, Updated or Deleted.
    pub phase: Phase,
    /// Whose roster.
    pub conversation: ConversationId,
    /// The roster's revision after this delta.
    pub revision: u64,
    /// For Updated: what changed.
    pub changed: Changed,
    /// The entry after the change; for Deleted as it was.
    pub participant: Arc<Participant>,
}
