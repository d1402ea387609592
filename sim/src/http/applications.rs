//! applications, one application, policies.

use serde_json::json;

use super::input::Input;
use super::request::Request;
use super::response::{Handled, Response};
use super::router::Call;
use crate::resources::{Links, href};
use crate::state::application::Key;
use crate::state::ids::AppId;
use crate::state::token::Identity;
use crate::state::world::World;

const LIMIT: usize = 100;

/// POST applications.
pub(crate) fn create(world: &mut World, request: &Request, identity: &Identity) -> Handled {
    let input = Input::read(request)?;
    // A guest is known by his token: the anonymous variant sends no endpointId.
    let required: &[&str] =
        if identity.is_guest() { &["culture", "userAgent"] } else { &["culture", "userAgent", "endpointId"] };
    input.require(required)?;
    let text = |name| Ok::<_, Response>(input.text(name, LIMIT)?.unwrap_or_default());
    let key = Key {
        culture: text("culture")?,
        endpoint_id: text("endpointId")?,
        user_agent: text("userAgent")?,
        kind: input.text("type", LIMIT)?,
    };
    if key.kind.as_ref().is_some_and(|kind| !kind.eq_ignore_ascii_case("browser")) {
        return Err(Response::invalid(&[("type", "Invalid")]));
    }
    let instance = input.text("instanceId", LIMIT)?.filter(|instance| !instance.is_empty());
    let (app, new) = world.create_application(identity, key, instance.clone());
    let body = world.application_json(app, instance.as_deref()).ok_or_else(Response::not_found)?;
    Ok(with_photo_cookie(app, Response::json(if new { 201 } else { 200 }, body)))
}

/// Images in a browser carry no Authorization: for photos there is a cookie.
fn with_photo_cookie(app: AppId, response: Response) -> Response {
    let path = href::below(app, "photos");
    let cookie = format!("cwt_ucwa={}; path={path}; secure; HttpOnly", crate::random::thread_id());
    response.with("Set-Cookie", &cookie)
}

/// What POST applications takes.
pub(crate) fn options() -> Handled {
    let parameters = ["culture", "endpointId", "userAgent", "instanceId", "type"];
    Ok(Response::json(200, json!({"metadata": [{"httpMethod": "POST", "parameters": parameters}]})))
}

/// GET and DELETE of an application.
pub(crate) fn one(call: &mut Call<'_>, method: &str) -> Option<Handled> {
    let instance = call.request.parameter("instanceId");
    Some(match method {
        "GET" => {
            let body = call.world.application_json(call.app, instance);
            let answer = |body| with_photo_cookie(call.app, Response::json(200, body));
            body.map(answer).ok_or_else(Response::not_found)
        }
        "DELETE" => {
            call.world.delete_instance(call.app, instance);
            Ok(Response::empty(204))
        }
        _ => Err(Response::method_not_allowed()),
    })
}

pub(crate) fn policies(call: &mut Call<'_>, method: &str) -> Option<Handled> {
    if method != "GET" {
        return Some(Err(Response::method_not_allowed()));
    }
    let links = Links::of(href::below(call.app, "policies")).done();
    let formats = call.world.applications.get(&call.app).map(|app| app.communication.formats.clone());
    let html = formats.is_some_and(|formats| formats.iter().any(|format| format == "Html"));
    Some(Ok(Response::json(
        200,
        json!({
            "rel": "policies", "_links": links, "emoticons": "Enabled", "messagingUrls": "Enabled",
            "htmlMessaging": if html { "Enabled" } else { "Disabled" },
            "photos": "Disabled", "messageArchiving": "Disabled", "saveMessagingHistory": "Disabled",
        }),
    )))
}
