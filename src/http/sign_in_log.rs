//! The log records of a sign-in: what a program needs to explain to a person where it fails. docs/LOG.md has the same table.
//!
//! Every record has the target `ucwa::sign_in`, the level INFO and a field `step`; a field that does not apply is left out.
//! All values are plain text or numbers. URLs come without their query, which may hold keys; no record holds a token or
//! a password.
//!
//! | `step` | when | fields |
//! |---|---|---|
//! | `discovery` | a document of the sign-in was asked for: an entry point, a root, the `user` resource | `url`, `status` or `kind` and `error`, `leads_to` (`redirect`, `user`, `applications`), `to` |
//! | `redirect` | the sign-in or a later request goes on elsewhere | `from`, `to`, `by` (`link`, or `HTTP 302` and the like) |
//! | `challenge` | a 401 came, and its challenge is about to be met | `url`, `schemes`, `grants`, `endpoint`, `taken` (`password`, `bearer`, `none`) |
//! | `token` | a token was got, or none | `origin`, `issue` (`first`, `renewed`), `from` (`server`, `program`), `lifetime_s`; or `kind` and `error` |
//! | `application` | the application was made, or not | `url`, `status`, `was` (`created`, `found`); or `kind` and `error` |
//! | `event_channel` | the first pending GET was sent, its answer came | `url`, `came` (`asked`, `answered`, `failed`); when it failed, `kind` and `error` |
//!
//! `status` is the HTTP status, `kind` the name of an [`ErrorKind`](crate::ErrorKind), `error` its whole text. Several
//! values in one field are separated by `, `. A sign-in may have several records of one step: discovery asks two entry
//! points, and an application on another host than `user` wants a token of its own. Tokens are renewed as long as the session
//! lives, so `challenge` and `token` come later as well.

use tracing::field::display;
use url::Url;

use super::origin::{Origin, shown};
use super::tokens::{Challenged, Token};
use crate::Error;

macro_rules! record {
    ($step:literal, $($fields:tt)*) => {
        tracing::info!(target: "ucwa::sign_in", step = $step, $($fields)*)
    };
}

/// Its kind and text, where there is one.
macro_rules! failure {
    ($error:expr) => {
        ($error.map(|error| tracing::field::debug(error.kind())), $error.map(display))
    };
}

/// Where a document led, for [`discovery`].
pub(super) struct Found<'a> {
    pub(super) status: u16,
    /// `redirect`, `user` or `applications`.
    pub(super) leads_to: &'static str,
    pub(super) to: &'a Url,
}

pub(super) fn discovery(url: &Url, found: Result<Found<'_>, &Error>) {
    let (found, error) = (found.as_ref().ok(), found.as_ref().err());
    let status = found.map(|found| found.status).or_else(|| error?.http_status());
    let (kind, error) = failure!(error);
    let (leads_to, to) = (found.map(|found| found.leads_to), found.map(|found| display(shown(found.to))));
    record!("discovery", url = %shown(url), status, leads_to, to, kind, error, "asked where to go");
}

pub(super) fn redirect(from: &Url, to: &Url, status: Option<u16>) {
    let by = status.map_or_else(|| "link".to_owned(), |status| format!("HTTP {status}"));
    record!("redirect", from = %shown(from), to = %shown(to), by = %by, "goes on elsewhere");
}

/// `taken` is what of it is met.
pub(super) fn challenge(challenged: &Challenged, taken: &'static str) {
    let ms_rtc = challenged.challenges.ms_rtc.as_ref();
    let grants = ms_rtc.map(|offer| display(short(&offer.grant_types.join(", "))));
    let endpoint = ms_rtc.and_then(|offer| offer.href.resolve(&challenged.url).ok());
    let endpoint = endpoint.map(|url| display(shown(&url)));
    let (url, schemes) = (shown(&challenged.url), short(&challenged.schemes.join(", ")));
    record!("challenge", %url, %schemes, grants, endpoint, taken, "asked to sign in");
}

pub(super) fn token(origin: &Origin, is_first: bool, got: Result<&Token, &Error>) {
    let issue = if is_first { "first" } else { "renewed" };
    let token = got.ok();
    let from = token.map(|token| if token.issued_here { "server" } else { "program" });
    let lifetime_s = token.and_then(|token| token.lifetime).map(|lifetime| lifetime.as_secs());
    let (kind, error) = failure!(got.err());
    record!("token", %origin, issue, from, lifetime_s, kind, error, "a token");
}

/// The application was made (201) or was there (another success).
pub(crate) fn application(url: &Url, status: u16) {
    let was = if status == 201 { "created" } else { "found" };
    record!("application", url = %shown(url), status, was, "the application");
}

/// No application came of it.
pub(crate) fn no_application(url: &Url, error: &Error) {
    let (kind, text) = failure!(Some(error));
    record!("application", url = %shown(url), status = error.http_status(), kind, error = text, "no application");
}

/// The first pending GET is on its way.
pub(crate) fn event_channel_asked(url: &Url) {
    record!("event_channel", url = %shown(url), came = "asked", "the event channel");
}

/// What came of it.
pub(crate) fn event_channel_came(url: &Url, error: Option<&Error>) {
    let came = if error.is_none() { "answered" } else { "failed" };
    let (kind, error) = failure!(error);
    record!("event_channel", url = %shown(url), came, kind, error, "the event channel");
}

/// A server's own words, cut to what is worth reading and printable.
fn short(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(300).collect()
}
