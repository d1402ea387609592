use std::ffi::c_char;

use super::conversation::{conversation_id, modalities, ucwa_conversation_id};
use super::guard::{Call, Failure, enter};
use super::invitation::ucwa_invitation_id;
use super::participant::ucwa_participant_id;
use super::session::{operation, ucwa_op};
use super::status::{Code, ucwa_status};
use super::{options, ucwa_session};
use crate::model::{AudienceAction, Capability, ParticipantId};
use crate::session::{AddParticipant, Meeting, StartConversation};
use crate::wire::Importance;

/// How a meeting is started or joined: begin with UCWA_JOIN_OPTIONS_INIT.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct ucwa_join_options {
    /// sizeof(ucwa_join_options).
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// At most 250 characters; NULL: none.
    pub subject: *const c_char,
    /// "Normal", "Urgent" or "Emergency"; NULL: not said.
    pub importance: *const c_char,
}

/// How somebody is called: begin with UCWA_CONVERSATION_OPTIONS_INIT.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct ucwa_conversation_options {
    /// sizeof(ucwa_conversation_options).
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// At most 250 characters; NULL: none.
    pub subject: *const c_char,
    /// "Normal", "Urgent" or "Emergency"; NULL: not said.
    pub importance: *const c_char,
    /// The first message, plain text; NULL: none.
    pub message: *const c_char,
}

/// How somebody is invited: begin with UCWA_ADD_PARTICIPANT_OPTIONS_INIT.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct ucwa_add_participant_options {
    /// sizeof(ucwa_add_participant_options).
    pub struct_size: u32,
    /// UCWA_MODALITY_*: to send along; 0: not sent.
    pub modalities: u32,
    /// Ties the request to its events, at most 50 characters, never used before; NULL: made by the library.
    pub operation_id: *const c_char,
    /// At most 250 characters; NULL: none.
    pub subject: *const c_char,
    /// The name that the invited person is shown, at most 250 characters; NULL: none.
    pub on_behalf_of: *const c_char,
}

/// Let in from the lobby.
pub const UCWA_PARTICIPANT_ADMIT: i32 = 1;
/// Refuse in the lobby.
pub const UCWA_PARTICIPANT_REJECT: i32 = 2;
/// Remove from the meeting.
pub const UCWA_PARTICIPANT_EJECT: i32 = 3;
/// Make a leader.
pub const UCWA_PARTICIPANT_PROMOTE: i32 = 4;
/// Make an attendee.
pub const UCWA_PARTICIPANT_DEMOTE: i32 = 5;
/// Mute the audio.
pub const UCWA_PARTICIPANT_MUTE_AUDIO: i32 = 6;
/// Let the audio be heard again.
pub const UCWA_PARTICIPANT_UNMUTE_AUDIO: i32 = 7;
/// Mute the video.
pub const UCWA_PARTICIPANT_MUTE_VIDEO: i32 = 8;
/// Let the video be seen again.
pub const UCWA_PARTICIPANT_UNMUTE_VIDEO: i32 = 9;

/// Mute the attendees, who cannot unmute themselves then.
pub const UCWA_AUDIENCE_ENABLE_MUTE_LOCK: i32 = 1;
/// Let the attendees unmute themselves; it does not unmute them.
pub const UCWA_AUDIENCE_DISABLE_MUTE_LOCK: i32 = 2;
/// Let all members write.
pub const UCWA_AUDIENCE_ENABLE_MESSAGING: i32 = 3;
/// Let only leaders write.
pub const UCWA_AUDIENCE_DISABLE_MESSAGING: i32 = 4;

/// Starts an online meeting of one's own (startOnlineMeeting). OP_DONE comes when the user is in it; its result_id is
/// the conversation. opt may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_meeting_start(
    s: *mut ucwa_session,
    opt: *const ucwa_join_options,
    out_op: *mut ucwa_op,
) -> ucwa_status {
    operation("ucwa_meeting_start", s, out_op, |session, call| {
        Ok(session.start_meeting(&meeting(call, opt)?)?)
    })
}

/// Joins an online meeting by its conference URI (joinOnlineMeeting). OP_DONE comes when the user is in it, and waiting
/// in the lobby counts as not yet; its result_id is the conversation. opt may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_meeting_join(
    s: *mut ucwa_session,
    meeting_uri: *const c_char,
    opt: *const ucwa_join_options,
    out_op: *mut ucwa_op,
) -> ucwa_status {
    operation("ucwa_meeting_join", s, out_op, |session, call| {
        let uri = call.text("meeting_uri", meeting_uri)?;
        Ok(session.join_meeting(uri, &meeting(call, opt)?)?)
    })
}

/// Calls somebody by instant messaging (startMessaging): a conversation of two. OP_DONE comes when it was accepted, and
/// its result_id is the conversation, or it says why it came to nothing. Adding a participant makes it a meeting. opt
/// may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_conversation_start(
    s: *mut ucwa_session,
    to_uri: *const c_char,
    opt: *const ucwa_conversation_options,
    out_op: *mut ucwa_op,
) -> ucwa_status {
    operation("ucwa_conversation_start", s, out_op, |session, call| {
        let to = call.text("to_uri", to_uri)?;
        Ok(session.start_conversation(to, &calling(call, opt)?)?)
    })
}

/// Invites somebody into a conversation (addParticipant). The invitation's id is there at once, its events follow;
/// OP_DONE tells that the server took the request, the invitation's COMPLETED how it ended. opt, out_invitation and
/// out_op may be NULL.
///
/// UCWA_E_NOT_FOUND: no such conversation. UCWA_E_NOT_ALLOWED: the server does not let people be invited there now.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_conversation_add_participant(
    s: *mut ucwa_session,
    c: ucwa_conversation_id,
    to_uri: *const c_char,
    opt: *const ucwa_add_participant_options,
    out_invitation: *mut ucwa_invitation_id,
    out_op: *mut ucwa_op,
) -> ucwa_status {
    enter("ucwa_conversation_add_participant", |call| {
        let out_invitation = call.nullable_out("out_invitation", out_invitation)?;
        let out_op = call.nullable_out("out_op", out_op)?;
        let session = call.session(s)?;
        let conversation = conversation_id(c)?;
        let to = call.text("to_uri", to_uri)?;
        let options = inviting(call, opt)?;
        let (invitation, op) = session.add_participant(conversation, to, &options)?;
        out_invitation.set(invitation.get());
        out_op.set(op.get());
        Ok(())
    })
}

/// Leaves a conversation. The meeting goes on without the user. OP_DONE tells that the server took it.
/// UCWA_E_NOT_FOUND: no such conversation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_conversation_leave(
    s: *mut ucwa_session,
    c: ucwa_conversation_id,
    out_op: *mut ucwa_op,
) -> ucwa_status {
    operation("ucwa_conversation_leave", s, out_op, |session, _| Ok(session.leave(conversation_id(c)?)?))
}

/// Does something with a participant: UCWA_PARTICIPANT_*. OP_DONE tells that the server took it, PARTICIPANT events
/// what came of it. UCWA_E_NOT_ALLOWED: the server does not offer it with this person now (see ucwa_participant.can).
/// UCWA_E_NOT_FOUND: no such conversation, or nobody in it with this id (any more).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_participant_do(
    s: *mut ucwa_session,
    c: ucwa_conversation_id,
    p: ucwa_participant_id,
    action: i32,
    out_op: *mut ucwa_op,
) -> ucwa_status {
    operation("ucwa_participant_do", s, out_op, |session, _| {
        let conversation = conversation_id(c)?;
        let participant = ParticipantId::new(p)
            .ok_or_else(|| Failure::new(Code::UCWA_E_INVALID_ARG, "p is 0, which is no participant"))?;
        Ok(session.act_on_participant(conversation, participant, capability(action)?)?)
    })
}

/// Does something with all attendees at once: UCWA_AUDIENCE_*. OP_DONE tells that the server took it, a CONVERSATION
/// event what came of it. UCWA_E_NOT_ALLOWED: the server does not offer it now (see ucwa_conversation_event.flags).
/// UCWA_E_NOT_FOUND: no such conversation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_audience_do(
    s: *mut ucwa_session,
    c: ucwa_conversation_id,
    action: i32,
    out_op: *mut ucwa_op,
) -> ucwa_status {
    operation("ucwa_audience_do", s, out_op, |session, _| {
        let conversation = conversation_id(c)?;
        let action = match action {
            UCWA_AUDIENCE_ENABLE_MUTE_LOCK => AudienceAction::EnableMuteLock,
            UCWA_AUDIENCE_DISABLE_MUTE_LOCK => AudienceAction::DisableMuteLock,
            UCWA_AUDIENCE_ENABLE_MESSAGING => AudienceAction::EnableMessaging,
            UCWA_AUDIENCE_DISABLE_MESSAGING => AudienceAction::DisableMessaging,
            _ => {
                let message = format!("action is {action}, which is no UCWA_AUDIENCE_*");
                return Err(Failure::new(Code::UCWA_E_INVALID_ARG, message));
            }
        };
        Ok(session.act_on_audience(conversation, action)?)
    })
}

fn capability(action: i32) -> Result<Capability, Failure> {
    Ok(match action {
        UCWA_PARTICIPANT_ADMIT => Capability::Admit,
        UCWA_PARTICIPANT_REJECT => Capability::Reject,
        UCWA_PARTICIPANT_EJECT => Capability::Eject,
        UCWA_PARTICIPANT_PROMOTE => Capability::Promote,
        UCWA_PARTICIPANT_DEMOTE => Capability::Demote,
        UCWA_PARTICIPANT_MUTE_AUDIO => Capability::MuteAudio,
        UCWA_PARTICIPANT_UNMUTE_AUDIO => Capability::UnmuteAudio,
        UCWA_PARTICIPANT_MUTE_VIDEO => Capability::MuteVideo,
        UCWA_PARTICIPANT_UNMUTE_VIDEO => Capability::UnmuteVideo,
        _ => {
            let message = format!("action is {action}, which is no UCWA_PARTICIPANT_*");
            return Err(Failure::new(Code::UCWA_E_INVALID_ARG, message));
        }
    })
}

unsafe fn meeting(call: &Call, opt: *const ucwa_join_options) -> Result<Meeting, Failure> {
    let Some(opt) = options::read_nullable(call, "opt", opt)? else {
        return Ok(Meeting::default());
    };
    options::unused("opt->reserved", opt.reserved)?;
    let subject = call.nullable_text("opt->subject", opt.subject)?.map(str::to_owned);
    let importance = call.nullable_text("opt->importance", opt.importance)?.map(importance).transpose()?;
    Ok(Meeting { subject, importance })
}

unsafe fn calling(call: &Call, opt: *const ucwa_conversation_options) -> Result<StartConversation, Failure> {
    let Some(opt) = options::read_nullable(call, "opt", opt)? else {
        return Ok(StartConversation::default());
    };
    options::unused("opt->reserved", opt.reserved)?;
    let importance = call.nullable_text("opt->importance", opt.importance)?.map(importance).transpose()?;
    Ok(StartConversation {
        subject: call.nullable_text("opt->subject", opt.subject)?.map(str::to_owned),
        importance,
        message: call.nullable_text("opt->message", opt.message)?.map(str::to_owned),
    })
}

fn importance(word: &str) -> Result<Importance, Failure> {
    match Importance::from_any_case(word) {
        Importance::Other(_) => {
            let known = Importance::KNOWN.join(", ");
            let message = format!("opt->importance is none of {known}");
            Err(Failure::new(Code::UCWA_E_INVALID_ARG, message))
        }
        known => Ok(known),
    }
}

unsafe fn inviting(call: &Call, opt: *const ucwa_add_participant_options) -> Result<AddParticipant, Failure> {
    let Some(opt) = options::read_nullable(call, "opt", opt)? else {
        return Ok(AddParticipant::default());
    };
    Ok(AddParticipant {
        operation_id: call.nullable_text("opt->operation_id", opt.operation_id)?.map(str::to_owned),
        subject: call.nullable_text("opt->subject", opt.subject)?.map(str::to_owned),
        on_behalf_of: call.nullable_text("opt->on_behalf_of", opt.on_behalf_of)?.map(str::to_owned),
        modalities: modalities("opt->modalities", opt.modalities)?,
    })
}
