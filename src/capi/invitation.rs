use std::ffi::c_char;

use super::conversation::{modality_words, ucwa_conversation_id};
use super::event::phase;
use super::event_object::give;
use super::guard::{Failure, enter};
use super::kept::Kept;
use super::participant::ucwa_participant_id;
use super::session::{operation, ucwa_op};
use super::status::{Code, ucwa_status};
use super::{ucwa_event, ucwa_session};
use crate::delivery::EventBody;
use crate::model::{Invitation, InvitationChange, InvitationId, InvitationKind, Outcome};
use crate::wire::{DeclineReason, Direction};

/// An invitation; 0: none.
pub type ucwa_invitation_id = u64;

/// messagingInvitation.
pub const UCWA_INVITE_MESSAGING: i32 = 1;
/// onlineMeetingInvitation.
pub const UCWA_INVITE_ONLINE_MEETING: i32 = 2;
/// audioVideoInvitation.
pub const UCWA_INVITE_AUDIO_VIDEO: i32 = 3;
/// phoneAudioInvitation.
pub const UCWA_INVITE_PHONE_AUDIO: i32 = 4;
/// participantInvitation: made by addParticipant, never incoming.
pub const UCWA_INVITE_PARTICIPANT: i32 = 5;

/// Under way.
pub const UCWA_OUTCOME_NONE: i32 = 0;
/// Taken.
pub const UCWA_OUTCOME_ACCEPTED: i32 = 1;
/// Refused by the one invited.
pub const UCWA_OUTCOME_DECLINED: i32 = 2;
/// Busy, or not to be disturbed.
pub const UCWA_OUTCOME_BUSY: i32 = 3;
/// Nobody answered in time.
pub const UCWA_OUTCOME_NO_ANSWER: i32 = 4;
/// No such address, or it cannot be reached.
pub const UCWA_OUTCOME_UNREACHABLE: i32 = 5;
/// Taken back by the one who invited.
pub const UCWA_OUTCOME_CANCELLED: i32 = 6;
/// Any other failure: see ucwa_event.error.
pub const UCWA_OUTCOME_FAILED: i32 = 7;
/// The session, the application or the conversation ended before the server said, or the request got no answer.
pub const UCWA_OUTCOME_LOST: i32 = 8;

/// The name of an outcome, "no_answer", as in the JSON of events; "none" while under way, "unknown" for a value that
/// this version does not know. Static, never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn ucwa_outcome_name(outcome: i32) -> *const c_char {
    let name = match outcome {
        UCWA_OUTCOME_NONE => c"none",
        UCWA_OUTCOME_ACCEPTED => c"accepted",
        UCWA_OUTCOME_DECLINED => c"declined",
        UCWA_OUTCOME_BUSY => c"busy",
        UCWA_OUTCOME_NO_ANSWER => c"no_answer",
        UCWA_OUTCOME_UNREACHABLE => c"unreachable",
        UCWA_OUTCOME_CANCELLED => c"cancelled",
        UCWA_OUTCOME_FAILED => c"failed",
        UCWA_OUTCOME_LOST => c"lost",
        _ => c"unknown",
    };
    name.as_ptr()
}

/// It can be accepted now: ucwa_invitation_accept().
pub const UCWA_INVITATION_CAN_ACCEPT: u32 = 0x01;
/// It can be declined now: ucwa_invitation_decline().
pub const UCWA_INVITATION_CAN_DECLINE: u32 = 0x02;
/// It can be taken back now: ucwa_invitation_cancel().
pub const UCWA_INVITATION_CAN_CANCEL: u32 = 0x04;
/// It was accepted, and whoever took it is not in the roster yet: his PARTICIPANT event follows.
pub const UCWA_INVITATION_ENTRY_MISSING: u32 = 0x08;

/// For ucwa_invitation_decline(): at this endpoint; it may ring on at others of the user.
pub const UCWA_DECLINE_LOCAL: i32 = 1;
/// At all endpoints of the user.
pub const UCWA_DECLINE_GLOBAL: i32 = 2;

/// An invitation began, moved or ended. phase: STARTED, UPDATED or COMPLETED; each invitation is COMPLETED exactly
/// once. Why it failed, when the server said: ucwa_event.error.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct ucwa_invitation_event {
    /// Grows with the version.
    pub struct_size: u32,
    /// UCWA_PHASE_*.
    pub phase: i32,
    /// The invitation.
    pub id: ucwa_invitation_id,
    /// The conversation that it belongs to; 0 until known.
    pub conversation: ucwa_conversation_id,
    /// UCWA_INVITE_*.
    pub kind: i32,
    /// 1 when somebody invites us.
    pub incoming: u32,
    /// UCWA_OUTCOME_*: NONE while under way, then set once.
    pub outcome: i32,
    /// UCWA_INVITATION_*.
    pub flags: u32,
    /// The protocol's word: "Connecting", "Connected", "Failed", ...; "" before the first event.
    pub state: *const c_char,
    /// The server's status of the completed event: "Success", "Failure"; "" when it gave none.
    pub status_text: *const c_char,
    /// Who invites.
    pub from_uri: *const c_char,
    /// Display name of who invites.
    pub from_name: *const c_char,
    /// Who is invited.
    pub to_uri: *const c_char,
    /// The display name shown to the invited person.
    pub on_behalf_of: *const c_char,
    /// Subject of the conversation.
    pub subject: *const c_char,
    /// Text that comes along.
    pub message_text: *const c_char,
    /// The meeting, for ONLINE_MEETING.
    pub meeting_uri: *const c_char,
    /// "Normal", "Urgent", "Emergency"; "" when not said.
    pub importance: *const c_char,
    /// Identifies the thread over conversations.
    pub thread_id: *const c_char,
    /// Ties the request to its events: ours when outgoing, the server's when incoming.
    pub operation_id: *const c_char,
    /// Who took it, accepted_by_count ids; NULL when nobody. May differ from to_uri.
    pub accepted_by: *const ucwa_participant_id,
    /// How many.
    pub accepted_by_count: usize,
    /// The roster entry of who is invited; 0 until there is one.
    pub participant: ucwa_participant_id,
    /// Content of the inviter's own that comes along, as text.
    pub custom_content: *const c_char,
    /// Its media type: "text/plain", ...
    pub custom_content_type: *const c_char,
    /// The protocol's words of what can be joined, with commas: "Messaging,Audio".
    pub available_modalities_text: *const c_char,
    /// The phone that is called, for PHONE_AUDIO.
    pub phone_number: *const c_char,
    /// Under which name a guest joins.
    pub anonymous_display_name: *const c_char,
}

/// An invitation as it is now, from memory: an INVITATION event of now with seq 0 (phase UPDATED, or COMPLETED once it
/// has ended), for the caller to unref. UCWA_E_NOT_FOUND: unknown, or ended long ago (the last 1000 are known).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_invitation_get(
    s: *const ucwa_session,
    id: ucwa_invitation_id,
    out: *mut *const ucwa_event,
) -> ucwa_status {
    enter("ucwa_invitation_get", |call| {
        let out = call.out_object("out", out)?;
        let session = call.session(s)?;
        let missing =
            || Failure::new(Code::UCWA_E_NOT_FOUND, format!("there is no invitation {id} (any more)"));
        let invitation = session.invitation(invitation_id(id)?).ok_or_else(missing)?;
        let body = EventBody::Invitation(InvitationChange::of_now(invitation));
        out.set(give(&session.events().of_now(body)));
        Ok(())
    })
}

/// Takes back an invitation of ours. OP_DONE tells that the server took the request; the invitation itself then ends
/// as cancelled, or as whatever came first. UCWA_E_NOT_FOUND: unknown. UCWA_E_NOT_ALLOWED: it is over, or not ours.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_invitation_cancel(
    s: *mut ucwa_session,
    id: ucwa_invitation_id,
    out_op: *mut ucwa_op,
) -> ucwa_status {
    operation("ucwa_invitation_cancel", s, out_op, |session, _| {
        Ok(session.cancel_invitation(invitation_id(id)?)?)
    })
}

/// Accepts an incoming invitation. OP_DONE comes when the user is in the conversation; its result_id is the
/// conversation, or it says why it came to nothing. UCWA_E_NOT_FOUND: unknown. UCWA_E_NOT_ALLOWED: the server does not
/// offer it, as for calls by audio, video and phone (a device that can takes those), and for what is over.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_invitation_accept(
    s: *mut ucwa_session,
    id: ucwa_invitation_id,
    out_op: *mut ucwa_op,
) -> ucwa_status {
    operation("ucwa_invitation_accept", s, out_op, |session, _| {
        Ok(session.accept_invitation(invitation_id(id)?)?)
    })
}

/// Declines an incoming invitation. reason: UCWA_DECLINE_*. OP_DONE tells that the server took it; the invitation then
/// ends as declined, or as whatever came first. UCWA_E_NOT_FOUND: unknown. UCWA_E_NOT_ALLOWED: the server does not
/// offer it, as for what is over or not incoming.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_invitation_decline(
    s: *mut ucwa_session,
    id: ucwa_invitation_id,
    reason: i32,
    out_op: *mut ucwa_op,
) -> ucwa_status {
    operation("ucwa_invitation_decline", s, out_op, |session, _| {
        let reason = match reason {
            UCWA_DECLINE_LOCAL => DeclineReason::Local,
            UCWA_DECLINE_GLOBAL => DeclineReason::Global,
            _ => {
                let message = format!("reason is {reason}, which is no UCWA_DECLINE_*");
                return Err(Failure::new(Code::UCWA_E_INVALID_ARG, message));
            }
        };
        Ok(session.decline_invitation(invitation_id(id)?, reason)?)
    })
}

fn invitation_id(id: u64) -> Result<InvitationId, Failure> {
    InvitationId::new(id)
        .ok_or_else(|| Failure::new(Code::UCWA_E_INVALID_ARG, "id is 0, which is no invitation"))
}

pub(super) fn invitation(change: &InvitationChange, kept: &mut Kept) -> ucwa_invitation_event {
    let it = &change.invitation;
    let accepted_by: Vec<u64> = it.accepted_by.iter().map(|id| id.get()).collect();
    ucwa_invitation_event {
        struct_size: size_of::<ucwa_invitation_event>() as u32,
        phase: phase(change.phase),
        id: it.id.get(),
        conversation: it.conversation.map_or(0, |id| id.get()),
        kind: match it.kind {
            InvitationKind::Messaging => UCWA_INVITE_MESSAGING,
            InvitationKind::OnlineMeeting => UCWA_INVITE_ONLINE_MEETING,
            InvitationKind::AudioVideo => UCWA_INVITE_AUDIO_VIDEO,
            InvitationKind::PhoneAudio => UCWA_INVITE_PHONE_AUDIO,
            InvitationKind::Participant => UCWA_INVITE_PARTICIPANT,
        },
        incoming: u32::from(it.direction == Direction::Incoming),
        outcome: it.outcome.map_or(UCWA_OUTCOME_NONE, outcome),
        flags: flags(it),
        state: kept.optional_text(it.state.as_ref().map(|word| word.as_str())),
        status_text: kept.optional_text(it.status.as_ref().map(|word| word.as_str())),
        from_uri: kept.text(&it.from_uri),
        from_name: kept.text(&it.from_name),
        to_uri: kept.text(&it.to),
        on_behalf_of: kept.text(&it.on_behalf_of),
        subject: kept.text(&it.subject),
        message_text: kept.text(&it.message),
        meeting_uri: kept.text(&it.meeting_uri),
        importance: kept.optional_text(it.importance.as_ref().map(|word| word.as_str())),
        thread_id: kept.text(&it.thread_id),
        operation_id: kept.text(&it.operation_id),
        accepted_by_count: accepted_by.len(),
        accepted_by: kept.keep_all(accepted_by),
        participant: it.participant.map_or(0, |id| id.get()),
        custom_content: kept.text(&it.custom_content),
        custom_content_type: kept.text(&it.custom_content_type),
        available_modalities_text: kept.text(&modality_words(&it.available_modalities)),
        phone_number: kept.text(&it.phone_number),
        anonymous_display_name: kept.text(&it.anonymous_display_name),
    }
}

fn flags(it: &Invitation) -> u32 {
    let flags = [
        (it.can.accept, UCWA_INVITATION_CAN_ACCEPT),
        (it.can.decline, UCWA_INVITATION_CAN_DECLINE),
        (it.can.cancel, UCWA_INVITATION_CAN_CANCEL),
        (it.entry_missing, UCWA_INVITATION_ENTRY_MISSING),
    ];
    flags.iter().filter(|(set, _)| *set).fold(0, |bits, (_, bit)| bits | bit)
}

fn outcome(outcome: Outcome) -> i32 {
    match outcome {
        Outcome::Accepted => UCWA_OUTCOME_ACCEPTED,
        Outcome::Declined => UCWA_OUTCOME_DECLINED,
        Outcome::Busy => UCWA_OUTCOME_BUSY,
        Outcome::NoAnswer => UCWA_OUTCOME_NO_ANSWER,
        Outcome::Unreachable => UCWA_OUTCOME_UNREACHABLE,
        Outcome::Cancelled => UCWA_OUTCOME_CANCELLED,
        Outcome::Failed => UCWA_OUTCOME_FAILED,
        Outcome::Lost => UCWA_OUTCOME_LOST,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::super::event::ucwa_phase_name;
    use super::super::session::ucwa_state_name;
    use super::*;
    use crate::delivery::SessionState;
    use crate::model::Phase;

    #[test]
    #[allow(unsafe_code)]
    fn names_are_the_words_of_the_json() {
        // SAFETY: the names are static texts.
        let text = |name: *const c_char| unsafe { CStr::from_ptr(name) }.to_str().unwrap();
        use Outcome::{Accepted, Busy, Cancelled, Declined, Failed, Lost, NoAnswer, Unreachable};
        for it in [Accepted, Declined, Busy, NoAnswer, Unreachable, Cancelled, Failed, Lost] {
            assert_eq!(text(ucwa_outcome_name(outcome(it))), it.as_str());
        }
        for it in [Phase::Started, Phase::Added, Phase::Updated, Phase::Completed, Phase::Deleted] {
            assert_eq!(text(ucwa_phase_name(phase(it))), it.as_str());
        }
        use SessionState as S;
        let states = [S::New, S::Discovering, S::Authenticating, S::Online, S::Recovering, S::Closing];
        for it in states.into_iter().chain([S::Closed, S::Failed]) {
            assert_eq!(text(ucwa_state_name(it as i32)), it.as_str());
        }
        assert_eq!(text(ucwa_outcome_name(UCWA_OUTCOME_NONE)), "none");
        for beyond in [-1, 99, i32::MAX] {
            let all = [ucwa_outcome_name(beyond), ucwa_phase_name(beyond), ucwa_state_name(beyond)];
            assert_eq!(all.map(text), ["unknown"; 3]);
        }
    }
}
