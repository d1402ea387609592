//! The token endpoint, and who a request comes from.

use serde_json::json;

use super::discovery::web_base;
use super::request::Request;
use super::response::{Handled, Response};
use crate::resources::href;
use crate::state::token::Identity;
use crate::state::world::World;

const ISSUER: &str = "00000002-0000-0ff1-ce00-000000000000";
const CLIENT: &str = "00000004-0000-0ff1-ce00-000000000000";
const WINDOWS: &str = "urn:microsoft.rtc:windows";
const ANONYMOUS: &str = "urn:microsoft.rtc:anonmeeting";
const PASSIVE: &str = "urn:microsoft.rtc:passive";
const NO_TOKEN: &str = "28020;source=\"sim.contoso.com\";reason=\"No valid security token.\"";
const NOT_ALLOWED: &str = "28029;source=\"sim.contoso.com\";reason=\"Authentication type not allowed.\"";

/// Whom a request comes from, or the challenge.
pub(crate) fn authenticate(world: &World, request: &Request) -> Result<Identity, Response> {
    let identity = request.bearer().and_then(|token| world.tokens.identity(token));
    identity.cloned().ok_or_else(|| challenge(world, request))
}

fn challenge(world: &World, request: &Request) -> Response {
    let mut grants = format!("{WINDOWS},{ANONYMOUS},password");
    if world.switches.passive {
        grants.push_str(&format!(",{PASSIVE}"));
    }
    let endpoint = format!("{}{}", web_base(world, request), href::TOKEN);
    let bearer = format!("Bearer trusted_issuers=\"{ISSUER}@{}\", client_id=\"{CLIENT}\"", world.domain);
    let page = "<html><head><title>401</title></head><body><h1>401 - Unauthorized</h1></body></html>";
    Response::html(401, page)
        .with("WWW-Authenticate", &bearer)
        .with("WWW-Authenticate", &format!("MsRtcOAuth href=\"{endpoint}\",grant_type=\"{grants}\""))
        .with("X-Ms-diagnostics", NO_TOKEN)
}

fn refuse(error: &str, diagnostics: &str) -> Response {
    Response::json(400, json!({"error": error})).with("X-Ms-diagnostics", diagnostics)
}

/// POST to the token endpoint.
pub(crate) fn grant(world: &mut World, request: &Request) -> Handled {
    let form: Vec<(String, String)> = form_urlencoded::parse(&request.body).into_owned().collect();
    let field = |name: &str| {
        let named = form.iter().find(|(key, _)| key == name);
        named.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    };
    if field("scope").is_some_and(|scope| scope != "all") {
        return Err(refuse("invalid_scope", NO_TOKEN));
    }
    let identity = match field("grant_type") {
        Some("password") => by_password(world, field("username"), field("password"))?,
        Some(WINDOWS) if field("username").or(field("password")).is_some() => {
            return Err(refuse("invalid_request", NO_TOKEN));
        }
        Some(WINDOWS) => Identity::User(world.windows_user.clone().unwrap_or_default()),
        Some(ANONYMOUS) => {
            let (key, uri) = (field("password"), field("ms_rtc_conferenceuri"));
            by_meeting(world, key, uri, field("ms_rtc_renew"))?
        }
        Some(PASSIVE) if world.switches.passive => {
            let uri = format!("{}/PassiveAuth/PassiveAuth.aspx", web_base(world, request));
            let body = json!({"error": "invalid_grant", "ms_rtc_passiveauthuri": uri});
            return Err(Response::json(400, body).with("X-Ms-diagnostics", NO_TOKEN));
        }
        Some(_) => return Err(refuse("unsupported_grant_type", NOT_ALLOWED)),
        None => return Err(refuse("invalid_request", NO_TOKEN)),
    };
    let switches = &world.switches;
    let lifetime =
        if identity.is_guest() { switches.guest_token_lifetime_s } else { switches.token_lifetime_s };
    let token = world.tokens.issue(identity, lifetime);
    let body = json!({
        "access_token": token, "expires_in": lifetime, "ms_rtc_identityscope": "local", "token_type": "Bearer",
    });
    Ok(Response::json(200, body).with("Cache-Control", "no-store"))
}

/// A user is called by his URI, with or without `sip:`.
fn by_password(world: &World, name: Option<&str>, password: Option<&str>) -> Result<Identity, Response> {
    let (Some(name), Some(password)) = (name, password) else {
        return Err(refuse("invalid_request", NO_TOKEN));
    };
    let is = |user: &&crate::settings::User| {
        crate::uri::account(&user.uri).eq_ignore_ascii_case(crate::uri::account(name))
            && user.password == password
    };
    let user = world.users.iter().find(is);
    user.map(|user| Identity::User(user.uri.clone())).ok_or_else(|| refuse("invalid_grant", NO_TOKEN))
}

/// A guest of a meeting. Renewal keeps him the one that he was.
fn by_meeting(
    world: &World,
    key: Option<&str>,
    uri: Option<&str>,
    renew: Option<&str>,
) -> Result<Identity, Response> {
    let (Some(key), Some(uri)) = (key, uri) else {
        return Err(refuse("invalid_request", NO_TOKEN));
    };
    let meeting = world.meeting_by_uri(uri).filter(|meeting| meeting.id.eq_ignore_ascii_case(key));
    let Some(meeting) = meeting else {
        return Err(refuse("invalid_grant", NO_TOKEN));
    };
    let former = match renew {
        Some(token) => {
            Some(world.tokens.former_identity(token).ok_or_else(|| refuse("invalid_grant", NO_TOKEN))?)
        }
        None => None,
    };
    match former {
        Some(Identity::Guest { uri, meeting: of }) if *of == meeting.id => {
            Ok(Identity::Guest { uri: uri.clone(), meeting: of.clone() })
        }
        Some(_) => Err(refuse("invalid_grant", NO_TOKEN)),
        None => {
            let number = 1_000_000_000 + crate::random::number() % 9_000_000_000;
            Ok(Identity::Guest {
                uri: format!("sip:{number}@anonymous.invalid"),
                meeting: meeting.id.clone(),
            })
        }
    }
}
