//! The usual documents, in the shapes of the task samples (PROTOCOL 1.3, 2.1, 2.3, 3.1, 3.2, 8.4).

use crate::server::{Reply, Server};

pub(crate) const APPLICATION: &str = "/ucwa/oauth/v1/applications/105";
pub(crate) const COMMUNICATION: &str = "/ucwa/oauth/v1/applications/105/communication";
pub(crate) const CONVERSATION: &str = "/ucwa/oauth/v1/applications/105/communication/conversations/21a1";
pub(crate) const ADD_PARTICIPANT: &str =
    "/ucwa/oauth/v1/applications/105/communication/participantInvitations?conversation=21a1";
pub(crate) const INVITATIONS: &str = "/ucwa/oauth/v1/applications/105/communication/participantInvitations";
pub(crate) const START_MEETING: &str =
    "/ucwa/oauth/v1/applications/105/communication/onlineMeetingInvitations?onlineMeetingUri=adhoc";
const MEETING_INVITATION: &str = "/ucwa/oauth/v1/applications/105/communication/onlineMeetingInvitations/i1";

pub(crate) const ROOT: &str = r#"{"_links":{
  "self":{"href":"{here}/Autodiscover/AutodiscoverService.svc/root?originalDomain=contoso.com"},
  "user":{"href":"{here}/Autodiscover/AutodiscoverService.svc/root/oauth/user?originalDomain=contoso.com"},
  "xframe":{"href":"{here}/Autodiscover/XFrame/XFrame.html"}}}"#;
pub(crate) const USER_LINE: &str =
    "GET /Autodiscover/AutodiscoverService.svc/root/oauth/user?originalDomain=contoso.com";
pub(crate) const USER: &str = r#"{"_links":{"self":{"href":"{here}/Autodiscover/AutodiscoverService.svc/root/user"},
 "applications":{"href":"{here}/ucwa/oauth/v1/applications"},"xframe":{"href":"{here}/Autodiscover/XFrame/XFrame.html"}}}"#;
pub(crate) const TOKEN: &str = r#"{"access_token":"cwt=AAEBbuHc","expires_in":28289,"ms_rtc_identityscope":"local","token_type":"Bearer"}"#;
pub(crate) const BEARER: &str = r#"WWW-Authenticate: Bearer trusted_issuers="00000002-0000-0ff1-ce00-000000000000@contoso.com", client_id="00000004-0000-0ff1-ce00-000000000000""#;
pub(crate) const MS_RTC: &str = r#"WWW-Authenticate: MsRtcOAuth href="{here}/WebTicket/oauthtoken",grant_type="urn:microsoft.rtc:windows,urn:microsoft.rtc:anonmeeting,password""#;

/// The 401 of `user`: two challenges and a page for people.
pub(crate) fn challenge(first: &str, second: &str) -> Reply {
    let headers = format!("Content-Type: text/html\r\n{first}\r\n{second}\r\n");
    Reply::with("401 Unauthorized", &headers, "<html><body>401 - Unauthorized</body></html>")
}

pub(crate) const APPLICATION_BODY: &str = r#"{"culture":"en-US","userAgent":"UCWA Samples",
 "_links":{"self":{"href":"/ucwa/oauth/v1/applications/105"},
  "policies":{"href":"/ucwa/oauth/v1/applications/105/policies"},"batch":{"href":"/ucwa/oauth/v1/applications/105/batch"},
  "events":{"href":"/ucwa/oauth/v1/applications/105/events?ack=1"}},
 "_embedded":{
  "me":{"name":"Lene Aaling","uri":"sip:lenea@contoso.com","_links":{"self":{"href":"/ucwa/oauth/v1/applications/105/me"}},"rel":"me"},
  "people":{"_links":{"self":{"href":"/ucwa/oauth/v1/applications/105/people"}},"rel":"people"},
  "onlineMeetings":{"_links":{"self":{"href":"/ucwa/oauth/v1/applications/105/onlineMeetings"}},"rel":"onlineMeetings"},
  "communication":{"4d221db7-4af0-476b-9443-8bc874283085":"please pass this in a PUT request",
   "supportedModalities":[],"supportedMessageFormats":["Plain"],
   "_links":{"self":{"href":"/ucwa/oauth/v1/applications/105/communication"},
    "conversations":{"href":"/ucwa/oauth/v1/applications/105/communication/conversations?filter=active"},
    "startMessaging":{"href":"/ucwa/oauth/v1/applications/105/communication/messagingInvitations"},
    "startOnlineMeeting":{"href":"/ucwa/oauth/v1/applications/105/communication/onlineMeetingInvitations?onlineMeetingUri=adhoc"},
    "joinOnlineMeeting":{"href":"/ucwa/oauth/v1/applications/105/communication/onlineMeetingInvitations"}},
   "rel":"communication","etag":"3140562359"}},
 "rel":"application"}"#;

/// Everything from the root to the end of the application, and a meeting that can be started.
pub(crate) fn usual(server: &Server) {
    server.once(USER_LINE, challenge(BEARER, MS_RTC));
    usual_but_the_challenge(server);
}

pub(crate) fn usual_but_the_challenge(server: &Server) {
    server
        .always("GET /", Reply::json(ROOT))
        .always(USER_LINE, Reply::json(USER))
        .always("POST /WebTicket/oauthtoken", Reply::json(TOKEN))
        .always("POST /ucwa/oauth/v1/applications", Reply::status("201 Created", APPLICATION_BODY))
        .always(&format!("DELETE {APPLICATION}"), Reply::no_content())
        .always(&format!("POST {START_MEETING}"), Reply::created(MEETING_INVITATION));
}

/// A page whose `self` and `next` are as in the task samples.
pub(crate) fn page(ack: u32, senders: &str) -> String {
    let next = ack + 1;
    format!(
        r#"{{"_links":{{"self":{{"href":"{APPLICATION}/events?ack={ack}"}},"next":{{"href":"{APPLICATION}/events?ack={next}"}}}},"sender":[{senders}]}}"#
    )
}

pub(crate) fn from_communication(events: &str) -> String {
    format!(r#"{{"rel":"communication","href":"{COMMUNICATION}","events":[{events}]}}"#)
}

pub(crate) fn from_conversation(events: &str) -> String {
    format!(r#"{{"rel":"conversation","href":"{CONVERSATION}","events":[{events}]}}"#)
}

/// A conversation event with these links besides those of a modality.
pub(crate) fn conversation(kind: &str, state: &str, links: &str) -> String {
    format!(
        r#"{{"link":{{"rel":"conversation","href":"{CONVERSATION}"}},"_embedded":{{"conversation":{{"state":"{state}","threadId":"0c7e9e90","subject":"Task Sample","activeModalities":["Messaging"],"importance":"Normal","recording":false,"_links":{{"self":{{"href":"{CONVERSATION}"}},"messaging":{{"href":"{CONVERSATION}/messaging"}}{links}}},"rel":"conversation"}}}},"type":"{kind}"}}"#
    )
}

/// What a conference's conversation links to, besides its modalities; no collections.
pub(crate) fn may_invite() -> String {
    format!(r#","addParticipant":{{"href":"{ADD_PARTICIPANT}"}}"#)
}

/// A link to a collection of the conversation.
pub(crate) fn link(rel: &str) -> String {
    format!(r#","{rel}":{{"href":"{CONVERSATION}/{rel}"}}"#)
}

/// The page with which our own meeting begins (PROTOCOL 8.4), answering `events?ack=1`. No collections are offered.
pub(crate) fn meeting_begins() -> String {
    meeting_begins_with(&may_invite())
}

pub(crate) fn meeting_begins_with(links: &str) -> String {
    let me = format!("{CONVERSATION}/participants/lenea@contoso.com");
    let invitation = |kind: &str, state: &str, status: &str| {
        format!(
            r#"{{"link":{{"rel":"onlineMeetingInvitation","href":"{MEETING_INVITATION}"}}{status},"_embedded":{{"onlineMeetingInvitation":{{"direction":"Outgoing","importance":"Normal","onlineMeetingUri":"sip:lenea@contoso.com;gruu;opaque=app:conf:focus:id:ABCDE","rel":"onlineMeetingInvitation","state":"{state}","_links":{{"conversation":{{"href":"{CONVERSATION}"}},"self":{{"href":"{MEETING_INVITATION}"}}}}}}}},"type":"{kind}"}}"#
        )
    };
    let local = format!(
        r#"{{"link":{{"rel":"localParticipant","href":"{me}","title":"Lene Aaling"}},"_embedded":{{"localParticipant":{{"sourceNetwork":"SameEnterprise","anonymous":false,"name":"Lene Aaling","uri":"sip:lenea@contoso.com","_links":{{"self":{{"href":"{me}"}},"conversation":{{"href":"{CONVERSATION}"}}}},"rel":"participant"}}}},"type":"added"}}"#
    );
    let senders = [
        from_communication(&format!(
            "{},{}",
            invitation("started", "Connecting", ""),
            conversation("added", "Connecting", "")
        )),
        from_conversation(&local),
        from_communication(&conversation("updated", "Conferencing", "")),
        from_communication(&conversation("updated", "Conferenced", links)),
        from_communication(&invitation("completed", "Connected", r#","status":"Success""#)),
    ];
    page(1, &senders.join(","))
}

/// A participant event with nothing embedded.
pub(crate) fn bare(kind: &str, href: &str, title: &str) -> String {
    format!(r#"{{"link":{{"rel":"participant","href":"{href}","title":"{title}"}},"type":"{kind}"}}"#)
}

/// A participant event with the lean body of the task samples.
pub(crate) fn embedded(kind: &str, href: &str, uri: &str, name: &str) -> String {
    format!(
        r#"{{"link":{{"rel":"participant","href":"{href}","title":"{name}"}},"_embedded":{{"participant":{}}},"type":"{kind}"}}"#,
        participant(href, uri, name)
    )
}

pub(crate) fn participant(href: &str, uri: &str, name: &str) -> String {
    format!(
        r#"{{"sourceNetwork":"SameEnterprise","anonymous":false,"name":"{name}","uri":"{uri}","_links":{{"self":{{"href":"{href}"}},"conversation":{{"href":"{CONVERSATION}"}}}},"rel":"participant"}}"#
    )
}

/// A membership event.
pub(crate) fn member(kind: &str, href: &str, collection: &str) -> String {
    format!(
        r#"{{"link":{{"rel":"participant","href":"{href}"}},"in":{{"rel":"{collection}","href":"{CONVERSATION}/{collection}"}},"type":"{kind}"}}"#
    )
}

/// A participantInvitation event without a body: `more` are members of the event, as `,"status":"Success"`.
pub(crate) fn invitation(kind: &str, number: &str, more: &str) -> String {
    format!(
        r#"{{"link":{{"rel":"participantInvitation","href":"{INVITATIONS}/{number}"}}{more},"type":"{kind}"}}"#
    )
}

/// The lean body with which an invitation starts on the wire (PROTOCOL 7.3), as a member of the event.
pub(crate) fn invitation_body(number: &str, operation_id: &str, state: &str) -> String {
    format!(
        r#","_embedded":{{"participantInvitation":{{"direction":"Outgoing","state":"{state}","operationId":"{operation_id}","importance":"Normal","_links":{{"self":{{"href":"{INVITATIONS}/{number}"}},"conversation":{{"href":"{CONVERSATION}"}}}},"rel":"participantInvitation"}}}}"#
    )
}
