//! The queue with those who wait for it: threads, a wait handle, a wake-up callback.

use loom::sync::atomic::AtomicU64;
use loom::thread;

use super::*;

#[test]
fn two_events_wake_two_threads() {
    check(|| {
        let (hub, reader) = attached();
        let waiters = [(); 2].map(|()| {
            let reader = reader.clone();
            thread::spawn(move || match reader.next(None) {
                Next::Event(event) => event.seq,
                _ => panic!("an event for each"),
            })
        });
        hub.publish(operation_done(1));
        hub.publish(operation_done(2));
        let mut seqs = waiters.map(|waiter| waiter.join().unwrap());
        seqs.sort_unstable();
        assert_eq!(seqs, [1, 2]);
    });
}

#[test]
fn every_end_wakes_every_thread() {
    type End = fn(&Arc<Hub>, &Reader);
    let ends: [End; 3] = [|hub, _| hub.close(), |hub, _| hub.discard(), |_, reader| reader.close()];
    for end in ends {
        check(move || {
            let (hub, reader) = attached();
            let waiters = [(); 2].map(|()| {
                let reader = reader.clone();
                thread::spawn(move || matches!(reader.next(None), Next::Closed))
            });
            end(&hub, &reader);
            assert_eq!(waiters.map(|waiter| waiter.join().unwrap()), [true, true]);
        });
    }
}

#[test]
fn what_came_before_the_end_of_the_session_is_read_before_it() {
    check(|| {
        let (hub, reader) = attached();
        let reads = thread::spawn(move || read_to_the_end(&reader));
        hub.publish(operation_done(1));
        hub.publish(operation_done(2));
        drop(hub);
        assert_eq!(reads.join().unwrap(), [1, 2]);
    });
}

#[test]
fn the_handle_is_signalled_exactly_while_something_can_be_read() {
    check(|| {
        let (hub, reader) = attached();
        let published = Arc::new(AtomicU64::new(0));
        let publisher = thread::spawn({
            let published = Arc::clone(&published);
            move || {
                for operation in 1..=2 {
                    let seq = hub.publish(operation_done(operation));
                    published.store(seq, Ordering::SeqCst);
                }
                hub
            }
        });
        // Made while events come: it starts at the right level.
        let handle = reader.wait_handle().unwrap();
        let mut read = 0;
        for _ in 0..4 {
            let there = published.load(Ordering::SeqCst);
            let signalled = handle.is_signalled();
            assert!(signalled || there <= read, "{there} were published, {read} read, and no signal");
            match reader.next(NOW) {
                Next::Event(event) => read = event.seq,
                Next::Empty => assert!(!signalled, "signalled for nothing"),
                Next::Closed => panic!("the session lives"),
            }
        }
        let hub = publisher.join().unwrap();
        assert_eq!(handle.is_signalled(), read < 2);
        drain(&reader);
        assert!(!handle.is_signalled());
        hub.close();
        assert!(handle.is_signalled(), "for good");
    });
}

#[test]
fn a_handle_follows_what_detaching_drops() {
    check(|| {
        let (hub, reader) = attached();
        let handle = reader.wait_handle().unwrap();
        let publisher = thread::spawn({
            let hub = Arc::clone(&hub);
            move || hub.publish(operation_done(1))
        });
        reader.detach(&hub);
        assert!(!handle.is_signalled());
        publisher.join().unwrap();
        assert!(!handle.is_signalled());
        assert!(matches!(reader.next(NOW), Next::Empty));
    });
}

#[test]
fn closing_wins_over_everything_that_comes_at_the_same_time() {
    check(|| {
        let (hub, reader) = attached();
        let handle = reader.wait_handle().unwrap();
        let publisher = thread::spawn(move || hub.publish(operation_done(1)));
        reader.close();
        assert!(handle.is_signalled());
        assert!(matches!(reader.next(NOW), Next::Closed));
        publisher.join().unwrap();
        assert!(handle.is_signalled());
        assert!(matches!(reader.next(NOW), Next::Closed));
    });
}

/// A loop that takes posts and drains: the wake-up is set while events come.
#[test]
fn a_loop_that_is_woken_by_posts_reads_everything() {
    check_up_to(SWITCHES, || {
        let (hub, reader) = attached();
        let publisher = thread::spawn(move || {
            hub.publish(operation_done(1));
            hub.publish(operation_done(2));
            hub
        });
        let posts = Arc::new(Count::default());
        let wake = Arc::clone(&posts);
        reader.set_wakeup(Some(Box::new(move || wake.add()))).unwrap();
        let (mut read, mut seen) = (Vec::new(), 0);
        while read.len() < 2 {
            posts.wait_for(seen + 1);
            seen = posts.get();
            read.extend(drain(&reader));
        }
        assert_eq!(read, [1, 2]);
        drop(publisher.join().unwrap());
        drop(reader);
    });
}

#[test]
fn the_last_session_s_end_is_posted_and_the_wakeup_is_dropped_once() {
    struct Dropped(Arc<Count>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.add();
        }
    }
    check(|| {
        let (hub, reader) = attached();
        let (posts, dropped) = (Arc::new(Count::default()), Arc::new(Count::default()));
        let (wake, captured) = (Arc::clone(&posts), Dropped(Arc::clone(&dropped)));
        let wake = move || {
            assert_eq!(captured.0.get(), 0);
            wake.add();
        };
        reader.set_wakeup(Some(Box::new(wake))).unwrap();
        let ends = thread::spawn(move || hub.close());
        posts.wait_for(1);
        assert!(matches!(reader.next(NOW), Next::Closed));
        ends.join().unwrap();
        reader.close();
        dropped.wait_for(1);
        assert_eq!((posts.get(), dropped.get()), (1, 1));
    });
}
