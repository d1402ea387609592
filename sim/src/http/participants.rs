//! One participant: what he is, and what a leader may do with him.

use super::conversations::found;
use super::response::{Handled, Response};
use super::router::Call;
use crate::people::Medium;
use crate::state::ids::{ConversationId, RoomId};
use crate::state::reasons;
use crate::state::room::{Member, Place, Role};

pub(crate) fn route(
    call: &mut Call<'_>,
    method: &str,
    id: ConversationId,
    room: RoomId,
    key: &str,
    rest: &[&str],
) -> Option<Handled> {
    let member = call.world.rooms.get(&room).and_then(|room| room.by_key(key)).cloned();
    let Some(member) = member else {
        return Some(Err(Response::not_found()));
    };
    if let [part, rest @ ..] = rest
        && let Some(medium) = Medium::ALL.into_iter().find(|medium| medium.rel().eq_ignore_ascii_case(part))
    {
        return medium_route(call, method, (id, room), &member, medium, rest);
    }
    Some(match (rest, method) {
        ([], "GET") => found(call.world.participant_json(id, member.id)),
        (["messaging"], "GET") if member.is_messaging() => {
            Ok(Response::json(200, crate::resources::participant::messaging(call.app, id, &member)))
        }
        (["messaging"], "GET") => Err(Response::not_found()),
        ([action @ ("admit" | "reject" | "promote" | "demote" | "eject")], "POST") => {
            act(call, (id, room), &member, action)
        }
        ([] | ["messaging" | "admit" | "reject" | "promote" | "demote" | "eject"], _) => {
            Err(Response::method_not_allowed())
        }
        _ => return None,
    })
}

/// The link's presence is the permission.
fn act(call: &mut Call<'_>, (id, room): (ConversationId, RoomId), member: &Member, action: &str) -> Handled {
    if !call.world.actions(id, member).contains(&action) {
        return Err(Response::forbidden("None"));
    }
    match action {
        "admit" => {
            call.world.admit(room, member.id);
        }
        "reject" => {
            call.world.reject(room, member.id);
        }
        "promote" => {
            call.world.set_role(room, member.id, Role::Leader);
        }
        "demote" => {
            call.world.set_role(room, member.id, Role::Attendee);
        }
        _ => call.world.remove(room, member.id, reasons::EJECTED),
    }
    Ok(Response::empty(204))
}

/// participantAudio and its like, and their muting.
fn medium_route(
    call: &mut Call<'_>,
    method: &str,
    (id, room): (ConversationId, RoomId),
    member: &Member,
    medium: Medium,
    rest: &[&str],
) -> Option<Handled> {
    let Some(muted) = member.media.get(&medium).filter(|_| member.place == Place::Inside).map(|s| s.muted)
    else {
        return Some(Err(Response::not_found()));
    };
    let known = |action: &str| {
        medium.actions().is_some_and(|actions| actions.iter().any(|known| known.eq_ignore_ascii_case(action)))
    };
    Some(match (rest, method) {
        ([], "GET") => found(call.world.medium_json(id, member, medium)),
        ([action], "POST") if known(action) => {
            let allowed = call.world.mute_action(id, member, medium);
            if !allowed.is_some_and(|allowed| allowed.eq_ignore_ascii_case(action)) {
                return Some(Err(Response::forbidden("None")));
            }
            call.world.set_muted(room, member.id, medium, !muted);
            Ok(Response::empty(204))
        }
        ([], _) => Err(Response::method_not_allowed()),
        ([action], _) if known(action) => Err(Response::method_not_allowed()),
        _ => return None,
    })
}
