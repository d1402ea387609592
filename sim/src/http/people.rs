//! people: contacts, search, presence subscriptions.

use serde_json::{Value, json};

use super::input::Input;
use super::response::{Handled, Response};
use super::router::Call;
use crate::resources::{Links, application, href};

/// How long a presence subscription may last, in minutes.
const MINUTES: std::ops::RangeInclusive<u64> = 10..=30;
/// How many contacts one subscription may hold.
const CONTACTS: usize = 100;

pub(crate) fn route(call: &mut Call<'_>, method: &str, rest: &[&str]) -> Option<Handled> {
    let app = call.app;
    Some(match (rest, method) {
        ([] | ["contacts"] | ["search"] | ["presencesubscriptions", ..], _) if call.identity.is_guest() => {
            Err(Response::forbidden("AnonymousNotAllowed"))
        }
        ([], "GET") => Ok(Response::json(200, application::people_json(app))),
        (["contacts"], "GET") => {
            let body = call.world.contacts_json(app);
            body.map(|body| Response::json(200, body)).ok_or_else(Response::not_found)
        }
        (["search"], "GET") => search(call),
        (["presencesubscriptions"], "GET") => Ok(Response::json(200, subscriptions(call))),
        (["presencesubscriptions"], "POST") => subscribe(call),
        (["presencesubscriptions", id], _) => return one_subscription(call, method, id),
        ([] | ["contacts"] | ["search"] | ["presencesubscriptions"], _) => {
            Err(Response::method_not_allowed())
        }
        ([account], _) | ([account, _], _) => {
            let Some(uri) = call.world.known_uri(account) else {
                return Some(Err(Response::not_found()));
            };
            let body = match rest {
                [_, part] => call.world.contact_part_json(app, &uri, part)?,
                _ => call.world.contact_json(app, &uri),
            };
            if method == "GET" { Ok(Response::json(200, body)) } else { Err(Response::method_not_allowed()) }
        }
        _ => return None,
    })
}

fn search(call: &mut Call<'_>) -> Handled {
    let query = call.request.parameter("query").or_else(|| call.request.parameter("mail"));
    let query = query.filter(|query| !query.is_empty());
    let query = query.ok_or_else(|| Response::invalid(&[("query", "Missing")]))?;
    let limit = match call.request.parameter("limit").map(str::parse::<usize>) {
        None => 100,
        Some(Ok(limit)) if (1..=100).contains(&limit) => limit,
        Some(_) => return Err(Response::invalid(&[("limit", "OutOfRange")])),
    };
    Ok(Response::json(200, call.world.search_json(call.app, query, limit)))
}

fn minutes(input: &Input) -> Result<u64, Response> {
    input.require(&["duration"])?;
    let minutes = input.text("duration", 10)?.and_then(|text| text.parse().ok());
    minutes.filter(|m| MINUTES.contains(m)).ok_or_else(|| Response::invalid(&[("duration", "OutOfRange")]))
}

fn subscription_json(call: &Call<'_>, id: u64) -> Value {
    let path = href::below(call.app, &format!("people/presenceSubscriptions/{id}"));
    json!({"rel": "presenceSubscription", "id": id.to_string(), "_links": Links::of(path).done()})
}

fn subscriptions(call: &Call<'_>) -> Value {
    let ids = call.world.applications.get(&call.app).map(|app| app.subscriptions.keys().copied());
    let all: Vec<_> = ids.into_iter().flatten().map(|id| subscription_json(call, id)).collect();
    let links = Links::of(href::below(call.app, "people/presenceSubscriptions")).done();
    json!({"rel": "presenceSubscriptions", "_links": links, "_embedded": {"presenceSubscription": all}})
}

fn subscribe(call: &mut Call<'_>) -> Handled {
    let input = Input::read(call.request)?;
    input.require(&["duration", "uris"])?;
    let minutes = minutes(&input)?;
    let uris = input.texts("uris")?.unwrap_or_default();
    if uris.len() > CONTACTS {
        return Err(Response::forbidden("LimitExceeded"));
    }
    let id = call.world.subscribe(call.app, None, uris, minutes).ok_or_else(Response::not_found)?;
    Ok(Response::json(201, subscription_json(call, id)))
}

fn one_subscription(call: &mut Call<'_>, method: &str, id: &str) -> Option<Handled> {
    let id: u64 = id.parse().ok()?;
    let known = call.world.applications.get(&call.app)?.subscriptions.contains_key(&id);
    if !known {
        // The documentation's own sample of a subscription that is gone answers as if the application were.
        let message = "This presence subscription does not exist, or no longer.";
        return Some(Err(Response::error(404, "NotFound", "ApplicationNotFound", message)));
    }
    Some(match method {
        "GET" => Ok(Response::json(200, subscription_json(call, id))),
        "POST" => Input::read(call.request).and_then(|input| minutes(&input)).map(|minutes| {
            call.world.subscribe(call.app, Some(id), Vec::new(), minutes);
            Response::json(201, subscription_json(call, id))
        }),
        "DELETE" => {
            call.world.end_subscription(call.app, id, None);
            Ok(Response::empty(204))
        }
        _ => Err(Response::method_not_allowed()),
    })
}
