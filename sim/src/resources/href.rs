//! Where everything is. Rooted paths; the way out makes them absolute when a switch says so.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::state::ids::{AppId, ConversationId, InvitationId};

/// What may not stand as it is in one part of a path.
const PART: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'/').add(b'<').add(b'>').add(b'?');

pub(crate) const ROOT: &str = "/Autodiscover/AutodiscoverService.svc/root";
pub(crate) const USER: &str = "/Autodiscover/AutodiscoverService.svc/root/oauth/user";
pub(crate) const XFRAME: &str = "/Autodiscover/XFrame/XFrame.html";
pub(crate) const TOKEN: &str = "/WebTicket/oauthtoken";
pub(crate) const APPLICATIONS: &str = "/ucwa/oauth/v1/applications";

pub(crate) fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

pub(crate) fn application(app: AppId) -> String {
    format!("{APPLICATIONS}/{app}")
}

/// A path below the application.
pub(crate) fn below(app: AppId, rest: &str) -> String {
    format!("{APPLICATIONS}/{app}/{rest}")
}

pub(crate) fn communication(app: AppId) -> String {
    below(app, "communication")
}

pub(crate) fn conversation(app: AppId, id: ConversationId) -> String {
    below(app, &format!("communication/conversations/{id}"))
}

/// A path below a conversation.
pub(crate) fn in_conversation(app: AppId, id: ConversationId, rest: &str) -> String {
    below(app, &format!("communication/conversations/{id}/{rest}"))
}

pub(crate) fn participant(app: AppId, id: ConversationId, key: &str) -> String {
    in_conversation(app, id, &format!("participants/{}", part(key)))
}

pub(crate) fn invitation(app: AppId, rel: &str, id: InvitationId) -> String {
    below(app, &format!("communication/{rel}s/{id}"))
}

/// A contact, by its SIP URI.
pub(crate) fn contact(app: AppId, uri: &str) -> String {
    below(app, &format!("people/{}", part(&crate::uri::account(uri).to_ascii_lowercase())))
}

pub(crate) fn photo(app: AppId, uri: &str) -> String {
    below(app, &format!("photos/{}", part(crate::uri::account(uri))))
}
