//! Publishing while readers come and go and sessions end, and holding back the channel.

use loom::future::block_on;
use loom::thread;
use ucwa_loom::conversation_added;
use ucwa_loom::delivery::EventKind;
use ucwa_loom::model::ConversationId;

use super::*;

#[test]
fn two_publishers_give_one_order() {
    check(|| {
        let (hub, reader) = attached();
        let other = Reader::new(Mask::ALL, 0);
        other.attach(&hub);
        let publishes = thread::spawn({
            let hub = Arc::clone(&hub);
            move || hub.publish(operation_done(1))
        });
        hub.publish(operation_done(2));
        publishes.join().unwrap();
        assert_eq!(drain(&reader), [1, 2]);
        assert_eq!(drain(&other), [1, 2]);
    });
}

#[test]
fn nothing_is_given_after_detach() {
    check(|| {
        let (hub, reader) = attached();
        let publisher = thread::spawn({
            let hub = Arc::clone(&hub);
            move || {
                hub.publish(operation_done(1));
                hub.publish(operation_done(2));
            }
        });
        reader.detach(&hub);
        assert!(drain(&reader).is_empty());
        assert!(!hub.is_taken(EventKind::OperationDone));
        publisher.join().unwrap();
        assert!(drain(&reader).is_empty());
    });
}

#[test]
fn who_attaches_while_the_session_ends_is_told_of_the_end() {
    check(|| {
        let (hub, reader) = (Hub::new(), Reader::new(Mask::ALL, 0));
        let reads = thread::spawn({
            let reader = reader.clone();
            move || read_to_the_end(&reader)
        });
        let ends = thread::spawn({
            let hub = Arc::clone(&hub);
            move || hub.close()
        });
        reader.attach(&hub);
        ends.join().unwrap();
        assert!(reads.join().unwrap().is_empty());
    });
}

#[test]
fn the_ends_of_session_and_reader_meet_in_any_order() {
    type End = fn(Arc<Hub>);
    let ends: [End; 3] = [|hub| hub.close(), |hub| hub.discard(), drop];
    for end in ends {
        check(move || {
            let (hub, reader) = attached();
            let other = Reader::new(Mask::ALL, 0);
            other.attach(&hub);
            let ends = thread::spawn({
                let hub = Arc::clone(&hub);
                move || end(hub)
            });
            let leaves = thread::spawn(move || drop(reader));
            other.detach(&hub);
            drop(hub);
            ends.join().unwrap();
            leaves.join().unwrap();
            assert!(!matches!(other.next(NOW), Next::Event(_)));
        });
    }
}

#[test]
fn attaching_and_closing_a_reader_leaves_nothing_behind() {
    check(|| {
        let (hub, reader) = (Hub::new(), Reader::new(Mask::ALL, 0));
        let closes = thread::spawn({
            let reader = reader.clone();
            move || reader.close()
        });
        reader.attach(&hub);
        closes.join().unwrap();
        assert!(!hub.is_taken(EventKind::OperationDone), "the hub still lists it");
        assert!(matches!(reader.next(NOW), Next::Closed));
    });
}

#[test]
fn attaching_and_detaching_at_once_comes_to_one_or_the_other() {
    check(|| {
        let (hub, reader) = attached();
        let detaches = thread::spawn({
            let (hub, reader) = (Arc::clone(&hub), reader.clone());
            move || reader.detach(&hub)
        });
        reader.attach(&hub);
        detaches.join().unwrap();
        let listed = hub.is_taken(EventKind::OperationDone);
        hub.publish(operation_done(1));
        assert_eq!(drain(&reader).len(), usize::from(listed));
        reader.close();
        assert!(!hub.is_taken(EventKind::OperationDone), "the hub still lists it");
    });
}

#[test]
fn a_new_mask_holds_for_who_attaches_meanwhile() {
    check(|| {
        let (hub, reader) = (Hub::new(), Reader::new(Mask::NONE, 0));
        let attaches = thread::spawn({
            let (hub, reader) = (Arc::clone(&hub), reader.clone());
            move || reader.attach(&hub)
        });
        reader.set_mask(Mask::ALL);
        attaches.join().unwrap();
        assert!(hub.is_taken(EventKind::OperationDone));
        hub.publish(operation_done(1));
        assert_eq!(drain(&reader), [1]);
    });
}

#[test]
fn one_of_two_new_masks_holds_for_reader_and_hub() {
    check(|| {
        let (hub, reader) = attached();
        let narrows = thread::spawn({
            let reader = reader.clone();
            move || reader.set_mask(Mask::NONE)
        });
        reader.set_mask(Mask::of(&[EventKind::OperationDone]));
        narrows.join().unwrap();
        let taken = reader.mask().contains(EventKind::OperationDone);
        assert_eq!(hub.is_taken(EventKind::OperationDone), taken);
        hub.publish(operation_done(1));
        assert_eq!(drain(&reader).len(), usize::from(taken));
    });
}

#[test]
fn a_narrower_mask_keeps_out_what_is_published_after_it() {
    check(|| {
        let (hub, reader) = attached();
        let publisher = thread::spawn({
            let hub = Arc::clone(&hub);
            move || hub.publish(operation_done(1))
        });
        reader.set_mask(Mask::NONE);
        let before = drain(&reader);
        assert!(before.is_empty() || before == [1]);
        assert!(drain(&reader).is_empty());
        publisher.join().unwrap();
        assert!(drain(&reader).is_empty());
    });
}

#[test]
fn masks_change_while_sessions_and_readers_end() {
    type End = fn(Arc<Hub>, Reader);
    let ends: [End; 3] = [|hub, _| hub.discard(), |hub, _| drop(hub), |_, reader| reader.close()];
    for end in ends {
        check(move || {
            let (hub, reader) = attached();
            let weak = Arc::downgrade(&hub);
            let ends = thread::spawn({
                let reader = reader.clone();
                move || end(hub, reader)
            });
            reader.set_mask(Mask::of(&[EventKind::OperationDone]));
            ends.join().unwrap();
            assert!(matches!(reader.next(NOW), Next::Closed));
            assert!(weak.upgrade().is_none_or(|hub| !hub.is_taken(EventKind::OperationDone)));
        });
    }
}

#[test]
fn whatever_makes_room_is_heard_by_who_awaits_it() {
    type Relief = fn(&Arc<Hub>, &Reader, &Arc<Hub>);
    let reliefs: [Relief; 6] = [
        |_, reader, _| assert!(matches!(reader.next(NOW), Next::Event(_))),
        |_, reader, _| reader.close(),
        |hub, reader, _| reader.detach(hub),
        |hub, _, _| hub.close(),
        // What fills the reader is another session's, so that one's end is what helps.
        |_, reader, other| reader.detach(other),
        |_, _, other| other.discard(),
    ];
    for (at, relief) in reliefs.into_iter().enumerate() {
        check(move || {
            let (hub, other, reader) = (Hub::new(), Hub::new(), Reader::new(Mask::ALL, 1));
            reader.attach(&hub);
            reader.attach(&other);
            if at < 4 { &hub } else { &other }.publish(conversation_added(ConversationId::new(1).unwrap()));
            assert!(!hub.has_room());
            let relieves = thread::spawn({
                let (hub, other, reader) = (Arc::clone(&hub), Arc::clone(&other), reader.clone());
                move || relief(&hub, &reader, &other)
            });
            block_on(hub.room());
            assert!(hub.has_room());
            relieves.join().unwrap();
        });
    }
}
