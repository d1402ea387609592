//! Autodiscovery: root, user, xframe.

use serde_json::json;

use super::request::Request;
use super::response::{Handled, Response};
use crate::choices::Redirect;
use crate::resources::{Links, href};
use crate::state::world::World;

/// The domain whose user or meeting is looked for: the server keeps it in its links.
fn original_domain(world: &World, request: &Request) -> String {
    if let Some(domain) = request.parameter("originalDomain") {
        return domain.to_owned();
    }
    let host = request.host().to_ascii_lowercase();
    let of_host = host.strip_prefix("lyncdiscoverinternal.").or_else(|| host.strip_prefix("lyncdiscover."));
    of_host.unwrap_or(&world.domain).to_owned()
}

/// Scheme and host of the links that lead away from the autodiscovery host.
pub(crate) fn web_base(world: &World, request: &Request) -> String {
    let scheme = request.origin.split_once("://").map_or("http", |(scheme, _)| scheme);
    match &world.switches.web_host {
        Some(host) => format!("{scheme}://{host}"),
        None => request.origin.clone(),
    }
}

/// `at_entry` is true for the entry point itself, which alone redirects.
pub(crate) fn root(world: &World, request: &Request, at_entry: bool) -> Handled {
    let base = web_base(world, request);
    if at_entry && world.switches.redirect == Redirect::Root {
        let links = Links::default().add("redirect", format!("{base}{}", href::ROOT));
        return Ok(Response::json(200, json!({"_links": links.done()})));
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("originalDomain", &original_domain(world, request));
    if request.parameter("home").is_some() {
        query.append_pair("home", "1");
    }
    let query = query.finish();
    let links = Links::of(format!("{base}{}?{query}", href::ROOT))
        .add("user", format!("{base}{}?{query}", href::USER))
        .add("xframe", format!("{base}{}", href::XFRAME));
    Ok(Response::json(200, json!({"_links": links.done()})).with("Expires", "-1"))
}

pub(crate) fn user(world: &World, request: &Request) -> Handled {
    super::token::authenticate(world, request)?;
    let base = web_base(world, request);
    if world.switches.redirect == Redirect::User && request.parameter("home").is_none() {
        let links = Links::default().add("redirect", format!("{base}{}?home=1", href::ROOT));
        return Ok(Response::json(200, json!({"_links": links.done()})));
    }
    let links = Links::of(format!("{base}{}/user", href::ROOT))
        .add("applications", format!("{base}{}", href::APPLICATIONS))
        .add("xframe", format!("{base}{}", href::XFRAME));
    Ok(Response::json(200, json!({"_links": links.done()})).with("Expires", "-1"))
}

/// The frame through which a page of another origin sends its requests.
const FRAME: &str = include_str!("xframe.html");

pub(crate) fn xframe() -> Handled {
    Ok(Response::html(200, FRAME))
}
