//! participantInvitation (PROTOCOL 6, 7.3): its properties, links, events, states and outcomes.

use ucwa::ErrorKind;
use ucwa::delivery::EventBody;
use ucwa::model::{Invitation, Outcome, Phase};
use ucwa::wire::{Direction, EventStatus, Importance, InvitationState};

use super::{JOHN, Room};
use crate::documents::{
    CONVERSATION, INVITATIONS, embedded, from_communication, from_conversation, invitation,
};
use crate::host::person;
use crate::server::Reply;

/// A property: what `started` says, and what `updated` makes of it.
fn property<T: PartialEq + std::fmt::Debug>(
    first: (&str, T),
    second: (&str, T),
    see: impl Fn(&Invitation) -> T,
) {
    let mut room = Room::new();
    let (made, _) = room.invite();
    for (kind, (text, expected)) in [("started", first), ("updated", second)] {
        room.invitation(kind, "", text, "");
        room.until_told(made, |it| see(it) == expected);
    }
    room.close();
}

#[test]
fn direction() {
    // "Incoming", as the page prints it, is impossible; it is told as it is said.
    let direction = |word: &str| format!(r#","direction":"{word}""#);
    property(
        (&direction("Outgoing"), Direction::Outgoing),
        (&direction("Incoming"), Direction::Incoming),
        |it| it.direction.clone(),
    );
}

#[test]
fn importance() {
    let importance = |word: &str| format!(r#","importance":"{word}""#);
    property(
        (&importance("Normal"), Some(Importance::Normal)),
        (&importance("Urgent"), Some(Importance::Urgent)),
        |it| it.importance.clone(),
    );
    property(
        (&importance("Emergency"), Some(Importance::Emergency)),
        (&importance("Whim"), Some(Importance::Other("Whim".into()))),
        |it| it.importance.clone(),
    );
}

/// Two invitations at once whose events stand under addresses that nobody named: told apart by their operationId.
#[test]
fn operation_id() {
    let mut room = Room::new();
    let nowhere = || Reply::with("201 Created", "", "");
    let (one, posted) = room.host.invite(&room.server, room.id, JOHN, "first", nowhere());
    room.host.done(posted).unwrap();
    let (two, posted) = room.host.invite(&room.server, room.id, JOHN, "second", nowhere());
    room.host.done(posted).unwrap();
    let event = |number: &str, operation: &str, subcode: &str| {
        let body = crate::documents::invitation_body(number, operation, "Failed");
        let reason =
            format!(r#","status":"Failure","reason":{{"code":"RemoteFailure","subcode":"{subcode}"}}"#);
        invitation("completed", number, &(body + &reason))
    };
    room.say(&from_communication(&[event("8", "second", "Busy"), event("7", "first", "Declined")].join(",")));
    let ended = room.host.outcome(one);
    assert_eq!((ended.outcome, ended.operation_id.as_str()), (Some(Outcome::Declined), "first"));
    assert_eq!(room.host.outcome(two).outcome, Some(Outcome::Busy));
    room.close();
}

/// Each state of the enumeration, and one that nobody knows, is told as it comes.
#[test]
fn state() {
    use InvitationState as S;
    let states = [
        (S::Connecting, "Connecting"),
        (S::Alerting, "Alerting"),
        (S::Forwarded, "Forwarded"),
        (S::TeamRing, "TeamRing"),
        (S::Other("Humming".into()), "Humming"),
        (S::Connected, "Connected"),
    ];
    let mut room = Room::new();
    let (made, _) = room.invite();
    for (at, (_, word)) in states.iter().enumerate() {
        let kind = if at == 0 { "started" } else { "updated" };
        room.invitation(kind, "", &format!(r#","state":"{word}""#), "");
    }
    room.until_told(made, |it| it.state.as_ref() == Some(&S::Connected));
    let told = room.host.invitations().remove(&made).unwrap();
    let told: Vec<S> = told.into_iter().map(|(_, it)| it.state.clone().unwrap()).collect();
    assert_eq!(told, states.map(|(state, _)| state));
    room.close();
}

/// The states in which it ends, when nothing else says how.
#[test]
fn state_at_the_end() {
    use Outcome as O;
    for (word, outcome) in [
        ("Connected", O::Accepted),
        ("Declined", O::Declined),
        ("Cancelled", O::Cancelled),
        ("Failed", O::Failed),
    ] {
        let mut room = Room::new();
        let (made, _) = room.invite();
        room.invitation("completed", "", &format!(r#","state":"{word}""#), "");
        let ended = room.host.outcome(made);
        assert_eq!(
            (ended.outcome, ended.state.as_ref().map(|state| state.as_str())),
            (Some(outcome), Some(word))
        );
        room.close();
    }
}

#[test]
fn subject() {
    property(
        (r#","subject":"Strategy for next quarter""#, "Strategy for next quarter".to_owned()),
        (r#","subject":"""#, String::new()),
        |it| it.subject.clone(),
    );
}

#[test]
fn thread_id() {
    property(
        (r#","threadId":"292e0aaef36c426a97757f43dda19d06""#, "292e0aaef36c426a97757f43dda19d06".to_owned()),
        (r#","threadId":"Ac7bUftwUcVMzgTzRl+OQchCsUn35Q==""#, "Ac7bUftwUcVMzgTzRl+OQchCsUn35Q==".to_owned()),
        |it| it.thread_id.clone(),
    );
}

/// The events on the wire say no `to`: then it is the one of the request.
#[test]
fn to() {
    property(
        ("", JOHN.to_owned()),
        (r#","to":"sip:assistant@contoso.com""#, "sip:assistant@contoso.com".to_owned()),
        |it| it.to.clone(),
    );
}

#[test]
fn on_behalf_of() {
    property(
        (r#","onBehalfOf":"Dana Birkby""#, "Dana Birkby".to_owned()),
        (r#","onBehalfOf":"Lene Aaling""#, "Lene Aaling".to_owned()),
        |it| it.on_behalf_of.clone(),
    );
}

/// A data URI in the links, though the page lists it among the properties.
#[test]
fn message() {
    let mut room = Room::new();
    let (made, _) = room.invite();
    for (kind, href, text) in [
        ("started", "data:text/plain;base64,SGkgVG9zaA==", "Hi Tosh"),
        ("updated", "data:text/plain;charset=utf-8,Hello+Tosh%0d%0a", "Hello Tosh\r\n"),
    ] {
        room.invitation(kind, "", "", &format!(r#","message":{{"href":"{href}"}}"#));
        room.until_told(made, |it| it.message == text);
    }
    room.close();
}

/// Content of the inviter's own, with its media type.
#[test]
fn custom_content() {
    let mut room = Room::new();
    let (made, _) = room.invite();
    for (kind, href, content) in [
        ("started", "data:application/x-ticket;base64,VGlja2V0IDc=", ("application/x-ticket", "Ticket 7")),
        ("updated", "data:text/plain,Ticket%208", ("text/plain", "Ticket 8")),
    ] {
        room.invitation(kind, "", "", &format!(r#","customContent":{{"href":"{href}"}}"#));
        room.until_told(made, |it| (it.custom_content_type.as_str(), it.custom_content.as_str()) == content);
    }
    room.close();
}

/// A link that leads to something is told with its whole address, for a host that wants to go there.
fn link_is_told(rel: &str, href: &str) {
    let mut room = Room::new();
    let (made, _) = room.invite();
    room.invitation("started", "", r#","state":"Connecting""#, "");
    room.invitation("updated", "", r#","state":"Alerting""#, &format!(r#","{rel}":{{"href":"{href}"}}"#));
    let address = format!("{}{href}", room.server.here());
    let told = room.until_told(made, |it| it.state == Some(InvitationState::Alerting));
    let found = told.links.iter().find(|(known, _)| known.as_str() == rel);
    assert_eq!(found.map(|(_, address)| address.as_str()), Some(address.as_str()));
    room.ends(r#","status":"Success""#);
    room.close();
}

#[test]
fn link_to() {
    link_is_told("to", "/ucwa/oauth/v1/applications/105/people/107");
}

#[test]
fn link_application() {
    link_is_told("application", "/ucwa/oauth/v1/applications/105");
}

/// `self` may be spelled in another way than the event's link; it is the same invitation.
#[test]
fn link_self() {
    let mut room = Room::new();
    let (made, _) = room.invite();
    room.invitation("started", "", r#","state":"Connecting""#, "");
    let absolute = format!("https://fe1.contoso.com:443{INVITATIONS}/1");
    room.say(&from_communication(&format!(
        r#"{{"link":{{"rel":"participantInvitation","href":"{absolute}"}},"_embedded":{{"participantInvitation":{{"state":"Alerting","_links":{{"self":{{"href":"{absolute}"}}}}}}}},"type":"updated"}}"#
    )));
    room.until_told(made, |it| it.state == Some(InvitationState::Alerting));
    assert_eq!(room.host.invitations().len(), 2, "the meeting's and this one");
    room.ends(r#","status":"Success""#);
    room.close();
}

/// Present while it can be taken back; followed wherever it leads, with an empty POST (T-26).
#[test]
fn link_cancel() {
    let mut room = Room::new();
    let (made, _) = room.invite();
    let at = "/ucwa/oauth/v1/applications/105/communication/invitations/665/cancel";
    room.invitation("started", "", r#","state":"Connecting""#, &format!(r#","cancel":{{"href":"{at}"}}"#));
    room.until_told(made, |it| it.state.is_some());
    room.server.once(&format!("POST {at}"), Reply::no_content());
    let cancel = room.host.session.cancel_invitation(made).expect("the link is there");
    room.host.done(cancel).expect("204");
    assert_eq!(room.server.asked(&format!("POST {at}"))[0].body, "");
    room.invitation("updated", "", r#","state":"Alerting""#, "");
    room.until_told(made, |it| it.state == Some(InvitationState::Alerting));
    let gone = room.host.session.cancel_invitation(made).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotAllowed, "the link is gone");
    room.ends(r#","status":"Failure","reason":{"code":"LocalFailure","subcode":"Canceled"}"#);
    assert_eq!(room.host.outcome(made).outcome, Some(Outcome::Cancelled));
    room.close();
}

/// An invitation that somebody else made of this user's account: whose conversation it is says its link.
#[test]
fn link_conversation() {
    let mut room = Room::new();
    let at = format!("{INVITATIONS}/99");
    room.say(&from_communication(&format!(
        r#"{{"link":{{"rel":"participantInvitation","href":"{at}"}},"_embedded":{{"participantInvitation":{{"direction":"Outgoing","state":"Connecting","operationId":"theirs","_links":{{"self":{{"href":"{at}"}},"conversation":{{"href":"{CONVERSATION}"}}}}}}}},"status":"Success","type":"completed"}}"#
    )));
    let told = room.host.until("the invitation", |event| match &event.body {
        EventBody::Invitation(change) if change.invitation.operation_id == "theirs" => {
            Some(change.invitation.clone())
        }
        _ => None,
    });
    assert_eq!(told.conversation, Some(room.id));
    room.close();
}

/// Who invites: embedded, as the page has it.
#[test]
fn from_embedded() {
    let mut room = Room::new();
    let (made, _) = room.invite();
    let at = person("dana");
    room.say(&from_communication(&format!(
        r#"{{"link":{{"rel":"participantInvitation","href":"{INVITATIONS}/1"}},"_embedded":{{"participantInvitation":{{"state":"Connecting","_embedded":{{"from":{{"rel":"participant","name":"Dana","uri":"sip:dana@contoso.com","_links":{{"self":{{"href":"{at}"}}}}}}}}}}}},"type":"started"}}"#
    )));
    let told = room.until_told(made, |it| !it.from_uri.is_empty());
    assert_eq!((told.from_uri.as_str(), told.from_name.as_str()), ("sip:dana@contoso.com", "Dana"));
    room.ends(r#","status":"Success""#);
    room.close();
}

/// Who invites: a link alone, whose title is his name; his address is known if he is in the roster.
#[test]
fn from_linked() {
    let mut room = Room::new();
    room.in_room(&embedded("added", &person("dana"), "sip:dana@contoso.com", "Dana"));
    room.change();
    let (made, _) = room.invite();
    let from =
        |name: &str, title: &str| format!(r#","from":{{"href":"{}","title":"{title}"}}"#, person(name));
    room.invitation("started", "", "", &from("erik", "Erik"));
    room.until_told(made, |it| it.from_name == "Erik" && it.from_uri.is_empty());
    let (made, _) = room.invite();
    room.invitation("started", "", "", &from("dana", "Dana"));
    room.until_told(made, |it| it.from_name == "Dana" && it.from_uri == "sip:dana@contoso.com");
    room.close();
}

/// Ends well, with these links and this embedded; gives who took it and the ids of Ana and Bo.
fn taken_by(links: &str, embeds: &str) -> (Vec<u64>, [u64; 2]) {
    let mut room = Room::new();
    let ids = ["ana", "bo"].map(|name| {
        room.in_room(&embedded("added", &person(name), &format!("sip:{name}@contoso.com"), name));
        room.change().participant.id.get()
    });
    let (made, _) = room.invite();
    room.say(&from_communication(&format!(
        r#"{{"link":{{"rel":"participantInvitation","href":"{INVITATIONS}/1"}},"status":"Success","_embedded":{{"participantInvitation":{{"state":"Connected","_links":{{"conversation":{{"href":"{CONVERSATION}"}}{links}}}{embeds}}}}},"type":"completed"}}"#
    )));
    let taken = room.host.outcome(made).accepted_by.iter().map(|id| id.get()).collect();
    room.close();
    (taken, ids)
}

#[test]
fn accepted_by_participant_embedded() {
    let body =
        |name: &str| format!(r#"{{"rel":"participant","_links":{{"self":{{"href":"{}"}}}}}}"#, person(name));
    let embeds = format!(r#","_embedded":{{"acceptedByParticipant":[{},{}]}}"#, body("bo"), body("ana"));
    let (taken, [ana, bo]) = taken_by("", &embeds);
    assert_eq!(taken, [bo, ana], "it may be another than the one who was invited, and several");
}

#[test]
fn accepted_by_participant_linked() {
    let link = format!(r#","acceptedByParticipant":[{{"href":"{}"}}]"#, person("bo"));
    let (taken, [_, bo]) = taken_by(&link, "");
    assert_eq!(taken, [bo]);
}

/// The link `participant` is the one whom it is about.
#[test]
fn link_participant() {
    let link = format!(r#","participant":{{"href":"{}"}}"#, person("bo"));
    let (taken, [_, bo]) = taken_by(&link, "");
    assert_eq!(taken, [bo]);
    assert!(taken_by("", "").0.is_empty(), "nobody said who");
}

/// What the page embeds besides, and what it never lists, is passed over.
#[test]
fn what_is_of_no_use() {
    let embeds = r#","_embedded":{"startEmergencyCallInput":[{"rel":"startEmergencyCallParameters","_links":{"self":{"href":"/x"}}}],"choir":5}"#;
    let links = r#","application":{"href":"/ucwa/oauth/v1/applications/105"},"to":{"href":"/people/107"},"choir":{"href":"/c"}"#;
    assert!(taken_by(links, embeds).0.is_empty());
}

fn phases(room: &Room, of: ucwa::model::InvitationId) -> Vec<Phase> {
    room.host.invitations()[&of].iter().map(|(phase, _)| *phase).collect()
}

/// The events as the pages print them: nothing embedded, no status.
#[test]
fn event_started() {
    let mut room = Room::new();
    let (made, _) = room.invite();
    room.say(&from_communication(&invitation("started", "1", "")));
    room.until_told(made, |_| true);
    assert_eq!(phases(&room, made), [Phase::Started]);
    room.ends(r#","status":"Success""#);
    room.close();
}

/// An update without a body is read, and what it says is told.
#[test]
fn event_updated() {
    let mut room = Room::new();
    let (made, _) = room.invite();
    let body = r#"{"rel":"participantInvitation","state":"Alerting","operationId":"op1"}"#;
    room.server.always(&format!("GET {INVITATIONS}/1"), Reply::json(body));
    room.say(&from_communication(&invitation("updated", "1", "")));
    room.until_told(made, |it| it.state == Some(InvitationState::Alerting));
    room.ends(r#","status":"Success""#);
    room.close();
}

/// With its status; an invitation ends once.
#[test]
fn event_completed() {
    for (status, outcome, word) in [
        ("Success", Outcome::Accepted, EventStatus::Success),
        ("success", Outcome::Accepted, EventStatus::Success),
        ("Failure", Outcome::Failed, EventStatus::Failure),
        ("failure", Outcome::Failed, EventStatus::Failure),
    ] {
        let mut room = Room::new();
        let (made, _) = room.invite();
        let completed = invitation("completed", "1", &format!(r#","status":"{status}""#));
        room.say(&from_communication(&[completed.clone(), completed].join(",")));
        let ended = room.host.outcome(made);
        assert_eq!((ended.outcome, ended.status.as_ref()), (Some(outcome), Some(&word)));
        room.joins("", "");
        assert_eq!(phases(&room, made), [Phase::Completed]);
        room.close();
    }
}

/// The reason of a failure is told as it came.
#[test]
fn event_reason() {
    let mut room = Room::new();
    let (made, _) = room.invite();
    room.ends(
        r#","status":"Failure","reason":{"code":"RemoteFailure","subcode":"Declined","message":"Your invitation was declined."}"#,
    );
    let ended = room.host.outcome(made);
    let reason = ended.reason.as_ref().expect("a reason");
    let said = (reason.code.as_str(), reason.subcode.as_str(), reason.message.as_str());
    assert_eq!(said, ("RemoteFailure", "Declined", "Your invitation was declined."));
    room.close();
}

/// GET on the invitation: asked for when an event names it alone, and all of it is told.
#[test]
fn get() {
    let mut room = Room::new();
    let (made, _) = room.invite();
    let whole = format!(
        r#"{{"rel":"participantInvitation","direction":"Outgoing","importance":"Urgent","operationId":"op1","state":"Alerting",
 "subject":"Strategy","threadId":"292e","to":"sip:assistant@contoso.com","_links":{{"self":{{"href":"{INVITATIONS}/1"}},
 "message":{{"href":"data:text/plain;base64,SGk="}},"cancel":{{"href":"/c"}},"conversation":{{"href":"{CONVERSATION}"}}}},
 "_embedded":{{"from":{{"name":"Lene","uri":"sip:lenea@contoso.com"}}}}}}"#
    );
    room.server.always(&format!("GET {INVITATIONS}/1"), Reply::json(&whole));
    room.say(&from_communication(&invitation("started", "1", "")));
    let told = room.until_told(made, |it| it.state.is_some());
    assert_eq!((told.importance.as_ref(), told.subject.as_str()), (Some(&Importance::Urgent), "Strategy"));
    assert_eq!((told.thread_id.as_str(), told.to.as_str()), ("292e", "sip:assistant@contoso.com"));
    assert_eq!((told.message.as_str(), told.from_name.as_str()), ("Hi", "Lene"));
    assert_eq!(room.server.asked(&format!("GET {INVITATIONS}/1")).len(), 1);
    room.server.once("POST /c", Reply::no_content());
    let cancel = room.host.session.cancel_invitation(made).expect("its link was read");
    room.host.done(cancel).unwrap();
    room.ends(r#","status":"Failure","reason":{"code":"LocalFailure","subcode":"Canceled"}"#);
    room.close();
}

/// Success is told after the roster entry, when the server tells them in this order.
#[test]
fn success_comes_after_the_participant() {
    let mut room = Room::new();
    let (made, _) = room.invite();
    room.say(
        &[
            from_conversation(&embedded("added", &person("john"), JOHN, "John")),
            from_communication(&invitation("completed", "1", r#","status":"Success""#)),
        ]
        .join(","),
    );
    room.host.outcome(made);
    assert_eq!(room.host.room(room.id).values().filter(|p| p.uri == JOHN).count(), 1);
    room.close();
}

/// Each of these subcodes leads to this outcome, and is told as it came.
fn outcome_of(outcome: Outcome, subcodes: &str) {
    let mut room = Room::new();
    for subcode in subcodes.split_whitespace() {
        let (made, _) = room.invite();
        room.ends(&format!(
            r#","status":"Failure","reason":{{"code":"RemoteFailure","subcode":"{subcode}","message":null}}"#
        ));
        let ended = room.host.outcome(made);
        assert_eq!(ended.outcome, Some(outcome), "{subcode}");
        assert_eq!(ended.reason.as_ref().unwrap().subcode, subcode);
    }
    room.close();
}

#[test]
fn outcome_declined() {
    outcome_of(Outcome::Declined, "Declined NotAcceptable NotAllowed RepliedWithOtherModality Denied");
}

#[test]
fn outcome_busy() {
    outcome_of(Outcome::Busy, "Busy DoNotDisturb");
}

#[test]
fn outcome_no_answer() {
    outcome_of(Outcome::NoAnswer, "Timeout Missed Expired");
}

#[test]
fn outcome_cancelled() {
    outcome_of(Outcome::Cancelled, "Canceled CallTerminated");
}

#[test]
fn outcome_unreachable() {
    outcome_of(
        Outcome::Unreachable,
        "DestinationNotFound Unreachable TemporarilyUnavailable Unavailable FederationRequired ModalityNotSupported",
    );
}

/// Taken elsewhere, refused by the meeting, media: the subcode says more than any outcome could.
#[test]
fn outcome_failed() {
    outcome_of(
        Outcome::Failed,
        "ConnectedElsewhere AutoAccepted Forwarded Redirected Transferred DerivedConversation Replaced InviteesOnly \
         Ejected Removed Ended Demoted AttendeeNotAllowed TooManyParticipants TooManyLobbyParticipants \
         EscalationFailed DialoutNotAllowed TooManyConversations ThreadIdAlreadyExists MediaFailure \
         MediaEncryptionMismatch MediaEncryptionNotSupported MediaEncryptionRequired MediaNegotiationFailure \
         MediaNegotiationTimeOut InsufficientBandwidth IPv6NotSupported InvalidMediaDescription MediaFallback \
         NeverHeardOf None",
    );
}

/// Codes decide when there is no subcode that does (PROTOCOL 6.6, T-32).
#[test]
fn outcome_by_code() {
    use Outcome as O;
    let codes = [
        ("NotFound", O::Unreachable),
        ("NotAcceptable", O::Declined),
        ("Timeout", O::NoAnswer),
        ("GatewayTimeout", O::NoAnswer),
        ("gatewaytimeout", O::NoAnswer),
        ("BadRequest", O::Failed),
        ("Forbidden", O::Failed),
        ("Conflict", O::Failed),
        ("EntityTooLarge", O::Failed),
        ("ServiceFailure", O::Failed),
        ("LocalFailure", O::Failed),
        ("RemoteFailure", O::Failed),
        ("Informational", O::Failed),
        ("ExchangeServiceFailure", O::Failed),
        ("SomethingNew", O::Failed),
    ];
    let mut room = Room::new();
    for (code, outcome) in codes {
        let (made, _) = room.invite();
        room.ends(&format!(r#","status":"Failure","reason":{{"code":"{code}"}}"#));
        let ended = room.host.outcome(made);
        assert_eq!((ended.outcome, ended.reason.as_ref().unwrap().code.as_str()), (Some(outcome), code));
    }
    room.close();
}
