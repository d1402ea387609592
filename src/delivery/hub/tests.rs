//! Publishing, the end of a session, and holding back the channel.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::AtomicI64;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::*;
use crate::delivery::samples::{conversation_added, credentials_needed, delta, operation_done, short};
use crate::delivery::{Next, Reader};

fn drained(reader: &Reader) -> Vec<String> {
    let mut events = Vec::new();
    while let Next::Event(event) = reader.next(Some(Duration::ZERO)) {
        events.push(short(&event).split_once('.').unwrap().1.to_owned());
    }
    events
}

fn is_closed(reader: &Reader) -> bool {
    matches!(reader.next(Some(Duration::ZERO)), Next::Closed)
}

fn is_empty(reader: &Reader) -> bool {
    matches!(reader.next(Some(Duration::ZERO)), Next::Empty)
}

/// Counts how often a future asked to be polled again.
#[derive(Default)]
struct Bell(AtomicUsize);
impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn every_reader_gets_the_same_event_by_its_mask() {
    let hub = Hub::new();
    let (all, other_all) = (Reader::new(Mask::ALL, 0), Reader::new(Mask::ALL, 0));
    let operations = Reader::new(Mask::of(&[EventKind::OperationDone]), 0);
    for reader in [&all, &other_all, &operations] {
        reader.attach(&hub);
        reader.attach(&hub);
    }
    hub.publish(conversation_added(1));
    hub.publish(operation_done(1));
    let expected = ["1 conversation 1", "2 operation 1"];
    assert_eq!(drained(&all), expected);
    assert_eq!(drained(&operations), expected[1..]);
    hub.publish(operation_done(2));
    let Next::Event(one) = all.next(None) else { panic!("an event") };
    assert_eq!(drained(&other_all).len(), 3);
    let Next::Event(same) = operations.next(None) else { panic!("an event") };
    assert!(Arc::ptr_eq(&one, &same), "shared, not copied");
}

#[test]
fn a_mask_may_change_and_holds_for_what_comes_after_from_every_session() {
    let hubs = [Hub::new(), Hub::new()];
    let reader = Reader::new(Mask::of(&[EventKind::OperationDone]), 0);
    hubs.iter().for_each(|hub| reader.attach(hub));
    let publish = || {
        for hub in &hubs {
            hub.publish(operation_done(1));
            hub.publish(conversation_added(1));
        }
    };
    publish();
    reader.set_mask(Mask::of(&[EventKind::Conversation]));
    assert_eq!(drained(&reader), ["1 operation 1", "1 operation 1"], "what was queued stays");
    publish();
    assert_eq!(drained(&reader), ["4 conversation 1", "4 conversation 1"]);
    reader.detach(&hubs[0]);
    for (mask, taken) in [(Mask::ALL, true), (Mask::NONE, false), (Mask::ALL, true)] {
        reader.set_mask(mask);
        assert_eq!(reader.mask(), mask);
        assert_eq!(hubs[1].is_taken(EventKind::CredentialsNeeded), taken, "the session knows it too");
        assert!(!hubs[0].is_taken(EventKind::CredentialsNeeded), "detached");
    }
    let other = Reader::new(Mask::of(&[EventKind::State]), 0);
    other.attach(&hubs[1]);
    reader.set_mask(Mask::NONE);
    assert!(hubs[1].is_taken(EventKind::State), "what others take is still taken");
    hubs[1].close();
    reader.set_mask(Mask::ALL);
    assert!(!hubs[1].is_taken(EventKind::State), "a session that is over publishes nothing");
}

#[test]
fn an_event_has_number_time_session_and_tag() {
    let now = Arc::new(AtomicI64::new(1_000));
    let hub = Hub::with_clock({
        let now = Arc::clone(&now);
        move || now.load(Ordering::SeqCst)
    });
    assert_eq!(hub.publish(operation_done(1)), 1, "counted although nobody listens");
    let reader = Reader::new(Mask::ALL, 0);
    reader.attach(&hub);
    now.store(2_000, Ordering::SeqCst);
    hub.set_tag(77);
    assert_eq!(hub.publish(operation_done(2)), 2);
    let Next::Event(event) = reader.next(None) else { panic!("an event") };
    assert_eq!((event.seq, event.unix_ms, event.session, event.tag), (2, 2_000, hub.number(), 77));
    assert_ne!(Hub::new().number(), hub.number());
    assert!(Hub::new().number() > 0);
}

#[test]
fn one_reader_may_serve_several_sessions_and_ends_with_the_last() {
    let (first, second) = (Hub::new(), Hub::new());
    let reader = Reader::new(Mask::ALL, 0);
    assert!(is_empty(&reader), "attached to nothing: waits");
    reader.attach(&first);
    reader.attach(&second);
    for _ in 0..3 {
        first.publish(operation_done(1));
        second.publish(operation_done(2));
    }
    let mut last = [0, 0];
    for _ in 0..6 {
        let Next::Event(event) = reader.next(None) else { panic!("an event") };
        let at = usize::from(event.session == second.number());
        assert_eq!(event.seq, last[at] + 1);
        last[at] = event.seq;
    }
    first.publish(operation_done(3));
    first.close();
    second.publish(operation_done(4));
    assert_eq!(drained(&reader), ["4 operation 3", "4 operation 4"]);
    assert!(is_empty(&reader), "one session lives");
    drop(second);
    assert!(is_closed(&reader), "the last went");
    let third = Hub::new();
    reader.attach(&third);
    assert!(is_empty(&reader), "a new session opens it again");
    drop(first);
    assert!(is_empty(&reader), "the late end of an old hub changes nothing");
    third.publish(operation_done(5));
    assert_eq!(drained(&reader), ["1 operation 5"]);
}

#[test]
fn after_close_nothing_is_published_and_readers_drain() {
    let hub = Hub::new();
    let reader = Reader::new(Mask::ALL, 0);
    reader.attach(&hub);
    hub.publish(operation_done(1));
    hub.close();
    assert!(hub.is_closed());
    assert_eq!(hub.publish(operation_done(2)), 0);
    assert_eq!(drained(&reader), ["1 operation 1"]);
    assert!(is_closed(&reader));
    let late = Reader::new(Mask::ALL, 0);
    late.attach(&hub);
    assert!(is_closed(&late), "who comes late does not wait for ever");
}

#[test]
fn discard_drops_what_is_queued_also_after_close() {
    let (hub, other) = (Hub::new(), Hub::new());
    let reader = Reader::new(Mask::ALL, 0);
    reader.attach(&hub);
    reader.attach(&other);
    hub.publish(operation_done(1));
    other.publish(operation_done(2));
    hub.publish(operation_done(3));
    hub.close();
    hub.discard();
    assert_eq!(drained(&reader), ["1 operation 2"]);
}

#[test]
fn detach_drops_what_is_queued_and_takes_nothing_more() {
    let (hub, other) = (Hub::new(), Hub::new());
    let reader = Reader::new(Mask::ALL, 0);
    reader.attach(&hub);
    reader.attach(&other);
    hub.publish(operation_done(1));
    other.publish(operation_done(2));
    reader.detach(&hub);
    assert!(!hub.is_taken(EventKind::State));
    hub.publish(operation_done(3));
    assert_eq!(drained(&reader), ["1 operation 2"]);
    hub.close();
    assert!(is_empty(&reader));
}

#[test]
fn a_reader_that_the_host_detached_from_all_waits_for_the_next() {
    let (gone, hub) = (Hub::new(), Hub::new());
    let reader = Reader::new(Mask::ALL, 0);
    reader.attach(&gone);
    gone.close();
    assert!(is_closed(&reader));
    reader.attach(&hub);
    reader.detach(&hub);
    assert!(is_empty(&reader));
    drop(gone);
    assert!(is_empty(&reader), "a session that ended before ends nothing now");
}

#[test]
fn a_kind_is_taken_while_a_reader_for_it_is_attached() {
    let hub = Hub::new();
    assert!(!hub.is_taken(EventKind::CredentialsNeeded));
    let others = Reader::new(Mask::of(&[EventKind::Participant]), 0);
    others.attach(&hub);
    assert!(!hub.is_taken(EventKind::CredentialsNeeded));
    assert!(hub.is_taken(EventKind::Overflow));
    let asked = Reader::new(Mask::of(&[EventKind::CredentialsNeeded]), 0);
    asked.attach(&hub);
    assert!(hub.is_taken(EventKind::CredentialsNeeded));
    hub.publish(credentials_needed(1));
    assert_eq!(drained(&asked), ["1 credentials 1"]);
    drop(asked);
    assert!(!hub.is_taken(EventKind::CredentialsNeeded), "its last clone closed the reader");
    let another = Reader::new(Mask::ALL, 0);
    another.attach(&hub);
    hub.close();
    assert!(!hub.is_taken(EventKind::Participant));
    another.detach(&hub);
    assert!(!hub.is_taken(EventKind::Participant), "nor when a reader leaves it afterwards");
}

/// A hub whose only reader is full of conversations.
fn held_back() -> (Arc<Hub>, Reader) {
    let hub = Hub::new();
    let reader = Reader::new(Mask::ALL, 2);
    reader.attach(&hub);
    hub.publish(conversation_added(1));
    assert!(hub.has_room());
    hub.publish(conversation_added(2));
    assert!(!hub.has_room());
    (hub, reader)
}

#[test]
fn the_channel_goes_on_when_the_reader_reads_closes_or_leaves_or_the_session_ends() {
    type Relief = fn(&Arc<Hub>, &Reader);
    let reliefs: [(&str, Relief); 5] = [
        ("read", |_, reader| assert!(matches!(reader.next(None), Next::Event(_)))),
        ("close the reader", |_, reader| reader.close()),
        ("detach", |hub, reader| reader.detach(hub)),
        ("close the hub", |hub, _| hub.close()),
        ("discard", |hub, _| hub.discard()),
    ];
    for (name, relief) in reliefs {
        let (hub, reader) = held_back();
        let bell = Arc::new(Bell::default());
        let waker = Waker::from(Arc::clone(&bell));
        let mut context = Context::from_waker(&waker);
        let mut room = pin!(hub.room());
        assert_eq!(room.as_mut().poll(&mut context), Poll::Pending, "{name}");
        assert_eq!(bell.0.load(Ordering::SeqCst), 0, "{name}");
        relief(&hub, &reader);
        assert!(bell.0.load(Ordering::SeqCst) > 0, "{name}: nobody said so");
        assert_eq!(room.as_mut().poll(&mut context), Poll::Ready(()), "{name}");
    }
}

#[test]
fn deltas_do_not_hold_the_channel_back() {
    let hub = Hub::new();
    let reader = Reader::new(Mask::ALL, 2);
    reader.attach(&hub);
    for revision in 1..100 {
        hub.publish(delta(1, revision));
    }
    assert!(hub.has_room());
    assert_eq!(drained(&reader), ["1 overflow 1@99"]);
}

#[test]
fn a_bell_between_looking_and_waiting_is_not_lost() {
    let (bell, looks) = (Notify::new(), AtomicUsize::new(0));
    let rings_after_the_first_look = || {
        let first = looks.fetch_add(1, Ordering::SeqCst) == 0;
        if first {
            bell.notify_waiters();
        }
        !first
    };
    let mut room = pin!(until(&bell, rings_after_the_first_look));
    assert_eq!(room.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
}

#[test]
fn the_channel_goes_on_while_another_thread_reads() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    for _ in 0..100 {
        let (hub, reader) = held_back();
        let reads = std::thread::spawn(move || drained(&reader));
        let room = async { tokio::time::timeout(Duration::from_secs(60), hub.room()).await };
        assert!(runtime.block_on(room).is_ok(), "the bell was lost");
        assert_eq!(reads.join().unwrap().len(), 2);
    }
}
