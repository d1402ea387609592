//! Meetings, invitations and rosters.

use ucwa::ErrorKind;
use ucwa::delivery::{EventBody, Mask, Next, Reader};
use ucwa::model::{Capability, ConversationId, InvitationId, Outcome, Phase};
use ucwa::session::{AddParticipant, Meeting};
use ucwa::wire::{ConversationState, Modality};
use ucwa_sim::{AccessLevel, PlannedMeeting, Simulator, StoryAction, StoryStep, Truth};

use crate::host::{Host, PATIENCE, config, simulator};

fn invite(host: &Host, conversation: ConversationId, to: &str) -> InvitationId {
    let (invitation, operation) =
        host.session.add_participant(conversation, to, &AddParticipant::default()).expect("may invite");
    assert_eq!(host.done(operation).expect("taken"), invitation.get());
    invitation
}

fn meeting_uri(truth: &Truth) -> String {
    truth.meetings.first().expect("a meeting").uri.clone()
}

fn happen(simulator: &Simulator, action: StoryAction, who: &str) {
    let control = simulator.control();
    let step = StoryStep { at_ms: 0, action, uri: Some(who.into()), name: None, text: None };
    control.happen(&meeting_uri(&control.truth()), &step).expect("it happens");
}

#[test]
fn every_invitation_ends_as_the_simulator_says() {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = Host::in_a_meeting(&config(&simulator));
    let rows = [
        ("sip:ana@contoso.com", Outcome::Accepted, ""),
        ("sip:dan@contoso.com", Outcome::Declined, "Declined"),
        ("sip:bea@contoso.com", Outcome::Busy, "Busy"),
        ("sip:dora@contoso.com", Outcome::Busy, "DoNotDisturb"),
        ("sip:ines@contoso.com", Outcome::NoAnswer, "Missed"),
        ("sip:ulf@contoso.com", Outcome::Unreachable, "Unreachable"),
        ("sip:nobody@contoso.com", Outcome::Unreachable, "DestinationNotFound"),
    ];
    let made: Vec<InvitationId> = rows.iter().map(|(to, ..)| invite(&host, conversation, to)).collect();
    for (id, (to, outcome, subcode)) in made.iter().zip(rows) {
        let invitation = host.outcome(*id);
        assert_eq!((invitation.to.as_str(), invitation.outcome), (to, Some(outcome)));
        assert_eq!(invitation.reason.as_ref().map_or("", |reason| &reason.subcode), subcode, "{to}");
        let truth = simulator.control().truth();
        let said = truth.invitation(&invitation.operation_id).expect("the simulator knows it");
        assert_eq!(said.subcode.as_deref().unwrap_or(""), subcode);
        assert_eq!(invitation.conversation, Some(conversation));
    }
    host.until_the_truth(&simulator, conversation);
    let ended = host.heard.iter().filter(
        |event| matches!(&event.body, EventBody::Invitation(c) if c.phase == Phase::Completed && made.contains(&c.invitation.id)),
    );
    assert_eq!(ended.count(), rows.len(), "each ends once");
}

#[test]
fn an_accepted_invitation_is_told_after_the_roster_entry_and_names_it() {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = Host::in_a_meeting(&config(&simulator));
    let id = invite(&host, conversation, "sip:ana@contoso.com");
    let invitation = host.outcome(id);
    let [ana] = invitation.accepted_by[..] else { panic!("{invitation:?}") };
    assert!(host.room(conversation).contains_key(&ana), "the entry was told before the outcome");
}

#[test]
fn the_roster_follows_whatever_people_do() {
    for embed in [true, false] {
        let simulator = simulator(|settings| settings.switches.embed_participants = embed);
        let (mut host, conversation) = Host::in_a_meeting(&config(&simulator));
        host.until_the_truth(&simulator, conversation);
        use StoryAction::{Admit, Demote, Eject, Join, JoinMessaging, Leave, Lobby, Promote, Reject};
        let steps = [
            (Join, "sip:ana@contoso.com"),
            (Join, "sip:bo@contoso.com"),
            (Lobby, "sip:gus@fabrikam.com"),
            (Lobby, "sip:hal@fabrikam.com"),
            (Promote, "sip:bo@contoso.com"),
            (Admit, "sip:gus@fabrikam.com"),
            (Reject, "sip:hal@fabrikam.com"),
            (JoinMessaging, "sip:ana@contoso.com"),
            (Demote, "sip:bo@contoso.com"),
            (Leave, "sip:ana@contoso.com"),
            (Join, "sip:ana@contoso.com"),
            (Eject, "sip:bo@contoso.com"),
        ];
        for (action, who) in steps {
            happen(&simulator, action, who);
            host.until_the_truth(&simulator, conversation);
        }
        assert!(host.session.roster(conversation).unwrap().iter().all(|person| !person.partial));
    }
}

#[test]
fn a_modality_is_seen_when_it_is_joined() {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = Host::in_a_meeting(&config(&simulator));
    happen(&simulator, StoryAction::Join, "sip:bo@contoso.com");
    happen(&simulator, StoryAction::JoinMessaging, "sip:bo@contoso.com");
    host.until("messaging of Bo", |event| match &event.body {
        EventBody::Participant(change) => {
            let person = &change.participant;
            (person.uri == "sip:bo@contoso.com" && person.modalities == [Modality::Messaging]).then_some(())
        }
        _ => None,
    });
    host.until_the_truth(&simulator, conversation);
}

fn planned(settings: &mut ucwa_sim::Settings, access_level: AccessLevel) {
    settings.meetings = vec![PlannedMeeting {
        id: "AB12CD".into(),
        organizer: "sip:tosh@contoso.com".into(),
        subject: "Weekly".into(),
        access_level,
        leaders: vec!["sip:ana@contoso.com".into()],
        attendees: Vec::new(),
    }];
}

#[test]
fn who_joins_learns_of_everybody_already_there() {
    let simulator = simulator(|settings| planned(settings, AccessLevel::Everyone));
    let uri = meeting_uri(&simulator.control().truth());
    for who in ["sip:ana@contoso.com", "sip:bo@contoso.com", "sip:dan@contoso.com"] {
        simulator.control().join(&uri, who).unwrap();
    }
    let mut host = Host::online(&config(&simulator));
    let joined = host.session.join_meeting(&uri, &Meeting::default()).unwrap();
    let conversation = ConversationId::new(host.done(joined).unwrap()).unwrap();
    host.until_the_truth(&simulator, conversation);
    host.until("the meeting's data", |event| match &event.body {
        EventBody::Conversation(change) => {
            let meeting = change.conversation.meeting.as_ref()?;
            (meeting.uri == uri && !meeting.join_url.is_empty()).then_some(())
        }
        _ => None,
    });
    // The collections are read beside the events, so completeness may come a moment after the people.
    let deadline = std::time::Instant::now() + PATIENCE;
    while !host.session.roster(conversation).unwrap().is_complete() {
        assert!(std::time::Instant::now() < deadline, "never complete");
        std::thread::yield_now();
    }
}

#[test]
fn waiting_in_the_lobby_is_told_and_ends_with_admission_or_refusal() {
    for admitted in [true, false] {
        let simulator = simulator(|settings| planned(settings, AccessLevel::Locked));
        let uri = meeting_uri(&simulator.control().truth());
        let mut host = Host::online(&config(&simulator));
        let joining = host.session.join_meeting(&uri, &Meeting::default()).unwrap();
        host.until("the lobby", |event| match &event.body {
            EventBody::Conversation(change)
                if change.conversation.state == Some(ConversationState::InLobby) =>
            {
                Some(())
            }
            _ => None,
        });
        let action = if admitted { StoryAction::Admit } else { StoryAction::Reject };
        happen(&simulator, action, "sip:lene@contoso.com");
        let result = host.done(joining);
        if admitted {
            let conversation = ConversationId::new(result.unwrap()).unwrap();
            host.until_the_truth(&simulator, conversation);
        } else {
            let error = result.unwrap_err();
            assert_eq!(error.reason().map(|reason| reason.subcode.as_str()), Some("Denied"), "{error}");
        }
    }
}

#[test]
fn acting_on_people_as_their_links_allow() {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = Host::in_a_meeting(&config(&simulator));
    happen(&simulator, StoryAction::Lobby, "sip:gus@fabrikam.com");
    happen(&simulator, StoryAction::Join, "sip:ana@contoso.com");
    let steps = [
        ("sip:gus@fabrikam.com", Capability::Admit),
        ("sip:gus@fabrikam.com", Capability::Promote),
        ("sip:gus@fabrikam.com", Capability::Demote),
        ("sip:ana@contoso.com", Capability::Eject),
    ];
    for (uri, capability) in steps {
        let who = host.until("that it is allowed", |event| match &event.body {
            EventBody::Participant(change) if change.participant.uri == uri => {
                change.participant.can.has(capability).then_some(change.participant.id)
            }
            _ => None,
        });
        host.until_the_truth(&simulator, conversation);
        let operation = host.session.act_on_participant(conversation, who, capability).expect("allowed");
        host.done(operation).expect("done");
        host.until_the_truth(&simulator, conversation);
    }
    let me = host.room(conversation).values().find(|person| person.local).unwrap().id;
    let refused = host.session.act_on_participant(conversation, me, Capability::Admit).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotAllowed);
}

#[test]
fn an_invitation_can_be_taken_back_while_the_server_offers_it() {
    let simulator = simulator(|settings| settings.switches.answer_timeout_ms = 60_000);
    let (mut host, conversation) = Host::in_a_meeting(&config(&simulator));
    let id = invite(&host, conversation, "sip:ines@contoso.com");
    host.until("that it began", |event| match &event.body {
        EventBody::Invitation(change) if change.invitation.id == id => Some(()),
        _ => None,
    });
    let cancel = host.session.cancel_invitation(id).unwrap();
    host.done(cancel).unwrap();
    assert_eq!(host.outcome(id).outcome, Some(Outcome::Cancelled));
    let again = host.session.cancel_invitation(id).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::NotAllowed, "it is over");
}

#[test]
fn leaving_ends_the_conversation_and_allows_nothing_more() {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = Host::in_a_meeting(&config(&simulator));
    let leave = host.session.leave(conversation).unwrap();
    host.done(leave).unwrap();
    host.until("the last word", |event| match &event.body {
        EventBody::Conversation(change) if change.phase == Phase::Deleted => Some(()),
        _ => None,
    });
    assert!(host.session.conversations().is_empty());
    assert!(host.session.roster(conversation).is_none());
    let late = host.session.add_participant(conversation, "sip:ana@contoso.com", &AddParticipant::default());
    assert_eq!(late.unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn limits_are_counted_in_characters_before_anything_is_sent() {
    let simulator = simulator(|_| {});
    let (host, conversation) = Host::in_a_meeting(&config(&simulator));
    let ana = "sip:ana@contoso.com";
    let with = |options: AddParticipant| host.session.add_participant(conversation, ana, &options);
    let subject = |n| AddParticipant { subject: Some("ß".repeat(n)), ..AddParticipant::default() };
    let on_behalf = |n| AddParticipant { on_behalf_of: Some("ß".repeat(n)), ..AddParticipant::default() };
    let own_id = |n| AddParticipant { operation_id: Some("ß".repeat(n)), ..AddParticipant::default() };
    for wrong in [subject(251), on_behalf(251), own_id(51)] {
        assert_eq!(with(wrong).unwrap_err().kind(), ErrorKind::InvalidArgument);
    }
    for right in [AddParticipant::default(), subject(250), on_behalf(250), own_id(50)] {
        let (_, operation) = with(right).unwrap();
        host.done(operation).unwrap();
    }
    let posts = simulator.control().requests();
    let posts = posts.iter().filter(|r| r.method == "POST" && r.target.contains("participantInvitations"));
    assert_eq!(posts.count(), 4);
}

#[test]
fn a_slow_reader_gets_one_overflow_and_catches_up_by_a_snapshot() {
    let simulator = simulator(|_| {});
    let mut config = config(&simulator);
    config.set("fetch.at_once", "8").unwrap();
    let (mut host, conversation) = Host::in_a_meeting(&config);
    let slow = Reader::new(Mask::ALL, 8);
    slow.attach(host.session.events());
    for n in 0..40 {
        happen(&simulator, StoryAction::Join, &format!("sip:p{n}@contoso.com"));
    }
    host.until_the_truth(&simulator, conversation);
    let mut overflow = None;
    let mut later = Vec::new();
    while let Next::Event(event) = slow.next(Some(std::time::Duration::ZERO)) {
        match &event.body {
            EventBody::Overflow(o) => assert!(overflow.replace(*o).is_none(), "one is enough"),
            EventBody::Participant(change) => later.push(change.revision),
            _ => {}
        }
    }
    let overflow = overflow.expect("an overflow");
    let roster = host.session.roster(conversation).unwrap();
    assert_eq!(overflow.conversation, conversation);
    assert!(roster.revision() >= overflow.revision);
    assert_eq!(roster.len(), 41);
    assert!(later.iter().all(|revision| *revision > overflow.revision || *revision <= roster.revision()));
}
