//! me and what belongs to it.

use serde_json::json;

use super::input::Input;
use super::response::{Handled, Response};
use super::router::Call;
use crate::resources::{Links, href};
use crate::state::event::{Event, EventType, Link};

/// What somebody can say of himself.
const AVAILABILITIES: [&str; 6] = ["Away", "BeRightBack", "Busy", "DoNotDisturb", "Offwork", "Online"];

pub(crate) fn route(call: &mut Call<'_>, method: &str, rest: &[&str]) -> Option<Handled> {
    if !matches!(
        rest,
        [] | ["phones" | "makemeavailable" | "reportmyactivity" | "presence" | "note" | "location"]
    ) {
        return None;
    }
    let guest = call.identity.is_guest();
    Some(match (rest, method) {
        ([], "GET") => {
            let body = call.world.me_json(call.app);
            body.map(|body| Response::json(200, body)).ok_or_else(Response::not_found)
        }
        ([_], "GET" | "POST") if guest => Err(Response::forbidden("AnonymousNotAllowed")),
        (["phones"], "GET") => {
            let links = Links::of(href::below(call.app, "me/phones")).done();
            Ok(Response::json(200, json!({"rel": "phones", "_links": links, "_embedded": {"phone": []}})))
        }
        (["makemeavailable"], "POST") => make_me_available(call),
        (["reportmyactivity"], "POST") => available(call).map(|()| {
            call.world.report_activity(call.app);
            Response::empty(204)
        }),
        ([part], "GET") if is_part(part) => read(call, part),
        ([part], "POST") if is_part(part) => write(call, part),
        _ => Err(Response::method_not_allowed()),
    })
}

fn is_part(part: &str) -> bool {
    matches!(part, "presence" | "note" | "location")
}

/// Most of me comes to life with makeMeAvailable.
fn available(call: &Call<'_>) -> Result<(), Response> {
    let application = call.world.applications.get(&call.app);
    if application.is_some_and(|application| application.available.is_some()) {
        return Ok(());
    }
    Err(Response::conflict("MakeMeAvailableRequired", "Call makeMeAvailable first."))
}

fn make_me_available(call: &mut Call<'_>) -> Handled {
    let input = Input::read(call.request)?;
    let modalities = input.texts("supportedModalities")?.unwrap_or_default();
    if let Some(other) = modalities.iter().find(|m| !matches!(m.as_str(), "Messaging" | "PhoneAudio")) {
        let message = format!("{other} is not for clients of this kind.");
        return Err(Response::error(403, "Forbidden", "None", &message));
    }
    let formats = input.texts("supportedMessageFormats")?.unwrap_or_default();
    if formats.iter().any(|format| !matches!(format.as_str(), "Plain" | "Html")) {
        return Err(Response::invalid(&[("supportedMessageFormats", "Invalid")]));
    }
    let presence = input.text("signInAs", 50)?.unwrap_or_else(|| "Online".into());
    if !AVAILABILITIES.contains(&presence.as_str()) {
        return Err(Response::invalid(&[("signInAs", "Invalid")]));
    }
    let span = input.text("inactiveTimeout", 50)?.filter(|text| !text.is_empty());
    let inactive_ms = span.as_deref().map(crate::state::activity::read_span);
    let inactive_ms = inactive_ms
        .map(|span| span.ok_or_else(|| Response::invalid(&[("inactiveTimeout", "Invalid")])))
        .transpose()?;
    if call.world.make_available(call.app, modalities, formats, &presence, inactive_ms) {
        call.world.tell_presence(call.identity.uri());
        Ok(Response::empty(204))
    } else {
        Err(Response::conflict("AlreadyExists", "makeMeAvailable was called before."))
    }
}

fn read(call: &mut Call<'_>, part: &str) -> Handled {
    available(call)?;
    let application = call.world.applications.get(&call.app);
    let own = application.and_then(|application| application.available.clone());
    let own = own.ok_or_else(Response::not_found)?;
    let links = Links::of(href::below(call.app, &format!("me/{part}"))).done();
    let body = match part {
        "presence" => json!({"rel": "presence", "availability": own.shown(), "_links": links}),
        "note" => json!({"rel": "note", "message": own.note, "type": "Personal", "_links": links}),
        _ => json!({"rel": "location", "location": own.location, "_links": links}),
    };
    Ok(Response::json(200, body))
}

fn write(call: &mut Call<'_>, part: &str) -> Handled {
    available(call)?;
    let input = Input::read(call.request)?;
    let (field, limit) = match part {
        "presence" => ("availability", 50),
        "note" => ("message", 500),
        _ => ("location", 500),
    };
    // Without a value the server's own comes back: Online, no note, no location.
    let value = input.text(field, limit)?;
    let value = value.unwrap_or_else(|| if part == "presence" { "Online".into() } else { String::new() });
    if part == "presence" && !AVAILABILITIES.contains(&value.as_str()) {
        return Err(Response::invalid(&[("availability", "Invalid")]));
    }
    let application = call.world.applications.get_mut(&call.app);
    let own = application.and_then(|application| application.available.as_mut());
    let own = own.ok_or_else(Response::not_found)?;
    let (place, rel) = match part {
        "presence" => (&mut own.presence, "presence"),
        "note" => (&mut own.note, "note"),
        _ => (&mut own.location, "location"),
    };
    *place = value;
    let me = Link::new("me", href::below(call.app, "me"));
    let link = Link::new(rel, href::below(call.app, &format!("me/{rel}")));
    call.world.tell(call.app, Event::new(me, EventType::Updated, link).medium());
    if rel == "presence" {
        call.world.tell_presence(call.identity.uri());
    }
    Ok(Response::empty(204))
}
