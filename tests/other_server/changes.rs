//! What a server offers after the sign-in, and what began while nobody listened (PROTOCOL 3.5, 5.5, 5.6, 7.1).

use ucwa::ErrorKind;
use ucwa::delivery::EventBody;
use ucwa::session::{Meeting, StartConversation};
use ucwa::wire::ConversationState;

use crate::documents::{
    APPLICATION, APPLICATION_BODY, COMMUNICATION, CONVERSATION, from_communication, link, page, participant,
    usual,
};
use crate::host::{Host, config, person};
use crate::server::{Reply, Server};

/// The application without a link of its communication.
fn without(rel: &str) -> String {
    let from = APPLICATION_BODY.find(&format!(r#""{rel}""#)).expect("it is there");
    let rest = &APPLICATION_BODY[from..];
    let end = from + rest.find('}').expect("its end") + 1;
    let before = APPLICATION_BODY[..from].trim_end();
    let after = APPLICATION_BODY[end..].trim_start_matches(',');
    let before = if after.starts_with('}') { before.trim_end_matches(',') } else { before };
    format!("{before}{after}")
}

#[test]
fn a_link_that_comes_later_is_seen() {
    let with_body = format!(
        r#"{{"link":{{"rel":"communication","href":"{COMMUNICATION}"}},"_embedded":{{"communication":{{"supportedModalities":["Messaging"],"_links":{{"self":{{"href":"{COMMUNICATION}"}},"startMessaging":{{"href":"{COMMUNICATION}/later"}}}},"rel":"communication"}}}},"type":"updated"}}"#
    );
    let bare = format!(r#"{{"link":{{"rel":"communication","href":"{COMMUNICATION}"}},"type":"updated"}}"#);
    for (event, posted) in [(with_body, "later"), (bare, "messagingInvitations")] {
        let server = Server::start();
        usual(&server);
        server
            .always(
                "POST /ucwa/oauth/v1/applications",
                Reply::status("201 Created", &without("startMessaging")),
            )
            .always(&format!("GET {APPLICATION}"), Reply::json(APPLICATION_BODY))
            .once(&format!("POST {COMMUNICATION}/{posted}"), Reply::created("/i/1"));
        let host = Host::online(&config(&server));
        let call = || host.session.start_conversation("sip:bo@contoso.com", &StartConversation::default());
        assert_eq!(call().unwrap_err().kind(), ErrorKind::NotAllowed);
        server.page(&page(1, &from_communication(&event)));
        let deadline = std::time::Instant::now() + crate::host::PATIENCE;
        while let Err(error) = call() {
            assert!(std::time::Instant::now() < deadline, "{error}");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        server.until_asked(&format!("POST {COMMUNICATION}/{posted}"), 1);
        host.close();
    }
}

#[test]
fn a_link_that_goes_is_gone() {
    let server = Server::start();
    usual(&server);
    let host = Host::online(&config(&server));
    let event = format!(
        r#"{{"link":{{"rel":"communication","href":"{COMMUNICATION}"}},"_embedded":{{"communication":{{"_links":{{"self":{{"href":"{COMMUNICATION}"}}}},"rel":"communication"}}}},"type":"updated"}}"#
    );
    server.page(&page(1, &from_communication(&event)));
    server.until_asked(&format!("GET {APPLICATION}/events?ack=2"), 1);
    let deadline = std::time::Instant::now() + crate::host::PATIENCE;
    while let Ok(operation) = host.session.start_meeting(&Meeting::default()) {
        host.session.cancel(operation).unwrap();
        assert!(std::time::Instant::now() < deadline, "the link stays");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    host.close();
}

/// The list of conversations is read when events may have been missed; what nobody told of is told then.
#[test]
fn a_conversation_that_began_in_a_gap_is_found() {
    let server = Server::start();
    usual(&server);
    let attendees = link("attendees");
    let list = format!(
        r#"{{"rel":"conversations","_links":{{"self":{{"href":"{COMMUNICATION}/conversations"}},"conversation":[{{"href":"{CONVERSATION}"}}]}}}}"#
    );
    let conversation = format!(
        r#"{{"state":"Conferenced","subject":"Found","_links":{{"self":{{"href":"{CONVERSATION}"}}{attendees}}},"rel":"conversation"}}"#
    );
    let people =
        format!(r#"{{"rel":"attendees","_links":{{"participant":[{{"href":"{}"}}]}}}}"#, person("bo"));
    server
        .always(&format!("GET {APPLICATION}"), Reply::json(APPLICATION_BODY))
        .always(&format!("GET {COMMUNICATION}/conversations?filter=active"), Reply::json(&list))
        .always(&format!("GET {CONVERSATION}"), Reply::json(&conversation))
        .always(&format!("GET {CONVERSATION}/attendees"), Reply::json(&people))
        .always(
            &format!("GET {}", person("bo")),
            Reply::json(&participant(&person("bo"), "sip:bo@contoso.com", "Bo")),
        );
    let mut host = Host::online(&config(&server));
    server.page(&format!(r#"{{"_links":{{"resume":{{"href":"{APPLICATION}/events?ack=1"}}}}}}"#));
    let found = host.until("the conversation", |event| match &event.body {
        EventBody::Conversation(change) => {
            let it = &change.conversation;
            (it.state == Some(ConversationState::Conferenced)).then(|| (it.id, it.subject.clone()))
        }
        _ => None,
    });
    assert_eq!(found.1, "Found");
    host.until_roster(found.0, &["sip:bo@contoso.com Bo Attendee"]);
    // Once more: nothing new is told.
    server.page(&format!(r#"{{"_links":{{"resync":{{"href":"{APPLICATION}/events?ack=1"}}}}}}"#));
    server.until_asked(&format!("GET {COMMUNICATION}/conversations?filter=active"), 2);
    server.until_asked(&format!("GET {CONVERSATION}/attendees"), 2);
    assert_eq!(host.session.conversations().len(), 1);
    host.close();
}
