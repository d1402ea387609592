//! The rules of the queue, by tables.

use super::*;
use crate::delivery::SessionState::{Authenticating, Closed, Online, Recovering};
use crate::delivery::samples::{
    conversation_added, delta, event, invitation_change, operation_done, short, state,
};
use crate::model::Phase::{Completed, Started, Updated};

fn filled(capacity: usize, bodies: Vec<EventBody>) -> Queue {
    let mut queue = Queue::new(capacity);
    for (seq, body) in (1..).zip(bodies) {
        queue.push(event(1, seq, body));
    }
    queue
}

fn drained(mut queue: Queue) -> Vec<String> {
    std::iter::from_fn(|| queue.pop()).map(|event| short(&event)).collect()
}

#[test]
fn events_leave_as_they_came_while_there_is_room() {
    let queue = filled(
        8,
        vec![
            state(Authenticating, Online, 0),
            invitation_change(1, Started, "a"),
            invitation_change(1, Updated, "b"),
            conversation_added(2),
            delta(2, 1),
            delta(2, 2),
            state(Online, Recovering, 1),
            state(Recovering, Recovering, 2),
        ],
    );
    assert_eq!(
        drained(queue),
        [
            "1.1 state Authenticating-Online 0",
            "1.2 invitation 1 started a",
            "1.3 invitation 1 updated b",
            "1.4 conversation 2",
            "1.5 delta 2@1",
            "1.6 delta 2@2",
            "1.7 state Online-Recovering 1",
            "1.8 state Recovering-Recovering 2",
        ]
    );
}

#[test]
fn an_overflow_stands_where_the_first_dropped_delta_stood_and_takes_in_later_ones() {
    let queue = filled(
        4,
        vec![
            conversation_added(2),
            delta(2, 1),
            operation_done(9),
            delta(2, 2),
            delta(2, 3),
            operation_done(10),
            delta(2, 4),
        ],
    );
    let expected = ["1.1 conversation 2", "1.2 overflow 2@4", "1.3 operation 9", "1.6 operation 10"];
    assert_eq!(drained(queue), expected);
}

#[test]
fn after_the_overflow_is_read_deltas_come_again() {
    let mut queue = filled(2, vec![delta(2, 1), delta(2, 2), delta(2, 3)]);
    assert_eq!(short(&queue.pop().unwrap()), "1.1 overflow 2@3");
    queue.push(event(1, 4, delta(2, 4)));
    assert_eq!(drained(queue), ["1.4 delta 2@4"]);
}

#[test]
fn the_conversation_with_the_most_deltas_is_given_up_first() {
    let queue =
        filled(4, vec![delta(2, 1), delta(3, 1), delta(3, 2), delta(3, 3), delta(2, 2), operation_done(1)]);
    let expected = ["1.1 delta 2@1", "1.2 overflow 3@3", "1.5 delta 2@2", "1.6 operation 1"];
    assert_eq!(drained(queue), expected);
}

#[test]
fn deltas_make_room_for_what_is_never_dropped() {
    let queue = filled(3, vec![delta(2, 1), delta(2, 2), delta(2, 3), invitation_change(1, Started, "ring")]);
    assert_eq!(drained(queue), ["1.1 overflow 2@3", "1.4 invitation 1 started ring"]);
}

#[test]
fn a_full_queue_keeps_the_newest_of_an_invitation_as_started_and_its_end() {
    let queue = filled(
        2,
        vec![
            invitation_change(1, Started, "a"),
            conversation_added(2),
            invitation_change(1, Updated, "b"),
            invitation_change(1, Updated, "c"),
            invitation_change(1, Completed, "d"),
            invitation_change(2, Started, "e"),
            invitation_change(2, Completed, "f"),
        ],
    );
    assert_eq!(
        drained(queue),
        [
            "1.1 invitation 1 started c",
            "1.2 conversation 2",
            "1.5 invitation 1 completed d",
            "1.6 invitation 2 started e",
            "1.7 invitation 2 completed f",
        ]
    );
}

#[test]
fn a_full_queue_joins_changes_of_state_but_keeps_the_last() {
    let queue = filled(
        1,
        vec![
            operation_done(1),
            state(Online, Recovering, 1),
            state(Recovering, Recovering, 2),
            state(Recovering, Recovering, 3),
            state(Recovering, Closed, 0),
        ],
    );
    let expected = ["1.1 operation 1", "1.2 state Online-Recovering 3", "1.5 state Recovering-Closed 0"];
    assert_eq!(drained(queue), expected);
}

#[test]
fn sessions_do_not_mix_in_a_queue() {
    let mut queue = Queue::new(1);
    for session in [1, 2] {
        queue.push(event(session, 1, delta(2, 7)));
        queue.push(event(session, 2, invitation_change(1, Started, "a")));
        queue.push(event(session, 3, delta(2, 8)));
        queue.push(event(session, 4, conversation_added(2)));
    }
    assert!(queue.holds_back());
    queue.purge(1);
    assert!(queue.holds_back());
    queue.push(event(2, 5, delta(2, 9)));
    queue.push(event(1, 5, delta(2, 9)));
    let expected =
        ["2.1 overflow 2@9", "2.2 invitation 1 started a", "2.4 conversation 2", "1.5 overflow 2@9"];
    assert_eq!(drained(queue), expected);
}

#[test]
fn the_channel_is_held_back_by_conversations_only_when_no_delta_can_give_way() {
    let mut queue = filled(2, vec![delta(2, 1), delta(2, 2), conversation_added(2)]);
    assert!(queue.holds_back(), "an overflow and a conversation fill it");
    queue.pop();
    assert!(!queue.holds_back());

    let mut queue = filled(2, vec![conversation_added(2), delta(2, 1), delta(2, 2), delta(2, 3)]);
    assert!(queue.holds_back());
    queue.pop();
    assert!(!queue.holds_back());

    let queue = filled(2, (1..100).map(|revision| delta(2, revision)).collect());
    assert!(!queue.holds_back(), "deltas alone never do");
    let queue = filled(2, (1..100).map(|id| invitation_change(id, Started, "a")).collect());
    assert!(!queue.holds_back(), "a few invitations never do");
    let queue = filled(2, (1..3 + SPARE as u64).map(|id| invitation_change(id, Started, "a")).collect());
    assert!(queue.holds_back(), "invitations without end do");
}

#[test]
fn an_overflow_that_the_session_publishes_replaces_the_queued_deltas() {
    let overflow =
        |revision| EventBody::Overflow(Overflow { conversation: ConversationId::new(2).unwrap(), revision });
    let queue =
        filled(9, vec![delta(2, 1), operation_done(1), delta(2, 2), overflow(5), overflow(4), delta(2, 6)]);
    assert_eq!(drained(queue), ["1.1 overflow 2@6", "1.2 operation 1"]);
    let queue = filled(9, vec![operation_done(1), overflow(5)]);
    assert_eq!(drained(queue), ["1.1 operation 1", "1.2 overflow 2@5"]);
}
