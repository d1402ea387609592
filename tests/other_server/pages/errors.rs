//! Errors of the three pages' operations (PROTOCOL 10): those that the pages list, and the generic ones. One test for each.

use ucwa::ErrorKind;
use ucwa::delivery::SessionState;
use ucwa::model::{Outcome, Phase};

use super::{JOHN, Room};
use crate::documents::{ADD_PARTICIPANT, INVITATIONS, bare, from_communication, invitation, participant};
use crate::host::person;
use crate::server::Reply;

macro_rules! each {
    ($check:ident: $($name:ident = $status:literal $code:literal $subcode:literal;)*) => {
        $(#[test]
        fn $name() {
            super::$check($status, $code, $subcode);
        })*
    };
}

fn answer(status: &'static str, code: &str, subcode: &str) -> Reply {
    let body = format!(r#"{{"code":"{code}","subcode":"{subcode}","message":"Words for people."}}"#);
    Reply::status(status, &body)
}

/// addParticipant is refused: the operation and the invitation say so in the server's words, the request is not repeated, and
/// the meeting goes on.
fn refused(status: &'static str, code: &str, subcode: &str) {
    let mut room = Room::new();
    let reply = answer(status, code, subcode);
    let (made, posted) = room.host.invite(&room.server, room.id, JOHN, "op1", reply);
    let error = room.host.done(posted).unwrap_err();
    assert_eq!(error.http_status(), status[..3].parse().ok());
    let reason = error.reason().expect("the server's words");
    let said = (reason.code.as_str(), reason.subcode.as_str(), reason.message.as_str());
    assert_eq!(said, (code, subcode, "Words for people."));
    let ended = room.host.outcome(made);
    assert_eq!((ended.outcome, ended.reason.as_ref()), (Some(Outcome::Failed), Some(reason)));
    room.joins(r#","name":"Ana""#, "");
    assert_eq!(
        room.server.asked(&format!("POST {ADD_PARTICIPANT}")).len(),
        1,
        "it may have made an invitation"
    );
    assert_eq!(room.host.session.state(), SessionState::Online);
    room.close();
}

mod add_participant {
    each! { refused:
        // the page's own
        callback_channel_error = "500 Internal Server Error" "ServiceFailure" "CallbackChannelError";
        already_exists = "409 Conflict" "Conflict" "AlreadyExists";
        too_many_groups = "409 Conflict" "Conflict" "TooManyGroups";
        conflict_none = "409 Conflict" "Conflict" "None";
        cannot_redirect = "410 Gone" "Gone" "CannotRedirect";
        // the generic ones, in the order of their page
        application_not_found = "404 Not Found" "NotFound" "ApplicationNotFound";
        bad_request = "400 Bad Request" "BadRequest" "None";
        deserialization_failure = "400 Bad Request" "BadRequest" "DeserializationFailure";
        entity_too_large = "413 Request Entity Too Large" "EntityTooLarge" "None";
        exchange_service_failure = "500 Internal Server Error" "ExchangeServiceFailure" "None";
        inactive_application_expired = "410 Gone" "Gone" "InactiveApplicationExpired";
        method_not_allowed = "405 Method Not Allowed" "MethodNotAllowed" "None";
        mobile_application_no_longer_allowed = "403 Forbidden" "Forbidden" "MobileApplicationNoLongerAllowed";
        parameter_validation_failure = "400 Bad Request" "BadRequest" "ParameterValidationFailure";
        precondition_failed = "412 Precondition Failed" "PreconditionFailed" "None";
        precondition_required = "428 Precondition Required" "PreconditionRequired" "None";
        resource_not_found = "404 Not Found" "NotFound" "None";
        service_failure = "500 Internal Server Error" "ServiceFailure" "None";
        service_timeout = "504 Gateway Timeout" "Timeout" "None";
        too_many_applications = "410 Gone" "Gone" "TooManyApplications";
        unsupported_media_type = "415 Unsupported Media Type" "UnsupportedMediaType" "None";
        version_not_supported = "404 Not Found" "NotFound" "APIVersionNotSupported";
        // what other pages name and an invitation may meet
        forbidden = "403 Forbidden" "Forbidden" "None";
        destination_not_found = "404 Not Found" "NotFound" "DestinationNotFound";
        client_timeout = "408 Request Timeout" "ClientTimeout" "None";
        service_unavailable = "503 Service Unavailable" "ServiceUnavailable" "None";
        a_subcode_that_nobody_knows = "409 Conflict" "Conflict" "NeverHeardOf";
    }
}

/// 429: the host is told that it was too much, and when to come again.
#[test]
fn too_many_requests() {
    let mut room = Room::new();
    let reply = Reply::with(
        "429 Too Many Requests",
        "Retry-After: 7\r\nContent-Type: application/json\r\n",
        r#"{"code":"TooManyRequests"}"#,
    );
    let (made, posted) = room.host.invite(&room.server, room.id, JOHN, "op1", reply);
    let error = room.host.done(posted).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    assert_eq!(error.retry_after().map(|after| after.as_secs()), Some(7));
    assert_eq!(room.host.outcome(made).outcome, Some(Outcome::Failed));
    assert_eq!(room.server.asked(&format!("POST {ADD_PARTICIPANT}")).len(), 1);
    room.close();
}

/// 409 AnotherOperationPending: the server did nothing, so the same request is sent again after a moment.
#[test]
fn another_operation_pending() {
    let mut room = Room::new();
    let line = format!("POST {ADD_PARTICIPANT}");
    room.server.once(&line, answer("409 Conflict", "Conflict", "AnotherOperationPending"));
    room.invite();
    let posts = room.server.asked(&line);
    assert_eq!(posts.len(), 2);
    assert_eq!(posts[0].body, posts[1].body, "with the same operationId");
    room.ends(r#","status":"Success""#);
    room.close();
}

/// 401: a new token, and the same request.
#[test]
fn unauthorized() {
    let mut room = Room::new();
    let line = format!("POST {ADD_PARTICIPANT}");
    room.server.once(&line, crate::documents::challenge(crate::documents::BEARER, crate::documents::MS_RTC));
    room.server.always(
        "POST /WebTicket/oauthtoken",
        Reply::json(r#"{"access_token":"cwt=second","expires_in":3600}"#),
    );
    room.invite();
    let posts = room.server.asked(&line);
    assert_eq!(posts.len(), 2);
    assert_eq!(posts[1].header("authorization"), Some("Bearer cwt=second"));
    room.ends(r#","status":"Success""#);
    room.close();
}

/// The whole body of an error: what is wrong with which parameter is told; a link and debugInfo, in whatever form, disturb
/// nothing; the message may be null.
#[test]
fn the_body_of_an_error() {
    let rows = [
        (
            r#"[{"name":"to","reason":"Invalid"}]"#,
            "[]",
            r#""Check what you entered.""#,
            "Check what you entered.",
        ),
        (r#"{"to":"Invalid"}"#, r#"{"at":{"line":[1,null]}}"#, "null", ""),
    ];
    for (parameters, debug, message, says) in rows {
        let mut room = Room::new();
        let body = format!(
            r#"{{"code":"BadRequest","subcode":"ParameterValidationFailure","message":{message},"link":{{"href":"https://go.contoso.com/x"}},"parameters":{parameters},"debugInfo":{debug}}}"#
        );
        let reply = Reply::status("400 Bad Request", &body);
        let (made, posted) = room.host.invite(&room.server, room.id, JOHN, "op1", reply);
        let error = room.host.done(posted).unwrap_err();
        let reason = error.reason().expect("the server's words");
        assert_eq!(reason.message, says);
        let parameters: Vec<_> =
            reason.parameters.iter().map(|p| (p.name.as_str(), p.reason.as_str())).collect();
        assert_eq!(parameters, [("to", "Invalid")]);
        assert_eq!(room.host.outcome(made).outcome, Some(Outcome::Failed));
        room.close();
    }
}

/// How often a GET is sent that is answered with this status for ever.
fn tries(status: &str) -> usize {
    // Three repetitions of what may pass (retry.times).
    if matches!(&status[..3], "408" | "429" | "500" | "503" | "504") { 4 } else { 1 }
}

/// GET on a participant fails: he stays, partial, nobody asks without end, and the next update is read.
fn nobody_to_read(status: &'static str, code: &str, subcode: &str) {
    let mut room = Room::new();
    let line = format!("GET {}", person("ana"));
    room.server.always(&line, answer(status, code, subcode));
    room.in_room(&bare("added", &person("ana"), "Ana"));
    let ana = room.change().participant;
    room.server.until_asked(&line, tries(status));
    room.joins(r#","name":"John""#, "");
    assert!(room.host.session.roster(room.id).unwrap().get(ana.id).is_some_and(|ana| ana.partial));
    assert_eq!(room.host.session.state(), SessionState::Online);
    assert_eq!(room.server.asked(&line).len(), tries(status));
    room.server.always(&line, Reply::json(&participant(&person("ana"), "sip:ana@contoso.com", "Ana Vogel")));
    // Its failure may still be on its way to the model: an update meanwhile has the body read all the same.
    room.in_room(&bare("updated", &person("ana"), ""));
    let change = room.change();
    assert_eq!((change.phase, change.participant.name.as_str()), (Phase::Updated, "Ana Vogel"));
    room.close();
}

mod get_participant {
    each! { nobody_to_read:
        invalid_exchange_server_version = "500 Internal Server Error" "ServiceFailure" "InvalidExchangeServerVersion";
        already_exists = "409 Conflict" "Conflict" "AlreadyExists";
        too_many_groups = "409 Conflict" "Conflict" "TooManyGroups";
        conflict_none = "409 Conflict" "Conflict" "None";
        cannot_redirect = "410 Gone" "Gone" "CannotRedirect";
        not_found = "404 Not Found" "NotFound" "None";
        // T-12: it is the participant that is not found, whatever the subcode says
        application_not_found = "404 Not Found" "NotFound" "ApplicationNotFound";
        forbidden = "403 Forbidden" "Forbidden" "None";
        service_unavailable = "503 Service Unavailable" "ServiceUnavailable" "None";
    }
}

/// GET on an invitation fails: it is told of all the same, and ends as its events say.
fn no_invitation_to_read(status: &'static str, code: &str, subcode: &str) {
    let mut room = Room::new();
    let line = format!("GET {INVITATIONS}/1");
    room.server.always(&line, answer(status, code, subcode));
    let (made, _) = room.invite();
    room.say(&from_communication(&invitation("started", "1", "")));
    let told = room.until_told(made, |_| true);
    assert_eq!((told.to.as_str(), told.outcome), (JOHN, None));
    room.server.until_asked(&line, tries(status));
    room.joins(r#","name":"Ana""#, "");
    assert_eq!(room.server.asked(&line).len(), tries(status));
    assert_eq!(room.host.session.state(), SessionState::Online);
    room.ends(r#","status":"Failure","reason":{"code":"RemoteFailure","subcode":"Busy"}"#);
    assert_eq!(room.host.outcome(made).outcome, Some(Outcome::Busy));
    room.close();
}

mod get_invitation {
    each! { no_invitation_to_read:
        bad_request_none = "400 Bad Request" "BadRequest" "None";
        parameter_validation_failure = "400 Bad Request" "BadRequest" "ParameterValidationFailure";
        gone_none = "410 Gone" "Gone" "None";
        not_found_none = "404 Not Found" "NotFound" "None";
        invalid_exchange_server_version = "500 Internal Server Error" "ServiceFailure" "InvalidExchangeServerVersion";
        already_exists = "409 Conflict" "Conflict" "AlreadyExists";
        too_many_groups = "409 Conflict" "Conflict" "TooManyGroups";
        conflict_none = "409 Conflict" "Conflict" "None";
        cannot_redirect = "410 Gone" "Gone" "CannotRedirect";
    }
}
