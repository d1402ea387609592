//! Cancelling what a server tells little of: the links have to be looked for, and nothing else is to be ended by it.

use ucwa::ErrorKind;
use ucwa::model::Outcome;
use ucwa::session::Meeting;

use crate::documents::{
    ADD_PARTICIPANT, CONVERSATION, INVITATIONS, START_MEETING, from_communication, invitation,
    invitation_body, meeting_begins, page, usual,
};
use crate::host::{Host, config};
use crate::server::{Reply, Server};

const ANA: &str = "sip:ana@contoso.com";
const JOINING: &str = "/ucwa/oauth/v1/applications/105/communication/onlineMeetingInvitations/i2";

/// The events are as lean as on the wire (PROTOCOL 7.2), and the link is not under the invitation (T-26).
#[test]
fn an_invitation_whose_events_show_no_cancel_link_is_read_for_it() {
    for answer_first in [true, false] {
        let server = Server::start();
        let (mut host, id) = Host::in_a_meeting(&server);
        let elsewhere = "/ucwa/oauth/v1/applications/105/communication/calls/999/terminate";
        let whole = format!(
            r#"{{"direction":"Outgoing","state":"Connecting","operationId":"op1","to":"{ANA}","rel":"participantInvitation",
 "_links":{{"self":{{"href":"{INVITATIONS}/7"}},"conversation":{{"href":"{CONVERSATION}"}},"cancel":{{"href":"{elsewhere}"}}}}}}"#
        );
        server.always(&format!("GET {INVITATIONS}/7"), Reply::json(&whole));
        server.always(&format!("POST {elsewhere}"), Reply::no_content());
        let located = Reply::created(&format!("{INVITATIONS}/7"));
        let (made, posted) = host.invite(&server, id, ANA, "op1", located.held());
        server.until_asked(&format!("POST {ADD_PARTICIPANT}"), 1);
        host.session.cancel(posted).unwrap();
        assert_eq!(host.done(posted).unwrap_err().kind(), ErrorKind::Cancelled);
        assert!(server.asked(&format!("POST {elsewhere}")).is_empty(), "nobody knows the link yet");
        let started = invitation("started", "7", &invitation_body("7", "op1", "Connecting"));
        match answer_first {
            true => server.release(),
            false => _ = server.page(&page(2, &from_communication(&started))),
        }
        server.until_asked(&format!("POST {elsewhere}"), 1);
        server.release();
        let ended = r#","status":"Failure","reason":{"code":"LocalFailure","subcode":"Canceled"}"#;
        let ack = if answer_first { 2 } else { 3 };
        server.page(&page(ack, &from_communication(&invitation("completed", "7", ended))));
        assert_eq!(host.outcome(made).outcome, Some(Outcome::Cancelled));
        host.close();
        assert_eq!(server.asked(&format!("POST {elsewhere}")).len(), 1);
    }
}

#[test]
fn a_meeting_that_begins_after_it_was_cancelled_is_left() {
    let server = Server::start();
    usual(&server);
    let host = Host::online(&config(&server));
    let posted = Reply::created("/ucwa/oauth/v1/applications/105/communication/onlineMeetingInvitations/i1");
    server.once(&format!("POST {START_MEETING}"), posted.held());
    let started = host.session.start_meeting(&Meeting::default()).unwrap();
    server.until_asked(&format!("POST {START_MEETING}"), 1);
    host.session.cancel(started).unwrap();
    server.release();
    server.page(&meeting_begins());
    server.until_asked(&format!("DELETE {CONVERSATION}"), 1);
    assert_eq!(host.done(started).unwrap_err().kind(), ErrorKind::Cancelled);
    host.close();
}

/// Joining a meeting that one is in already may lead to the conversation that there is.
#[test]
fn a_conversation_that_was_there_before_is_not_left() {
    let server = Server::start();
    let (mut host, id) = Host::in_a_meeting(&server);
    server.once(&format!("POST {START_MEETING}"), Reply::created(JOINING).held());
    let again = host.session.start_meeting(&Meeting::default()).unwrap();
    server.until_asked(&format!("POST {START_MEETING}"), 2);
    host.session.cancel(again).unwrap();
    server.release();
    let connected = format!(
        r#"{{"link":{{"rel":"onlineMeetingInvitation","href":"{JOINING}"}},"status":"Success","_embedded":{{"onlineMeetingInvitation":{{"direction":"Outgoing","state":"Connected","rel":"onlineMeetingInvitation","_links":{{"self":{{"href":"{JOINING}"}},"conversation":{{"href":"{CONVERSATION}"}}}}}}}},"type":"completed"}}"#
    );
    server.page(&page(2, &from_communication(&connected)));
    // Somebody can still be invited, and by the time this is answered the leaving would have been asked for.
    let (made, posted) = host.invite(&server, id, ANA, "op1", Reply::created(&format!("{INVITATIONS}/7")));
    assert_eq!(host.done(posted).unwrap(), made.get());
    server.page(&page(3, &from_communication(&invitation("completed", "7", r#","status":"Success""#))));
    assert_eq!(host.outcome(made).outcome, Some(Outcome::Accepted));
    assert!(server.asked(&format!("DELETE {CONVERSATION}")).is_empty());
    host.close();
}
