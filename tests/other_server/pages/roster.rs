//! What stands around a participant (PROTOCOL 7.5 to 7.7): the user's own entry, the collections, the modalities.

use ucwa::model::{ParticipantChange, Phase};
use ucwa::wire::{Modality, Role};

use super::Room;
use crate::documents::{CONVERSATION, bare, member};
use crate::host::person;

/// John as he is after a membership event; he was there.
fn after(kind: &str, collection: &str) -> ParticipantChange {
    let mut room = Room::new();
    let john = room.joins(r#","name":"John","role":"Unknown","inLobby":false"#, "");
    if kind == "deleted" {
        room.in_room(&member("added", &person("p1"), collection));
        room.change();
    }
    room.in_room(&member(kind, &person("p1"), collection));
    let change = room.change();
    assert_eq!((change.phase, change.participant.id), (Phase::Updated, john.id));
    room.close();
    change
}

#[test]
fn added_in_leaders() {
    assert_eq!(after("added", "leaders").participant.role, Some(Role::Leader));
}

#[test]
fn added_in_attendees() {
    assert_eq!(after("added", "attendees").participant.role, Some(Role::Attendee));
}

#[test]
fn added_in_lobby() {
    assert!(after("added", "lobby").participant.in_lobby);
}

#[test]
fn deleted_in_lobby() {
    assert!(!after("deleted", "lobby").participant.in_lobby);
}

#[test]
fn added_in_typing_participants() {
    assert!(after("added", "typingParticipants").participant.typing);
}

#[test]
fn deleted_in_typing_participants() {
    assert!(!after("deleted", "typingParticipants").participant.typing);
}

/// Out of leaders or attendees: he is still there, as what he was, until an event says what he is now.
#[test]
fn deleted_in_leaders_and_attendees() {
    for (collection, other, role) in
        [("leaders", "attendees", Role::Attendee), ("attendees", "leaders", Role::Leader)]
    {
        let mut room = Room::new();
        let john = room.joins(r#","name":"John""#, "");
        room.in_room(&member("added", &person("p1"), collection));
        room.change();
        let moved = [member("deleted", &person("p1"), collection), member("added", &person("p1"), other)];
        room.in_room(&moved.join(","));
        let change = room.change();
        assert_eq!((change.phase, change.participant.id), (Phase::Updated, john.id));
        assert_eq!(change.participant.role, Some(role));
        room.in_room(&member("deleted", &person("p1"), other));
        room.in_room(&bare("deleted", &person("p1"), ""));
        assert_eq!(room.change().phase, Phase::Deleted, "only the event without `in` is the end");
        room.close();
    }
}

/// A modality that comes and goes. Attributed by `in`: the link may name somebody else's.
fn modality(rel: &str, expected: Modality) {
    let mut room = Room::new();
    let john = room.joins(r#","name":"John""#, "");
    room.joins(r#","name":"Ana""#, "");
    let event = |kind: &str, whose: &str| {
        format!(
            r#"{{"link":{{"rel":"{rel}","href":"{}/{rel}"}},"in":{{"rel":"participant","href":"{}","title":""}},"type":"{kind}"}}"#,
            person(whose),
            person("p1")
        )
    };
    room.in_room(&event("added", "p1"));
    let change = room.change();
    assert_eq!((change.phase, change.participant.id), (Phase::Updated, john.id));
    assert_eq!(change.participant.modalities, [expected]);
    room.in_room(&event("deleted", "p2"));
    let change = room.change();
    assert_eq!((change.participant.id, change.participant.modalities.len()), (john.id, 0));
    room.close();
}

#[test]
fn participant_messaging() {
    modality("participantMessaging", Modality::Messaging);
}

#[test]
fn participant_audio() {
    modality("participantAudio", Modality::Audio);
}

#[test]
fn participant_video() {
    modality("participantVideo", Modality::Video);
}

#[test]
fn participant_panoramic_video() {
    modality("participantPanoramicVideo", Modality::PanoramicVideo);
}

#[test]
fn participant_application_sharing() {
    modality("participantApplicationSharing", Modality::ApplicationSharing);
}

#[test]
fn participant_data_collaboration() {
    modality("participantDataCollaboration", Modality::DataCollaboration);
}

/// The user's own modality has `in` localParticipant.
#[test]
fn a_modality_of_the_user_himself() {
    let mut room = Room::new();
    let me = person("lenea");
    room.in_room(&format!(
        r#"{{"link":{{"rel":"participantMessaging","href":"{me}/messaging"}},"in":{{"rel":"localParticipant","href":"{me}"}},"type":"added"}}"#
    ));
    let change = room.change();
    assert!(change.participant.local);
    assert_eq!(change.participant.modalities, [Modality::Messaging]);
    room.close();
}

fn of_himself(kind: &str, href: &str, properties: &str) -> String {
    format!(
        r#"{{"link":{{"rel":"localParticipant","href":"{href}"}},"_embedded":{{"localParticipant":{{"rel":"participant","name":"Lene Aaling","uri":"sip:lenea@contoso.com"{properties},"_links":{{"self":{{"href":"{href}"}}}}}}}},"type":"{kind}"}}"#
    )
}

/// `added` of localParticipant is the user himself; under either address he stands once.
#[test]
fn local_participant_added() {
    let mut room = Room::new();
    let me = room.host.session.roster(room.id).unwrap().iter().next().unwrap().clone();
    assert!(me.local);
    assert_eq!(me.name, "Lene Aaling");
    room.in_room(&of_himself("added", &format!("{CONVERSATION}/localParticipant"), r#","role":"Leader""#));
    let change = room.change();
    assert_eq!((change.phase, change.participant.id), (Phase::Updated, me.id));
    assert_eq!(change.participant.role, Some(Role::Leader));
    room.close();
}

#[test]
fn local_participant_updated() {
    let mut room = Room::new();
    room.in_room(&of_himself("updated", &person("lenea"), r#","role":"Attendee""#));
    let change = room.change();
    assert!(change.participant.local);
    assert_eq!((change.phase, change.participant.role.clone()), (Phase::Updated, Some(Role::Attendee)));
    room.close();
}

#[test]
fn local_participant_deleted() {
    let mut room = Room::new();
    room.in_room(&format!(
        r#"{{"link":{{"rel":"localParticipant","href":"{}"}},"type":"deleted"}}"#,
        person("lenea")
    ));
    let change = room.change();
    assert!(change.participant.local);
    assert_eq!(change.phase, Phase::Deleted);
    room.close();
}
