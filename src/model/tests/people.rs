//! Rules of the roster, one by one.

use super::*;
use crate::model::{Capability, Collection, Fetched, Subject};
use crate::wire::{CollectionBody, Modality, OnlineMeetingBody};

fn in_a_room(state: ConversationState) -> World {
    let mut world = World::new();
    apply(&mut world, page(vec![from_communication(vec![conversation(EventType::Added, state)])]));
    world
}

fn say(world: &mut World, events: Vec<Event>) -> Output {
    apply(world, page(vec![from_room(events)]))
}

fn added(name: &str) -> Event {
    event(EventType::Added, Rel::Participant, &person(name))
}

/// Answers a want with a participant's body.
fn answer(world: &mut World, subject: &Subject, body: ParticipantBody) -> Output {
    apply(
        world,
        Input::Fetched { subject: subject.clone(), base: base(), body: Fetched::Participant(Box::new(body)) },
    )
}

fn wanted_person(output: &Output) -> Subject {
    let mut wants = output.wants.iter().map(|want| want.subject.clone());
    wants.find(|subject| matches!(subject, Subject::Participant(..))).expect("a participant is wanted")
}

#[test]
fn a_link_alone_is_shown_at_once_and_the_body_follows_as_an_update() {
    let mut world = in_a_room(ConversationState::Connected);
    let mut event = added("ana");
    event.link.title = Some("Ana".into());
    let output = say(&mut world, vec![event]);
    assert_eq!(deltas(&output), [(Phase::Added, "Ana", true)]);
    let subject = wanted_person(&output);
    assert!(world.begin_fetch(&subject).is_some());
    let output = answer(&mut world, &subject, participant_body("ana", Role::Leader, &[Rel::Eject]));
    assert_eq!(deltas(&output), [(Phase::Updated, "ANA", false)]);
    let roster = world.roster(only_room(&world)).unwrap();
    let ana = roster.iter().next().unwrap();
    assert_eq!((ana.role.clone(), ana.can.has(Capability::Eject)), (Some(Role::Leader), true));
}

#[test]
fn an_embedded_body_needs_no_fetch() {
    let mut world = in_a_room(ConversationState::Connected);
    let output = say(&mut world, vec![embedded(added("ana"), participant_body("ana", Role::Attendee, &[]))]);
    assert_eq!(deltas(&output), [(Phase::Added, "ANA", false)]);
    assert!(output.wants.is_empty(), "{:?}", output.wants);
}

#[test]
fn t10_unknown_deleted_is_nothing_and_added_twice_is_an_update() {
    let mut world = in_a_room(ConversationState::Connected);
    let gone = event(EventType::Deleted, Rel::Participant, &person("nobody"));
    assert!(deltas(&say(&mut world, vec![gone])).is_empty());
    let ana = || embedded(added("ana"), participant_body("ana", Role::Attendee, &[]));
    assert_eq!(deltas(&say(&mut world, vec![ana()])).len(), 1);
    assert!(deltas(&say(&mut world, vec![ana()])).is_empty(), "nothing new");
    let promoted = embedded(added("ana"), participant_body("ana", Role::Leader, &[]));
    assert_eq!(deltas(&say(&mut world, vec![promoted])), [(Phase::Updated, "ANA", false)]);
}

#[test]
fn t9_events_with_in_change_membership_and_never_create_or_remove() {
    let mut world = in_a_room(ConversationState::Conferenced);
    let member = within(added("ana"), Rel::Attendees);
    assert!(deltas(&say(&mut world, vec![member])).is_empty(), "not in the room yet");
    let output = say(&mut world, vec![embedded(added("ana"), participant_body("ana", Role::Unknown, &[]))]);
    assert_eq!(deltas(&output), [(Phase::Added, "ANA", false)]);
    let steps = [
        (EventType::Added, Rel::Leaders),
        (EventType::Deleted, Rel::Attendees),
        (EventType::Added, Rel::Lobby),
        (EventType::Deleted, Rel::Lobby),
        (EventType::Added, Rel::TypingParticipants),
        (EventType::Deleted, Rel::TypingParticipants),
        (EventType::Deleted, Rel::Leaders),
    ];
    let mut seen = Vec::new();
    for (kind, collection) in steps {
        let output = say(&mut world, vec![within(event(kind, Rel::Participant, &person("ana")), collection)]);
        for (phase, ana) in output.changes.iter().filter_map(delta) {
            seen.push((phase, ana.role.clone(), ana.in_lobby, ana.typing));
        }
    }
    let leader = Some(Role::Leader);
    assert_eq!(
        seen,
        [
            (Phase::Updated, leader.clone(), false, false),
            (Phase::Updated, leader.clone(), true, false),
            (Phase::Updated, leader.clone(), false, false),
            (Phase::Updated, leader.clone(), false, true),
            (Phase::Updated, leader, false, false),
        ]
    );
    assert_eq!(world.roster(only_room(&world)).unwrap().len(), 1);
}

#[test]
fn a_modality_belongs_to_the_person_in_in_not_to_the_one_in_the_link() {
    let mut world = in_a_room(ConversationState::Conferenced);
    for name in ["ana", "bo"] {
        say(&mut world, vec![embedded(added(name), participant_body(name, Role::Attendee, &[]))]);
    }
    let mut joins =
        event(EventType::Added, Rel::ParticipantMessaging, &format!("{}/messaging", person("bo")));
    joins.within = Some((Rel::Participant, Link::new(&person("ana"))));
    say(&mut world, vec![joins]);
    let roster = world.roster(only_room(&world)).unwrap();
    let shown: Vec<_> = roster.iter().map(|p| (p.name.as_str(), p.modalities.clone())).collect();
    assert_eq!(shown, [("ANA", vec![Modality::Messaging]), ("BO", vec![])]);
}

#[test]
fn a_body_older_than_an_event_is_dropped_and_wanted_again() {
    let mut world = in_a_room(ConversationState::Connected);
    let subject = wanted_person(&say(&mut world, vec![added("ana")]));
    world.begin_fetch(&subject).unwrap();
    let touched = within(event(EventType::Added, Rel::Participant, &person("ana")), Rel::Leaders);
    say(&mut world, vec![touched]);
    let output = answer(&mut world, &subject, participant_body("ana", Role::Attendee, &[]));
    assert!(deltas(&output).is_empty(), "the body was made before the event");
    assert_eq!(wanted_person(&output), subject);
    world.begin_fetch(&subject).unwrap();
    let output = answer(&mut world, &subject, participant_body("ana", Role::Leader, &[]));
    assert_eq!(deltas(&output), [(Phase::Updated, "ANA", false)]);
}

#[test]
fn a_late_body_never_revives_somebody_who_left() {
    let mut world = in_a_room(ConversationState::Connected);
    let subject = wanted_person(&say(&mut world, vec![added("ana")]));
    world.begin_fetch(&subject).unwrap();
    let left = say(&mut world, vec![event(EventType::Deleted, Rel::Participant, &person("ana"))]);
    assert_eq!(deltas(&left).len(), 1);
    assert!(deltas(&answer(&mut world, &subject, participant_body("ana", Role::Attendee, &[]))).is_empty());
    assert!(world.roster(only_room(&world)).unwrap().is_empty());
}

#[test]
fn a_fetch_that_is_not_needed_any_more_is_not_sent() {
    let mut world = in_a_room(ConversationState::Connected);
    let subject = wanted_person(&say(&mut world, vec![added("ana")]));
    say(&mut world, vec![embedded(added("ana"), participant_body("ana", Role::Attendee, &[]))]);
    assert!(world.begin_fetch(&subject).is_none());
}

#[test]
fn the_local_participant_stands_once_under_either_address() {
    let mut world = in_a_room(ConversationState::Conferenced);
    let me = with_body(
        event(EventType::Added, Rel::LocalParticipant, &format!("{ROOM}/localParticipant")),
        Body::Participant(Box::new(participant_body("me", Role::Leader, &[]))),
    );
    say(&mut world, vec![me]);
    let mut again = participant_body("me", Role::Leader, &[]);
    again.local = Some(true);
    say(&mut world, vec![embedded(added("me"), again)]);
    let roster = world.roster(only_room(&world)).unwrap();
    assert_eq!(roster.iter().map(|p| (p.name.as_str(), p.local)).collect::<Vec<_>>(), [("ME", true)]);
    let output = say(&mut world, vec![event(EventType::Deleted, Rel::Participant, &person("me"))]);
    assert_eq!(deltas(&output).len(), 1, "the second address leads to the same entry");
}

#[test]
fn t34_a_nameless_person_is_shown_by_his_uri() {
    let mut world = in_a_room(ConversationState::Connected);
    let mut body = participant_body("ana", Role::Attendee, &[]);
    body.name = Some(String::new());
    let output = say(&mut world, vec![embedded(added("ana"), body)]);
    assert_eq!(deltas(&output), [(Phase::Added, "sip:ana@contoso.com", false)]);
}

fn collection(names: &[&str]) -> Fetched {
    let links = names.iter().map(|name| (Rel::Participant, Link::new(&person(name)))).collect();
    Fetched::Collection(Box::new(CollectionBody { links, ..CollectionBody::default() }))
}

#[test]
fn joining_a_conference_compares_the_roster_with_the_collections() {
    let mut world = World::new();
    say(&mut world, vec![embedded(added("stale"), participant_body("stale", Role::Attendee, &[]))]);
    let joined = conversation(EventType::Updated, ConversationState::Conferenced);
    let output = apply(&mut world, page(vec![from_communication(vec![joined])]));
    let room = only_room(&world);
    let asked: Vec<Subject> = output.wants.iter().map(|want| want.subject.clone()).collect();
    let subjects =
        [Collection::Leaders, Collection::Attendees, Collection::Lobby].map(|c| Subject::Collection(room, c));
    assert_eq!(asked, subjects);
    assert!(!world.roster(room).unwrap().is_complete());
    for subject in &subjects {
        world.begin_fetch(subject).unwrap();
    }
    say(&mut world, vec![embedded(added("late"), participant_body("late", Role::Attendee, &[]))]);
    for (subject, names) in subjects.iter().zip([vec!["boss"], vec!["ana"], vec!["waiting"]]) {
        let body = collection(&names);
        apply(&mut world, Input::Fetched { subject: subject.clone(), base: base(), body });
    }
    let roster = world.roster(room).unwrap();
    assert!(roster.is_complete());
    let mut shown: Vec<_> =
        roster.iter().map(|p| (p.uri.clone(), p.role.clone(), p.in_lobby, p.partial)).collect();
    shown.sort_by_key(|row| format!("{row:?}"));
    // Who came after the collections were asked for stays; who is in none of them and older goes.
    assert_eq!(roster.len(), 4, "{shown:?}");
    assert!(roster.iter().all(|p| p.name != "STALE"));
    assert!(roster.iter().any(|p| p.name == "LATE"));
    assert!(roster.iter().any(|p| p.role == Some(Role::Leader) && p.partial));
    assert!(roster.iter().any(|p| p.in_lobby));
}

#[test]
fn a_collection_that_cannot_be_read_removes_nobody_and_leaves_the_roster_incomplete() {
    let mut world = World::new();
    say(&mut world, vec![embedded(added("ana"), participant_body("ana", Role::Attendee, &[]))]);
    let joined = conversation(EventType::Updated, ConversationState::Conferenced);
    apply(&mut world, page(vec![from_communication(vec![joined])]));
    let room = only_room(&world);
    for collection in [Collection::Leaders, Collection::Attendees, Collection::Lobby] {
        let subject = Subject::Collection(room, collection);
        world.begin_fetch(&subject).unwrap();
        apply(&mut world, Input::FetchFailed { subject, gone: false });
    }
    let roster = world.roster(room).unwrap();
    assert_eq!((roster.len(), roster.is_complete()), (1, false));
}

#[test]
fn t46_an_ended_conversation_allows_nothing_and_its_late_events_are_left_out() {
    let mut world = in_a_room(ConversationState::Conferenced);
    let room = only_room(&world);
    assert!(world.conversation_capability(room, &Rel::AddParticipant).is_some());
    let ended = conversation(EventType::Updated, ConversationState::Disconnected);
    apply(&mut world, page(vec![from_communication(vec![ended])]));
    assert!(world.conversation_capability(room, &Rel::AddParticipant).is_none());
    let gone = event(EventType::Deleted, Rel::Conversation, ROOM);
    let output = apply(&mut world, page(vec![from_communication(vec![gone])]));
    let told =
        output.changes.iter().filter(|c| matches!(c, Change::Conversation(c) if c.phase == Phase::Deleted));
    assert_eq!(told.count(), 1);
    assert!(say(&mut world, vec![added("ana")]).changes.is_empty());
    assert!(world.conversations().next().is_none());
}

#[test]
fn the_meeting_is_known_from_its_event_and_read_once() {
    let mut world = in_a_room(ConversationState::Conferenced);
    let mut meeting = event(EventType::Added, Rel::OnlineMeeting, &format!("{ROOM}/onlineMeeting"));
    meeting.within = Some((Rel::Conversation, Link::new(ROOM)));
    let body = OnlineMeetingBody { online_meeting_uri: Some("sip:m".into()), ..OnlineMeetingBody::default() };
    let output = say(&mut world, vec![with_body(meeting, Body::OnlineMeeting(Box::new(body)))]);
    let room = only_room(&world);
    assert_eq!(world.conversation(room).unwrap().meeting.as_ref().unwrap().uri, "sip:m");
    let subject = Subject::Meeting(room);
    assert!(output.wants.iter().any(|want| want.subject == subject));
    world.begin_fetch(&subject).unwrap();
    let whole = OnlineMeetingBody { join_url: Some("https://meet/1".into()), ..OnlineMeetingBody::default() };
    apply(&mut world, Input::Fetched { subject, base: base(), body: Fetched::Meeting(Box::new(whole)) });
    let meeting = world.conversation(room).unwrap().meeting.clone().unwrap();
    assert_eq!((meeting.uri.as_str(), meeting.join_url.as_str()), ("sip:m", "https://meet/1"));
}

#[test]
fn an_event_of_a_type_nobody_knows_brings_moves_and_removes_nobody() {
    let mut world = in_a_room(ConversationState::Connected);
    let hummed = |name: &str| event(EventType::Other("hummed".into()), Rel::Participant, &person(name));
    assert!(say(&mut world, vec![hummed("ana"), within(hummed("ana"), Rel::Lobby)]).changes.is_empty());
    say(&mut world, vec![embedded(added("bo"), participant_body("bo", Role::Attendee, &[]))]);
    let output = say(&mut world, vec![within(hummed("bo"), Rel::Lobby), hummed("bo")]);
    assert!(output.changes.is_empty());
    assert_eq!(output.wants.len(), 1, "what changed is read");
}

#[test]
fn a_conversation_that_cannot_be_found_is_gone_only_when_events_may_have_been_missed() {
    for (compare, gone, ends) in [(false, true, false), (true, false, false), (true, true, true)] {
        let mut world = in_a_room(ConversationState::Connected);
        let room = only_room(&world);
        let subject = Subject::Conversation(room);
        if compare {
            apply(&mut world, Input::Compare { conversations: None });
        } else {
            let changed = event(EventType::Updated, Rel::Conversation, ROOM);
            apply(&mut world, page(vec![from_communication(vec![changed])]));
        }
        world.begin_fetch(&subject).unwrap();
        let output = apply(&mut world, Input::FetchFailed { subject, gone });
        assert_eq!(world.conversation(room).is_none(), ends, "{compare} {gone}");
        assert_eq!(output.changes.len(), usize::from(ends));
    }
}

#[test]
fn an_answer_from_before_the_comparison_says_nothing() {
    let mut world = in_a_room(ConversationState::Connected);
    let room = only_room(&world);
    let subject = Subject::Conversation(room);
    let changed = event(EventType::Updated, Rel::Conversation, ROOM);
    apply(&mut world, page(vec![from_communication(vec![changed])]));
    world.begin_fetch(&subject).unwrap();
    apply(&mut world, Input::Compare { conversations: None });
    let output = apply(&mut world, Input::FetchFailed { subject: subject.clone(), gone: true });
    assert!(world.conversation(room).is_some());
    assert_eq!(output.wants.iter().filter(|want| want.subject == subject).count(), 1, "asked again");
}
