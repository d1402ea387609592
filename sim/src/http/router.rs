//! From a path to what is behind it.

use super::request::Request;
use super::response::{Body, Handled, Response};
use super::{
    applications, batch, communication, conversations, discovery, events, me, meetings, people, token,
};
use crate::state::ids::AppId;
use crate::state::token::Identity;
use crate::state::world::World;

/// What becomes of a request.
pub(crate) enum Reply {
    Now(Response),
    /// It is a P-GET that waits.
    Wait(events::Waiting),
}

impl From<Handled> for Reply {
    fn from(handled: Handled) -> Self {
        Self::Now(handled.unwrap_or_else(|error| error))
    }
}

/// A request to the application in its path, by somebody who may use it.
pub(crate) struct Call<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) request: &'a Request,
    pub(crate) app: AppId,
    pub(crate) identity: Identity,
}

/// Carries a request out.
pub(crate) fn handle(world: &mut World, request: &Request) -> Reply {
    if let Some(refused) = refuse_origin(world, request).or_else(|| refuse_version(request)) {
        return Reply::Now(refused);
    }
    let folded: Vec<String> = request.segments.iter().map(|part| part.to_lowercase()).collect();
    let folded: Vec<&str> = folded.iter().map(String::as_str).collect();
    let get = request.method == "GET";
    let reply = match folded.as_slice() {
        [] | ["autodiscover", "autodiscoverservice.svc"] if get => {
            discovery::root(world, request, true).into()
        }
        ["autodiscover", "autodiscoverservice.svc", "root"] if get => {
            discovery::root(world, request, false).into()
        }
        ["autodiscover", "autodiscoverservice.svc", "root", "user"]
        | ["autodiscover", "autodiscoverservice.svc", "root", "oauth", "user"]
            if get =>
        {
            discovery::user(world, request).into()
        }
        ["xframe"] | ["autodiscover", "xframe", "xframe.html"] if get => discovery::xframe().into(),
        ["webticket", "oauthtoken"] if request.method == "POST" => token::grant(world, request).into(),
        []
        | ["autodiscover", "autodiscoverservice.svc", ..]
        | ["xframe"]
        | ["autodiscover", "xframe", "xframe.html"]
        | ["webticket", "oauthtoken"] => Reply::Now(Response::method_not_allowed()),
        ["ucwa", "oauth", "v1", "applications", rest @ ..] => ucwa(world, request, rest),
        _ => Reply::Now(Response::not_found()),
    };
    match reply {
        Reply::Now(response) => Reply::Now(not_modified(request, response)),
        waiting => waiting,
    }
}

/// A browser of a foreign origin.
fn refuse_origin(world: &World, request: &Request) -> Option<Response> {
    let origin = request.header("x-ms-origin").or_else(|| request.header("origin"))?;
    let allowed = &world.switches.allowed_origins;
    if allowed.is_empty() || allowed.iter().any(|known| known.eq_ignore_ascii_case(origin)) {
        return None;
    }
    let reason = "28070;source=\"sim.contoso.com\";reason=\"Service does not allow a cross domain request from this origin.\"";
    Some(Response::forbidden("None").with("X-Ms-diagnostics", reason))
}

/// The highest revision of anything here is 2.
fn refuse_version(request: &Request) -> Option<Response> {
    let wanted: f64 = request.header("x-ms-requiresminresourceversion")?.trim().parse().ok()?;
    let message = "This version of the resource is not supported.";
    (wanted > 2.0).then(|| Response::error(404, "NotFound", "APIVersionNotSupported", message))
}

fn ucwa(world: &mut World, request: &Request, rest: &[&str]) -> Reply {
    let identity = match token::authenticate(world, request) {
        Ok(identity) => identity,
        Err(challenge) => return Reply::Now(challenge),
    };
    let [id, rest @ ..] = rest else {
        return match request.method.as_str() {
            "POST" => applications::create(world, request, &identity).into(),
            "OPTIONS" => applications::options().into(),
            _ => Reply::Now(Response::method_not_allowed()),
        };
    };
    let named = id.parse::<AppId>().ok();
    let Some(app) = named.filter(|app| world.applications.contains_key(app)) else {
        return Reply::Now(events::lost(world, named));
    };
    let owner = world.applications.get(&app).map(|application| application.owner.clone());
    if owner.is_none_or(|owner| owner != identity) {
        return Reply::Now(Response::forbidden("None"));
    }
    if request.method == "POST" && world.without.operation(&request.segments) {
        return Reply::Now(Response::conflict("None", "This operation is left out."));
    }
    let overlooking = world.without.overlook(request);
    let request = overlooking.as_ref().unwrap_or(request);
    let mut call = Call { world, request, app, identity };
    match rest {
        ["events"] if request.method == "GET" => events::arrive(&mut call),
        ["batch"] if request.method == "POST" => batch::run(&mut call).into(),
        _ => call.route(rest).unwrap_or_else(Err).into(),
    }
}

impl Call<'_> {
    /// Everything below an application but its events and batches. The outer error: there is no such path.
    fn route(&mut self, rest: &[&str]) -> Result<Handled, Response> {
        let method = self.request.method.clone();
        let found = match rest {
            [] => applications::one(self, &method),
            ["policies"] => applications::policies(self, &method),
            ["me", rest @ ..] => me::route(self, &method, rest),
            ["photos", _] => photo(&method),
            ["people", rest @ ..] => people::route(self, &method, rest),
            ["onlinemeetings", rest @ ..] => meetings::route(self, &method, rest),
            ["communication", "conversations", rest @ ..] => conversations::route(self, &method, rest),
            ["communication", rest @ ..] => communication::route(self, &method, rest),
            ["events"] | ["batch"] => Some(Err(Response::method_not_allowed())),
            _ => None,
        };
        found.ok_or_else(Response::not_found)
    }
}

/// Nobody here has a photo.
fn photo(method: &str) -> Option<Handled> {
    match method {
        "GET" => Some(Err(Response::error(404, "NotFound", "None", "This person has no photo."))),
        _ => Some(Err(Response::method_not_allowed())),
    }
}

/// 304 for a client that has this version already.
fn not_modified(request: &Request, response: Response) -> Response {
    let etag = match &response.body {
        Body::Json(body) if request.method == "GET" && response.status == 200 => {
            body.get("etag").and_then(|etag| etag.as_str()).map(str::to_owned)
        }
        _ => None,
    };
    match etag.filter(|etag| request.has_version(etag)) {
        Some(etag) => Response::empty(304).with("ETag", &format!("\"{etag}\"")),
        None => response,
    }
}
