//! participant (PROTOCOL 7.4): its properties, links, events and operations.

use ucwa::ErrorKind;
use ucwa::model::{Capability, Changed, Phase};
use ucwa::wire::{Modality, Role, SourceNetwork};

use super::{Room, property};
use crate::documents::{CONVERSATION, bare, conversation, from_communication, from_conversation, may_invite};
use crate::host::person;
use crate::server::{Reply, Server};

#[test]
fn anonymous() {
    property((r#","anonymous":true"#, true), (r#","anonymous":false"#, false), Changed::ANONYMOUS, |p| {
        p.anonymous
    });
}

#[test]
fn in_lobby() {
    property((r#","inLobby":true"#, true), (r#","inLobby":false"#, false), Changed::IN_LOBBY, |p| p.in_lobby);
}

#[test]
fn local() {
    property(
        (r#","uri":"sip:a@b.c""#, false),
        (r#","uri":"sip:a@b.c","local":true"#, true),
        Changed::LOCAL,
        |p| p.local,
    );
}

#[test]
fn name() {
    property(
        (r#","name":"Joe Smith""#, "Joe Smith".to_owned()),
        (r#","name":"Joe Smythe ß""#, "Joe Smythe ß".to_owned()),
        Changed::NAME,
        |p| p.name.clone(),
    );
}

/// The name may be empty, as in the task samples (T-34).
#[test]
fn a_name_that_is_empty() {
    property(
        (r#","name":"","uri":"sip:john@contoso.com""#, "sip:john@contoso.com".to_owned()),
        (r#","name":"Joe Smith""#, "Joe Smith".to_owned()),
        Changed::NAME,
        |p| p.name.clone(),
    );
}

#[test]
fn organizer() {
    property((r#","organizer":true"#, true), (r#","organizer":false"#, false), Changed::ORGANIZER, |p| {
        p.organizer
    });
}

#[test]
fn other_phone_number() {
    property(
        (r#","otherPhoneNumber":"tel:+14251111111""#, "tel:+14251111111".to_owned()),
        (r#","otherPhoneNumber":"tel:+14252222222""#, "tel:+14252222222".to_owned()),
        Changed::PHONES,
        |p| p.other_phone.clone(),
    );
}

#[test]
fn work_phone_number() {
    property(
        (r#","workPhoneNumber":"tel:+14251111111""#, "tel:+14251111111".to_owned()),
        (r#","workPhoneNumber":"tel:+14252222222""#, "tel:+14252222222".to_owned()),
        Changed::PHONES,
        |p| p.work_phone.clone(),
    );
}

#[test]
fn role() {
    let role = |word: &str| format!(r#","role":"{word}""#);
    property(
        (&role("Attendee"), Some(Role::Attendee)),
        (&role("Leader"), Some(Role::Leader)),
        Changed::ROLE,
        |p| p.role.clone(),
    );
    property(
        (&role("Unknown"), Some(Role::Unknown)),
        (&role("Emperor"), Some(Role::Other("Emperor".into()))),
        Changed::ROLE,
        |p| p.role.clone(),
    );
    property(("", None), (&role("Attendee"), Some(Role::Attendee)), Changed::ROLE, |p| p.role.clone());
}

#[test]
fn source_network() {
    use SourceNetwork as N;
    let network = |word: &str| format!(r#","sourceNetwork":"{word}""#);
    let words = [
        ("SameEnterprise", N::SameEnterprise),
        ("Federated", N::Federated),
        ("PublicCloud", N::PublicCloud),
        ("Everyone", N::Everyone),
        ("Unknown", N::Unknown),
        ("Moon", N::Other("Moon".into())),
    ];
    let mut room = Room::new();
    for (word, expected) in &words {
        assert_eq!(room.joins(&network(word), "").source_network.as_ref(), Some(expected));
    }
    let change = room.updates(&network("Federated"), "");
    assert_eq!(change.participant.source_network, Some(N::Federated));
    assert!(change.changed.has(Changed::SOURCE_NETWORK));
    room.close();
}

#[test]
fn uri() {
    property(
        (r#","uri":"sip:john@contoso.com""#, "sip:john@contoso.com".to_owned()),
        (r#","uri":"tel:+14251111111""#, "tel:+14251111111".to_owned()),
        Changed::URI,
        |p| p.uri.clone(),
    );
}

/// The task samples give four properties; the others are unknown or false, and one that an update leaves out stays.
#[test]
fn properties_that_are_left_out() {
    let mut room = Room::new();
    let lean =
        r#","sourceNetwork":"SameEnterprise","anonymous":false,"name":"Ana","uri":"sip:ana@contoso.com""#;
    let ana = room.joins(lean, "");
    assert_eq!((ana.role.as_ref(), ana.work_phone.as_str(), ana.other_phone.as_str()), (None, "", ""));
    assert!(!ana.organizer && !ana.local && !ana.in_lobby && !ana.partial);
    let change = room.updates(r#","role":"Leader""#, "");
    let ana = change.participant;
    assert_eq!((ana.name.as_str(), ana.uri.as_str()), ("Ana", "sip:ana@contoso.com"));
    assert_eq!(change.changed.names().collect::<Vec<_>>(), ["role"]);
    room.close();
}

/// `self` is what he is known by: an event whose link is spelled in another way is about the same person.
#[test]
fn link_self() {
    let server = Server::start();
    let members = format!(
        r#"{{"rel":"attendees","_embedded":{{"participant":[{{"rel":"participant","name":"Ana","_links":{{"self":{{"href":"{}"}}}}}}]}}}}"#,
        person("ana")
    );
    server.always(&format!("GET {CONVERSATION}/leaders"), Reply::json(r#"{"rel":"leaders"}"#));
    server.always(&format!("GET {CONVERSATION}/attendees"), Reply::json(&members));
    let links = ["leaders", "attendees"].map(crate::documents::link).concat();
    let mut room = Room::at(server, &links);
    let ana = room.change().participant;
    assert_eq!(ana.name, "Ana");
    room.in_room(&bare("deleted", &person("ANA").replace('@', "%40"), ""));
    let change = room.change();
    assert_eq!((change.phase, change.participant.id), (Phase::Deleted, ana.id));
    room.close();
}

/// Whose participant he is: the same person in two conversations stands in the roster of each.
#[test]
fn link_conversation() {
    let mut room = Room::new();
    let other = CONVERSATION.replace("21a1", "21a2");
    let ana = crate::documents::embedded("added", &person("ana"), "sip:ana@contoso.com", "Ana");
    let there = ana.replace("21a1", "21a2");
    room.say(&from_conversation(&ana));
    let here = room.change();
    room.say(
        &[
            from_communication(&conversation("added", "Connected", &may_invite()).replace("21a1", "21a2")),
            from_conversation(&there).replace(CONVERSATION, &other),
        ]
        .join(","),
    );
    let there = room.change();
    assert_eq!(here.conversation, room.id);
    assert_ne!(there.conversation, room.id);
    assert_ne!(there.participant.id, here.participant.id);
    assert_eq!(room.host.session.roster(there.conversation).unwrap().len(), 1);
    room.close();
}

/// Only the user's own entry has the link `me`; the lean bodies have no property that says so.
#[test]
fn link_me() {
    let mut room = Room::new();
    let me = r#","me":{"href":"/ucwa/oauth/v1/applications/105/me"}"#;
    assert!(!room.joins(r#","uri":"sip:x@contoso.com""#, "").local);
    assert!(room.joins(r#","uri":"sip:y@contoso.com""#, me).local);
    room.close();
}

/// The web link's `title` is a name or a number until the body is there.
#[test]
fn link_title() {
    let mut room = Room::new();
    room.server.always(&format!("GET {}", person("ana")), Reply::json("{}").held());
    room.in_room(&bare("added", &person("ana"), "Ana Vogel"));
    let change = room.change();
    assert_eq!((change.phase, change.participant.name.as_str()), (Phase::Added, "Ana Vogel"));
    assert!(change.participant.partial);
    room.server.release();
    room.close();
}

/// An operation on a person: allowed while its link is there, a POST without a body to wherever that leads, done with
/// the 204.
fn operation(rel: &str, capability: Capability) {
    let at = "/ucwa/somewhere/else/9?x=1";
    let mut room = Room::new();
    let john = room.joins(r#","name":"John""#, &format!(r#","{rel}":{{"href":"{at}"}}"#));
    assert_eq!(john.can.iter().collect::<Vec<_>>(), [capability]);
    room.server.once(&format!("POST {at}"), Reply::no_content());
    let act = |room: &Room| room.host.session.act_on_participant(room.id, john.id, capability);
    let acted = act(&room).expect("the link is there");
    room.host.done(acted).expect("204");
    let asked = room.server.asked(&format!("POST {at}"));
    assert_eq!(asked.iter().map(|post| post.body.as_str()).collect::<Vec<_>>(), [""]);
    room.server.once(
        &format!("POST {at}"),
        Reply::status("403 Forbidden", r#"{"code":"Forbidden","subcode":"AttendeeNotAllowed"}"#),
    );
    let refused = act(&room).expect("the link is still there");
    let error = room.host.done(refused).unwrap_err();
    assert_eq!(error.reason().map(|reason| reason.subcode.as_str()), Some("AttendeeNotAllowed"));
    let change = room.updates("", "");
    assert!(change.changed.has(Changed::CAN));
    assert_eq!(change.participant.can.bits(), 0);
    assert_eq!(act(&room).unwrap_err().kind(), ErrorKind::NotAllowed);
    room.close();
}

#[test]
fn admit() {
    operation("admit", Capability::Admit);
}

#[test]
fn reject() {
    operation("reject", Capability::Reject);
}

#[test]
fn promote() {
    operation("promote", Capability::Promote);
}

#[test]
fn demote() {
    operation("demote", Capability::Demote);
}

#[test]
fn eject() {
    operation("eject", Capability::Eject);
}

/// A modality link: he takes part in it.
fn modality_link(rel: &str, modality: Modality) {
    let mut room = Room::new();
    assert!(room.joins(r#","name":"Ana""#, "").modalities.is_empty());
    let link = format!(r#","{rel}":{{"href":"{}/{rel}"}}"#, person("p2"));
    assert_eq!(room.joins(r#","name":"John""#, &link).modalities, [modality]);
    room.close();
}

#[test]
fn link_participant_messaging() {
    modality_link("participantMessaging", Modality::Messaging);
}

#[test]
fn link_participant_audio() {
    modality_link("participantAudio", Modality::Audio);
}

#[test]
fn link_participant_video() {
    modality_link("participantVideo", Modality::Video);
}

#[test]
fn link_participant_panoramic_video() {
    modality_link("participantPanoramicVideo", Modality::PanoramicVideo);
}

#[test]
fn link_participant_application_sharing() {
    modality_link("participantApplicationSharing", Modality::ApplicationSharing);
}

#[test]
fn link_participant_data_collaboration() {
    modality_link("participantDataCollaboration", Modality::DataCollaboration);
}

/// The events as the page prints them: nothing embedded.
#[test]
fn event_added() {
    let mut room = Room::new();
    room.in_room(&format!(r#"{{"link":{{"rel":"participant","href":"{}"}},"type":"added"}}"#, person("196")));
    let change = room.change();
    assert_eq!(change.phase, Phase::Added);
    assert!(change.participant.partial);
    assert_eq!(room.host.session.roster(room.id).unwrap().len(), 2);
    room.close();
}

/// An update without a body: what changed is read, and told.
#[test]
fn event_updated() {
    let mut room = Room::new();
    let at = person("p1");
    let before = room.joins(r#","name":"John","role":"Attendee""#, "");
    let now = format!(
        r#"{{"rel":"participant","name":"John","role":"Attendee","_links":{{"self":{{"href":"{at}"}},"promote":{{"href":"{at}/promote"}}}}}}"#
    );
    room.server.always(&format!("GET {at}"), Reply::json(&now));
    room.in_room(&bare("updated", &at, ""));
    let change = room.change();
    assert_eq!((change.phase, change.participant.id), (Phase::Updated, before.id));
    assert!(change.participant.can.has(Capability::Promote));
    assert_eq!(change.changed.names().collect::<Vec<_>>(), ["can"]);
    room.close();
}

#[test]
fn event_deleted() {
    let mut room = Room::new();
    let john = room.joins(r#","name":"John""#, "");
    room.in_room(&bare("deleted", &person("p1"), ""));
    let change = room.change();
    assert_eq!((change.phase, change.participant.id), (Phase::Deleted, john.id));
    assert!(room.host.session.roster(room.id).unwrap().get(john.id).is_none());
    room.close();
}

/// A second `added` of somebody who is there changes him and does not bring him twice.
#[test]
fn event_added_again() {
    let mut room = Room::new();
    let john = room.joins(r#","name":"John","role":"Attendee""#, "");
    room.tell("added", r#","name":"John","role":"Leader""#, "");
    let change = room.change();
    assert_eq!((change.phase, change.participant.id), (Phase::Updated, john.id));
    assert_eq!(change.participant.role, Some(Role::Leader));
    room.close();
}

/// GET on the participant: asked for when an event names him alone, with everything that the page lists.
#[test]
fn get() {
    let mut room = Room::new();
    let at = person("ana");
    let whole = format!(
        r#"{{"rel":"participant","anonymous":true,"inLobby":true,"local":false,"name":"Joe Smith","organizer":true,
 "otherPhoneNumber":"tel:+1","role":"Attendee","sourceNetwork":"SameEnterprise","uri":"sip:john@contoso.com","workPhoneNumber":"tel:+2",
 "_links":{{"self":{{"href":"{at}"}},"admit":{{"href":"{at}/admit"}},"eject":{{"href":"{at}/eject"}}}}}}"#
    );
    room.server.always(&format!("GET {at}"), Reply::json(&whole));
    room.in_room(&bare("added", &at, ""));
    assert!(room.change().participant.partial);
    let joe = room.change().participant;
    assert!(!joe.partial && joe.anonymous && joe.in_lobby && !joe.local && joe.organizer);
    assert_eq!((joe.name.as_str(), joe.uri.as_str()), ("Joe Smith", "sip:john@contoso.com"));
    assert_eq!((joe.other_phone.as_str(), joe.work_phone.as_str()), ("tel:+1", "tel:+2"));
    assert_eq!(
        (joe.role.clone(), joe.source_network.clone()),
        (Some(Role::Attendee), Some(SourceNetwork::SameEnterprise))
    );
    assert!(
        joe.can.has(Capability::Admit) && joe.can.has(Capability::Eject) && !joe.can.has(Capability::Promote)
    );
    let gets = room.server.asked(&format!("GET {at}"));
    assert_eq!(gets.len(), 1);
    assert!(gets[0].header("accept").is_some_and(|accept| accept.contains("application/json")));
    room.close();
}
