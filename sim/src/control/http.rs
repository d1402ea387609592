//! The control API over HTTP, below `/sim/`.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Ask, AskKind, Control, ControlError};
use crate::faults::Fault;
use crate::http::request::Request;
use crate::http::response::{Handled, Response};
use crate::people::Person;
use crate::story::{StoryAction, StoryStep};
use crate::switches::Switches;

pub(crate) fn handle(control: &Control, request: &Request) -> Response {
    let parts: Vec<&str> = request.segments.iter().skip(1).map(String::as_str).collect();
    route(control, request, &parts).unwrap_or_else(|error| error)
}

fn route(control: &Control, request: &Request, parts: &[&str]) -> Handled {
    match (request.method.as_str(), parts) {
        ("GET", ["truth"]) => Ok(document(&control.truth())),
        ("GET", ["requests"]) => Ok(document(&control.requests())),
        ("DELETE", ["requests"]) => {
            control.forget_requests();
            Ok(Response::empty(204))
        }
        ("GET", ["script"]) => Ok(document(&control.script())),
        ("GET", ["switches"]) => Ok(document(&control.switches())),
        ("POST", ["switches"]) => change_switches(control, request),
        ("GET", ["people"]) => Ok(document(&control.people())),
        ("POST", ["people"]) => done(control.add_person(body::<Person>(request)?)),
        ("DELETE", ["people", uri]) => done(control.remove_person(uri)),
        ("POST", ["people", uri, "message"]) => {
            let ask = Ask { kind: AskKind::Messaging, ..body(request)? };
            done(control.ask(uri, &ask))
        }
        ("POST", ["people", uri, "invite"]) => {
            let ask = Ask { kind: AskKind::Meeting, ..body(request)? };
            done(control.ask(uri, &ask))
        }
        ("POST", ["people", uri, "withdraw"]) => {
            let Whom { to } = body(request)?;
            Ok(Response::json(200, json!({"withdrawn": control.withdraw(uri, &to)})))
        }
        ("GET", ["without"]) => Ok(Response::json(
            200,
            json!({"left_out": control.left_out(), "effects": crate::without::effects()}),
        )),
        ("POST", ["meetings", meeting, action]) => happen(control, request, meeting, action),
        ("GET", ["faults"]) => Ok(document(&control.faults())),
        ("POST", ["faults"]) => {
            let id = control.set_fault(body::<Fault>(request)?);
            Ok(Response::json(200, json!({"id": id})))
        }
        ("DELETE", ["faults"]) => {
            control.clear_faults();
            Ok(Response::empty(204))
        }
        ("DELETE", ["faults", id]) => done(control.clear_fault(id.parse().unwrap_or_default())),
        ("POST", ["tokens", "expire"]) => {
            let whose: Whose = body(request)?;
            Ok(Response::json(200, json!({"expired": control.expire_tokens(whose.uri.as_deref())})))
        }
        ("POST", ["applications", id, "lose"]) => done(control.lose_application(id)),
        ("POST", ["applications", id, "resume"]) => done(control.resume_application(id)),
        _ => Err(Response::json(404, json!({"error": "the control API has no such operation"}))),
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Whom {
    to: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    #[serde(default)]
    uri: Option<String>,
}

/// Of a story step, what the path does not say.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    #[serde(default)]
    uri: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    text: Option<String>,
}

fn happen(control: &Control, request: &Request, meeting: &str, action: &str) -> Handled {
    let action: StoryAction = serde_json::from_value(Value::String(action.to_owned())).map_err(bad)?;
    let Step { uri, name, text } = body(request)?;
    done(control.happen(meeting, &StoryStep { at_ms: 0, action, uri, name, text }))
}

/// The switches that are named change, the others stay.
fn change_switches(control: &Control, request: &Request) -> Handled {
    let changes: serde_json::Map<String, Value> = body(request)?;
    let mut all = serde_json::to_value(control.switches()).map_err(bad)?;
    if let Value::Object(all) = &mut all {
        all.extend(changes);
    }
    let changed: Switches = serde_json::from_value(all).map_err(bad)?;
    if let Some(problem) = crate::without::problem(&changed.without) {
        return Err(Response::json(400, json!({"error": problem})));
    }
    control.change_switches(|switches| *switches = changed);
    Ok(Response::empty(204))
}

fn body<T: DeserializeOwned>(request: &Request) -> Result<T, Response> {
    let bytes =
        if request.body.iter().all(u8::is_ascii_whitespace) { b"{}" } else { request.body.as_slice() };
    serde_json::from_slice(bytes).map_err(bad)
}

#[allow(clippy::needless_pass_by_value)]
fn bad(error: serde_json::Error) -> Response {
    Response::json(400, json!({"error": error.to_string()}))
}

fn document(value: &impl Serialize) -> Response {
    match serde_json::to_value(value) {
        Ok(value) => Response::json(200, value),
        Err(error) => Response::json(500, json!({"error": error.to_string()})),
    }
}

fn done(result: Result<(), ControlError>) -> Handled {
    match result {
        Ok(()) => Ok(Response::empty(204)),
        Err(error) => {
            let status = if matches!(error, ControlError::NotFound(_)) { 404 } else { 409 };
            Err(Response::json(status, json!({"error": error.to_string()})))
        }
    }
}
