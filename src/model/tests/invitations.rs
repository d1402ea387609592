//! Rules of invitations, one by one.

use super::*;
use crate::model::{
    Fetched, Invitation, InvitationChange, InvitationId, InvitationKind, Inviting, Outcome, Subject,
};
use crate::wire::{Direction, EventStatus, InvitationBody, InvitationState, Reason, Target};

const ADDRESS: &str = "/ucwa/v1/applications/1/communication/invitations/303";

fn invite(world: &mut World, kind: InvitationKind, operation_id: &str) -> InvitationId {
    world.invite(Duration::ZERO, inviting(kind, operation_id))
}

fn inviting(kind: InvitationKind, operation_id: &str) -> Inviting {
    Inviting {
        kind,
        conversation: None,
        to: "sip:bo@contoso.com".into(),
        subject: String::new(),
        on_behalf_of: String::new(),
        meeting_uri: String::new(),
        operation_id: operation_id.into(),
    }
}

fn about(kind: EventType, href: &str) -> Event {
    event(kind, Rel::ParticipantInvitation, href)
}

fn bodied(event: Event, operation_id: Option<&str>, state: InvitationState) -> Event {
    let body = InvitationBody {
        operation_id: operation_id.map(Into::into),
        state: Some(state),
        direction: Some(Direction::Outgoing),
        links: [(Rel::Conversation, Link::new(ROOM))].into_iter().collect(),
        ..InvitationBody::default()
    };
    with_body(event, Body::Invitation(Box::new(body)))
}

fn completed(href: &str, status: Option<EventStatus>, subcode: &str) -> Event {
    let mut event = about(EventType::Completed, href);
    event.status = status;
    event.reason = (!subcode.is_empty()).then(|| Reason {
        code: "RemoteFailure".into(),
        subcode: subcode.into(),
        ..Reason::default()
    });
    event
}

fn say(world: &mut World, events: Vec<Event>) -> Output {
    apply(world, page(vec![from_communication(events)]))
}

fn location(href: &str) -> Option<Target> {
    Some(Target::new(Link::new(href).href, base()))
}

fn told(output: &Output) -> Vec<(Phase, InvitationId, Option<Outcome>)> {
    let changes = output.changes.iter().filter_map(|change| match change {
        Change::Invitation(InvitationChange { phase, invitation }) => Some((phase, invitation)),
        _ => None,
    });
    changes
        .map(|(phase, invitation): (&Phase, &Arc<Invitation>)| (*phase, invitation.id, invitation.outcome))
        .collect()
}

#[test]
fn from_started_to_its_outcome() {
    let mut world = World::new();
    let id = invite(&mut world, InvitationKind::Participant, "op1");
    apply(&mut world, Input::Answered { invitation: id, location: location(ADDRESS) });
    let started = bodied(about(EventType::Started, ADDRESS), Some("op1"), InvitationState::Connecting);
    assert_eq!(told(&say(&mut world, vec![started])), [(Phase::Started, id, None)]);
    let rings = bodied(about(EventType::Updated, ADDRESS), Some("op1"), InvitationState::Alerting);
    assert_eq!(told(&say(&mut world, vec![rings])), [(Phase::Updated, id, None)]);
    let ended = completed(ADDRESS, Some(EventStatus::Failure), "Declined");
    assert_eq!(told(&say(&mut world, vec![ended])), [(Phase::Completed, id, Some(Outcome::Declined))]);
    let kept = world.invitation(id).unwrap();
    assert_eq!(kept.reason.as_ref().unwrap().subcode, "Declined");
    assert_eq!((kept.to.as_str(), kept.status.clone()), ("sip:bo@contoso.com", Some(EventStatus::Failure)));
}

#[test]
fn the_text_that_comes_along_is_decoded() {
    let mut world = World::new();
    let id = invite(&mut world, InvitationKind::Participant, "op1");
    let mut started = bodied(about(EventType::Started, ADDRESS), Some("op1"), InvitationState::Connecting);
    if let Some(Body::Invitation(body)) = &mut started.body {
        let text = Link::new("data:text/plain;charset=utf-8,Hi+Tosh%0d%0a");
        body.links = [(Rel::Message, text)].into_iter().collect();
    }
    say(&mut world, vec![started]);
    assert_eq!(world.invitation(id).unwrap().message, "Hi Tosh\r\n");
}

#[test]
fn t7_events_before_the_answer_find_the_invitation_by_its_operation_id() {
    let mut world = World::new();
    let id = invite(&mut world, InvitationKind::Participant, "op1");
    let started = bodied(about(EventType::Started, ADDRESS), Some("op1"), InvitationState::Connecting);
    let ended = completed(ADDRESS, Some(EventStatus::Success), "");
    let output = say(&mut world, vec![started, ended]);
    assert_eq!(told(&output), [(Phase::Started, id, None), (Phase::Completed, id, Some(Outcome::Accepted))]);
    let output = apply(&mut world, Input::Answered { invitation: id, location: location(ADDRESS) });
    assert!(told(&output).is_empty());
}

#[test]
fn t7_bare_events_before_the_answer_wait_for_it() {
    let mut world = World::new();
    let one = invite(&mut world, InvitationKind::Participant, "op1");
    let two = invite(&mut world, InvitationKind::Participant, "op2");
    let other = format!("{ADDRESS}9");
    let output = say(&mut world, vec![about(EventType::Started, &other), about(EventType::Started, ADDRESS)]);
    assert!(told(&output).is_empty(), "nobody knows whose they are");
    assert_eq!(output.wants.len(), 2);
    let output = apply(&mut world, Input::Answered { invitation: one, location: location(ADDRESS) });
    assert_eq!(told(&output), [(Phase::Started, one, None)]);
    let output = apply(&mut world, Input::Answered { invitation: two, location: location(&other) });
    assert_eq!(told(&output), [(Phase::Started, two, None)]);
}

#[test]
fn a_bare_event_is_told_apart_by_its_fetched_body_too() {
    let mut world = World::new();
    let id = invite(&mut world, InvitationKind::Participant, "op1");
    let output = say(&mut world, vec![about(EventType::Started, ADDRESS)]);
    let subject = output.wants[0].subject.clone();
    assert!(matches!(subject, Subject::UnknownInvitation(_)));
    world.begin_fetch(&subject).unwrap();
    let body = InvitationBody { operation_id: Some("op1".into()), ..InvitationBody::default() };
    let body = Fetched::Invitation(Box::new(body));
    let output = apply(&mut world, Input::Fetched { subject, base: base(), body });
    assert_eq!(told(&output), [(Phase::Started, id, None)]);
}

#[test]
fn somebody_elses_invitation_is_told_when_its_body_says_whose_it_is_not() {
    let someone = InvitationBody { operation_id: Some("theirs".into()), ..InvitationBody::default() };
    for body in [Some(someone), Some(InvitationBody::default()), None] {
        let mut world = World::new();
        let id = invite(&mut world, InvitationKind::Participant, "op1");
        let output = say(&mut world, vec![about(EventType::Started, "/elsewhere/1")]);
        let subject = output.wants[0].subject.clone();
        world.begin_fetch(&subject).unwrap();
        let output = apply(&mut world, Input::Answered { invitation: id, location: location(ADDRESS) });
        assert!(told(&output).is_empty(), "the address of a Location may not be that of the events");
        let input = match body {
            Some(body) => Input::Fetched { subject, base: base(), body: Fetched::Invitation(Box::new(body)) },
            None => Input::FetchFailed { subject, gone: true },
        };
        let told = told(&apply(&mut world, input));
        assert_eq!(told.len(), 1);
        assert_ne!(told[0].1, id);
    }
}

#[test]
fn t8_completed_without_started_is_enough() {
    let mut world = World::new();
    let id = invite(&mut world, InvitationKind::Participant, "op1");
    apply(&mut world, Input::Answered { invitation: id, location: location(ADDRESS) });
    let output = say(&mut world, vec![completed(ADDRESS, Some(EventStatus::Failure), "Busy")]);
    assert_eq!(told(&output), [(Phase::Completed, id, Some(Outcome::Busy))]);
}

#[test]
fn what_comes_after_the_outcome_is_left_out() {
    let mut world = World::new();
    let id = invite(&mut world, InvitationKind::Participant, "op1");
    apply(&mut world, Input::Answered { invitation: id, location: location(ADDRESS) });
    say(&mut world, vec![completed(ADDRESS, Some(EventStatus::Failure), "Missed")]);
    let again = completed(ADDRESS, Some(EventStatus::Success), "");
    let late = bodied(about(EventType::Updated, ADDRESS), Some("op1"), InvitationState::Alerting);
    assert!(told(&say(&mut world, vec![again, late])).is_empty());
    assert!(told(&apply(&mut world, Input::Silence)).is_empty());
    assert_eq!(world.invitation(id).unwrap().outcome, Some(Outcome::NoAnswer));
}

#[test]
fn a_completed_event_that_says_nothing_is_decided_by_the_body() {
    let mut world = World::new();
    let id = invite(&mut world, InvitationKind::Participant, "op1");
    let started = bodied(about(EventType::Started, ADDRESS), Some("op1"), InvitationState::Connecting);
    say(&mut world, vec![started]);
    let output = say(&mut world, vec![about(EventType::Completed, ADDRESS)]);
    assert!(told(&output).is_empty(), "the state known is the one of before");
    let subject = output.wants[0].subject.clone();
    assert_eq!(subject, Subject::Invitation(id));
    world.begin_fetch(&subject).unwrap();
    let body = InvitationBody { state: Some(InvitationState::Connected), ..InvitationBody::default() };
    let body = Fetched::Invitation(Box::new(body));
    let output = apply(&mut world, Input::Fetched { subject, base: base(), body });
    assert_eq!(told(&output), [(Phase::Completed, id, Some(Outcome::Accepted))]);
}

#[test]
fn a_completed_event_that_says_nothing_and_cannot_be_read_is_failed() {
    let mut world = World::new();
    let id = invite(&mut world, InvitationKind::Participant, "op1");
    apply(&mut world, Input::Answered { invitation: id, location: location(ADDRESS) });
    let subject = say(&mut world, vec![about(EventType::Completed, ADDRESS)]).wants[0].subject.clone();
    world.begin_fetch(&subject).unwrap();
    let output = apply(&mut world, Input::FetchFailed { subject, gone: false });
    assert_eq!(told(&output), [(Phase::Completed, id, Some(Outcome::Failed))]);
}

#[test]
fn a_refused_request_is_failed_with_the_reason_and_ends_once() {
    let mut world = World::new();
    let id = invite(&mut world, InvitationKind::Participant, "op1");
    let reason =
        Some(Reason { code: "Conflict".into(), subcode: "AlreadyExists".into(), ..Reason::default() });
    let output = apply(&mut world, Input::Refused { invitation: id, reason: reason.clone() });
    assert_eq!(told(&output), [(Phase::Completed, id, Some(Outcome::Failed))]);
    assert_eq!(world.invitation(id).unwrap().reason, reason);
    assert!(told(&apply(&mut world, Input::Refused { invitation: id, reason })).is_empty());
}

#[test]
fn a_request_that_was_given_up_before_it_left_ends_as_cancelled_once() {
    let mut world = World::new();
    let id = invite(&mut world, InvitationKind::Participant, "op1");
    let output = apply(&mut world, Input::Cancelled { invitation: id });
    assert_eq!(told(&output), [(Phase::Completed, id, Some(Outcome::Cancelled))]);
    assert!(told(&apply(&mut world, Input::Cancelled { invitation: id })).is_empty());
    assert!(told(&apply(&mut world, Input::Silence)).is_empty());
}

#[test]
fn an_unanswered_request_is_lost_when_no_event_comes_in_time() {
    let mut world = World::new();
    let silent = invite(&mut world, InvitationKind::Participant, "op1");
    let heard = invite(&mut world, InvitationKind::Participant, "op2");
    for invitation in [silent, heard] {
        apply(&mut world, Input::Unanswered { invitation, deadline: Duration::from_secs(30) });
    }
    let started = bodied(about(EventType::Started, ADDRESS), Some("op2"), InvitationState::Connecting);
    say(&mut world, vec![started]);
    assert!(told(&world.apply(Duration::from_secs(29), Input::Tick)).is_empty());
    assert_eq!(world.next_deadline(), Some(Duration::from_secs(30)));
    let output = world.apply(Duration::from_secs(30), Input::Tick);
    assert_eq!(told(&output), [(Phase::Completed, silent, Some(Outcome::Lost))]);
    assert_eq!(world.next_deadline(), None);
}

#[test]
fn after_its_conversation_is_gone_an_invitation_is_lost_unless_the_server_still_speaks() {
    let mut world = World::new();
    let spoken = invite(&mut world, InvitationKind::Participant, "op1");
    let silent = invite(&mut world, InvitationKind::Participant, "op2");
    let other = format!("{ADDRESS}9");
    say(&mut world, vec![conversation(EventType::Added, ConversationState::Conferenced)]);
    let first = bodied(about(EventType::Started, ADDRESS), Some("op1"), InvitationState::Connecting);
    let second = bodied(about(EventType::Started, &other), Some("op2"), InvitationState::Connecting);
    say(&mut world, vec![first, second]);
    say(&mut world, vec![event(EventType::Deleted, Rel::Conversation, ROOM)]);
    let output = say(&mut world, vec![completed(ADDRESS, Some(EventStatus::Failure), "Canceled")]);
    assert_eq!(told(&output), [(Phase::Completed, spoken, Some(Outcome::Cancelled))]);
    let output = world.apply(Duration::from_secs(60), Input::Tick);
    assert_eq!(told(&output), [(Phase::Completed, silent, Some(Outcome::Lost))]);
}

#[test]
fn silence_loses_what_is_open_in_the_order_of_its_making() {
    let mut world = World::new();
    let ids: Vec<_> =
        (0..5).map(|n| invite(&mut world, InvitationKind::Participant, &format!("op{n}"))).collect();
    let output = apply(&mut world, Input::Silence);
    let expected: Vec<_> = ids.iter().map(|id| (Phase::Completed, *id, Some(Outcome::Lost))).collect();
    assert_eq!(told(&output), expected);
    assert!(told(&apply(&mut world, Input::Silence)).is_empty());
}

#[test]
fn an_accepted_invitation_names_who_took_it_if_the_roster_has_him() {
    let mut world = World::new();
    say(&mut world, vec![conversation(EventType::Added, ConversationState::Conferenced)]);
    let id = invite(&mut world, InvitationKind::Participant, "op1");
    let added = event(EventType::Added, Rel::Participant, &person("bo"));
    let joins = from_room(vec![embedded(added, participant_body("bo", Role::Attendee, &[]))]);
    apply(&mut world, page(vec![joins]));
    let mut ended =
        bodied(completed(ADDRESS, Some(EventStatus::Success), ""), Some("op1"), InvitationState::Connected);
    if let Some(Body::Invitation(body)) = &mut ended.body {
        body.accepted_by =
            vec![participant_body("bo", Role::Attendee, &[]), participant_body("cy", Role::Attendee, &[])];
    }
    say(&mut world, vec![ended]);
    let roster = world.roster(only_room(&world)).unwrap();
    let bo = roster.iter().next().unwrap().id;
    assert_eq!(world.invitation(id).unwrap().accepted_by, [bo], "cy is not in the roster");
}

#[test]
fn an_invitation_that_has_ended_has_no_deadline_whatever_comes_of_its_request() {
    let mut world = World::new();
    say(&mut world, vec![conversation(EventType::Added, ConversationState::Conferenced)]);
    let mut inviting = inviting(InvitationKind::Participant, "op1");
    inviting.conversation = Some(only_room(&world));
    let id = world.invite(Duration::ZERO, inviting);
    say(&mut world, vec![event(EventType::Deleted, Rel::Conversation, ROOM)]);
    let output = world.apply(Duration::from_secs(60), Input::Tick);
    assert_eq!(told(&output), [(Phase::Completed, id, Some(Outcome::Lost))]);
    let late = Input::Unanswered { invitation: id, deadline: Duration::from_secs(90) };
    assert!(told(&world.apply(Duration::from_secs(60), late)).is_empty());
    assert_eq!(world.next_deadline(), None, "or time would be asked for it without end");
}

#[test]
fn an_update_does_not_save_an_invitation_whose_conversation_is_gone() {
    for gone in [
        conversation(EventType::Updated, ConversationState::Disconnected),
        event(EventType::Deleted, Rel::Conversation, ROOM),
    ] {
        let mut world = World::new();
        let id = invite(&mut world, InvitationKind::Participant, "op1");
        let started = bodied(about(EventType::Started, ADDRESS), Some("op1"), InvitationState::Connecting);
        let rings = bodied(about(EventType::Updated, ADDRESS), Some("op1"), InvitationState::Alerting);
        let added = conversation(EventType::Added, ConversationState::Conferenced);
        say(&mut world, vec![added, started, gone, rings]);
        assert!(world.next_deadline().is_some());
        let output = world.apply(Duration::from_secs(60), Input::Tick);
        assert_eq!(told(&output), [(Phase::Completed, id, Some(Outcome::Lost))]);
    }
}

#[test]
fn a_body_that_comes_after_the_outcome_is_not_told() {
    let mut world = World::new();
    let id = invite(&mut world, InvitationKind::Participant, "op1");
    apply(&mut world, Input::Answered { invitation: id, location: location(ADDRESS) });
    let output = say(&mut world, vec![about(EventType::Started, ADDRESS)]);
    let subject = output.wants[0].subject.clone();
    world.begin_fetch(&subject).unwrap();
    apply(&mut world, Input::Silence);
    let body = InvitationBody { subject: Some("late".into()), ..InvitationBody::default() };
    let body = Fetched::Invitation(Box::new(body));
    let output = apply(&mut world, Input::Fetched { subject, base: base(), body });
    assert!(told(&output).is_empty());
}

#[test]
fn what_waits_to_be_claimed_is_bounded() {
    let mut world = World::new();
    invite(&mut world, InvitationKind::Participant, "op1");
    let many: Vec<Event> = (0..1500).map(|n| about(EventType::Started, &format!("/x/{n}"))).collect();
    let strangers = told(&say(&mut world, many)).len();
    assert_eq!(strangers, 500, "what is beyond is told as somebody else's");
    let mut world = World::new();
    invite(&mut world, InvitationKind::Participant, "op1");
    let again: Vec<Event> = (0..101).map(|_| about(EventType::Updated, "/x/1")).collect();
    assert_eq!(told(&say(&mut world, again)).len(), 1);
}

#[test]
fn without_any_address_it_is_the_one_for_the_same_person_or_else_the_oldest() {
    let mut world = World::new();
    let mut ids = Vec::new();
    for (op, to) in
        [("op1", "sip:ana@contoso.com"), ("op2", "sip:bo@contoso.com"), ("op3", "sip:cy@contoso.com")]
    {
        let mut inviting = inviting(InvitationKind::Participant, op);
        inviting.to = to.into();
        ids.push(world.invite(Duration::ZERO, inviting));
    }
    let to_bo = |kind| {
        let mut event = bodied(about(kind, "/x/1"), None, InvitationState::Connecting);
        if let Some(Body::Invitation(body)) = &mut event.body {
            body.to = Some("SIP:Bo@contoso.com".into());
        }
        event
    };
    let nobody = bodied(about(EventType::Started, "/x/2"), None, InvitationState::Connecting);
    let output = say(&mut world, vec![to_bo(EventType::Started), nobody]);
    assert!(told(&output).is_empty(), "an answer may name the address");
    for id in &ids[..2] {
        let output = apply(&mut world, Input::Answered { invitation: *id, location: None });
        assert!(told(&output).is_empty(), "there is one more whose answer may");
    }
    let output = apply(&mut world, Input::Answered { invitation: ids[2], location: None });
    assert_eq!(told(&output), [(Phase::Started, ids[1], None), (Phase::Started, ids[0], None)]);
}

#[test]
fn an_invitation_that_was_withdrawn_never_was() {
    let mut world = World::new();
    let id = invite(&mut world, InvitationKind::Participant, "op1");
    world.withdraw(id);
    assert!(world.invitation(id).is_none());
    assert!(told(&apply(&mut world, Input::Silence)).is_empty());
}
