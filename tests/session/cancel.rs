//! Cancelling operations, in each of their phases: they end at once, and the server is left as if they had not been.

use serde_json::json;
use ucwa::delivery::{CredentialKind, EventBody, SessionState};
use ucwa::model::{ConversationId, OperationId, Outcome, Phase};
use ucwa::session::{AddParticipant, Config, Meeting};
use ucwa::wire::ConversationState;
use ucwa::{Error, ErrorKind};
use ucwa_sim::{AccessLevel, PlannedMeeting, Settings, Simulator, Truth};

use crate::host::{Host, PATIENCE, config, simulator};

/// Longer than any test: what waits for such an answer fails.
const NEVER_MS: u32 = 600_000;

fn slow(simulator: &Simulator, method: &str, path: &str) {
    let fault = json!({"method": method, "path": path, "count": null, "does": {"delay": {"ms": NEVER_MS}}});
    simulator.control().set_fault(serde_json::from_value(fault).expect("a fault"));
}

/// People who never answer by themselves in time.
fn patient(settings: &mut Settings) {
    settings.switches.answer_timeout_ms = u64::from(NEVER_MS);
}

fn until_truth(simulator: &Simulator, what: &str, is_so: impl Fn(&Truth) -> bool) {
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        let truth = simulator.control().truth();
        if is_so(&truth) {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "{what}: {truth:#?}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

fn nobody_is_in(truth: &Truth) -> bool {
    truth.conversations.iter().all(|conversation| conversation.ended)
        && truth.meetings.iter().all(|meeting| meeting.roster.is_empty())
}

fn cancel(host: &Host, operation: OperationId) {
    host.session.cancel(operation).expect("can be cancelled");
    let error = host.session.wait(operation, Some(std::time::Duration::ZERO)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "it has ended when the call returns: {error}");
}

/// Closes the session and gives how often the operation ended, and with what.
fn ends(mut host: Host, operation: OperationId) -> Vec<Result<u64, Error>> {
    host.session.close();
    host.rest();
    let done = host.heard.iter().filter_map(|event| match &event.body {
        EventBody::OperationDone(done) if done.operation == operation => Some(done.result.clone()),
        _ => None,
    });
    done.collect()
}

fn ended_once_as_cancelled(host: Host, operation: OperationId) {
    let ends = ends(host, operation);
    assert!(matches!(&ends[..], [Err(error)] if error.kind() == ErrorKind::Cancelled), "{ends:?}");
}

#[test]
fn an_invitation_is_cancelled_by_its_link_although_its_post_is_still_unanswered() {
    for embedded in [true, false] {
        let simulator = simulator(patient);
        let (mut host, conversation) = Host::in_a_meeting(&config(&simulator));
        slow(&simulator, "POST", "/participantInvitations");
        if !embedded {
            let bare = json!({"path": "/events", "count": null, "does": {"no_embedded": {}}});
            simulator.control().set_fault(serde_json::from_value(bare).unwrap());
        }
        let (id, operation) = host
            .session
            .add_participant(conversation, "sip:ines@contoso.com", &AddParticipant::default())
            .unwrap();
        until_truth(&simulator, "she rings", |truth| {
            truth.invitations.iter().any(|i| i.to.as_deref() == Some("sip:ines@contoso.com"))
        });
        // Without a body in its event only the answer of the POST, which never comes, or a GET says whose it is.
        cancel(&host, operation);
        let invitation = host.outcome(id);
        assert_eq!(invitation.outcome, Some(Outcome::Cancelled), "embedded: {embedded}");
        let truth = simulator.control().truth();
        let said = truth.invitation(&invitation.operation_id).expect("it rang");
        assert_eq!(said.outcome, Some(ucwa_sim::Outcome::Cancelled));
        ended_once_as_cancelled(host, operation);
    }
}

#[test]
fn an_invitation_that_waits_for_a_token_is_never_sent() {
    let simulator = simulator(patient);
    let mut asking = Config::new();
    asking.root_url(&simulator.root_url()).unwrap().proxy(Some("")).unwrap();
    asking.set("allow_http", "true").unwrap();
    let mut host = Host::new(&asking);
    let mut answered = 0;
    let mut answer = |host: &mut Host| {
        let request = host.until("a question", |event| match &event.body {
            EventBody::CredentialsNeeded(asked) if asked.request_id > answered => {
                assert_eq!(asked.kind, CredentialKind::Password);
                Some(asked.request_id)
            }
            _ => None,
        });
        answered = request;
        request
    };
    let supply = |host: &Host, request| {
        host.session.supply_password(request, "lene@contoso.com", "Pa55w.rd!".to_owned())
    };
    let open = host.session.open().unwrap();
    let question = answer(&mut host);
    supply(&host, question).unwrap();
    host.done(open).unwrap();
    let started = host.session.start_meeting(&Meeting::default()).unwrap();
    let conversation = ConversationId::new(host.done(started).unwrap()).unwrap();

    simulator.control().expire_tokens(None);
    let invite = |host: &Host, to: &str| {
        host.session.add_participant(conversation, to, &AddParticipant::default()).unwrap()
    };
    let (never, cancelled) = invite(&host, "sip:ines@contoso.com");
    let question = answer(&mut host);
    cancel(&host, cancelled);
    assert_eq!(host.outcome(never).outcome, Some(Outcome::Cancelled), "before any answer");
    if let Err(withdrawn) = supply(&host, question) {
        // The one who asked was the cancelled request; the event channel, which waited for its answer, asks again.
        assert_eq!(withdrawn.kind(), ErrorKind::NotFound, "{withdrawn}");
        let question = answer(&mut host);
        supply(&host, question).unwrap();
    }
    let (_, sent) = invite(&host, "sip:bo@contoso.com");
    host.done(sent).unwrap();
    let invited = simulator.control().truth().invitations;
    let invited: Vec<_> = invited.iter().filter_map(|invitation| invitation.to.as_deref()).collect();
    assert_eq!(invited, ["sip:bo@contoso.com"]);
    ended_once_as_cancelled(host, cancelled);
}

#[test]
fn a_meeting_whose_start_is_unanswered_is_left() {
    let simulator = simulator(|_| {});
    let host = Host::online(&config(&simulator));
    slow(&simulator, "POST", "/onlineMeetingInvitations");
    let operation = host.session.start_meeting(&Meeting::default()).unwrap();
    until_truth(&simulator, "the meeting begins", |truth| !truth.conversations.is_empty());
    cancel(&host, operation);
    until_truth(&simulator, "it is left", nobody_is_in);
    ended_once_as_cancelled(host, operation);
}

#[test]
fn a_meeting_that_is_cancelled_right_after_the_call_is_not_there_in_the_end() {
    // Whatever of it came about meanwhile.
    for _ in 0..20 {
        let simulator = simulator(|_| {});
        let mut host = Host::online(&config(&simulator));
        let operation = host.session.start_meeting(&Meeting::default()).unwrap();
        cancel(&host, operation);
        let outcome = host.until("the end of the invitation", |event| match &event.body {
            EventBody::Invitation(change) if change.phase == Phase::Completed => change.invitation.outcome,
            _ => None,
        });
        assert_ne!(outcome, Outcome::Lost);
        until_truth(&simulator, "it is left", nobody_is_in);
        ended_once_as_cancelled(host, operation);
    }
}

#[test]
fn who_waits_in_the_lobby_leaves_it() {
    let simulator = simulator(|settings| {
        settings.meetings = vec![PlannedMeeting {
            id: "AB12CD".into(),
            organizer: "sip:tosh@contoso.com".into(),
            subject: "Weekly".into(),
            access_level: AccessLevel::Locked,
            leaders: Vec::new(),
            attendees: Vec::new(),
        }];
    });
    let uri = simulator.control().truth().meetings.first().expect("a meeting").uri.clone();
    let mut host = Host::online(&config(&simulator));
    let operation = host.session.join_meeting(&uri, &Meeting::default()).unwrap();
    host.until("the lobby", |event| match &event.body {
        EventBody::Conversation(change) => {
            (change.conversation.state == Some(ConversationState::InLobby)).then_some(())
        }
        _ => None,
    });
    cancel(&host, operation);
    until_truth(&simulator, "the lobby is empty", nobody_is_in);
    host.until("the end of the conversation", |event| match &event.body {
        EventBody::Conversation(change) => (change.phase == Phase::Deleted).then_some(()),
        _ => None,
    });
    ended_once_as_cancelled(host, operation);
}

#[test]
fn a_sign_in_that_is_cancelled_closes_the_session() {
    for (method, path) in [("GET", "/"), ("POST", "/oauthtoken")] {
        let simulator = simulator(|_| {});
        slow(&simulator, method, path);
        let mut host = Host::new(&config(&simulator));
        let operation = host.session.open().unwrap();
        until_truth(&simulator, "it is asked", |_| {
            simulator.control().requests().iter().any(|r| r.method == method && r.target.contains(path))
        });
        cancel(&host, operation);
        host.until_state(SessionState::Closed);
        assert!(host.session.failure().is_none(), "that is no failure");
        assert!(simulator.control().truth().applications.is_empty());
        ended_once_as_cancelled(host, operation);
    }
}

#[test]
fn closing_cannot_be_cancelled() {
    let simulator = simulator(|_| {});
    let mut config = config(&simulator);
    config.set("close.timeout_s", "1").unwrap();
    let host = Host::online(&config);
    slow(&simulator, "DELETE", "/applications/");
    let close = host.session.close();
    let refused = host.session.cancel(close).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::WrongState, "{refused}");
    assert_eq!(host.done(close).unwrap(), 0);
    host.session.cancel(close).expect("it has ended");
}

#[test]
fn an_unanswered_leave_is_not_waited_for() {
    let simulator = simulator(|_| {});
    let (mut host, conversation) = Host::in_a_meeting(&config(&simulator));
    slow(&simulator, "DELETE", "/conversations/");
    let operation = host.session.leave(conversation).unwrap();
    until_truth(&simulator, "it is left", nobody_is_in);
    cancel(&host, operation);
    host.until("the end of the conversation", |event| match &event.body {
        EventBody::Conversation(change) => (change.phase == Phase::Deleted).then_some(()),
        _ => None,
    });
    ended_once_as_cancelled(host, operation);
}

#[test]
fn what_has_ended_stays_as_it_ended_and_what_never_was_is_not_found() {
    let simulator = simulator(|_| {});
    let (host, conversation) = Host::in_a_meeting(&config(&simulator));
    let (id, operation) = host
        .session
        .add_participant(conversation, "sip:ana@contoso.com", &AddParticipant::default())
        .unwrap();
    host.done(operation).unwrap();
    host.session.cancel(operation).expect("too late is no error");
    assert_eq!(host.done(operation).unwrap(), id.get());
    let never = OperationId::new(operation.get() + 1).unwrap();
    assert_eq!(host.session.cancel(never).unwrap_err().kind(), ErrorKind::NotFound);
    let twice = host.session.start_meeting(&Meeting::default()).unwrap();
    host.session.cancel(twice).unwrap();
    host.session.cancel(twice).expect("twice is once");
    let ends = ends(host, operation);
    assert!(matches!(ends[..], [Ok(_)]), "{ends:?}");
}
