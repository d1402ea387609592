//! Who hears and sees whom, who may mute whom, and what becomes of oneself (PROTOCOL 7.1, 7.4, 7.5, 7.7, 7.8, 8.6).

use std::sync::Arc;

use ucwa::ErrorKind;
use ucwa::delivery::EventBody;
use ucwa::model::{AudienceAction, Capability, Conversation, ConversationId, Media, Outcome, Participant};
use ucwa::wire::{MediaDirection, Modality};

use crate::documents::{
    CONVERSATION, INVITATIONS, conversation, embedded, from_communication, from_conversation, invitation,
    link, may_invite, page,
};
use crate::host::{Host, ME, person};
use crate::server::{Reply, Server};

const BO: &str = "sip:bo@contoso.com";

/// In a meeting with Bo.
fn with_bo(server: &Server) -> (Host, ConversationId) {
    let (mut host, id) = Host::in_a_meeting(server);
    server.page(&page(2, &from_conversation(&embedded("added", &person("bo"), BO, "Bo"))));
    host.until_roster(id, &[ME, "sip:bo@contoso.com Bo -"]);
    (host, id)
}

/// Bo as he was told of last, once he is so.
fn until(host: &mut Host, what: &str, is_so: impl Fn(&Participant) -> bool) -> Arc<Participant> {
    host.until(what, |event| match &event.body {
        EventBody::Participant(change) => {
            let bo = &change.participant;
            (bo.uri == BO && is_so(bo)).then(|| bo.clone())
        }
        _ => None,
    })
}

fn told(host: &mut Host, what: &str, is_so: impl Fn(&Conversation) -> bool) -> Arc<Conversation> {
    host.until(what, |event| match &event.body {
        EventBody::Conversation(change) => is_so(&change.conversation).then(|| change.conversation.clone()),
        _ => None,
    })
}

fn address(rel: &str) -> String {
    format!("{}/{rel}", person("bo"))
}

fn body(rel: &str, properties: &str, action: &str) -> String {
    let own = address(rel);
    format!(
        r#"{{{properties}"_links":{{"self":{{"href":"{own}"}},"{action}":{{"href":"{own}/{action}"}},"participant":{{"href":"{}"}}}},"rel":"{rel}"}}"#,
        person("bo")
    )
}

/// An event of a modality of Bo; the body may be left out.
fn event(kind: &str, rel: &str, body: Option<&str>) -> String {
    let embeds = body.map(|body| format!(r#","_embedded":{{"{rel}":{body}}}"#)).unwrap_or_default();
    from_conversation(&format!(
        r#"{{"link":{{"rel":"{rel}","href":"{}"}},"in":{{"rel":"participant","href":"{}"}}{embeds},"type":"{kind}"}}"#,
        address(rel),
        person("bo")
    ))
}

const MEDIA: [(&str, &str, Modality, bool); 4] = [
    ("participantAudio", "audio", Modality::Audio, true),
    ("participantVideo", "video", Modality::Video, true),
    ("participantPanoramicVideo", "panoramicVideo", Modality::PanoramicVideo, true),
    ("participantApplicationSharing", "applicationSharing", Modality::ApplicationSharing, false),
];

fn media(modality: &Modality, direction: MediaDirection, muted: Option<bool>, source_id: &str) -> Vec<Media> {
    vec![Media { modality: modality.clone(), direction: Some(direction), muted, source_id: source_id.into() }]
}

#[test]
fn each_medium_with_its_direction_muting_and_source() {
    for (rel, name, modality, has_muting) in MEDIA {
        let server = Server::start();
        let (mut host, _) = with_bo(&server);
        let muted = |it: bool| if has_muting { format!(r#""{name}Muted":{it},"#) } else { String::new() };
        let first = format!(r#""{name}Direction":"SendReceive",{}"{name}SourceId":"1234567","#, muted(false));
        server.page(&page(3, &event("added", rel, Some(&body(rel, &first, "x")))));
        let expected = media(&modality, MediaDirection::SendReceive, has_muting.then_some(false), "1234567");
        let bo = until(&mut host, "his part", |bo| bo.media == expected);
        assert_eq!(bo.modalities, std::slice::from_ref(&modality));
        // What an update leaves out stays.
        let second = format!(r#""{name}Direction":"ReceiveOnly",{}"#, muted(true));
        server.page(&page(4, &event("updated", rel, Some(&body(rel, &second, "x")))));
        let expected = media(&modality, MediaDirection::ReceiveOnly, has_muting.then_some(true), "1234567");
        until(&mut host, "the update", |bo| bo.media == expected);
        server.page(&page(5, &event("deleted", rel, None)));
        host.until("his leaving it", |event| match &event.body {
            EventBody::Participant(change) => {
                let bo = &change.participant;
                let left = bo.media.is_empty() && bo.modalities.is_empty();
                (left && change.changed.names().any(|name| name == "media")).then_some(())
            }
            _ => None,
        });
        host.close();
    }
}

#[test]
fn an_event_without_a_body_is_read() {
    let server = Server::start();
    let (mut host, _) = with_bo(&server);
    let rel = "participantAudio";
    let muted = body(rel, r#""audioDirection":"SendOnly","audioMuted":true,"#, "unmuteAudio");
    server.once(&format!("GET {}", address(rel)), Reply::json(&muted));
    server.page(&page(3, &event("added", rel, None)));
    until(&mut host, "his part", |bo| {
        bo.media == media(&Modality::Audio, MediaDirection::SendOnly, Some(true), "")
    });
    host.close();
}

/// Who was there before is known by his links alone: no event tells that he is muted.
#[test]
fn what_was_before_one_joined_is_read() {
    let server = Server::start();
    let (mut host, _) = Host::in_a_meeting(&server);
    let rel = "participantVideo";
    let muted = body(rel, r#""videoDirection":"Inactive","videoMuted":true,"#, "unmuteVideo");
    server.once(&format!("GET {}", address(rel)), Reply::json(&muted));
    let bo = embedded("added", &person("bo"), BO, "Bo").replace(
        r#""conversation":{"href""#,
        &format!(r#""{rel}":{{"href":"{}"}},"conversation":{{"href""#, address(rel)),
    );
    server.page(&page(2, &from_conversation(&bo)));
    let bo = until(&mut host, "his part", |bo| !bo.media.is_empty());
    assert_eq!(bo.media, media(&Modality::Video, MediaDirection::Inactive, Some(true), ""));
    assert!(bo.can.has(Capability::UnmuteVideo));
    host.close();
}

#[test]
fn mute_and_unmute_by_their_links() {
    let rows = [
        ("participantAudio", "muteAudio", Capability::MuteAudio),
        ("participantAudio", "unmuteAudio", Capability::UnmuteAudio),
        ("participantVideo", "muteVideo", Capability::MuteVideo),
        ("participantVideo", "unmuteVideo", Capability::UnmuteVideo),
    ];
    let server = Server::start();
    let (mut host, id) = with_bo(&server);
    for (number, (rel, action, capability)) in rows.into_iter().enumerate() {
        let of_bo = until(&mut host, "Bo", |_| true).id;
        let before = host.session.act_on_participant(id, of_bo, capability).unwrap_err();
        assert_eq!(before.kind(), ErrorKind::NotAllowed);
        server.page(&page(3 + number as u32, &event("updated", rel, Some(&body(rel, "", action)))));
        let bo = until(&mut host, action, |bo| bo.can.has(capability));
        server.once(&format!("POST {}/{action}", address(rel)), Reply::no_content());
        let done = host.session.act_on_participant(id, bo.id, capability).unwrap();
        assert_eq!(host.done(done).unwrap(), bo.id.get());
    }
    host.close();
}

#[test]
fn contact_photo_and_presence_have_addresses() {
    let server = Server::start();
    let (mut host, _) = Host::in_a_meeting(&server);
    let bo = embedded("added", &person("bo"), BO, "Bo").replace(
        r#""conversation":{"href""#,
        r#""contact":{"href":"/people/bo"},"contactPhoto":{"href":"/photos/bo"},"contactPresence":{"href":"/people/bo/presence"},"conversation":{"href""#,
    );
    server.page(&page(2, &from_conversation(&bo)));
    let bo = until(&mut host, "Bo", |_| true);
    let here = server.here();
    assert_eq!(bo.contact, format!("{here}/people/bo"));
    assert_eq!(bo.contact_photo, format!("{here}/photos/bo"));
    assert_eq!(bo.contact_presence, format!("{here}/people/bo/presence"));
    host.close();
}

#[test]
fn the_audience_by_the_links_of_the_conversation() {
    for action in AudienceAction::ALL {
        let server = Server::start();
        let (mut host, id) = Host::in_a_meeting(&server);
        let before = host.session.act_on_audience(id, action).unwrap_err();
        assert_eq!(before.kind(), ErrorKind::NotAllowed);
        let links = may_invite() + &link(action.as_str());
        server.page(&page(2, &from_communication(&conversation("updated", "Conferenced", &links))));
        told(&mut host, "the right to do it", |it| it.can == [action]);
        server.once(&format!("POST {CONVERSATION}/{}", action.as_str()), Reply::no_content());
        let done = host.session.act_on_audience(id, action).unwrap();
        assert_eq!(host.done(done).unwrap(), id.get());
        host.close();
    }
}

/// What becomes of oneself is told with the conversation and with why; an old reason does not stay.
#[test]
fn why_one_is_out_or_demoted_is_a_reason_of_the_conversation() {
    let local = |kind: &str, subcode: &str| {
        from_conversation(&format!(
            r#"{{"link":{{"rel":"localParticipant","href":"{}"}},"reason":{{"code":"Informational","subcode":"{subcode}"}},"type":"{kind}"}}"#,
            person("lenea")
        ))
    };
    let subcode =
        |it: &Conversation| it.reason.as_ref().map(|reason| reason.subcode.clone()).unwrap_or_default();
    let server = Server::start();
    let (mut host, _) = Host::in_a_meeting(&server);
    server.page(&page(2, &local("updated", "Demoted")));
    told(&mut host, "the demotion", |it| subcode(it) == "Demoted");
    server.page(&page(3, &from_communication(&conversation("updated", "Conferenced", &link("lobby")))));
    host.heard.clear();
    told(&mut host, "going on", |it| subcode(it).is_empty());
    let gone = format!(r#"{{"link":{{"rel":"conversation","href":"{CONVERSATION}"}},"type":"deleted"}}"#);
    let out = [
        local("deleted", "Ejected"),
        from_communication(&conversation("updated", "Disconnected", "")),
        from_communication(&gone),
    ];
    server.page(&page(4, &out.join(",")));
    let ended =
        told(&mut host, "the end", |it| it.state.as_ref().is_some_and(|it| it.as_str() == "Disconnected"));
    assert_eq!(subcode(&ended), "Ejected");
    host.close();
}

/// Accepted, and nobody in the roster yet: the event says so, and the collections are read.
#[test]
fn accepted_without_a_roster_entry_says_so() {
    let server = Server::start();
    let (mut host, id) = Host::in_a_meeting(&server);
    let links = may_invite() + &link("attendees");
    let attendees = format!(
        r#"{{"rel":"attendees","_links":{{"participant":[{{"href":"{}","title":"Bo"}}]}}}}"#,
        person("bo")
    );
    server.always(&format!("GET {CONVERSATION}/attendees"), Reply::json(r#"{"rel":"attendees"}"#)).always(
        &format!("GET {}", person("bo")),
        Reply::json(&crate::documents::participant(&person("bo"), BO, "Bo")),
    );
    server.page(&page(2, &from_communication(&conversation("updated", "Conferenced", &links))));
    told(&mut host, "the collections", |it| it.can_add_participant);
    let location = Reply::created(&format!("{INVITATIONS}/7"));
    let (made, _) = host.invite(&server, id, BO, "op1", location);
    server.until_asked(&format!("GET {CONVERSATION}/attendees"), 1);
    server.always(&format!("GET {CONVERSATION}/attendees"), Reply::json(&attendees));
    let taker = format!(
        r#","status":"Success","_embedded":{{"participantInvitation":{{"operationId":"op1","state":"Connected","_links":{{"conversation":{{"href":"{CONVERSATION}"}},"acceptedByParticipant":[{{"href":"{}"}}]}}}}}}"#,
        person("bo")
    );
    server.page(&page(3, &from_communication(&invitation("completed", "7", &taker))));
    let ended = host.outcome(made);
    assert_eq!((ended.outcome, ended.entry_missing), (Some(Outcome::Accepted), true));
    assert!(ended.accepted_by.is_empty());
    host.until_roster(id, &[ME, "sip:bo@contoso.com Bo Attendee"]);
    host.close();
}
