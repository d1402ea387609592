//! Two people of this library: each can be reached, and answers the other (PROTOCOL 3.5, 3.6, 6.5, 7.2).

use std::time::{Duration, Instant};

use ucwa::ErrorKind;
use ucwa::delivery::EventBody;
use ucwa::model::{ConversationId, Invitation, InvitationId, InvitationKind, Outcome, Phase};
use ucwa::session::{AddParticipant, Availability, Config, StartConversation};
use ucwa::wire::{ConversationState, DeclineReason, Direction, Importance, Modality};
use ucwa_sim::Simulator;

use crate::host::{Host, PATIENCE, config, simulator};

fn tosh(simulator: &Simulator) -> Config {
    let mut tosh = config(simulator);
    tosh.password("tosh@contoso.com", "Pa55w.rd!".to_owned()).unwrap();
    tosh.set("available.modalities", "Messaging").unwrap();
    tosh
}

/// The invitation that rings.
fn rings(host: &mut Host, kind: InvitationKind) -> Invitation {
    host.until("a ringing call", |event| match &event.body {
        EventBody::Invitation(change) => {
            let it = &change.invitation;
            let rings = it.kind == kind && it.direction == Direction::Incoming && it.outcome.is_none();
            rings.then(|| (**it).clone())
        }
        _ => None,
    })
}

fn until_state(host: &mut Host, id: ConversationId, state: ConversationState) {
    host.until(state.as_str(), |event| match &event.body {
        EventBody::Conversation(change) if change.conversation.id == id => {
            (change.conversation.state.as_ref() == Some(&state)).then_some(())
        }
        _ => None,
    });
}

#[test]
fn who_is_invited_to_a_meeting_accepts_and_is_in_it() {
    let simulator = simulator(|settings| settings.switches.answer_timeout_ms = 30_000);
    let mut tosh = Host::online(&tosh(&simulator));
    let (mut lene, conversation) = Host::in_a_meeting(&config(&simulator));
    let to = "sip:tosh@contoso.com";
    let (sent, _) = lene.session.add_participant(conversation, to, &AddParticipant::default()).unwrap();
    let call = rings(&mut tosh, InvitationKind::OnlineMeeting);
    assert_eq!((call.from_uri.as_str(), call.from_name.as_str()), ("sip:lene@contoso.com", "Lene Aaling"));
    assert!(call.meeting_uri.contains("focus:id:"), "{call:?}");
    assert!(call.can.accept && call.can.decline && !call.can.cancel);
    let accepted = tosh.session.accept_invitation(call.id).unwrap();
    let joined = ConversationId::new(tosh.done(accepted).expect("accepted")).unwrap();
    assert_eq!(tosh.outcome(call.id).outcome, Some(Outcome::Accepted));
    let ended = lene.outcome(sent);
    assert_eq!((ended.outcome, ended.entry_missing), (Some(Outcome::Accepted), false));
    let [taker] = ended.accepted_by[..] else { panic!("{ended:?}") };
    lene.until_the_truth(&simulator, conversation);
    assert_eq!(lene.session.roster(conversation).unwrap().get(taker).unwrap().uri, to);
    until_state(&mut tosh, joined, ConversationState::Conferenced);
    // An invitation that is over cannot be answered.
    let again = tosh.session.accept_invitation(call.id).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::NotAllowed);
    let again = tosh.session.decline_invitation(call.id, DeclineReason::Local).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::NotAllowed);
}

#[test]
fn who_declines_is_not_in_the_meeting() {
    let simulator = simulator(|settings| settings.switches.answer_timeout_ms = 30_000);
    let mut tosh = Host::online(&tosh(&simulator));
    let (mut lene, conversation) = Host::in_a_meeting(&config(&simulator));
    for reason in [DeclineReason::Local, DeclineReason::Global] {
        let to = "sip:tosh@contoso.com";
        let (sent, _) = lene.session.add_participant(conversation, to, &AddParticipant::default()).unwrap();
        let known: Vec<InvitationId> = ended(&tosh);
        let call = tosh.until("a ringing call", |event| match &event.body {
            EventBody::Invitation(change) if !known.contains(&change.invitation.id) => {
                Some(change.invitation.id)
            }
            _ => None,
        });
        let declined = tosh.session.decline_invitation(call, reason).unwrap();
        assert_eq!(tosh.done(declined).unwrap(), call.get());
        assert_eq!(tosh.outcome(call).outcome, Some(Outcome::Declined));
        assert_eq!(lene.outcome(sent).outcome, Some(Outcome::Declined));
    }
    lene.until_the_truth(&simulator, conversation);
}

fn ended(host: &Host) -> Vec<InvitationId> {
    let ends = host.heard.iter().filter_map(|event| match &event.body {
        EventBody::Invitation(change) if change.phase == Phase::Completed => Some(change.invitation.id),
        _ => None,
    });
    ends.collect()
}

#[test]
fn a_call_by_messaging_is_taken_and_becomes_a_meeting() {
    let simulator = simulator(|settings| settings.switches.answer_timeout_ms = 30_000);
    let mut tosh = Host::online(&tosh(&simulator));
    let mut lene = Host::online(&config(&simulator));
    let how = StartConversation {
        subject: Some("Lunch".into()),
        importance: Some(Importance::Urgent),
        message: Some("Hi Tosh + all, ünd?".into()),
    };
    let called = lene.session.start_conversation("sip:tosh@contoso.com", &how).unwrap();
    let call = rings(&mut tosh, InvitationKind::Messaging);
    assert_eq!((call.subject.as_str(), call.message.as_str()), ("Lunch", "Hi Tosh + all, ünd?"));
    assert_eq!(call.importance, Some(Importance::Urgent));
    let accepted = tosh.session.accept_invitation(call.id).unwrap();
    let his = ConversationId::new(tosh.done(accepted).expect("accepted")).unwrap();
    until_state(&mut tosh, his, ConversationState::Connected);
    let conversation = ConversationId::new(lene.done(called).expect("taken")).unwrap();
    until_state(&mut lene, conversation, ConversationState::Connected);
    // The third person: the server makes a meeting of it first.
    let to = "sip:ana@contoso.com";
    let (sent, taken) = lene.session.add_participant(conversation, to, &AddParticipant::default()).unwrap();
    assert_eq!(lene.done(taken).unwrap(), sent.get());
    until_state(&mut lene, conversation, ConversationState::Conferencing);
    until_state(&mut lene, conversation, ConversationState::Conferenced);
    assert_eq!(lene.outcome(sent).outcome, Some(Outcome::Accepted));
    let meeting = lene.session.conversation(conversation).unwrap().meeting.clone();
    assert!(meeting.is_some_and(|meeting| meeting.uri.contains("focus:id:")));
    lene.until_the_truth(&simulator, conversation);
}

#[test]
fn a_call_that_is_declined_is_the_end_of_the_operation() {
    let simulator = simulator(|_| {});
    let mut lene = Host::online(&config(&simulator));
    let called =
        lene.session.start_conversation("sip:dan@contoso.com", &StartConversation::default()).unwrap();
    let error = lene.done(called).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert_eq!(error.reason().unwrap().subcode, "Declined");
    assert_eq!(error.tried(), "start a conversation");
    let id = lene.until("the outcome", |event| match &event.body {
        EventBody::Invitation(change) if change.phase == Phase::Completed => Some(change.invitation.id),
        _ => None,
    });
    assert_eq!(lene.outcome(id).outcome, Some(Outcome::Declined));
}

#[test]
fn nobody_rings_who_is_not_available_and_a_call_makes_him_so() {
    let simulator = simulator(|settings| settings.switches.answer_timeout_ms = 30_000);
    let mut config_of_tosh = config(&simulator);
    config_of_tosh.password("tosh@contoso.com", "Pa55w.rd!".to_owned()).unwrap();
    config_of_tosh.set("activity.every_s", "1").unwrap();
    let mut tosh = Host::online(&config_of_tosh);
    let how = Availability { modalities: vec![Modality::Messaging], ..Availability::default() };
    for _ in 0..2 {
        // The second time he is so already.
        let available = tosh.session.make_available(&how).unwrap();
        assert_eq!(tosh.session.wait(available, Some(PATIENCE)).unwrap(), 0);
    }
    let posts = |what: &str| {
        let all = simulator.control().requests();
        all.iter().filter(|request| request.method == "POST" && request.target.ends_with(what)).count()
    };
    assert_eq!(posts("/makeMeAvailable"), 1);
    let deadline = Instant::now() + PATIENCE;
    while posts("/reportMyActivity") < 2 {
        assert!(Instant::now() < deadline, "activity is not reported again and again");
        std::thread::sleep(Duration::from_millis(20));
    }
    let lene = Host::online(&config(&simulator));
    lene.session.start_conversation("sip:tosh@contoso.com", &StartConversation::default()).unwrap();
    rings(&mut tosh, InvitationKind::Messaging);
}

#[test]
fn what_the_server_does_not_take_ends_the_sign_in_with_its_reason() {
    let simulator = simulator(|_| {});
    let mut wrong = config(&simulator);
    wrong.set("available.modalities", "Video").unwrap();
    let host = Host::new(&wrong);
    let open = host.session.open().unwrap();
    let error = host.done(open).unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Server, Some(403)));
}
