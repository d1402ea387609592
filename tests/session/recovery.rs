//! A lost application: a new one takes its place, meetings are joined again, and nothing is told twice or not at all.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;
use ucwa::ErrorKind;
use ucwa::delivery::{Event, EventBody, Next, SessionState};
use ucwa::model::{ConversationId, Outcome, ParticipantId, Phase};
use ucwa::session::{AddParticipant, Meeting};
use ucwa::wire::ConversationState;
use ucwa_sim::{AccessLevel, LostApplication, PlannedMeeting, Simulator, StoryAction, StoryStep};

use crate::host::{Host, PATIENCE, config, simulator};

fn fault(simulator: &Simulator, fault: serde_json::Value) {
    simulator.control().set_fault(serde_json::from_value(fault).expect("a fault"));
}

fn lose(simulator: &Simulator) {
    let application = simulator.control().truth().applications.first().expect("an application").id.clone();
    simulator.control().lose_application(&application).unwrap();
}

fn planned(id: &str) -> PlannedMeeting {
    PlannedMeeting {
        id: id.into(),
        organizer: "sip:tosh@contoso.com".into(),
        subject: String::new(),
        access_level: AccessLevel::SameEnterprise,
        leaders: Vec::new(),
        attendees: Vec::new(),
    }
}

fn happen(simulator: &Simulator, meeting: &str, action: StoryAction, uri: Option<&str>, text: Option<&str>) {
    let (uri, text) = (uri.map(str::to_owned), text.map(str::to_owned));
    let step = StoryStep { at_ms: 0, action, uri, name: None, text };
    simulator.control().happen(meeting, &step).expect("it happens");
}

fn only_meeting(simulator: &Simulator) -> String {
    simulator.control().truth().meetings.first().expect("a meeting").uri.clone()
}

/// How many requests there were of this method to a path that ends so.
fn asked(simulator: &Simulator, method: &str, ending: &str) -> usize {
    let requests = simulator.control().requests();
    let path = |target: &str| target.split('?').next().unwrap_or_default().to_owned();
    requests.iter().filter(|r| r.method == method && path(&r.target).ends_with(ending)).count()
}

/// The states that came, with the attempt and the subcode of the reason.
fn states(host: &Host) -> Vec<(SessionState, u32, String)> {
    let state = |event: &Event| match &event.body {
        EventBody::State(change) => {
            let reason = change.reason.as_ref().and_then(|error| error.reason());
            let said = reason.map_or(String::new(), |reason| reason.subcode.clone());
            assert_eq!(change.retry_in.is_some(), change.new == SessionState::Recovering);
            Some((change.new, change.attempt, said))
        }
        _ => None,
    };
    host.heard.iter().filter_map(|event| state(event)).collect()
}

/// Reads events until the session was Online so often.
fn online_again(host: &mut Host, times: usize) {
    let mut seen = 0;
    host.until("Online again", |event| {
        let is_online = matches!(&event.body, EventBody::State(c) if c.new == SessionState::Online);
        seen += usize::from(is_online);
        (seen == times).then_some(())
    });
}

/// Reads events until the conversation was in this state so often.
fn in_state(host: &mut Host, conversation: ConversationId, state: &ConversationState, times: usize) {
    let (mut seen, mut last) = (0, None);
    host.until("the conversation's state", |event| match &event.body {
        EventBody::Conversation(change) if change.conversation.id == conversation => {
            let now = change.conversation.state.clone();
            seen += usize::from(now.as_ref() == Some(state) && last.as_ref() != Some(state));
            last = now;
            (seen == times).then_some(())
        }
        _ => None,
    });
}

/// Everything that was told of each conversation: the phases.
fn phases(host: &Host, conversation: ConversationId) -> Vec<Phase> {
    let of = |event: &Event| match &event.body {
        EventBody::Conversation(change) if change.conversation.id == conversation => Some(change.phase),
        _ => None,
    };
    host.heard.iter().filter_map(|event| of(event)).collect()
}

fn ids(host: &Host, conversation: ConversationId) -> BTreeMap<String, ParticipantId> {
    host.room(conversation).values().map(|person| (person.uri.clone(), person.id)).collect()
}

fn with_ana_and_dan(simulator: &Simulator) -> (Host, ConversationId) {
    let mut config = config(simulator);
    config.set("retry.first_pause_ms", "100").unwrap();
    let (mut host, conversation) = Host::in_a_meeting(&config);
    let meeting = only_meeting(simulator);
    for uri in ["sip:ana@contoso.com", "sip:dan@contoso.com"] {
        simulator.control().join(&meeting, uri).unwrap();
    }
    host.until_the_truth(simulator, conversation);
    (host, conversation)
}

#[test]
fn an_application_without_a_meeting_is_made_anew() {
    let simulator = simulator(|_| {});
    let mut host = Host::online(&config(&simulator));
    simulator.control().forget_requests();
    lose(&simulator);
    online_again(&mut host, 2);
    let expected = [
        (SessionState::Discovering, 0, String::new()),
        (SessionState::Authenticating, 0, String::new()),
        (SessionState::Online, 0, String::new()),
        (SessionState::Recovering, 1, "ApplicationNotFound".to_owned()),
        (SessionState::Online, 0, String::new()),
    ];
    assert_eq!(states(&host), expected);
    assert_eq!(asked(&simulator, "POST", "/applications"), 1);
    assert_eq!(asked(&simulator, "POST", "/oauthtoken"), 0, "the token is good");
    let started = host.session.start_meeting(&Meeting::default()).unwrap();
    host.done(started).expect("the new one works");
    let close = host.session.close();
    host.done(close).unwrap();
    assert!(simulator.control().truth().applications.is_empty(), "the new one is signed out");
}

/// Who could be reached before can be reached again when the session is Online.
#[test]
fn the_user_is_available_again() {
    let simulator = simulator(|_| {});
    let mut config = config(&simulator);
    config.set("available.modalities", "Messaging").unwrap();
    let mut host = Host::online(&config);
    simulator.control().forget_requests();
    lose(&simulator);
    online_again(&mut host, 2);
    assert_eq!(asked(&simulator, "POST", "/makeMeAvailable"), 1);
    assert_eq!(asked(&simulator, "POST", "/applications"), 1);
}

#[test]
fn a_meeting_is_joined_again_and_only_the_differences_are_told() {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = with_ana_and_dan(&simulator);
    let before = ids(&host, conversation);
    let told = host.heard.len();
    lose(&simulator);
    let meeting = only_meeting(&simulator);
    simulator.control().leave(&meeting, "sip:dan@contoso.com").unwrap();
    simulator.control().join(&meeting, "sip:bea@contoso.com").unwrap();
    in_state(&mut host, conversation, &ConversationState::Conferenced, 2);
    host.until_the_truth(&simulator, conversation);
    let after = ids(&host, conversation);
    for uri in ["sip:lene@contoso.com", "sip:ana@contoso.com"] {
        assert_eq!(after[uri], before[uri], "{uri} keeps the id");
    }
    let deltas: Vec<(Phase, String)> = host.heard[told..]
        .iter()
        .filter_map(|event| match &event.body {
            EventBody::Participant(c) if c.phase != Phase::Updated => {
                Some((c.phase, c.participant.uri.clone()))
            }
            _ => None,
        })
        .collect();
    let mut expected =
        vec![(Phase::Added, "sip:bea@contoso.com".into()), (Phase::Deleted, "sip:dan@contoso.com".into())];
    let mut came = deltas.clone();
    came.sort_by(|one, other| one.1.cmp(&other.1));
    expected.sort_by(|one: &(Phase, String), other| one.1.cmp(&other.1));
    assert_eq!(came, expected);
    assert!(!phases(&host, conversation).contains(&Phase::Deleted));
    let all = host.session.conversations();
    assert_eq!(all.len(), 1, "{all:?}");
    // It is as good as before: somebody can be invited, and it can be left.
    let (id, _) = host
        .session
        .add_participant(conversation, "sip:cora@contoso.com", &AddParticipant::default())
        .expect("may invite again");
    host.outcome(id);
    let left = host.session.leave(conversation).unwrap();
    host.done(left).unwrap();
    host.until("the end", |event| match &event.body {
        EventBody::Conversation(c) if c.phase == Phase::Deleted => Some(()),
        _ => None,
    });
}

#[test]
fn twice_in_a_row_is_counted() {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = with_ana_and_dan(&simulator);
    let before = ids(&host, conversation);
    simulator.control().forget_requests();
    for times in [2, 3] {
        lose(&simulator);
        online_again(&mut host, times);
    }
    in_state(&mut host, conversation, &ConversationState::Conferenced, 2);
    host.until_the_truth(&simulator, conversation);
    assert_eq!(ids(&host, conversation), before, "everybody keeps the id");
    let attempts: Vec<u32> =
        states(&host).iter().map(|state| state.1).filter(|attempt| *attempt > 0).collect();
    assert_eq!(attempts, [1, 2]);
    assert_eq!(asked(&simulator, "POST", "/applications"), 2);
    let joins = asked(&simulator, "POST", "/onlineMeetingInvitations");
    assert!((1..=2).contains(&joins), "{joins} requests to join");
}

#[test]
fn an_application_that_never_lives_ends_the_session() {
    let simulator = simulator(|_| {});
    let mut config = config(&simulator);
    config.set("event.attempts", "3").unwrap();
    let mut host = Host::online(&config);
    simulator.control().forget_requests();
    let gone = json!({"status": {"status": 404, "subcode": "ApplicationNotFound"}});
    // Each new one is said to be gone at once, by itself too.
    fault(&simulator, json!({"method": "GET", "path": "/applications/", "count": null, "does": gone}));
    lose(&simulator);
    let reason = host.until_state(SessionState::Failed).expect("a reason");
    assert_eq!(reason.reason().unwrap().subcode, "ApplicationNotFound");
    let attempts: Vec<u32> =
        states(&host).iter().map(|state| state.1).filter(|attempt| *attempt > 0).collect();
    assert_eq!(attempts, [1, 2, 3]);
    assert_eq!(asked(&simulator, "POST", "/applications"), 3);
    assert!(asked(&simulator, "GET", "/events") <= 4);
}

#[test]
fn two_meetings_are_joined_again() {
    let simulator = simulator(|settings| {
        settings.meetings = ["board", "team"].map(planned).into();
    });
    let mut host = Host::online(&config(&simulator));
    let mut made = Vec::new();
    for (meeting, uri) in [("board", "sip:ana@contoso.com"), ("team", "sip:dan@contoso.com")] {
        let truth = simulator.control().truth();
        let address = truth.meetings.iter().find(|m| m.id == meeting).unwrap().uri.clone();
        simulator.control().join(&address, uri).unwrap();
        let joined = host.session.join_meeting(&address, &Meeting::default()).unwrap();
        made.push((ConversationId::new(host.done(joined).unwrap()).unwrap(), uri));
    }
    let at = |host: &Host| made.iter().map(|(id, _)| ids(host, *id)).collect::<Vec<_>>();
    for (conversation, uri) in &made {
        host.until("he is there", |event| match &event.body {
            EventBody::Participant(c) if c.conversation == *conversation && c.participant.uri == *uri => {
                Some(())
            }
            _ => None,
        });
    }
    let before = at(&host);
    simulator.control().forget_requests();
    lose(&simulator);
    for (conversation, _) in &made {
        in_state(&mut host, *conversation, &ConversationState::Conferenced, 2);
    }
    for (conversation, uri) in &made {
        let deadline = Instant::now() + PATIENCE;
        let roster = loop {
            let roster = host.session.roster(*conversation).unwrap();
            if roster.is_complete() {
                break roster;
            }
            assert!(Instant::now() < deadline, "{roster:?}");
            if let Next::Event(event) = host.events.next(Some(Duration::from_millis(20))) {
                host.heard.push(event);
            }
        };
        assert!(roster.iter().any(|person| person.uri == *uri), "{roster:?}");
    }
    assert_eq!(at(&host), before, "everybody keeps the id, each in his own meeting");
    assert_eq!(asked(&simulator, "POST", "/onlineMeetingInvitations"), 2);
    assert_eq!(host.session.conversations().len(), 2);
}

#[test]
fn creation_that_fails_three_times_is_told_each_time() {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = with_ana_and_dan(&simulator);
    simulator.control().forget_requests();
    fault(
        &simulator,
        json!({"method": "POST", "path": "/applications", "count": 3, "does": {"status": {"status": 503}}}),
    );
    lose(&simulator);
    // What begins meanwhile says that it has to wait.
    host.until_state(SessionState::Recovering);
    let early = host.session.start_meeting(&Meeting::default()).unwrap_err();
    assert_eq!((early.kind(), early.is_retryable()), (ErrorKind::WrongState, true), "{early}");
    let early = host.session.leave(conversation).unwrap_err();
    assert_eq!((early.kind(), early.is_retryable()), (ErrorKind::WrongState, true), "{early}");
    online_again(&mut host, 2);
    let attempts: Vec<u32> =
        states(&host).iter().map(|state| state.1).filter(|attempt| *attempt > 0).collect();
    assert_eq!(attempts, [1, 2, 3, 4]);
    assert_eq!(asked(&simulator, "POST", "/applications"), 4);
    in_state(&mut host, conversation, &ConversationState::Conferenced, 2);
    host.until_the_truth(&simulator, conversation);
}

#[test]
fn what_is_under_way_ends_once_and_says_why() {
    let simulator = simulator(|settings| settings.switches.answer_timeout_ms = 60_000);
    let (mut host, conversation) = with_ana_and_dan(&simulator);
    let invite = |to: &str| {
        host.session.add_participant(conversation, to, &AddParticipant::default()).expect("may invite")
    };
    let (ringing, taken) = invite("sip:ines@contoso.com");
    host.done(taken).unwrap();
    fault(
        &simulator,
        json!({"method": "POST", "path": "participantInvitations", "does": {"delay": {"ms": 60_000}}}),
    );
    let (silent, unanswered) = invite("sip:bea@contoso.com");
    let posted = |truth: &ucwa_sim::Truth| {
        truth.invitations.iter().filter(|i| i.to.as_deref() == Some("sip:bea@contoso.com")).count() == 1
    };
    simulator.control().wait_until(PATIENCE, posted).expect("it is sent");
    lose(&simulator);
    assert_eq!(host.outcome(ringing).outcome, Some(Outcome::Lost));
    host.outcome(silent);
    let error = host.done(unanswered).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server, "{error}");
    assert!(error.is_retryable(), "{error}");
    assert_eq!(error.reason().unwrap().subcode, "ApplicationNotFound");
    in_state(&mut host, conversation, &ConversationState::Conferenced, 2);
    host.until_the_truth(&simulator, conversation);
    for id in [ringing, silent] {
        let ends = host.heard.iter().filter(
            |event| matches!(&event.body, EventBody::Invitation(c) if c.invitation.id == id && c.phase == Phase::Completed),
        );
        assert_eq!(ends.count(), 1, "invitation {id} ends once");
    }
}

#[test]
fn a_meeting_that_refuses_ends_with_its_reason() {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = with_ana_and_dan(&simulator);
    simulator.control().forget_requests();
    let refused = json!({"status": {"status": 404, "subcode": "DestinationNotFound"}});
    fault(&simulator, json!({"method": "POST", "path": "onlineMeetingInvitations", "does": refused}));
    lose(&simulator);
    let ended = host.until("the end of the conversation", |event| match &event.body {
        EventBody::Conversation(c) if c.phase == Phase::Deleted => Some(c.conversation.clone()),
        _ => None,
    });
    assert_eq!(ended.id, conversation);
    assert_eq!(ended.reason.as_ref().unwrap().subcode, "DestinationNotFound");
    assert!(host.session.conversations().is_empty());
    assert_eq!(asked(&simulator, "POST", "/onlineMeetingInvitations"), 1);
}

#[test]
fn a_meeting_that_asks_to_wait_shows_the_lobby() {
    let simulator = simulator(|settings| {
        settings.meetings = vec![planned("board")];
    });
    let mut host = Host::online(&config(&simulator));
    let uri = only_meeting(&simulator);
    simulator.control().join(&uri, "sip:ana@contoso.com").unwrap();
    let joined = host.session.join_meeting(&uri, &Meeting::default()).unwrap();
    let conversation = ConversationId::new(host.done(joined).unwrap()).unwrap();
    host.until_the_truth(&simulator, conversation);
    let before = ids(&host, conversation);
    happen(&simulator, &uri, StoryAction::AccessLevel, None, Some("Locked"));
    lose(&simulator);
    in_state(&mut host, conversation, &ConversationState::InLobby, 1);
    assert_eq!(host.session.conversation(conversation).unwrap().id, conversation);
    happen(&simulator, &uri, StoryAction::Admit, Some("sip:lene@contoso.com"), None);
    in_state(&mut host, conversation, &ConversationState::Conferenced, 2);
    host.until_the_truth(&simulator, conversation);
    assert_eq!(ids(&host, conversation), before);
}

#[test]
fn an_application_that_is_gone_for_good_ends_the_session() {
    let simulator = simulator(|settings| settings.switches.lost_application = LostApplication::Gone);
    let mut host = Host::online(&config(&simulator));
    simulator.control().forget_requests();
    lose(&simulator);
    let reason = host.until_state(SessionState::Failed).expect("a reason");
    assert_eq!(reason.reason().unwrap().subcode, "InactiveApplicationExpired");
    assert!(reason.advice().contains("open a new session"), "{reason}");
    assert_eq!(asked(&simulator, "POST", "/applications"), 0);
}

#[test]
fn a_meeting_that_is_being_left_is_not_joined_again() {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = with_ana_and_dan(&simulator);
    simulator.control().forget_requests();
    fault(
        &simulator,
        json!({"method": "DELETE", "path": "/conversations/", "does": {"status": {"status": 503, "headers": [["Retry-After", "20"]]}}}),
    );
    let leaving = host.session.leave(conversation).unwrap();
    let deleted = |_: &ucwa_sim::Truth| asked(&simulator, "DELETE", "") == 1;
    simulator.control().wait_until(PATIENCE, deleted).expect("it is sent");
    lose(&simulator);
    assert_eq!(host.done(leaving).unwrap(), conversation.get(), "he is out");
    online_again(&mut host, 2);
    assert!(phases(&host, conversation).contains(&Phase::Deleted));
    assert_eq!(asked(&simulator, "POST", "/onlineMeetingInvitations"), 0);
}
