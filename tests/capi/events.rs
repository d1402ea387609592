//! Every event's struct says what its JSON says.

use std::ptr::null;

use serde_json::{Value, json};
use ucwa::capi::*;
use ucwa_sim::StoryAction;

use crate::host::*;

const PHASES: [&str; 6] = ["", "started", "added", "updated", "completed", "deleted"];
const STATES: [&str; 8] =
    ["New", "Discovering", "Authenticating", "Online", "Recovering", "Closing", "Closed", "Failed"];
const OUTCOMES: [&str; 9] =
    ["", "accepted", "declined", "busy", "no_answer", "unreachable", "cancelled", "failed", "lost"];
const INVITES: [&str; 6] = [
    "",
    "messagingInvitation",
    "onlineMeetingInvitation",
    "audioVideoInvitation",
    "phoneAudioInvitation",
    "participantInvitation",
];

fn word(json: &Value) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

fn number(json: &Value) -> u64 {
    json.as_u64().unwrap_or_default()
}

fn index(name: i32) -> usize {
    usize::try_from(name).unwrap()
}

fn words(bits: u32, names: &[(u32, &str)]) -> Vec<String> {
    names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| (*name).to_owned()).collect()
}

fn modality_names(json: &Value) -> Vec<String> {
    json.as_array().unwrap().iter().map(word).collect()
}

fn check_modalities(bits: u32, words_of: *const std::ffi::c_char, json: &Value) {
    let names = [
        (UCWA_MODALITY_MESSAGING, "Messaging"),
        (UCWA_MODALITY_AUDIO, "Audio"),
        (UCWA_MODALITY_VIDEO, "Video"),
        (UCWA_MODALITY_APPSHARE, "ApplicationSharing"),
        (UCWA_MODALITY_DATA, "DataCollaboration"),
        (UCWA_MODALITY_PANORAMIC_VIDEO, "PanoramicVideo"),
        (UCWA_MODALITY_PHONE_AUDIO, "PhoneAudio"),
    ];
    let mut expected = modality_names(json);
    assert_eq!(text(words_of), expected.join(","));
    let mut by_bits = words(bits, &names);
    expected.sort();
    by_bits.sort();
    assert_eq!(by_bits, expected);
}

fn check_error(error: *const ucwa_error, json: &Value) {
    let Some(error) = (unsafe { error.as_ref() }) else {
        assert!(json.is_null(), "{json}");
        return;
    };
    assert_eq!(error.struct_size as usize, size_of::<ucwa_error>());
    let name = text(ucwa_status_name(error.status)).to_lowercase();
    if json.get("kind").is_none() {
        // The server's own words, that came with an event.
        assert_eq!(name, "ucwa_e_server");
        assert_eq!(text(error.code), word(&json["code"]));
        assert_eq!(text(error.subcode), word(&json["subcode"]));
        assert_eq!(text(error.message), word(&json["message"]));
        return;
    }
    let kind = word(&json["kind"]);
    let expected = match kind.as_str() {
        "invalid_argument" => "invalid_arg",
        "discovery" => "autodiscover",
        "internal" => "panic",
        other => other,
    };
    assert_eq!(name, format!("ucwa_e_{expected}"));
    assert_eq!(text(error.message), word(&json["message"]));
    assert_eq!(error.http_status as u64, number(&json["http_status"]));
    assert_eq!(error.retryable == 1, json["retryable"].as_bool().unwrap());
    assert_eq!(error.retry_after_ms, json["retry_after_ms"].as_i64().unwrap_or(-1));
    assert_eq!(text(error.diagnostics), word(&json["diagnostics"]));
    assert_eq!(text(error.code), word(&json["reason"]["code"]));
    assert_eq!(text(error.subcode), word(&json["reason"]["subcode"]));
    assert_eq!(text(error.server_message), word(&json["reason"]["message"]));
}

fn check_person(person: &ucwa_participant, json: &Value) {
    assert_eq!(person.struct_size as usize, size_of::<ucwa_participant>());
    assert_eq!(person.id, number(&json["id"]));
    for (field, name) in [
        (person.uri, "uri"),
        (person.name, "name"),
        (person.role_text, "role"),
        (person.source_network, "source_network"),
        (person.work_phone, "work_phone"),
        (person.other_phone, "other_phone"),
        (person.contact, "contact"),
        (person.contact_photo, "contact_photo"),
        (person.contact_presence, "contact_presence"),
    ] {
        assert_eq!(text(field), word(&json[name]), "{name}");
    }
    for (bit, name) in [
        (UCWA_PART_LOCAL, "local"),
        (UCWA_PART_ORGANIZER, "organizer"),
        (UCWA_PART_ANONYMOUS, "anonymous"),
        (UCWA_PART_IN_LOBBY, "in_lobby"),
        (UCWA_PART_TYPING, "typing"),
        (UCWA_PART_PARTIAL, "partial"),
    ] {
        assert_eq!(person.flags & bit != 0, json[name].as_bool().unwrap(), "{name}");
    }
    let role = ["", "Attendee", "Leader"][index(person.role)];
    assert_eq!(role, word(&json["role"]));
    let can = [
        (UCWA_CAN_ADMIT, "admit"),
        (UCWA_CAN_REJECT, "reject"),
        (UCWA_CAN_EJECT, "eject"),
        (UCWA_CAN_PROMOTE, "promote"),
        (UCWA_CAN_DEMOTE, "demote"),
        (UCWA_CAN_MUTE_AUDIO, "muteAudio"),
        (UCWA_CAN_UNMUTE_AUDIO, "unmuteAudio"),
        (UCWA_CAN_MUTE_VIDEO, "muteVideo"),
        (UCWA_CAN_UNMUTE_VIDEO, "unmuteVideo"),
    ];
    let media = |modality: &str| {
        let all = json["media"].as_array();
        all.and_then(|all| all.iter().find(|media| media["modality"] == modality))
            .cloned()
            .unwrap_or_default()
    };
    for (direction, source_id, muted, modality) in [
        (person.audio_direction, person.audio_source_id, UCWA_PART_AUDIO_MUTED, "Audio"),
        (person.video_direction, person.video_source_id, UCWA_PART_VIDEO_MUTED, "Video"),
        (
            person.panoramic_video_direction,
            person.panoramic_video_source_id,
            UCWA_PART_PANORAMIC_VIDEO_MUTED,
            "PanoramicVideo",
        ),
        (person.application_sharing_direction, person.application_sharing_source_id, 0, "ApplicationSharing"),
    ] {
        let media = media(modality);
        assert_eq!(text(direction), word(&media["direction"]), "{modality}");
        assert_eq!(text(source_id), word(&media["source_id"]), "{modality}");
        assert_eq!(person.flags & muted != 0, muted != 0 && media["muted"] == true, "{modality}");
    }
    assert_eq!(words(person.can, &can), modality_names(&json["can"]));
    check_modalities(person.modalities, person.modalities_text, &json["modalities"]);
}

/// Compares an event with its JSON.
pub(crate) fn check(event: &Held) {
    let (it, json) = (event.get(), event.json());
    assert_eq!(it.struct_size as usize, size_of::<ucwa_event>());
    assert_eq!(it.seq, number(&json["seq"]));
    assert_eq!(it.unix_ms, json["unix_ms"].as_i64().unwrap());
    match word(&json["type"]).as_str() {
        "operation_done" => {
            let op = event.op().unwrap();
            assert_eq!((op.op, op.result_id), (number(&json["operation"]), number(&json["result"])));
            assert_eq!(op.status == OK, json["error"].is_null());
            check_error(it.error, &json["error"]);
        }
        "state" => {
            let state = event.state().unwrap();
            assert_eq!(STATES[index(state.old_state)], word(&json["old"]));
            assert_eq!(STATES[index(state.new_state)], word(&json["new"]));
            assert_eq!(u64::from(state.attempt), number(&json["attempt"]));
            assert_eq!(state.retry_in_ms, json["retry_in_ms"].as_i64().unwrap_or(-1));
            check_error(it.error, &json["reason"]);
        }
        "credentials_needed" => {
            let asked = event.credentials().unwrap();
            assert_eq!(["", "bearer", "password"][asked.kind as usize], word(&json["kind"]));
            assert_eq!(asked.request_id, number(&json["request_id"]));
            assert_eq!(u64::from(asked.attempt), number(&json["attempt"]));
            assert_eq!(text(asked.resource), word(&json["resource"]));
            assert_eq!(text(asked.authority), word(&json["authority"]));
            assert_eq!(text(asked.client_id), word(&json["client_id"]));
        }
        "overflow" => {
            let dropped = event.overflow().unwrap();
            assert_eq!(dropped.conversation, number(&json["conversation"]));
            assert_eq!(dropped.revision, number(&json["revision"]));
        }
        "invitation" => check_invitation(event, &json),
        "conversation" => check_conversation(event, &json),
        "participant" => {
            let delta = event.participant().unwrap();
            assert_eq!(PHASES[index(delta.phase)], word(&json["phase"]));
            assert_eq!(delta.conversation, number(&json["conversation"]));
            assert_eq!(delta.revision, number(&json["revision"]));
            let changed = json["changed"].as_array().map_or(0, Vec::len);
            assert_eq!(delta.changed.count_ones() as usize, changed);
            check_person(unsafe { &*delta.participant }, &json["participant"]);
        }
        other => panic!("{other} is not known here"),
    }
}

fn check_invitation(event: &Held, json: &Value) {
    let it = event.invitation().unwrap();
    assert_eq!(PHASES[index(it.phase)], word(&json["phase"]));
    assert_eq!(INVITES[index(it.kind)], word(&json["kind"]));
    assert_eq!(OUTCOMES[index(it.outcome)], word(&json["outcome"]));
    assert_eq!(it.incoming == 1, json["direction"] == "Incoming");
    assert_eq!((it.id, it.conversation), (number(&json["id"]), number(&json["conversation"])));
    assert_eq!(it.participant, number(&json["participant"]));
    let can = [
        (UCWA_INVITATION_CAN_ACCEPT, "accept"),
        (UCWA_INVITATION_CAN_DECLINE, "decline"),
        (UCWA_INVITATION_CAN_CANCEL, "cancel"),
    ];
    assert_eq!(words(it.flags, &can), modality_names(&json["can"]));
    assert_eq!(it.flags & UCWA_INVITATION_ENTRY_MISSING != 0, json["entry_missing"] == true);
    let joinable = json["available_modalities"].as_array();
    let joinable: Vec<String> = joinable.map_or_else(Vec::new, |all| all.iter().map(word).collect());
    assert_eq!(text(it.available_modalities_text), joinable.join(","));
    for (field, name) in [
        (it.state, "state"),
        (it.status_text, "status"),
        (it.from_uri, "from"),
        (it.from_name, "from_name"),
        (it.to_uri, "to"),
        (it.on_behalf_of, "on_behalf_of"),
        (it.subject, "subject"),
        (it.message_text, "message"),
        (it.custom_content, "custom_content"),
        (it.custom_content_type, "custom_content_type"),
        (it.phone_number, "phone_number"),
        (it.anonymous_display_name, "anonymous_display_name"),
        (it.meeting_uri, "meeting_uri"),
        (it.importance, "importance"),
        (it.thread_id, "thread_id"),
        (it.operation_id, "operation_id"),
    ] {
        assert_eq!(text(field), word(&json[name]), "{name}");
    }
    let accepted_by = match it.accepted_by_count {
        0 => Vec::new(),
        count => unsafe { std::slice::from_raw_parts(it.accepted_by, count) }.to_vec(),
    };
    let expected: Vec<u64> =
        json["accepted_by"].as_array().map(|ids| ids.iter().map(number).collect()).unwrap_or_default();
    assert_eq!(accepted_by, expected);
    check_error(event.get().error, &json["reason"]);
}

fn check_conversation(event: &Held, json: &Value) {
    let it = event.conversation().unwrap();
    assert_eq!(PHASES[index(it.phase)], word(&json["phase"]));
    assert_eq!(it.id, number(&json["id"]));
    assert_eq!(it.participant_count, json["participant_count"].as_i64().unwrap_or(-1));
    let can = it.flags & UCWA_CONV_CAN_ADD_PARTICIPANT != 0;
    assert_eq!(json!(can), json["can_add_participant"]);
    assert_eq!(it.flags & UCWA_CONV_RECORDING != 0, json["recording"] == json!(true));
    let meeting = &json["meeting"];
    for (field, value) in [
        (it.state, &json["state"]),
        (it.subject, &json["subject"]),
        (it.importance, &json["importance"]),
        (it.thread_id, &json["thread_id"]),
        (it.audience_mute, &json["audience_mute"]),
        (it.audience_messaging, &json["audience_messaging"]),
        (it.meeting_uri, &meeting["uri"]),
        (it.join_url, &meeting["join_url"]),
        (it.meeting_id, &meeting["id"]),
        (it.meeting_subject, &meeting["subject"]),
        (it.access_level, &meeting["access_level"]),
        (it.organizer_uri, &meeting["organizer_uri"]),
        (it.organizer_name, &meeting["organizer_name"]),
    ] {
        assert_eq!(text(field), word(value), "{json}");
    }
    check_modalities(it.modalities, it.modalities_text, &json["active_modalities"]);
    check_error(event.get().error, &json["reason"]);
}

#[test]
fn every_event_of_a_meeting_is_its_json() {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = Host::in_a_meeting(config(&simulator));
    let options = ucwa_add_participant_options {
        struct_size: size_of::<ucwa_add_participant_options>() as u32,
        modalities: UCWA_MODALITY_MESSAGING | UCWA_MODALITY_AUDIO,
        operation_id: c"a-name-of-our-own".as_ptr(),
        subject: c"Grüße".as_ptr(),
        on_behalf_of: c"Lene".as_ptr(),
    };
    for to in ["sip:ana@contoso.com", "sip:dan@contoso.com"] {
        let own = ucwa_add_participant_options {
            operation_id: if to.starts_with("sip:ana") { options.operation_id } else { null() },
            ..options
        };
        let (mut invitation, mut op) = (0, 0);
        ok(unsafe {
            let to = c(to);
            ucwa_conversation_add_participant(
                host.session,
                conversation,
                to.as_ptr(),
                &own,
                &mut invitation,
                &mut op,
            )
        });
        host.done(op);
        host.until("the end of it", |event| {
            event.invitation().filter(|it| it.id == invitation && it.outcome != 0).map(drop)
        });
        let mut found = null();
        ok(unsafe { ucwa_invitation_get(host.session, invitation, &mut found) });
        let found = Held(found);
        check(&found);
        assert_eq!(found.get().seq, 0);
        assert_eq!(found.invitation().unwrap().phase, UCWA_PHASE_COMPLETED);
        assert_eq!(text(found.invitation().unwrap().to_uri), to);
    }
    let posts = simulator.control().requests();
    let post =
        posts.iter().find(|r| r.method == "POST" && r.target.contains("participantInvitations")).unwrap();
    let body: Value = serde_json::from_str(&post.body).unwrap();
    let expected = json!({
        "operationId": "a-name-of-our-own", "to": "sip:ana@contoso.com", "subject": "Grüße",
        "onBehalfOf": "Lene", "modalities": ["Messaging", "Audio"],
    });
    for (name, value) in expected.as_object().unwrap() {
        if name != "modalities" || body.get("modalities").is_some() {
            assert_eq!(&body[name], value, "{name}");
        }
    }
    let mut op = 0;
    ok(unsafe { ucwa_session_close(host.session, &mut op) });
    host.rest();
    let kinds: std::collections::BTreeSet<u32> = host.heard.iter().map(|event| event.get().r#type).collect();
    let expected = [UCWA_EVENT_OP_DONE, UCWA_EVENT_STATE, UCWA_EVENT_INVITATION];
    assert!(expected.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    assert!(kinds.contains(&UCWA_EVENT_CONVERSATION) && kinds.contains(&UCWA_EVENT_PARTICIPANT), "{kinds:?}");
    host.heard.iter().for_each(check);
}

#[test]
fn a_snapshot_is_what_the_events_say() {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = Host::in_a_meeting(config(&simulator));
    for n in 0..20 {
        happen(&simulator, StoryAction::Join, &format!("sip:p{n}@contoso.com"));
    }
    let mut snapshot = null();
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        ok(unsafe { ucwa_roster_snapshot(host.session, conversation, &mut snapshot) });
        if unsafe { (*snapshot).count } == 21 {
            break;
        }
        unsafe { ucwa_roster_unref(snapshot) };
        assert!(std::time::Instant::now() < deadline, "not all came");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let roster = unsafe { &*snapshot };
    assert_eq!(roster.struct_size as usize, size_of::<ucwa_roster>());
    assert_eq!(roster.conversation, conversation);
    let revision = roster.revision;
    host.until("the delta that led there", |event| {
        event.participant().filter(|it| it.revision >= revision).map(drop)
    });
    // The last word of each person up to the snapshot is what the snapshot says.
    let mut room = std::collections::BTreeMap::new();
    for event in &host.heard {
        let Some(it) = event.participant().filter(|it| it.revision <= revision) else { continue };
        let id = unsafe { (*it.participant).id };
        if it.phase == UCWA_PHASE_DELETED {
            room.remove(&id);
        } else {
            room.insert(id, event.json()["participant"].clone());
        }
    }
    assert_eq!(room.len(), roster.count);
    // Kept by another reference, and read while it is.
    assert_eq!(unsafe { ucwa_roster_ref(snapshot) }, snapshot);
    unsafe { ucwa_roster_unref(snapshot) };
    for (at, (id, json)) in room.iter().enumerate() {
        let person = unsafe { ucwa_roster_at(snapshot, at) };
        check_person(unsafe { &*person }, json);
        assert_eq!(unsafe { ucwa_roster_find(snapshot, *id) }, person, "the same person by place and by id");
    }
    assert!(unsafe { ucwa_roster_at(snapshot, roster.count) }.is_null());
    assert!(unsafe { ucwa_roster_at(snapshot, usize::MAX) }.is_null());
    assert!(unsafe { ucwa_roster_find(snapshot, u64::MAX) }.is_null());
    unsafe { ucwa_roster_unref(snapshot) };
}

#[test]
fn conversations_can_be_listed_and_looked_up() {
    let simulator = simulator(|_| {});
    let (host, conversation) = Host::in_a_meeting(config(&simulator));
    let (mut ids, mut count) = ([0u64; 4], 0);
    ok(unsafe { ucwa_conversation_list(host.session, ids.as_mut_ptr(), ids.len(), &mut count) });
    assert_eq!((count, ids), (1, [conversation, 0, 0, 0]));
    ok(unsafe { ucwa_conversation_list(host.session, std::ptr::null_mut(), 0, &mut count) });
    assert_eq!(count, 1);
    let mut found = null();
    ok(unsafe { ucwa_conversation_get(host.session, conversation, &mut found) });
    let found = Held(found);
    check(&found);
    assert_eq!(found.conversation().unwrap().id, conversation);
    let mut missing = found.0;
    let status = unsafe { ucwa_conversation_get(host.session, 999_999, &mut missing) };
    fails(status, ucwa_status_code::UCWA_E_NOT_FOUND);
    assert!(missing.is_null());
    let mut roster = null();
    let status = unsafe { ucwa_roster_snapshot(host.session, 999_999, &mut roster) };
    fails(status, ucwa_status_code::UCWA_E_NOT_FOUND);
}
