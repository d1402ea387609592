//! Who waits and who does not, what becomes of him, and how a meeting ends: on both sides.

use serde_json::{Value, json};
use ucwa_sim::{AccessLevel, Outcome, Person, ScriptedEnd, Simulator, StoryAction, StoryStep, Switches};

use crate::common::{Session, happen, has_link, href, participant, start, start_with};

fn with(change: impl FnOnce(&mut Switches)) -> Simulator {
    start_with(|settings| change(&mut settings.switches))
}

fn join(session: &Session, uri: &str) {
    let body = json!({"onlineMeetingUri": uri, "operationId": "join"});
    session.post(session.communication("joinOnlineMeeting"), &body).expect(201);
}

/// Those in the lobby, by the part before the @ of their addresses.
fn waiting(sim: &Simulator) -> Vec<String> {
    let roster = sim.control().truth().meetings[0].roster.clone();
    let waits = roster.into_iter().filter(|entry| entry.in_lobby);
    waits.map(|entry| entry.uri.split('@').next().unwrap_or_default().replace("sip:", "")).collect()
}

/// The scripted people come to the door, and the meeting decides.
#[test]
fn the_access_level_decides_who_waits() {
    let caller = "tel:+14255550100";
    let people =
        ["sip:col@contoso.com", "sip:named@contoso.com", "sip:fed@fabrikam.com", "sip:g@anonymous.invalid"];
    // Who waits with each access level, with and without the bypass for callers by phone.
    let table: [(&str, &str, &[&str]); 6] = [
        ("Everyone", "Disabled", &[]),
        ("SameEnterprise", "Disabled", &["fed", "g", caller]),
        ("SameEnterprise", "Enabled", &["fed", "g"]),
        ("Invited", "Disabled", &["col", "fed", "g", caller]),
        ("Invited", "Enabled", &["col", "fed", "g"]),
        ("Locked", "Enabled", &["col", "named", "fed", "g", caller]),
    ];
    for (level, bypass, wanted) in table {
        let sim = start();
        let lene = Session::sign_in(&sim, "lene");
        let plan = json!({
            "accessLevel": level, "attendees": ["sip:named@contoso.com"], "lobbyBypassForPhoneUsers": bypass,
            "phoneUserAdmission": "Enabled", "subject": "Plan",
        });
        let meeting =
            lene.post(href(lene.part("onlineMeetings"), "myOnlineMeetings"), &plan).expect(201).json();
        let uri = meeting["onlineMeetingUri"].as_str().expect("a URI").to_owned();
        lene.channel().join_meeting(&uri);
        for who in people.into_iter().chain([caller]) {
            happen(&sim, &uri, StoryAction::Arrive, who);
        }
        assert_eq!(waiting(&sim), wanted, "{level}, bypass {bypass}");
        // Changed while it runs: it counts for those who come from now on.
        let step =
            StoryStep { text: Some("Everyone".into()), ..StoryStep::new(0, StoryAction::AccessLevel, "") };
        sim.control().happen(&uri, &step).expect("it changes");
        happen(&sim, &uri, StoryAction::Arrive, "sip:late@fabrikam.com");
        assert_eq!(waiting(&sim), wanted, "{level}");
        assert_eq!(sim.control().truth().meetings[0].access_level, "Everyone");
    }
}

#[test]
fn callers_by_phone_may_not_be_let_in_at_all() {
    let sim = start();
    let lene = Session::sign_in(&sim, "lene");
    let (_, uri) = lene.channel().start_meeting();
    let step = StoryStep::new(0, StoryAction::Arrive, "tel:+14255550100");
    assert!(sim.control().happen(&uri, &step).is_err(), "phoneUserAdmission is Disabled");
}

/// Automatic leaders, named leaders, and everybody else.
#[test]
fn roles_are_those_of_the_plan() {
    let table = [
        ("Disabled", ["Attendee", "Attendee"]),
        ("SameEnterprise", ["Leader", "Attendee"]),
        ("Everyone", ["Leader", "Leader"]),
    ];
    for (automatic, [colleague, stranger]) in table {
        let sim = start();
        let lene = Session::sign_in(&sim, "lene");
        let plan = json!({
            "accessLevel": "Everyone", "automaticLeaderAssignment": automatic, "leaders": ["sip:named@fabrikam.com"],
        });
        let meeting =
            lene.post(href(lene.part("onlineMeetings"), "myOnlineMeetings"), &plan).expect(201).json();
        let uri = meeting["onlineMeetingUri"].as_str().expect("a URI").to_owned();
        lene.channel().join_meeting(&uri);
        for who in ["sip:col@contoso.com", "sip:fed@fabrikam.com", "sip:named@fabrikam.com"] {
            happen(&sim, &uri, StoryAction::Arrive, who);
        }
        let roster = sim.control().truth().meetings[0].roster.clone();
        let roles: Vec<&str> = roster.iter().map(|entry| entry.role.as_str()).collect();
        assert_eq!(roles, ["Leader", colleague, stranger, "Leader"], "{automatic}");
    }
}

/// In the lobby, admitted, promoted, demoted, ejected: what the user's own participant shows of it.
#[test]
fn the_local_participant_shows_what_became_of_the_user() {
    let sim = with(|switches| {
        switches.adhoc_access_level = AccessLevel::Locked;
        switches.local_membership_events = true;
    });
    let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
    let (mut host, mut events) = (lene.channel(), tosh.channel());
    let (hers, uri) = host.start_meeting();
    join(&tosh, &uri);
    let first = events.until("conversation: localParticipant added");
    events.until("conversation: localParticipant added in lobby");
    let own = || tosh.get(&first.href);
    assert_eq!((&own()["inLobby"], &own()["local"]), (&json!(true), &json!(true)));
    host.until("conversation: participant added in lobby");
    lene.act(href(&participant(&lene, &hers, "tosh"), "admit")).expect(204);
    events.until("conversation: localParticipant deleted in lobby");
    events.until("conversation: localParticipant added in attendees");
    assert_eq!((&own()["inLobby"], &own()["role"]), (&json!(false), &json!("Attendee")));
    let him = || participant(&lene, &hers, "tosh");
    events.until("communication: onlineMeetingInvitation completed Success");

    lene.act(href(&him(), "promote")).expect(204);
    let promoted = events.until("conversation: localParticipant updated");
    assert!(promoted.event.get("reason").is_none());
    assert_eq!(own()["role"], "Leader");
    let conversation =
        || tosh.get(first.body()["_links"]["conversation"]["href"].as_str().expect("a conversation"));
    assert!(has_link(&conversation(), "enableAudienceMuteLock"));
    let skip = events.seen.len();
    lene.act(href(&him(), "demote")).expect(204);
    let demoted = events.until_after(skip, "conversation: localParticipant updated");
    assert_eq!(demoted.event["reason"]["subcode"], "Demoted");
    assert!(own()["role"] == "Attendee" && !has_link(&conversation(), "enableAudienceMuteLock"));

    lene.act(href(&him(), "eject")).expect(204);
    let ended = events.until("communication: conversation updated Disconnected");
    assert_eq!(ended.event["reason"]["subcode"], "Ejected");
    events.until("conversation: localParticipant deleted");
    assert_eq!(tosh.status_of(&first.href), 404);
}

#[test]
fn a_full_meeting_and_a_full_lobby_turn_away() {
    for (level, subcode) in [
        (AccessLevel::SameEnterprise, "TooManyParticipants"),
        (AccessLevel::Locked, "TooManyLobbyParticipants"),
    ] {
        let sim = with(|switches| {
            switches.adhoc_access_level = level;
            switches.meeting_size = Some(1);
            switches.lobby_size = Some(0);
        });
        let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
        let (_, uri) = lene.channel().start_meeting();
        join(&tosh, &uri);
        let mut events = tosh.channel();
        let end = events.until("communication: onlineMeetingInvitation completed Failure");
        assert_eq!(end.event["reason"]["subcode"], subcode);
        events.until("communication: conversation deleted");
        assert_eq!(sim.control().truth().meetings[0].roster.len(), 1);
    }
}

#[test]
fn joining_can_be_made_to_fail_word_for_word() {
    let end = ScriptedEnd::new("Forbidden", "InviteesOnly", Outcome::Failed);
    let sim = with(|switches| switches.joining_fails = Some(end));
    let lene = Session::sign_in(&sim, "lene");
    let start = lene.communication("startOnlineMeeting");
    lene.post(start, &json!({"operationId": "start"})).expect(201);
    let mut events = lene.channel();
    let end = events.until("communication: onlineMeetingInvitation completed Failure");
    assert_eq!(end.event["reason"]["subcode"], "InviteesOnly");
    events.until("communication: conversation deleted");
}

/// The organizer deletes his meeting, or leaves it where that ends it: all conversations and open invitations end.
#[test]
fn the_organizer_ends_the_meeting() {
    for deletes in [true, false] {
        let sim = with(|switches| switches.organizer_ends = !deletes);
        let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
        let (mut host, mut events) = (lene.channel(), tosh.channel());
        let mine = href(lene.part("onlineMeetings"), "myOnlineMeetings");
        let plan = json!({"accessLevel": "Everyone", "leaders": ["sip:tosh@contoso.com"]});
        let meeting = lene.post(mine, &plan).expect(201).json();
        let uri = meeting["onlineMeetingUri"].as_str().expect("a URI").to_owned();
        let (hers, _) = host.join_meeting(&uri);
        let (his, _) = events.join_meeting(&uri);
        let invite = json!({"to": "sip:ines@contoso.com", "operationId": "open"});
        tosh.post(href(&his, "addParticipant"), &invite).expect(201);
        let end = if deletes { href(&meeting, "self") } else { href(&hers, "self") };
        lene.delete(end).expect(204);
        let over = events.until("communication: conversation deleted");
        assert_eq!(over.event["reason"]["subcode"], "Ended");
        events.until("communication: participantInvitation completed Failure");
        host.until("communication: conversation deleted");
        let truth = sim.control().truth();
        assert!(truth.meetings.iter().all(|meeting| meeting.roster.is_empty()));
        assert!(truth.conversations.iter().all(|conversation| conversation.ended));
        assert!(truth.invitations.iter().all(|invitation| invitation.outcome.is_some()));
    }
}

/// The meeting in a conversation: its own data, and how they change.
#[test]
fn a_conversation_shows_its_meeting() {
    let sim = with(|switches| switches.lean_online_meeting = true);
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let mine = href(lene.part("onlineMeetings"), "myOnlineMeetings");
    let plan = json!({
        "subject": "Plan", "description": "All of it", "attendees": ["sip:bo@contoso.com"],
        "lobbyBypassForPhoneUsers": "Enabled", "accessLevel": "Invited",
    });
    let planned = lene.post(mine, &plan).expect(201).json();
    let (conversation, uri) = events.join_meeting(planned["onlineMeetingUri"].as_str().expect("a URI"));
    let added = events.until("conversation: onlineMeeting added in conversation");
    let keys: Vec<_> = added.body().as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys, ["_links", "onlineMeetingUri", "rel"], "little at first");
    let updated = events.until("conversation: onlineMeeting updated in conversation");
    for meeting in [updated.body().clone(), lene.get(href(&conversation, "onlineMeeting"))] {
        let texts = [
            ("subject", "Plan"),
            ("description", "All of it"),
            ("accessLevel", "Invited"),
            ("organizerName", "Lene Aaling"),
            ("organizerUri", "sip:lene@contoso.com"),
            ("onlineMeetingUri", uri.as_str()),
            ("lobbyBypassForPhoneUsers", "Enabled"),
            ("phoneUserAdmission", "Disabled"),
            ("automaticLeaderAssignment", "Disabled"),
            ("onlineMeetingRel", "myOnlineMeetings"),
        ];
        for (name, value) in texts {
            assert_eq!(meeting[name], value);
        }
        let id = meeting["onlineMeetingId"].as_str().expect("an id");
        assert!(uri.ends_with(id) && meeting["joinUrl"].as_str().expect("a URL").ends_with(id));
        assert!(meeting["conferenceId"].as_str().expect("digits").parse::<u32>().is_ok());
        assert_eq!(meeting["attendees"], json!(["sip:bo@contoso.com"]));
        assert_eq!(lene.get(href(&meeting, "organizer"))["uri"], "sip:lene@contoso.com");
    }
    let skip = events.seen.len();
    let step = StoryStep { text: Some("New".into()), ..StoryStep::new(0, StoryAction::Subject, "") };
    sim.control().happen(&uri, &step).expect("it changes");
    assert_eq!(events.until_after(skip, "communication: conversation updated").body()["subject"], "New");
    let meeting = events.until_after(skip, "conversation: onlineMeeting updated");
    assert_eq!(meeting.body()["subject"], "New");
    assert_eq!(sim.control().truth().meetings[0].subject, "New");
    let of: &Value = &conversation["expirationTime"];
    assert_eq!(of, &planned["expirationTime"]);
}

#[test]
fn somebody_who_was_asked_and_is_rejected_is_told_and_so_is_the_inviter() {
    let sim = with(|switches| switches.adhoc_access_level = AccessLevel::Locked);
    let eva = Person { uri: "sip:eva@contoso.com".into(), name: "Eva".into(), ..Person::default() };
    sim.control().add_person(eva).expect("added");
    let (lene, tosh) = (Session::sign_in(&sim, "lene"), Session::sign_in(&sim, "tosh"));
    tosh.make_available();
    let (mut host, mut events) = (lene.channel(), tosh.channel());
    let (hers, _) = host.start_meeting();
    let invite = json!({"to": "sip:tosh@contoso.com", "operationId": "op"});
    let made = lene.post(href(&hers, "addParticipant"), &invite).expect(201);
    let asked = events.until("communication: onlineMeetingInvitation started");
    tosh.act(href(asked.body(), "accept")).expect(204);
    host.until("conversation: participant added in lobby");
    let invitation = lene.get(made.header("Location").expect("Location"));
    let waiting = lene.get(href(&invitation, "participant"));
    assert_eq!(waiting["inLobby"], true, "the link leads to the one who waits");
    lene.act(href(&waiting, "reject")).expect(204);
    for (channel, rel) in [(&mut host, "participantInvitation"), (&mut events, "onlineMeetingInvitation")] {
        let end = channel.until(&format!("communication: {rel} completed Failure"));
        assert_eq!(
            (&end.event["reason"]["code"], &end.event["reason"]["subcode"]),
            (&json!("Forbidden"), &json!("Denied"))
        );
    }
}

#[test]
fn participants_can_be_embedded_and_own_membership_told() {
    let sim = start_with(|settings| {
        settings.switches.embed_participants = true;
        settings.switches.local_membership_events = true;
    });
    let lene = Session::sign_in(&sim, "lene");
    let mut events = lene.channel();
    let (_, uri) = events.start_meeting();
    assert_eq!(
        events.until("conversation: localParticipant added in leaders").within.as_deref(),
        Some("leaders")
    );
    sim.control().join(&uri, "sip:bo@contoso.com").expect("he joins");
    let added = events.until("conversation: participant added");
    assert_eq!(added.body()["uri"], "sip:bo@contoso.com");
}
