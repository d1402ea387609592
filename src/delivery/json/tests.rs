//! Whole documents, written by hand: here, and one of each kind in documents.txt. (The examples of docs/EVENTS.md come
//! from the simulator: bindings/python/tests/test_events_doc.py.)

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::*;
use crate::delivery::EventKind;
use crate::delivery::SessionState::{Authenticating, Online, Recovering};
use crate::delivery::samples;
use crate::model::{
    Capabilities, Capability, Changed, ConversationId, Invitation, InvitationCan, InvitationChange,
    InvitationKind, OperationId, Outcome, Participant, ParticipantChange, ParticipantId, Phase,
};
use crate::wire::{
    AccessLevel, AudienceSetting, ConversationState, Direction, EventStatus, Importance, InvitationState,
    Parameter, Reason, Rel, Role, SourceNetwork,
};
use crate::{Error, ErrorKind};

fn event(seq: u64, unix_ms: i64, body: EventBody) -> Event {
    Event { seq, unix_ms, session: 1, tag: 0, body }
}

/// Takes out what is between the tokens of a document, so that an example may be broken into lines.
fn compact(document: &str) -> String {
    let (mut inside, mut escaped) = (false, false);
    let keep = |c: &char| {
        let kept = inside || !c.is_whitespace();
        inside ^= *c == '"' && !escaped;
        escaped = inside && *c == '\\' && !escaped;
        kept
    };
    document.chars().filter(keep).collect()
}

#[track_caller]
fn assert_json(event: &Event, document: &str) {
    let made = event.to_json();
    assert_eq!(made, compact(document));
    assert!(serde_json::from_str::<Value>(&made).is_ok());
}

fn ana() -> EventBody {
    let person = Participant {
        uri: "sip:ana@contoso.com".into(),
        name: "Ana".into(),
        role: Some(Role::Attendee),
        source_network: Some(SourceNetwork::SameEnterprise),
        modalities: vec![Modality::Messaging],
        can: Capabilities::default().with(Capability::Promote).with(Capability::Eject),
        ..samples::participant(9)
    };
    EventBody::Participant(ParticipantChange {
        phase: Phase::Added,
        conversation: ConversationId::new(2).unwrap(),
        revision: 5,
        changed: Changed::default(),
        participant: Arc::new(person),
    })
}

fn declined() -> EventBody {
    EventBody::Invitation(InvitationChange {
        phase: Phase::Completed,
        invitation: Arc::new(Invitation {
            conversation: ConversationId::new(2),
            to: "sip:bo@contoso.com".into(),
            state: Some(InvitationState::Failed),
            outcome: Some(Outcome::Declined),
            operation_id: "74cb7404e0a247d5".into(),
            reason: Some(Reason {
                code: "RemoteFailure".into(),
                subcode: "Declined".into(),
                message: "Your invitation was declined.".into(),
                parameters: Vec::new(),
            }),
            ..samples::invitation(4)
        }),
    })
}

fn ringing() -> EventBody {
    EventBody::Invitation(InvitationChange {
        phase: Phase::Started,
        invitation: Arc::new(Invitation {
            kind: InvitationKind::OnlineMeeting,
            direction: Direction::Incoming,
            conversation: ConversationId::new(3),
            from_uri: "sip:ana@contoso.com".into(),
            from_name: "Ana".into(),
            to: "sip:me@contoso.com".into(),
            subject: "Planning".into(),
            message: "Have a minute?".into(),
            meeting_uri: "sip:ana@contoso.com;gruu;opaque=app:conf:focus:id:5VK".into(),
            importance: Some(Importance::Urgent),
            operation_id: "5028e824".into(),
            thread_id: "AdE".into(),
            state: Some(InvitationState::Connecting),
            participant: ParticipantId::new(9),
            custom_content: "ticket 7".into(),
            custom_content_type: "foo/foo".into(),
            available_modalities: vec![Modality::Messaging],
            phone_number: "tel:+1425".into(),
            anonymous_display_name: "Guest".into(),
            entry_missing: true,
            can: InvitationCan { accept: true, decline: true, cancel: true },
            links: vec![(Rel::SelfLink, "https://pool.contoso.com/i/5".into())],
            ..samples::invitation(5)
        }),
    })
}

fn conversation_full() -> EventBody {
    EventBody::Conversation(ConversationChange {
        phase: Phase::Updated,
        conversation: Arc::new(Conversation {
            state: Some(ConversationState::Conferenced),
            subject: "Planning".into(),
            importance: Some(Importance::Normal),
            thread_id: "AdE".into(),
            active_modalities: vec![Modality::Messaging, Modality::Audio],
            participant_count: Some(12),
            recording: Some(false),
            audience_mute: Some(AudienceSetting::Disabled),
            audience_messaging: Some(AudienceSetting::Enabled),
            can_add_participant: true,
            meeting: Some(Meeting {
                uri: "sip:ana@contoso.com;gruu;opaque=app:conf:focus:id:5VK".into(),
                join_url: "https://meet.contoso.com/ana/5VK".into(),
                id: "5VK".into(),
                subject: "Planning".into(),
                access_level: Some(AccessLevel::SameEnterprise),
                organizer_uri: "sip:ana@contoso.com".into(),
                organizer_name: "Ana".into(),
                conference_id: "4711".into(),
                leaders: vec!["sip:ana@contoso.com".into()],
                phone_user_admission: "Disabled".into(),
                expiration_time: Some(1_795_320_000_000),
                ..Meeting::default()
            }),
            ..samples::conversation(2)
        }),
    })
}

fn unreachable_server() -> Error {
    Error::new(ErrorKind::Network, "GET https://pool.contoso.com/ucwa/events", "connection refused")
        .advise("check the network")
        .retryable(None)
}

fn recovering() -> EventBody {
    EventBody::State(StateChange {
        old: Online,
        new: Recovering,
        reason: Some(unreachable_server()),
        attempt: 1,
        retry_in: Some(Duration::from_millis(2_500)),
    })
}

fn refused_operation() -> EventBody {
    EventBody::OperationDone(OperationDone {
        operation: OperationId::new(7).unwrap(),
        result: Err(Error::new(ErrorKind::Throttled, "POST https://pool.contoso.com/ucwa/meetings", "429")
            .with_http_status(429)
            .with_reason(Reason { code: "TooManyRequests".into(), ..Reason::default() })
            .retryable(Some(Duration::from_secs(30)))
            .with_diagnostics("1033;reason=\"busy\"")),
    })
}

fn done(result: u64) -> EventBody {
    EventBody::OperationDone(OperationDone { operation: OperationId::new(7).unwrap(), result: Ok(result) })
}

fn token_needed() -> EventBody {
    EventBody::CredentialsNeeded(CredentialsNeeded {
        request_id: 2,
        kind: CredentialKind::Bearer,
        attempt: 1,
        resource: "https://pool.contoso.com".into(),
        authority: "https://login.contoso.com/common".into(),
        client_id: "00000004-0000".into(),
    })
}

fn dropped() -> EventBody {
    EventBody::Overflow(Overflow { conversation: ConversationId::new(2).unwrap(), revision: 812 })
}

#[test]
fn the_three_model_documents() {
    assert_json(
        &event(17, 1_795_290_000_123, ana()),
        r#"{"seq":17,"unix_ms":1795290000123,"type":"participant","phase":"added","conversation":2,"revision":5,
            "participant":{"id":9,"uri":"sip:ana@contoso.com","name":"Ana","partial":false,"role":"Attendee","organizer":false,
             "anonymous":false,"local":false,"in_lobby":false,"source_network":"SameEnterprise","modalities":["Messaging"],
             "typing":false,"can":["eject","promote"]}}"#,
    );
    assert_json(
        &event(21, 1_795_290_004_001, declined()),
        r#"{"seq":21,"unix_ms":1795290004001,"type":"invitation","phase":"completed","id":4,"kind":"participantInvitation",
            "direction":"Outgoing","conversation":2,"to":"sip:bo@contoso.com","state":"Failed","outcome":"declined",
            "operation_id":"74cb7404e0a247d5","can":[],"reason":{"code":"RemoteFailure","subcode":"Declined","message":"Your invitation was declined."}}"#,
    );
    assert_json(
        &event(3, 1_795_290_000_007, samples::state(Authenticating, Online, 0)),
        r#"{"seq":3,"unix_ms":1795290000007,"type":"state","old":"Authenticating","new":"Online","reason":null}"#,
    );
}

#[test]
fn the_end_of_an_operation() {
    let ok = r#"{"seq":1,"unix_ms":0,"type":"operation_done","operation":7,"result":3,"error":null}"#;
    assert_json(&event(1, 0, done(3)), ok);
    let nothing =
        r#"{"seq":1,"unix_ms":-5,"type":"operation_done","operation":7,"result":null,"error":null}"#;
    assert_json(&event(1, -5, done(0)), nothing);
    assert_json(
        &event(1, 0, refused_operation()),
        r#"{"seq":1,"unix_ms":0,"type":"operation_done","operation":7,"result":null,
            "error":{"kind":"throttled","message":"POST https://pool.contoso.com/ucwa/meetings: 429","http_status":429,
             "retryable":true,"retry_after_ms":30000,"reason":{"code":"TooManyRequests","subcode":"","message":""},
             "diagnostics":"1033;reason=\"busy\""}}"#,
    );
}

#[test]
fn a_recovery_says_why_and_when() {
    assert_json(
        &event(1, 0, recovering()),
        r#"{"seq":1,"unix_ms":0,"type":"state","old":"Online","new":"Recovering",
            "reason":{"kind":"network","message":"GET https://pool.contoso.com/ucwa/events: connection refused; check the network",
             "retryable":true},"attempt":1,"retry_in_ms":2500}"#,
    );
}

#[test]
fn a_question_for_credentials() {
    assert_json(
        &event(1, 0, token_needed()),
        r#"{"seq":1,"unix_ms":0,"type":"credentials_needed","request_id":2,"kind":"bearer","attempt":1,
            "resource":"https://pool.contoso.com","authority":"https://login.contoso.com/common","client_id":"00000004-0000"}"#,
    );
    assert_json(
        &event(1, 0, samples::credentials_needed(4)),
        r#"{"seq":1,"unix_ms":0,"type":"credentials_needed","request_id":4,"kind":"password","attempt":1,
            "resource":"https://pool.contoso.com"}"#,
    );
}

#[test]
fn an_overflow() {
    let document = r#"{"seq":1,"unix_ms":0,"type":"overflow","conversation":2,"revision":812}"#;
    assert_json(&event(1, 0, dropped()), document);
}

#[test]
fn an_invitation_with_all_and_with_nothing() {
    assert_json(
        &event(1, 0, ringing()),
        r#"{"seq":1,"unix_ms":0,"type":"invitation","phase":"started","id":5,"kind":"onlineMeetingInvitation",
            "direction":"Incoming","conversation":3,"from":"sip:ana@contoso.com","from_name":"Ana","to":"sip:me@contoso.com",
            "subject":"Planning","message":"Have a minute?","meeting_uri":"sip:ana@contoso.com;gruu;opaque=app:conf:focus:id:5VK",
            "importance":"Urgent","thread_id":"AdE","state":"Connecting","participant":9,"entry_missing":true,
            "operation_id":"5028e824","custom_content":"ticket 7","custom_content_type":"foo/foo","available_modalities":["Messaging"],
            "phone_number":"tel:+1425","anonymous_display_name":"Guest","can":["accept","decline","cancel"],
            "links":{"self":"https://pool.contoso.com/i/5"}}"#,
    );
    let accepted = EventBody::Invitation(InvitationChange {
        phase: Phase::Completed,
        invitation: Arc::new(Invitation {
            on_behalf_of: "Reception".into(),
            state: Some(InvitationState::Connected),
            outcome: Some(Outcome::Accepted),
            status: Some(EventStatus::Success),
            accepted_by: vec![ParticipantId::new(9).unwrap(), ParticipantId::new(11).unwrap()],
            ..samples::invitation(4)
        }),
    });
    assert_json(
        &event(1, 0, accepted),
        r#"{"seq":1,"unix_ms":0,"type":"invitation","phase":"completed","id":4,"kind":"participantInvitation",
            "direction":"Outgoing","on_behalf_of":"Reception","state":"Connected","outcome":"accepted","status":"Success",
            "accepted_by":[9,11],"can":[]}"#,
    );
    assert_json(
        &event(1, 0, samples::invitation_change(4, Phase::Started, "")),
        r#"{"seq":1,"unix_ms":0,"type":"invitation","phase":"started","id":4,"kind":"participantInvitation","direction":"Outgoing","can":[]}"#,
    );
}

#[test]
fn a_conversation_with_all_and_with_nothing() {
    assert_json(
        &event(1, 0, conversation_full()),
        r#"{"seq":1,"unix_ms":0,"type":"conversation","phase":"updated","id":2,"state":"Conferenced","subject":"Planning",
            "importance":"Normal","thread_id":"AdE","active_modalities":["Messaging","Audio"],"participant_count":12,
            "recording":false,"audience_mute":"Disabled","audience_messaging":"Enabled","can_add_participant":true,
            "meeting":{"uri":"sip:ana@contoso.com;gruu;opaque=app:conf:focus:id:5VK","join_url":"https://meet.contoso.com/ana/5VK",
             "id":"5VK","subject":"Planning","access_level":"SameEnterprise","organizer_uri":"sip:ana@contoso.com",
             "organizer_name":"Ana","conference_id":"4711",
              "leaders":["sip:ana@contoso.com"],"phone_user_admission":"Disabled","expiration_time":1795320000000}}"#,
    );
    assert_json(
        &event(1, 0, samples::conversation_added(2)),
        r#"{"seq":1,"unix_ms":0,"type":"conversation","phase":"added","id":2,"active_modalities":[],"can_add_participant":false}"#,
    );
    let bare = EventBody::Conversation(ConversationChange {
        phase: Phase::Deleted,
        conversation: Arc::new(Conversation {
            meeting: Some(Meeting::default()),
            reason: Some(Reason {
                code: "Gone".into(),
                subcode: String::new(),
                message: String::new(),
                parameters: vec![Parameter { name: "to".into(), reason: "Invalid".into() }],
            }),
            ..samples::conversation(2)
        }),
    });
    assert_json(
        &event(1, 0, bare),
        r#"{"seq":1,"unix_ms":0,"type":"conversation","phase":"deleted","id":2,"active_modalities":[],"can_add_participant":false,
            "meeting":{},"reason":{"code":"Gone","subcode":"","message":"","parameters":[{"name":"to","reason":"Invalid"}]}}"#,
    );
}

/// Every field that an update can name, in the order of the document.
fn everything_changed() -> EventBody {
    let known = Participant {
        uri: "tel:+1".into(),
        name: "Bo".into(),
        role: Some(Role::Other("Presenter".into())),
        source_network: Some(SourceNetwork::Federated),
        organizer: true,
        anonymous: true,
        local: true,
        in_lobby: true,
        typing: true,
        partial: true,
        modalities: vec![Modality::PhoneAudio],
        work_phone: "tel:+2".into(),
        other_phone: "tel:+3".into(),
        can: Capabilities::default().with(Capability::Admit),
        ..samples::participant(10)
    };
    EventBody::Participant(ParticipantChange {
        phase: Phase::Updated,
        conversation: ConversationId::new(2).unwrap(),
        revision: 6,
        changed: Changed::between(&samples::participant(10), &known),
        participant: Arc::new(known),
    })
}

#[test]
fn an_updated_participant_names_what_changed_and_an_unknown_one_is_null() {
    assert_json(
        &event(1, 0, everything_changed()),
        r#"{"seq":1,"unix_ms":0,"type":"participant","phase":"updated","conversation":2,"revision":6,
            "changed":["uri","name","role","source_network","organizer","anonymous","local","in_lobby","typing","partial",
             "modalities","phones","can"],
            "participant":{"id":10,"uri":"tel:+1","name":"Bo","partial":true,"role":"Presenter","organizer":true,"anonymous":true,
             "local":true,"in_lobby":true,"source_network":"Federated","modalities":["PhoneAudio"],"typing":true,"can":["admit"],
             "work_phone":"tel:+2","other_phone":"tel:+3"}}"#,
    );
    assert_json(
        &event(1, 0, samples::delta(2, 8)),
        r#"{"seq":1,"unix_ms":0,"type":"participant","phase":"added","conversation":2,"revision":8,
            "participant":{"id":8,"uri":"","name":"","partial":false,"role":null,"organizer":false,"anonymous":false,"local":false,
             "in_lobby":false,"source_network":null,"modalities":[],"typing":false,"can":[]}}"#,
    );
}

#[test]
fn any_text_makes_one_line_of_json() {
    let text = "\u{0}\n\"\\\u{2028}\u{1F600}</script>";
    let json = event(1, 0, samples::invitation_change(4, Phase::Started, text)).to_json();
    assert!(!json.contains('\n') && !json.contains('\u{0}'));
    let value: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["subject"], text);
}

#[test]
fn every_kind_of_error_has_its_word() {
    let rows = [
        (ErrorKind::InvalidArgument, "invalid_argument"),
        (ErrorKind::WrongState, "wrong_state"),
        (ErrorKind::Closed, "closed"),
        (ErrorKind::Cancelled, "cancelled"),
        (ErrorKind::Timeout, "timeout"),
        (ErrorKind::NotFound, "not_found"),
        (ErrorKind::NotAllowed, "not_allowed"),
        (ErrorKind::Unsupported, "unsupported"),
        (ErrorKind::CredentialsNeeded, "credentials_needed"),
        (ErrorKind::Network, "network"),
        (ErrorKind::Tls, "tls"),
        (ErrorKind::Discovery, "discovery"),
        (ErrorKind::Auth, "auth"),
        (ErrorKind::Protocol, "protocol"),
        (ErrorKind::Server, "server"),
        (ErrorKind::Throttled, "throttled"),
        (ErrorKind::Internal, "internal"),
    ];
    let docs = include_str!("../../../docs/EVENTS.md");
    for (kind, word) in rows {
        let result = Err(Error::new(kind, "sign in", "no"));
        let operation = OperationId::new(7).unwrap();
        let body = EventBody::OperationDone(OperationDone { operation, result });
        let value: Value = serde_json::from_str(&event(1, 0, body).to_json()).unwrap();
        assert_eq!(value["error"]["kind"], word);
        assert!(docs.contains(&format!("`{word}`")), "{word} is not in docs/EVENTS.md");
    }
}

#[test]
fn one_of_each_kind_is_as_written_by_hand() {
    let examples = [
        event(3, 1_795_290_000_007, samples::state(Authenticating, Online, 0)),
        event(58, 1_795_290_093_470, recovering()),
        event(2, 1_795_289_999_402, token_needed()),
        event(20, 1_795_290_002_918, done(2)),
        event(23, 1_795_290_004_377, refused_operation()),
        event(31, 1_795_290_017_204, ringing()),
        event(21, 1_795_290_004_001, declined()),
        event(16, 1_795_290_000_101, conversation_full()),
        event(17, 1_795_290_000_123, ana()),
        event(44, 1_795_290_061_550, dropped()),
    ];
    let blocks: Vec<&str> = include_str!("documents.txt").split("\n\n").collect();
    assert_eq!(blocks.len(), examples.len());
    for (block, event) in blocks.iter().zip(&examples) {
        let parsed: Value = serde_json::from_str(block).unwrap();
        assert_eq!(parsed["type"], event.body.kind().as_str());
        assert_json(event, block);
    }
    let kinds = [
        EventKind::OperationDone,
        EventKind::State,
        EventKind::CredentialsNeeded,
        EventKind::Overflow,
        EventKind::Invitation,
        EventKind::Conversation,
        EventKind::Participant,
    ];
    for kind in kinds {
        assert!(examples.iter().any(|event| event.body.kind() == kind), "no example of {kind:?}");
    }
}
