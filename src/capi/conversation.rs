use std::ffi::c_char;

use super::event::phase;
use super::event_object::give;
use super::guard::{Failure, enter};
use super::kept::Kept;
use super::status::{Code, ucwa_status};
use super::{ucwa_event, ucwa_session};
use crate::delivery::EventBody;
use crate::model::{AudienceAction, ConversationChange, ConversationId, Phase};
use crate::wire::Modality;

/// A conversation: one joining of ours; 0: none.
pub type ucwa_conversation_id = u64;

/// Messaging.
pub const UCWA_MODALITY_MESSAGING: u32 = 0x01;
/// Audio.
pub const UCWA_MODALITY_AUDIO: u32 = 0x02;
/// Video.
pub const UCWA_MODALITY_VIDEO: u32 = 0x04;
/// ApplicationSharing.
pub const UCWA_MODALITY_APPSHARE: u32 = 0x08;
/// DataCollaboration.
pub const UCWA_MODALITY_DATA: u32 = 0x10;
/// PanoramicVideo.
pub const UCWA_MODALITY_PANORAMIC_VIDEO: u32 = 0x20;
/// PhoneAudio.
pub const UCWA_MODALITY_PHONE_AUDIO: u32 = 0x40;
/// Also a word that this version does not know: see modalities_text.
pub const UCWA_MODALITY_OTHER: u32 = 0x8000_0000;

/// People can be invited now.
pub const UCWA_CONV_CAN_ADD_PARTICIPANT: u32 = 0x01;
/// Somebody records.
pub const UCWA_CONV_RECORDING: u32 = 0x02;
/// UCWA_AUDIENCE_ENABLE_MUTE_LOCK is allowed now.
pub const UCWA_CONV_CAN_ENABLE_MUTE_LOCK: u32 = 0x04;
/// UCWA_AUDIENCE_DISABLE_MUTE_LOCK is.
pub const UCWA_CONV_CAN_DISABLE_MUTE_LOCK: u32 = 0x08;
/// UCWA_AUDIENCE_ENABLE_MESSAGING is.
pub const UCWA_CONV_CAN_ENABLE_MESSAGING: u32 = 0x10;
/// UCWA_AUDIENCE_DISABLE_MESSAGING is.
pub const UCWA_CONV_CAN_DISABLE_MESSAGING: u32 = 0x20;

/// A conversation came, changed or went. phase: ADDED, UPDATED or DELETED. Why it ended or changed, when the server
/// said: ucwa_event.error.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct ucwa_conversation_event {
    /// Grows with the version.
    pub struct_size: u32,
    /// UCWA_PHASE_*.
    pub phase: i32,
    /// The conversation.
    pub id: ucwa_conversation_id,
    /// The server's own count of people, independent of the roster; -1 while unknown.
    pub participant_count: i64,
    /// UCWA_MODALITY_*: what is going on in it.
    pub modalities: u32,
    /// UCWA_CONV_*.
    pub flags: u32,
    /// The protocol's word: "Conferenced", "InLobby", ...; "" while unknown.
    pub state: *const c_char,
    /// Subject.
    pub subject: *const c_char,
    /// "Normal", "Urgent", "Emergency".
    pub importance: *const c_char,
    /// Identifies the thread over conversations.
    pub thread_id: *const c_char,
    /// The protocol's words with commas: "Messaging,Audio".
    pub modalities_text: *const c_char,
    /// Whether the audience is muted: "Enabled", "Disabled".
    pub audience_mute: *const c_char,
    /// Whether the audience may send messages: "Enabled", "Disabled".
    pub audience_messaging: *const c_char,
    /// The conference URI: what another person needs to join. "" until the meeting is known, as all that follow.
    pub meeting_uri: *const c_char,
    /// The https address for people.
    pub join_url: *const c_char,
    /// The meeting's short id.
    pub meeting_id: *const c_char,
    /// The meeting's own subject.
    pub meeting_subject: *const c_char,
    /// Who skips the lobby.
    pub access_level: *const c_char,
    /// Who owns the meeting.
    pub organizer_uri: *const c_char,
    /// Display name of the owner.
    pub organizer_name: *const c_char,
}

/// The conversations that the host was told of, oldest first, from memory. Writes at most cap ids to out_ids (which may
/// be NULL when cap is 0) and the number of all to out_count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_conversation_list(
    s: *const ucwa_session,
    out_ids: *mut ucwa_conversation_id,
    cap: usize,
    out_count: *mut usize,
) -> ucwa_status {
    enter("ucwa_conversation_list", |call| {
        let count = call.out("out_count", out_count)?;
        if cap > 0 {
            call.out("out_ids", out_ids)?;
        }
        let known = call.session(s)?.conversations();
        for (at, conversation) in known.iter().enumerate().take(cap) {
            // SAFETY: the caller says that there is room for cap ids, and at is below it.
            unsafe { out_ids.add(at).write(conversation.id.get()) };
        }
        count.set(known.len());
        Ok(())
    })
}

/// A conversation as it is now, from memory: a CONVERSATION event of now with phase UPDATED and seq 0, for the caller
/// to unref. UCWA_E_NOT_FOUND: there is none with this id (any more).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_conversation_get(
    s: *const ucwa_session,
    c: ucwa_conversation_id,
    out: *mut *const ucwa_event,
) -> ucwa_status {
    enter("ucwa_conversation_get", |call| {
        let out = call.out_object("out", out)?;
        let session = call.session(s)?;
        let conversation = session.conversation(conversation_id(c)?).ok_or_else(|| gone(c))?;
        let body = EventBody::Conversation(ConversationChange { phase: Phase::Updated, conversation });
        out.set(give(&session.events().of_now(body)));
        Ok(())
    })
}

pub(super) fn conversation_id(c: u64) -> Result<ConversationId, Failure> {
    ConversationId::new(c)
        .ok_or_else(|| Failure::new(Code::UCWA_E_INVALID_ARG, "c is 0, which is no conversation"))
}

pub(super) fn gone(c: u64) -> Failure {
    Failure::new(Code::UCWA_E_NOT_FOUND, format!("there is no conversation {c} (any more)"))
}

pub(super) fn conversation(change: &ConversationChange, kept: &mut Kept) -> ucwa_conversation_event {
    let it = &change.conversation;
    let absent = crate::model::Meeting::default();
    let meeting = it.meeting.as_ref().unwrap_or(&absent);
    let mut flags = 0;
    if it.can_add_participant {
        flags |= UCWA_CONV_CAN_ADD_PARTICIPANT;
    }
    if it.recording == Some(true) {
        flags |= UCWA_CONV_RECORDING;
    }
    for action in &it.can {
        flags |= match action {
            AudienceAction::EnableMuteLock => UCWA_CONV_CAN_ENABLE_MUTE_LOCK,
            AudienceAction::DisableMuteLock => UCWA_CONV_CAN_DISABLE_MUTE_LOCK,
            AudienceAction::EnableMessaging => UCWA_CONV_CAN_ENABLE_MESSAGING,
            AudienceAction::DisableMessaging => UCWA_CONV_CAN_DISABLE_MESSAGING,
        };
    }
    ucwa_conversation_event {
        struct_size: size_of::<ucwa_conversation_event>() as u32,
        phase: phase(change.phase),
        id: it.id.get(),
        participant_count: it.participant_count.and_then(|count| i64::try_from(count).ok()).unwrap_or(-1),
        modalities: modality_bits(&it.active_modalities),
        flags,
        state: kept.optional_text(it.state.as_ref().map(|word| word.as_str())),
        subject: kept.text(&it.subject),
        importance: kept.optional_text(it.importance.as_ref().map(|word| word.as_str())),
        thread_id: kept.text(&it.thread_id),
        modalities_text: kept.text(&modality_words(&it.active_modalities)),
        audience_mute: kept.optional_text(it.audience_mute.as_ref().map(|word| word.as_str())),
        audience_messaging: kept.optional_text(it.audience_messaging.as_ref().map(|word| word.as_str())),
        meeting_uri: kept.text(&meeting.uri),
        join_url: kept.text(&meeting.join_url),
        meeting_id: kept.text(&meeting.id),
        meeting_subject: kept.text(&meeting.subject),
        access_level: kept.optional_text(meeting.access_level.as_ref().map(|word| word.as_str())),
        organizer_uri: kept.text(&meeting.organizer_uri),
        organizer_name: kept.text(&meeting.organizer_name),
    }
}

/// Those that may be asked for, by their bits.
const MODALITIES: [(u32, Modality); 7] = [
    (UCWA_MODALITY_MESSAGING, Modality::Messaging),
    (UCWA_MODALITY_AUDIO, Modality::Audio),
    (UCWA_MODALITY_VIDEO, Modality::Video),
    (UCWA_MODALITY_APPSHARE, Modality::ApplicationSharing),
    (UCWA_MODALITY_DATA, Modality::DataCollaboration),
    (UCWA_MODALITY_PANORAMIC_VIDEO, Modality::PanoramicVideo),
    (UCWA_MODALITY_PHONE_AUDIO, Modality::PhoneAudio),
];

pub(super) fn modality_bits(modalities: &[Modality]) -> u32 {
    let bit = |modality| MODALITIES.iter().find(|(_, known)| known == modality).map(|(bit, _)| *bit);
    modalities.iter().fold(0, |bits, modality| bits | bit(modality).unwrap_or(UCWA_MODALITY_OTHER))
}

pub(super) fn modality_words(modalities: &[Modality]) -> String {
    modalities.iter().map(Modality::as_str).collect::<Vec<_>>().join(",")
}

pub(super) fn modalities(name: &str, bits: u32) -> Result<Vec<Modality>, Failure> {
    let known = MODALITIES.iter().fold(0, |known, (bit, _)| known | bit);
    if bits & !known != 0 {
        let message = format!("{name} has bits that are no UCWA_MODALITY_*: 0x{:x}", bits & !known);
        return Err(Failure::new(Code::UCWA_E_INVALID_ARG, message));
    }
    Ok(MODALITIES.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, modality)| modality.clone()).collect())
}
