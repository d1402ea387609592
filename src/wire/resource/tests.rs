//! Bodies as the pages print them, and with what servers make of them.

use super::*;
use crate::wire::Link;

#[test]
fn a_participant() {
    let body = participant(
        br#"{"rel":"participant","anonymous":false,"inLobby":true,"local":"false","name":"Joe Smith","organizer":"True",
         "role":"Attendee","sourceNetwork":"SameEnterprise","uri":"sip:john@contoso.com","workPhoneNumber":"tel:+1425",
         "otherPhoneNumber":null,"unknown":{"a":[1]},
         "_links":{"self":{"href":"/p/196"},"admit":{"href":"/p/196/admit"},"me":{}}}"#,
    )
    .unwrap();
    assert_eq!(
        body,
        ParticipantBody {
            uri: Some("sip:john@contoso.com".into()),
            name: Some("Joe Smith".into()),
            role: Some(Role::Attendee),
            source_network: Some(SourceNetwork::SameEnterprise),
            organizer: Some(true),
            anonymous: Some(false),
            local: Some(false),
            in_lobby: Some(true),
            work_phone_number: Some("tel:+1425".into()),
            other_phone_number: None,
            links: Links::from_iter([
                (Rel::SelfLink, Link::new("/p/196")),
                (Rel::Admit, Link::new("/p/196/admit"))
            ]),
        }
    );
}

#[test]
fn a_conversation() {
    let body = conversation(
        br#"{"state":"Conferenced","threadId":"0c7e","subject":"","activeModalities":["Messaging","Hologram",5],
         "importance":"Normal","recording":false,"participantCount":"12","audienceMute":"Enabled",
         "audienceMessaging":"Disabled","created":"\/Date(1364327898968)\/","expirationTime":"2013-02-07T01:17:18.000Z"}"#,
    )
    .unwrap();
    assert_eq!(
        body,
        ConversationBody {
            state: Some(ConversationState::Conferenced),
            subject: Some(String::new()),
            thread_id: Some("0c7e".into()),
            importance: Some(Importance::Normal),
            active_modalities: Some(vec![Modality::Messaging, Modality::Other("Hologram".into())]),
            participant_count: Some(12),
            audience_mute: Some(AudienceSetting::Enabled),
            audience_messaging: Some(AudienceSetting::Disabled),
            recording: Some(false),
            created: Some(1_364_327_898_968),
            expiration_time: Some(1_360_199_838_000),
            links: Links::default(),
        }
    );
}

#[test]
fn no_modalities_are_not_unknown_modalities() {
    assert_eq!(conversation(br#"{"activeModalities":[]}"#).unwrap().active_modalities, Some(vec![]));
    assert_eq!(conversation(br#"{"activeModalities":null}"#).unwrap().active_modalities, None);
}

#[test]
fn an_invitation_with_the_people_it_embeds() {
    let json = r#"{"rel":"participantInvitation","direction":"Outgoing","importance":"Urgent","operationId":"74cb",
      "state":"Connected","subject":"Strategy","threadId":"292e","to":"sip:john@contoso.com","onBehalfOf":"Ana",
      "onlineMeetingUri":"sip:a;gruu","anonymousDisplayName":"Guest","availableModalities":["Messaging"],"phoneNumber":5,
      "_links":{"message":{"href":"data:text/plain,Hi"},"to":{"href":"/people/107"}},
      "_embedded":{"acceptedByParticipant":[{"name":"Joe"},{"name":"Bo"}],"from":{"rel":"participant","name":"Ana"},
        "startEmergencyCallInput":{}}}"#;
    let body = invitation(json.as_bytes()).unwrap();
    let named = |name: &str| ParticipantBody { name: Some(name.into()), ..ParticipantBody::default() };
    assert_eq!(
        body,
        InvitationBody {
            direction: Some(Direction::Outgoing),
            importance: Some(Importance::Urgent),
            operation_id: Some("74cb".into()),
            state: Some(InvitationState::Connected),
            subject: Some("Strategy".into()),
            thread_id: Some("292e".into()),
            to: Some("sip:john@contoso.com".into()),
            on_behalf_of: Some("Ana".into()),
            online_meeting_uri: Some("sip:a;gruu".into()),
            anonymous_display_name: Some("Guest".into()),
            available_modalities: Some(vec![Modality::Messaging]),
            phone_number: Some("5".into()),
            links: Links::from_iter([
                (Rel::Message, Link::new("data:text/plain,Hi")),
                (Rel::To, Link::new("/people/107")),
            ]),
            from: Some(named("Ana")),
            accepted_by: vec![named("Joe"), named("Bo")],
        }
    );
    let prefixed = json
        .replace("\"from\"", "\"ms:rtc:saas:from\"")
        .replace("\"acceptedBy", "\"service:acceptedBy")
        .replace("\"message\"", "\"ms:rtc:saas:message\"");
    assert_eq!(invitation(prefixed.as_bytes()).unwrap(), body);
}

#[test]
fn t6_one_embedded_person_or_an_array() {
    let read = |embedded: &str| invitation(format!(r#"{{"_embedded":{embedded}}}"#).as_bytes()).unwrap();
    let expected = read(r#"{"from":{"name":"A"},"acceptedByParticipant":[{"name":"B"}]}"#);
    assert_eq!(expected.accepted_by.len(), 1);
    assert_eq!(read(r#"{"from":[{"name":"A"}],"acceptedByParticipant":{"name":"B"}}"#), expected);
    assert_eq!(read(r#"[{"from":{"name":"A"},"acceptedByParticipant":{"name":"B"}}]"#), expected);
}

#[test]
fn t34_an_empty_name_is_told_as_it_is() {
    assert_eq!(participant(br#"{"name":""}"#).unwrap().name.as_deref(), Some(""));
}

#[test]
fn t33_unknown_words_are_kept() {
    let body = participant(br#"{"role":"Emperor","sourceNetwork":""}"#).unwrap();
    assert_eq!(body.role.unwrap().as_str(), "Emperor");
    assert_eq!(body.source_network, None);
}

#[test]
fn an_online_meeting() {
    let body = online_meeting(
        br#"{"onlineMeetingUri":"sip:u","onlineMeetingId":"K","joinUrl":"https://j","conferenceId":65432,"subject":"s",
         "accessLevel":"Everyone","organizerUri":"sip:o","organizerName":"O","leaders":["sip:o"],
         "attendees":["sip:a","sip:b"],"description":"d","disclaimerTitle":"dt","disclaimerBody":"db","hostingNetwork":"n",
         "automaticLeaderAssignment":"Disabled","entryExitAnnouncement":"Enabled","largeMeeting":"Unknown",
         "lobbyBypassForPhoneUsers":"Enabled","phoneUserAdmission":"Disabled","expirationTime":"/Date(5)/"}"#,
    )
    .unwrap();
    assert_eq!(
        body,
        OnlineMeetingBody {
            online_meeting_uri: Some("sip:u".into()),
            online_meeting_id: Some("K".into()),
            join_url: Some("https://j".into()),
            conference_id: Some("65432".into()),
            subject: Some("s".into()),
            access_level: Some(AccessLevel::Everyone),
            organizer_uri: Some("sip:o".into()),
            organizer_name: Some("O".into()),
            description: Some("d".into()),
            disclaimer_title: Some("dt".into()),
            disclaimer_body: Some("db".into()),
            hosting_network: Some("n".into()),
            leaders: Some(vec!["sip:o".into()]),
            attendees: Some(vec!["sip:a".into(), "sip:b".into()]),
            automatic_leader_assignment: Some("Disabled".into()),
            entry_exit_announcement: Some("Enabled".into()),
            large_meeting: Some("Unknown".into()),
            lobby_bypass_for_phone_users: Some("Enabled".into()),
            phone_user_admission: Some("Disabled".into()),
            expiration_time: Some(5),
            links: Links::default(),
        }
    );
}

#[test]
fn an_application_with_or_without_prefixes() {
    let json = r#"{"culture":"en-US","_links":{"self":{"href":"/105"},"events":{"href":"/105/events?ack=1"}},
      "_embedded":{"me":{"name":"Lene","uri":"sip:l","_links":{"makeMeAvailable":{"href":"/m"}}},"people":{},
        "communication":{"4d22":"please pass this in a PUT request","supportedModalities":[],
          "_links":{"joinOnlineMeeting":{"href":"/j","revision":"2"},"startMessaging":{"href":"/s","rev":4}}}}}"#;
    let body = application(json.as_bytes()).unwrap();
    assert_eq!(body.links.get(&Rel::Events), Some(&Link::new("/105/events?ack=1")));
    assert_eq!((body.me_name.as_deref(), body.me_uri.as_deref()), (Some("Lene"), Some("sip:l")));
    assert!(body.me.has(&Rel::MakeMeAvailable));
    let revision = |rel| body.communication.get(&rel).and_then(|link| link.revision.as_deref());
    assert_eq!(revision(Rel::JoinOnlineMeeting), Some("2"));
    assert_eq!(revision(Rel::StartMessaging), Some("4"));
    let prefixed = json
        .replace("\"communication\"", "\"ms:rtc:saas:communication\"")
        .replace("\"joinOnlineMeeting\"", "\"service:joinOnlineMeeting\"");
    assert_eq!(application(prefixed.as_bytes()).unwrap(), body);
}

#[test]
fn t6_members_as_links_or_embedded() {
    let read = |json: &str| collection(json.as_bytes()).unwrap();
    let linked = read(
        r#"{"_links":{"self":{"href":"/l"},"participant":[{"href":"/p/1"},{"href":"/p/2"},{},null,7]}}"#,
    );
    let members: Vec<_> = linked.links.all(&Rel::Participant).map(|link| link.href.as_str()).collect();
    assert_eq!(members, ["/p/1", "/p/2"]);

    let embedded = read(r#"{"_embedded":{"participant":[{"name":"A"},{"name":"B"}]}}"#);
    assert_eq!(embedded.members.len(), 2);
    assert_eq!(
        read(r#"{"_embedded":{"ms:rtc:saas:participant":{"name":"A"},"x":[{"name":"B"}]}}"#),
        embedded
    );
}

#[test]
fn a_broken_link_is_left_out() {
    for broken in [
        "null",
        "{}",
        "5",
        "\"/x\"",
        "[]",
        "[null]",
        r#"{"href":null}"#,
        r#"{"href":" "}"#,
        r#"{"title":"x"}"#,
    ] {
        let json =
            format!(r#"{{"_links":{{"next":{broken},"self":{{"href":"/s","method":"GET","title":null}}}}}}"#);
        let body = plain(json.as_bytes()).unwrap();
        assert_eq!(body.links, Links::from_iter([(Rel::SelfLink, Link::new("/s"))]), "{broken}");
    }
    for links in ["null", "5", "[]", "\"x\"", "[{\"self\":{\"href\":\"/s\"}}]"] {
        assert!(plain(format!(r#"{{"_links":{links}}}"#).as_bytes()).unwrap().links.is_empty());
    }
}

#[test]
fn every_rel_finds_its_body() {
    let kind = |rel: &str| match body(&Rel::parse(rel), b"{}").unwrap() {
        Body::Participant(_) => "participant",
        Body::Conversation(_) => "conversation",
        Body::Invitation(_) => "invitation",
        Body::OnlineMeeting(_) => "onlineMeeting",
        Body::Modality(_) => "modality",
        Body::ParticipantModality(_) => "participant modality",
        Body::Message(_) => "message",
        Body::Plain(..) => "plain",
    };
    let table = [
        ("participant from localParticipant acceptedByParticipant", "participant"),
        ("conversation", "conversation"),
        (
            "participantInvitation onlineMeetingInvitation messagingInvitation phoneAudioInvitation audioVideoInvitation",
            "invitation",
        ),
        ("onlineMeeting", "onlineMeeting"),
        ("messaging phoneAudio audioVideo applicationSharing dataCollaboration", "modality"),
        (
            "participantMessaging participantAudio participantVideo participantPanoramicVideo participantApplicationSharing participantDataCollaboration",
            "participant modality",
        ),
        ("message", "message"),
        ("user redirect conversations presence unheardOf", "plain"),
    ];
    for (rels, expected) in table {
        for rel in rels.split(' ') {
            assert_eq!(kind(rel), expected, "{rel}");
            assert_eq!(kind(&format!("service:{rel}")), expected, "{rel}");
        }
    }
}

#[test]
fn the_smaller_bodies() {
    let read = |rel: Rel, json: &str| body(&rel, json.as_bytes()).unwrap();
    assert_eq!(
        read(Rel::Messaging, r#"{"state":"Disconnected"}"#),
        Body::Modality(Box::new(ModalityBody {
            state: Some(CallState::Disconnected),
            links: Links::default()
        }))
    );
    let audio = Body::ParticipantModality(Box::new(ParticipantModalityBody {
        direction: Some(MediaDirection::SendReceive),
        muted: Some(false),
        source_id: Some("1234567".into()),
        links: Links::default(),
    }));
    let json = r#"{"audioDirection":"SendReceive","audioMuted":false,"audioSourceId":"1234567"}"#;
    assert_eq!(read(Rel::ParticipantAudio, json), audio);
    assert_eq!(
        read(Rel::ParticipantVideo, &json.replace("audio", "video").replace("\"1234567\"", "1234567")),
        audio
    );
    assert_eq!(
        read(
            Rel::Message,
            r#"{"direction":"Incoming","timeStamp":"\/Date(5)\/","status":"succeeded","operationId":"o"}"#
        ),
        Body::Message(Box::new(MessageBody {
            direction: Some(Direction::Incoming),
            operation_id: Some("o".into()),
            status: Some(EventStatus::Succeeded),
            time_stamp: Some(5),
            links: Links::default(),
        }))
    );
}
