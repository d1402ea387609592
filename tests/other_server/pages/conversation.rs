//! What a host is told of the conversation around a participant, and of its onlineMeeting (PROTOCOL 7.1, 7.9, 8.3, 8.6).

use std::sync::Arc;

use ucwa::delivery::EventBody;
use ucwa::model::{Conversation, Phase};
use ucwa::wire::{AccessLevel, AudienceSetting, ConversationState, Importance, Modality};

use super::Room;
use crate::documents::{CONVERSATION, from_communication, from_conversation};
use crate::server::Reply;

impl Room {
    /// The conversation is updated, with these properties and links (each with a comma before it).
    fn conversation(&mut self, properties: &str, links: &str) {
        self.say(&from_communication(&format!(
            r#"{{"link":{{"rel":"conversation","href":"{CONVERSATION}"}},"_embedded":{{"conversation":{{"rel":"conversation"{properties},"_links":{{"self":{{"href":"{CONVERSATION}"}}{links}}}}}}},"type":"updated"}}"#
        )));
    }

    fn until_conversation(&mut self, is: impl Fn(&Conversation) -> bool) -> Arc<Conversation> {
        let id = self.id;
        self.host.until("a conversation as expected", |event| match &event.body {
            EventBody::Conversation(change) if change.conversation.id == id && is(&change.conversation) => {
                Some(change.conversation.clone())
            }
            _ => None,
        })
    }
}

/// A property: two values, one after the other.
fn property<T: PartialEq>(first: (&str, T), second: (&str, T), see: impl Fn(&Conversation) -> T) {
    let mut room = Room::new();
    for (text, expected) in [first, second] {
        room.conversation(text, "");
        room.until_conversation(|it| see(it) == expected);
    }
    room.close();
}

#[test]
fn active_modalities() {
    property(
        (r#","activeModalities":["Messaging","Audio"]"#, vec![Modality::Messaging, Modality::Audio]),
        (r#","activeModalities":[]"#, vec![]),
        |it| it.active_modalities.clone(),
    );
}

#[test]
fn audience_messaging() {
    property(
        (r#","audienceMessaging":"Enabled""#, Some(AudienceSetting::Enabled)),
        (r#","audienceMessaging":"Disabled""#, Some(AudienceSetting::Disabled)),
        |it| it.audience_messaging.clone(),
    );
}

#[test]
fn audience_mute() {
    property(
        (r#","audienceMute":"Enabled""#, Some(AudienceSetting::Enabled)),
        (r#","audienceMute":"Disabled""#, Some(AudienceSetting::Disabled)),
        |it| it.audience_mute.clone(),
    );
}

#[test]
fn importance() {
    property(
        (r#","importance":"Urgent""#, Some(Importance::Urgent)),
        (r#","importance":"Emergency""#, Some(Importance::Emergency)),
        |it| it.importance.clone(),
    );
}

/// Told as it is said: nothing is counted, for it need not be the size of the roster.
#[test]
fn participant_count() {
    property((r#","participantCount":250"#, Some(250)), (r#","participantCount":0"#, Some(0)), |it| {
        it.participant_count
    });
}

#[test]
fn recording() {
    property((r#","recording":true"#, Some(true)), (r#","recording":false"#, Some(false)), |it| it.recording);
}

#[test]
fn state() {
    use ConversationState as S;
    property(
        (r#","state":"InLobby""#, Some(S::InLobby)),
        (r#","state":"Conferenced""#, Some(S::Conferenced)),
        |it| it.state.clone(),
    );
    property(
        (r#","state":"Connected""#, Some(S::Connected)),
        (r#","state":"Disconnecting""#, Some(S::Disconnecting)),
        |it| it.state.clone(),
    );
}

#[test]
fn subject() {
    property(
        (r#","subject":"Weekly""#, "Weekly".to_owned()),
        (r#","subject":"Monthly""#, "Monthly".to_owned()),
        |it| it.subject.clone(),
    );
}

#[test]
fn thread_id() {
    property((r#","threadId":"t1""#, "t1".to_owned()), (r#","threadId":"t2""#, "t2".to_owned()), |it| {
        it.thread_id.clone()
    });
}

fn phases(room: &Room) -> Vec<Phase> {
    let phases = room.host.heard.iter().filter_map(|event| match &event.body {
        EventBody::Conversation(change) if change.conversation.id == room.id => Some(change.phase),
        _ => None,
    });
    phases.collect()
}

/// An update without a body is read; `deleted` is the last word, with its reason.
#[test]
fn events() {
    let mut room = Room::new();
    assert_eq!(phases(&room).first(), Some(&Phase::Added));
    let body = r#"{"rel":"conversation","state":"Conferenced","subject":"As read"}"#;
    room.server.always(&format!("GET {CONVERSATION}"), Reply::json(body));
    let bare = |kind: &str, more: &str| {
        from_communication(&format!(
            r#"{{"link":{{"rel":"conversation","href":"{CONVERSATION}"}}{more},"type":"{kind}"}}"#
        ))
    };
    room.say(&bare("updated", ""));
    room.until_conversation(|it| it.subject == "As read");
    room.say(&bare("deleted", r#","reason":{"code":"Informational","subcode":"Ejected"}"#));
    let ended = room.until_conversation(|it| it.state == Some(ConversationState::Disconnected));
    assert_eq!(ended.reason.as_ref().map(|reason| reason.subcode.as_str()), Some("Ejected"));
    assert_eq!(phases(&room).last(), Some(&Phase::Deleted));
    assert!(room.host.session.conversation(room.id).is_none());
    room.close();
}

/// On the wire it begins with little more than its URI; the rest is read.
#[test]
fn online_meeting() {
    let mut room = Room::new();
    let at = format!("{CONVERSATION}/onlineMeeting");
    let whole = r#"{"rel":"onlineMeeting","onlineMeetingUri":"sip:lenea@contoso.com;gruu;opaque=app:conf:focus:id:K7","onlineMeetingId":"K7",
 "joinUrl":"https://meet.contoso.com/lenea/K7","subject":"Weekly","accessLevel":"Locked","organizerUri":"sip:lenea@contoso.com","organizerName":"Lene Aaling"}"#;
    room.server.always(&format!("GET {at}"), Reply::json(whole));
    room.say(&from_conversation(&format!(
        r#"{{"link":{{"rel":"onlineMeeting","href":"{at}"}},"in":{{"rel":"conversation","href":"{CONVERSATION}"}},"_embedded":{{"onlineMeeting":{{"rel":"onlineMeeting","onlineMeetingUri":"sip:lenea@contoso.com;gruu;opaque=app:conf:focus:id:K7","_links":{{"self":{{"href":"{at}"}}}}}}}},"type":"added"}}"#
    )));
    let told = room.until_conversation(|it| it.meeting.as_ref().is_some_and(|meeting| meeting.id == "K7"));
    let meeting = told.meeting.as_ref().unwrap();
    assert_eq!(meeting.uri, "sip:lenea@contoso.com;gruu;opaque=app:conf:focus:id:K7");
    assert_eq!(meeting.join_url, "https://meet.contoso.com/lenea/K7");
    assert_eq!(
        (meeting.subject.as_str(), meeting.access_level.as_ref()),
        ("Weekly", Some(&AccessLevel::Locked))
    );
    let organizer = (meeting.organizer_uri.as_str(), meeting.organizer_name.as_str());
    assert_eq!(organizer, ("sip:lenea@contoso.com", "Lene Aaling"));
    room.close();
}
