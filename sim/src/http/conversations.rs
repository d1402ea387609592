//! conversations, their parts, their participants.

use serde_json::{Value, json};

use super::input::Input;
use super::response::{Handled, Response};
use super::router::Call;
use crate::resources::{Links, conversation::SHOWN, href};
use crate::state::conversation::{CallState, State};
use crate::state::ids::{ConversationId, MemberId, RoomId};
use crate::state::invitation::Kind;
use crate::state::media::Spotlight;

pub(crate) fn route(call: &mut Call<'_>, method: &str, rest: &[&str]) -> Option<Handled> {
    let [id, rest @ ..] = rest else {
        return Some(if method == "GET" { Ok(list(call)) } else { Err(Response::method_not_allowed()) });
    };
    let id: ConversationId = id.parse().ok()?;
    let live = call.world.live(id).filter(|conversation| conversation.app == call.app);
    let Some((room, own)) = live.map(|conversation| (conversation.room, conversation.member)) else {
        return Some(Err(Response::conversation_not_found()));
    };
    match rest {
        [] => Some(whole(call, method, id)),
        ["messaging", rest @ ..] => messaging(call, method, id, (room, own), rest),
        ["participants", key, rest @ ..] => super::participants::route(call, method, id, room, key, rest),
        [action] if method == "POST" && AUDIENCE.contains(action) => Some(audience(call, id, room, action)),
        [action] if AUDIENCE.contains(action) => Some(Err(Response::method_not_allowed())),
        [modality, name] => {
            let spotlight = Spotlight::ALL.into_iter().find(|spotlight| {
                let (rel, of) = spotlight.rels();
                rel.eq_ignore_ascii_case(name) && of.eq_ignore_ascii_case(modality)
            })?;
            let get = method == "GET";
            Some(if get {
                found(call.world.spotlight_json(id, spotlight))
            } else {
                Err(Response::method_not_allowed())
            })
        }
        [part] => {
            let body = part_json(call, id, part)?;
            Some(if method == "GET" {
                Ok(Response::json(200, body))
            } else {
                Err(Response::method_not_allowed())
            })
        }
        _ => None,
    }
}

/// The conversations that go on.
fn list(call: &Call<'_>) -> Response {
    let own = call.world.conversations.iter().filter(|(_, c)| c.app == call.app && !c.ended);
    let links: Vec<Value> = own.map(|(id, _)| json!({"href": href::conversation(call.app, *id)})).collect();
    let links = Links::of(href::below(call.app, "communication/conversations")).many("conversation", links);
    Response::json(200, json!({"rel": "conversations", "_links": links.done()}))
}

fn whole(call: &mut Call<'_>, method: &str, id: ConversationId) -> Handled {
    match method {
        "GET" => found(call.world.conversation_json(id)),
        "DELETE" => {
            call.world.leave(id, None);
            Ok(Response::empty(204))
        }
        _ => Err(Response::method_not_allowed()),
    }
}

/// What a leader may do with all attendees at once; paths are matched without case.
const AUDIENCE: [&str; 4] = [
    "enableaudiencemessaging",
    "disableaudiencemessaging",
    "enableaudiencemutelock",
    "disableaudiencemutelock",
];

fn audience(call: &mut Call<'_>, id: ConversationId, room: RoomId, action: &str) -> Handled {
    if !call.world.audience_actions(id).iter().any(|allowed| allowed.eq_ignore_ascii_case(action)) {
        return Err(Response::forbidden("None"));
    }
    let on = action.starts_with("enable");
    if action.ends_with("messaging") {
        call.world.set_audience_messaging(room, on);
    } else {
        call.world.set_audience_mute_lock(room, on);
    }
    Ok(Response::empty(204))
}

pub(crate) fn found(body: Option<Value>) -> Handled {
    body.map(|body| Response::json(200, body)).ok_or_else(Response::not_found)
}

fn part_json(call: &Call<'_>, id: ConversationId, part: &str) -> Option<Value> {
    let conferenced =
        call.world.live(id).is_some_and(|conversation| conversation.state == State::Conferenced);
    if let Some(modality) = SHOWN.iter().find(|modality| modality.eq_ignore_ascii_case(part)) {
        return call.world.shown_modality_json(id, modality);
    }
    match part {
        "onlinemeeting" if conferenced => call.world.online_meeting_json(id),
        "participants" | "leaders" | "attendees" | "lobby" if conferenced => {
            call.world.collection_json(id, part)
        }
        _ => None,
    }
}

fn messaging(
    call: &mut Call<'_>,
    method: &str,
    id: ConversationId,
    (room, own): (RoomId, MemberId),
    rest: &[&str],
) -> Option<Handled> {
    let state = call.world.live(id)?.messaging;
    let connected = state == CallState::Connected;
    Some(match (rest, method) {
        ([], "GET") => found(call.world.messaging_json(id)),
        (["messaginginvitations"], "POST") => add_messaging(call, id),
        (["terminate"], "POST") if state == CallState::Disconnected => {
            Err(Response::error(404, "NotFound", "None", "The messaging is over already."))
        }
        (["terminate"], "POST") => {
            call.world.stop_messaging(id);
            Ok(Response::empty(204))
        }
        (["messages" | "typing"], "POST") if connected && !call.world.may_write(id) => {
            Err(Response::forbidden("None"))
        }
        (["messages"], "POST") if connected => send_message(call, id),
        (["typing"], "POST") if connected => {
            call.world.start_typing(room, own);
            Ok(Response::empty(204))
        }
        (["typingparticipants"], "GET") => found(call.world.collection_json(id, "typingParticipants")),
        (["messages", number], "GET") => {
            found(number.parse().ok().and_then(|number| call.world.message_json(id, number)))
        }
        (["messages" | "typing"], "POST") => {
            Err(Response::conflict("None", "The messaging is not connected."))
        }
        (
            []
            | ["messaginginvitations" | "terminate" | "messages" | "typing" | "typingparticipants"]
            | ["messages", _],
            _,
        ) => Err(Response::method_not_allowed()),
        _ => return None,
    })
}

fn add_messaging(call: &mut Call<'_>, id: ConversationId) -> Handled {
    let open = call.world.live(id).filter(|c| c.state == State::Conferenced);
    if open.is_none_or(|conversation| conversation.messaging != CallState::Disconnected) {
        return Err(Response::conflict("None", "Messaging cannot be added now."));
    }
    let input = Input::read(call.request)?;
    let wish = super::communication::wish(&input)?;
    let invitation = call.world.add_messaging(id, wish);
    super::communication::created(call, Kind::Messaging, invitation)
}

fn send_message(call: &mut Call<'_>, id: ConversationId) -> Handled {
    let request = call.request;
    let content_type =
        request.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    let content_type = match content_type.trim().to_ascii_lowercase().as_str() {
        "text/plain" | "" => "text/plain",
        "text/html" if call.world.formats(id).iter().any(|format| format == "Html") => "text/html",
        _ => {
            let message = "Send text/plain, or text/html where that was negotiated.";
            return Err(Response::error(415, "UnsupportedMediaType", "UnsupportedMediaType", message));
        }
    };
    // The reference calls it operationId, the samples OperationContext; some clients send neither.
    let operation_id = request.parameter("operationId").or_else(|| request.parameter("operationContext"));
    let text = String::from_utf8_lossy(&request.body).into_owned();
    let number = call.world.send_message(id, content_type, &text, operation_id.map(str::to_owned));
    let number = number.ok_or_else(Response::conversation_not_found)?;
    Ok(Response::created(href::in_conversation(call.app, id, &format!("messaging/messages/{number}"))))
}
