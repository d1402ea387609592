//! Traps that no other test walks into over a socket.

use ucwa::ErrorKind;
use ucwa::model::Capability;

use super::Room;
use crate::documents::{APPLICATION, embedded, from_conversation};
use crate::host::person;
use crate::server::{Reply, Server};

/// A page whose `self` is not what was asked (MultiTabSupport): the next link is the server's, and nothing is made of the own one.
#[test]
fn t43_self_of_a_page_is_of_no_use() {
    let mut room = Room::new();
    let next = format!("{APPLICATION}/events?ack=8&instanceId=abc");
    let ana = embedded("added", &person("ana"), "sip:ana@contoso.com", "Ana");
    room.server.page(&format!(
        r#"{{"_links":{{"self":{{"href":"{APPLICATION}/events?ack=1&instanceId=123"}},"next":{{"href":"{next}"}}}},"sender":[{}]}}"#,
        from_conversation(&ana)
    ));
    room.change();
    room.server.until_asked(&format!("GET {next}"), 1);
    room.close();
}

/// By RFC 3986 `//ucwa/...` would be a host of that name.
#[test]
fn t44_leading_slashes_are_no_host() {
    let mut room = Room::new();
    let at = person("p1");
    let john = room.joins(r#","name":"John""#, &format!(r#","eject":{{"href":"/{at}/eject"}}"#));
    room.server.once(&format!("POST {at}/eject"), Reply::no_content());
    let eject = room.host.session.act_on_participant(room.id, john.id, Capability::Eject).unwrap();
    room.host.done(eject).expect("it is a path of this server");
    room.close();
}

/// A link of somebody's entry leads away: no request and no token goes there, and the error says why.
#[test]
fn t45_a_link_to_another_host_gets_no_token() {
    let elsewhere = Server::start();
    let mut room = Room::new();
    let link = format!(r#","eject":{{"href":"{}/eject"}}"#, elsewhere.here());
    let john = room.joins(r#","name":"John""#, &link);
    let eject = room.host.session.act_on_participant(room.id, john.id, Capability::Eject).unwrap();
    let error = room.host.done(eject).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    assert!(error.to_string().contains("origins.trust"), "{error}");
    assert!(elsewhere.asked("*").is_empty());
    room.close();
}
