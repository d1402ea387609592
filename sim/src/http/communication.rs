//! communication: its properties, and everything that starts a conversation or an invitation.

use serde_json::Value;

use super::input::Input;
use super::request::same_etag;
use super::response::{Handled, Response};
use super::router::Call;
use crate::choices::{AlreadyThere, UnknownPerson};
use crate::resources::{PASS_THIS, href};
use crate::state::conversation::{State, Wish};
use crate::state::ids::{ConversationId, InvitationId};
use crate::state::invitation::Kind;
use crate::state::token::Identity;

const OPERATION_ID: usize = 50;
const SUBJECT: usize = 250;
const CUSTOM: usize = 10_000;
/// ModalityType.
const MODALITIES: [&str; 7] = [
    "ApplicationSharing",
    "Audio",
    "DataCollaboration",
    "Messaging",
    "PanoramicVideo",
    "PhoneAudio",
    "Video",
];
/// CallDeclineReason.
const DECLINE_REASONS: [&str; 12] = [
    "CodecMismatch",
    "EncryptionMismatch",
    "Global",
    "InsufficientBandwidth",
    "InsufficientBandwidthRerouteOverPstn",
    "InvalidMediaOffer",
    "IPv6NotSupported",
    "Local",
    "MediaAllocationFailure",
    "MediaConnectivityFailure",
    "Unknown",
    "UnsupportedMedia",
];

pub(crate) fn route(call: &mut Call<'_>, method: &str, rest: &[&str]) -> Option<Handled> {
    Some(match (rest, method) {
        ([], "GET") => {
            let body = call.world.communication_json(call.app);
            body.map(|body| Response::json(200, body)).ok_or_else(Response::not_found)
        }
        ([], "PUT") => put(call),
        (["messaginginvitations"], "POST") => start_messaging(call),
        (["onlinemeetinginvitations"], "POST") => join_meeting(call),
        (["participantinvitations"], "POST") => add_participant(call),
        ([] | ["messaginginvitations" | "onlinemeetinginvitations" | "participantinvitations"], _) => {
            Err(Response::method_not_allowed())
        }
        ([kind, id, action @ ..], _) => return invitation(call, method, kind, id, action),
        _ => return None,
    })
}

/// What an operation says of the conversation that it makes.
pub(crate) fn wish(input: &Input) -> Result<Wish, Response> {
    let importance = input.text("importance", 20)?.filter(|importance| !importance.is_empty());
    if importance.as_ref().is_some_and(|i| !matches!(i.as_str(), "Emergency" | "Normal" | "Urgent")) {
        return Err(Response::invalid(&[("importance", "Invalid")]));
    }
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    Ok(Wish {
        operation_id: filled(input.text("operationId", OPERATION_ID)?),
        subject: input.text("subject", SUBJECT)?.unwrap_or_default(),
        importance,
        thread_id: filled(input.text("threadId", SUBJECT)?),
        message: input.link("message"),
        anonymous_name: filled(input.text("anonymousDisplayName", SUBJECT)?),
        custom_content: input.link("customContent").or(filled(input.text("customContent", CUSTOM)?)),
        on_behalf_of: filled(input.text("onBehalfOf", SUBJECT)?),
        modalities: modalities(input)?,
    })
}

fn modalities(input: &Input) -> Result<Vec<String>, Response> {
    let named = input.texts("modalities")?.unwrap_or_default();
    if named.iter().any(|word| !MODALITIES.contains(&word.as_str())) {
        return Err(Response::invalid(&[("modalities", "Invalid")]));
    }
    Ok(named)
}

/// Whom an operation is for.
fn addressee(call: &Call<'_>, input: &Input) -> Result<String, Response> {
    input.require(&["to"])?;
    let to = input.text("to", 500)?.unwrap_or_default();
    // Printed samples have blanks in their URIs.
    let to: String = to.chars().filter(|c| !c.is_whitespace()).collect();
    if crate::uri::domain(&to).is_none() && !crate::uri::is_phone(&to) {
        return Err(Response::invalid(&[("to", "Invalid")]));
    }
    if call.world.switches.unknown_person == UnknownPerson::Post && !call.world.is_known(&to) {
        let message = "There is nobody with this address.";
        return Err(Response::error(404, "NotFound", "DestinationNotFound", message));
    }
    Ok(to)
}

pub(crate) fn created(call: &Call<'_>, kind: Kind, id: Option<InvitationId>) -> Handled {
    let id = id.ok_or_else(Response::conversation_not_found)?;
    Ok(Response::created(href::invitation(call.app, kind.rel(), id)))
}

fn start_messaging(call: &mut Call<'_>) -> Handled {
    if call.identity.is_guest() {
        return Err(Response::forbidden("None"));
    }
    let input = Input::read(call.request)?;
    let to = addressee(call, &input)?;
    let id = call.world.start_messaging(call.app, &to, wish(&input)?);
    created(call, Kind::Messaging, id)
}

/// startOnlineMeeting and joinOnlineMeeting, which differ in the meeting's URI alone.
fn join_meeting(call: &mut Call<'_>) -> Handled {
    let input = Input::read(call.request)?;
    let wish = wish(&input)?;
    let uri = input.text("onlineMeetingUri", 1000)?.filter(|uri| !uri.is_empty());
    let uri = uri.filter(|uri| !uri.eq_ignore_ascii_case("adhoc"));
    let meeting = match (&uri, &call.identity) {
        (Some(uri), identity) => {
            let found = call.world.meeting_by_uri(uri).map(|meeting| meeting.id.clone());
            if let Identity::Guest { meeting, .. } = identity
                && found.as_ref() != Some(meeting)
            {
                return Err(Response::forbidden("None"));
            }
            found.ok_or_else(|| {
                Response::error(404, "NotFound", "DestinationNotFound", "There is no such meeting.")
            })?
        }
        (None, Identity::Guest { .. }) => return Err(Response::forbidden("None")),
        (None, Identity::User(user)) => call.world.new_meeting(user, None),
    };
    if call.world.is_in(call.app, &meeting) {
        return Err(Response::conflict("AlreadyExists", "This application is in the meeting already."));
    }
    if uri.is_none()
        && let Some(meeting) = call.world.meetings.get_mut(&meeting)
    {
        meeting.subject.clone_from(&wish.subject);
    }
    let id = call.world.join(call.app, &meeting, wish);
    created(call, Kind::OnlineMeeting, id)
}

/// addParticipant: the conversation is in the query of the link.
fn add_participant(call: &mut Call<'_>) -> Handled {
    let conversation =
        call.request.parameter("conversation").and_then(|id| id.parse::<ConversationId>().ok());
    let live = conversation.and_then(|id| Some((id, call.world.live(id)?)));
    let (id, conversation) =
        live.filter(|(_, c)| c.app == call.app).ok_or_else(Response::conversation_not_found)?;
    let (state, carried) = (conversation.state, conversation.carried);
    let escalates = call.world.can_escalate(id);
    if carried {
        let message = "The conversation is just becoming a meeting.";
        return Err(Response::conflict("AnotherOperationPending", message));
    }
    if state != State::Conferenced && !escalates {
        return Err(Response::conflict("None", "Nobody can be added to this conversation now."));
    }
    let input = Input::read(call.request)?;
    let to = addressee(call, &input)?;
    let wish = wish(&input)?;
    if let Some((error, parameters)) = call.world.refusal(&to) {
        return Err(Response::named(&error, &parameters));
    }
    if call.world.switches.already_there == AlreadyThere::AlreadyExists && call.world.is_there(id, &to) {
        return Err(Response::conflict("AlreadyExists", "This person is in the conversation already."));
    }
    let invitation =
        if escalates { call.world.escalate(id, &to, wish) } else { call.world.invite(id, &to, wish) };
    created(call, Kind::Participant, invitation)
}

/// One invitation and what can be done with it.
fn invitation(call: &mut Call<'_>, method: &str, kind: &str, id: &str, action: &[&str]) -> Option<Handled> {
    let id: InvitationId = id.parse().ok()?;
    let found = call.world.invitations.get(&id).filter(|invitation| invitation.app == call.app)?;
    if !kind.eq_ignore_ascii_case(&format!("{}s", found.kind.rel())) {
        return None;
    }
    let (is_messaging, offered) = (found.kind == Kind::Messaging, found.offered && found.is_pending());
    Some(match (action, method) {
        ([], "GET") => {
            let body = call.world.invitation_json(id);
            body.map(|body| Response::json(200, body)).ok_or_else(Response::not_found)
        }
        (["accept" | "decline"], "POST") if !offered => {
            Err(Response::conflict("None", "This invitation can no longer be answered."))
        }
        (["accept"], "POST") => {
            if is_messaging {
                call.world.accept_messaging(id);
            } else {
                call.world.accept_meeting(id);
            }
            Ok(Response::empty(204))
        }
        (["decline"], "POST") => decline(call, id),
        (["cancel"], "POST") => {
            if call.world.cancel(id) {
                Ok(Response::empty(204))
            } else {
                Err(Response::conflict("None", "This invitation can no longer be cancelled."))
            }
        }
        ([] | ["accept" | "decline" | "cancel"], _) => Err(Response::method_not_allowed()),
        _ => return None,
    })
}

/// At this endpoint, or at all of the user's.
fn decline(call: &mut Call<'_>, id: InvitationId) -> Handled {
    let input = Input::read(call.request)?;
    let reason = input.text("reason", 100)?.filter(|reason| !reason.is_empty());
    if reason.as_ref().is_some_and(|reason| !DECLINE_REASONS.contains(&reason.as_str())) {
        return Err(Response::invalid(&[("reason", "Invalid")]));
    }
    call.world.decline(id, reason.as_deref() == Some("Global"));
    Ok(Response::empty(204))
}

/// PUT needs the version that is replaced, and everything that was read.
pub(crate) fn check_put(call: &Call<'_>, input: &Input, etag: &str, guid: &str) -> Result<(), Response> {
    let Some(given) = call.request.header("if-match").filter(|etag| !etag.trim().is_empty()) else {
        let message = "Say with If-Match which version is to be replaced.";
        return Err(Response::error(428, "PreConditionRequired", "None", message));
    };
    if !same_etag(given, etag) {
        let message = "The resource has changed since it was read.";
        return Err(Response::error(412, "PreConditionFailed", "None", message));
    }
    if input.value(guid).and_then(Value::as_str) != Some(PASS_THIS) {
        return Err(Response::invalid(&[(guid, "Missing")]));
    }
    Ok(())
}

fn put(call: &mut Call<'_>) -> Handled {
    let input = Input::read(call.request)?;
    let known = call.world.applications.get(&call.app).map(|app| app.communication.clone());
    let mut communication = known.ok_or_else(Response::not_found)?;
    check_put(call, &input, &communication.etag.to_string(), &communication.guid)?;
    communication.modalities = input.texts("supportedModalities")?.unwrap_or_default();
    let formats = input.texts("supportedMessageFormats")?.unwrap_or_default();
    if formats.is_empty() || formats.iter().any(|format| !matches!(format.as_str(), "Plain" | "Html")) {
        return Err(Response::invalid(&[("supportedMessageFormats", "Invalid")]));
    }
    communication.formats = formats;
    // Kept under the names that the reference gives them; anything else is ignored.
    let kept = ["audioPreference", "conversationHistory", "lisLocation", "lisQueryResult", "phoneNumber"];
    for name in kept.into_iter().chain(["publishEndpointLocation", "videoBasedScreenSharing"]) {
        match input.value(name) {
            Some(value) => communication.more.insert(name.to_owned(), value.clone()),
            None => communication.more.remove(name),
        };
    }
    communication.etag += 1;
    if let Some(application) = call.world.applications.get_mut(&call.app) {
        application.communication = communication;
    }
    call.world.tell_communication(call.app);
    let body = call.world.communication_json(call.app).ok_or_else(Response::not_found)?;
    Ok(Response::json(200, body))
}
