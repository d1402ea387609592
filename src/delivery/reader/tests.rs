//! Waiting, the wait handle, the wake-up callback.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use super::*;
use crate::delivery::samples::{delta, in_time, operation_done};

const LONG: Duration = Duration::from_secs(60);
const NOW: Option<Duration> = Some(Duration::ZERO);

fn attached() -> (Arc<Hub>, Reader) {
    let (hub, reader) = (Hub::new(), Reader::new(Mask::ALL, 0));
    reader.attach(&hub);
    (hub, reader)
}

#[test]
fn a_time_that_is_over_gives_empty_and_an_endless_time_does_not_overflow() {
    let (hub, reader) = attached();
    assert!(matches!(reader.next(NOW), Next::Empty));
    assert!(matches!(reader.next(Some(Duration::from_millis(5))), Next::Empty));
    hub.publish(operation_done(1));
    assert!(matches!(reader.next(Some(Duration::MAX)), Next::Event(_)));
}

#[test]
fn every_waiting_thread_wakes_and_each_event_goes_to_one() {
    let (hub, reader) = attached();
    let (sender, receiver) = mpsc::channel();
    let waiters: Vec<_> = (0..4)
        .map(|_| {
            let (reader, sender) = (reader.clone(), sender.clone());
            thread::spawn(move || {
                while let Next::Event(event) = reader.next(None) {
                    sender.send(event.seq).unwrap();
                }
            })
        })
        .collect();
    for operation in 1..=500 {
        hub.publish(operation_done(operation));
    }
    hub.close();
    for waiter in waiters {
        in_time(|| waiter.join().unwrap());
    }
    drop(sender);
    let mut seqs: Vec<u64> = receiver.iter().collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=500).collect::<Vec<_>>());
}

/// Threads that wait in `next` now.
fn waiting(reader: &Reader, count: usize) -> Vec<thread::JoinHandle<Next>> {
    let waiters = (0..count).map(|_| {
        let reader = reader.clone();
        thread::spawn(move || reader.next(None))
    });
    let waiters = waiters.collect();
    let shared = &reader.0.0;
    while {
        let _state = shared.state.lock();
        shared.changed.waiters() < count
    } {
        thread::yield_now();
    }
    waiters
}

#[test]
fn the_end_of_the_session_or_of_the_reader_wakes_all_who_wait() {
    type End = fn(&Arc<Hub>, &Reader);
    let ends: [End; 3] = [|hub, _| hub.close(), |hub, _| hub.discard(), |_, reader| reader.close()];
    for end in ends {
        for _ in 0..10 {
            let (hub, reader) = attached();
            let waiters = waiting(&reader, 3);
            end(&hub, &reader);
            for waiter in waiters {
                assert!(matches!(in_time(|| waiter.join().unwrap()), Next::Closed));
            }
        }
    }
}

#[test]
fn attaching_to_a_session_that_is_gone_wakes_who_waits() {
    let reader = Reader::new(Mask::ALL, 0);
    let gone = Hub::new();
    gone.close();
    let waiters = waiting(&reader, 2);
    reader.attach(&gone);
    for waiter in waiters {
        assert!(matches!(in_time(|| waiter.join().unwrap()), Next::Closed));
    }
}

#[test]
fn a_closed_reader_stays_closed_and_keeps_nothing() {
    type Before = fn(&Arc<Hub>);
    let before: [Before; 2] = [|_| (), |hub| hub.close()];
    for happens in before {
        let (hub, reader) = attached();
        let other = Reader::new(Mask::ALL, 0);
        other.attach(&hub);
        hub.publish(operation_done(1));
        let event = match other.next(NOW) {
            Next::Event(event) => Arc::downgrade(&event),
            _ => panic!("an event"),
        };
        assert!(event.upgrade().is_some(), "queued");
        happens(&hub);
        reader.close();
        reader.close();
        assert!(event.upgrade().is_none(), "its queue is dropped, although the reader is still held");
        assert!(matches!(reader.next(NOW), Next::Closed));
        let hub = Hub::new();
        reader.attach(&hub);
        hub.publish(operation_done(1));
        assert!(matches!(reader.next(NOW), Next::Closed));
    }
}

#[test]
fn a_hub_keeps_nothing_of_a_reader_whose_last_clone_is_gone() {
    let (hub, reader) = attached();
    let behind = Arc::downgrade(&reader.0.0);
    let clone = reader.clone();
    drop(reader);
    assert!(hub.publish(operation_done(1)) > 0);
    assert!(matches!(clone.next(NOW), Next::Event(_)));
    drop(clone);
    assert!(behind.upgrade().is_none());
}

#[test]
fn a_hub_that_is_closed_keeps_nothing_of_a_reader_either() {
    let (hub, reader) = attached();
    let subscription = crate::delivery::Subscription::new(&hub, Mask::ALL, |_| ()).unwrap();
    let behind = Arc::downgrade(&reader.0.0);
    let _handle = reader.wait_handle();
    hub.close();
    drop(reader);
    assert!(
        behind.upgrade().is_none(),
        "its queue and its descriptor are free while the session is still held"
    );
    drop(subscription);
}

#[cfg(unix)]
mod wait_handle {
    use super::*;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    fn signalled(handle: &WaitHandle, wait: bool) -> bool {
        let mut fds = [PollFd::new(handle, PollFlags::IN)];
        let timeout = Timespec { tv_sec: if wait { 60 } else { 0 }, tv_nsec: 0 };
        rustix::io::retry_on_intr(|| poll(&mut fds, Some(&timeout))).unwrap();
        fds[0].revents().contains(PollFlags::IN)
    }

    #[test]
    fn is_signalled_exactly_while_the_queue_is_not_empty() {
        let (hub, reader) = attached();
        let early = reader.wait_handle().unwrap();
        assert!(!signalled(&early, false));
        for _ in 0..3 {
            hub.publish(operation_done(1));
            hub.publish(operation_done(2));
            let late = reader.wait_handle().unwrap();
            for left in [true, true, false] {
                assert_eq!(signalled(&early, false), left);
                assert_eq!(signalled(&late, false), left);
                assert_eq!(matches!(reader.next(NOW), Next::Event(_)), left);
            }
        }
        hub.publish(operation_done(1));
        reader.detach(&hub);
        assert!(!signalled(&early, false), "what was queued is gone");
    }

    #[test]
    fn stays_signalled_when_the_session_is_gone() {
        let (hub, reader) = attached();
        let handle = reader.wait_handle().unwrap();
        hub.publish(operation_done(1));
        hub.close();
        assert!(matches!(reader.next(NOW), Next::Event(_)));
        assert!(signalled(&handle, false));
        assert!(matches!(reader.next(NOW), Next::Closed));
        assert!(signalled(&handle, false));
        let next = Hub::new();
        reader.attach(&next);
        assert!(!signalled(&handle, false), "unless another is attached");
        drop(next);
        assert!(signalled(&handle, false));
    }

    #[test]
    fn stays_signalled_when_the_reader_is_gone() {
        let (_hub, reader) = attached();
        let handle = reader.wait_handle().unwrap();
        let clone = reader.clone();
        drop(reader);
        assert!(!signalled(&handle, false));
        clone.close();
        assert!(signalled(&handle, false));
        let late = clone.wait_handle().unwrap();
        drop(clone);
        assert!(signalled(&handle, false));
        assert!(signalled(&late, false));
    }

    #[test]
    fn loses_nothing_under_any_interleaving() {
        let (hub, reader) = attached();
        let handle = reader.wait_handle().unwrap();
        const EACH: u64 = 3_000;
        let publishers: Vec<_> = (0..2)
            .map(|_| {
                let hub = Arc::clone(&hub);
                thread::spawn(move || {
                    for operation in 1..=EACH {
                        hub.publish(operation_done(operation));
                    }
                })
            })
            .collect();
        let (mut read, mut spins) = (0, 0);
        while read < 2 * EACH {
            assert!(signalled(&handle, true), "{read} read, and no signal");
            let before = read;
            // One at a time now and then, so that the handle is asked while events remain.
            while let Next::Event(event) = reader.next(NOW) {
                read += 1;
                assert_eq!(event.seq, read);
                if read % 7 == 0 {
                    break;
                }
            }
            spins += u64::from(read == before);
        }
        assert_eq!(spins, 0, "signalled although nothing was there");
        assert!(!signalled(&handle, false));
        for publisher in publishers {
            publisher.join().unwrap();
        }
    }
}

/// A wake-up that tells a channel.
fn told(reader: &Reader) -> mpsc::Receiver<thread::ThreadId> {
    let (sender, receiver) = mpsc::channel();
    let wake = move || {
        let _ = sender.send(thread::current().id());
    };
    reader.set_wakeup(Some(Box::new(wake))).unwrap();
    receiver
}

#[test]
fn a_wakeup_runs_at_each_step_from_empty_on_a_thread_of_its_own() {
    let (hub, reader) = attached();
    let woken = told(&reader);
    for _ in 0..3 {
        hub.publish(operation_done(1));
        assert_ne!(woken.recv_timeout(LONG).unwrap(), thread::current().id());
        hub.publish(operation_done(2));
        hub.publish(operation_done(3));
        while let Next::Event(_) = reader.next(NOW) {}
    }
    hub.close();
    assert!(woken.recv_timeout(LONG).is_ok(), "the end of the last session is told");
    drop(reader);
    // The channel ends when the callback is dropped: what was told beyond the four steps would still be in it.
    assert_eq!(woken.recv_timeout(LONG), Err(mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn a_wakeup_that_is_set_late_runs_at_once() {
    let (hub, reader) = attached();
    hub.publish(operation_done(1));
    let woken = told(&reader);
    assert!(woken.recv_timeout(LONG).is_ok());
}

#[test]
fn a_wakeup_that_is_replaced_is_dropped_and_runs_no_more() {
    let (hub, reader) = attached();
    let first = told(&reader);
    let second = told(&reader);
    assert_eq!(first.recv_timeout(LONG), Err(mpsc::RecvTimeoutError::Disconnected));
    hub.publish(operation_done(1));
    assert!(second.recv_timeout(LONG).is_ok());
    reader.set_wakeup(None).unwrap();
    assert_eq!(second.recv_timeout(LONG), Err(mpsc::RecvTimeoutError::Disconnected));
    reader.close();
    let late = told(&reader);
    assert_eq!(late.recv_timeout(LONG), Err(mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn a_wakeup_may_panic() {
    let (hub, reader) = attached();
    let (sender, woken) = mpsc::channel();
    let wake = move || {
        sender.send(()).unwrap();
        panic!("a host's mistake");
    };
    reader.set_wakeup(Some(Box::new(wake))).unwrap();
    for _ in 0..2 {
        hub.publish(operation_done(1));
        woken.recv_timeout(LONG).unwrap();
        assert!(matches!(reader.next(NOW), Next::Event(_)));
    }
}

#[test]
fn a_wakeup_that_blocks_holds_up_neither_publisher_nor_reader() {
    let (hub, reader) = attached();
    let (release, blocked) = mpsc::channel::<()>();
    let (sender, woken) = mpsc::channel();
    let wake = move || {
        sender.send(()).unwrap();
        let _ = blocked.recv();
    };
    reader.set_wakeup(Some(Box::new(wake))).unwrap();
    hub.publish(operation_done(1));
    woken.recv_timeout(LONG).unwrap();
    for operation in 2..100 {
        hub.publish(operation_done(operation));
        assert!(matches!(reader.next(NOW), Next::Event(_)));
    }
    reader.close();
    drop(release);
}

#[test]
fn a_loop_that_is_woken_by_posts_loses_nothing() {
    let (hub, reader) = attached();
    let woken = told(&reader);
    const ALL: u64 = 5_000;
    let publisher = thread::spawn(move || {
        for revision in 1..=ALL {
            hub.publish(delta(1, revision));
        }
        hub
    });
    let last = AtomicUsize::new(0);
    while last.load(Ordering::Relaxed) < ALL as usize {
        woken.recv_timeout(LONG).expect("a post for what is queued");
        while let Next::Event(event) = reader.next(NOW) {
            let seq = match &event.body {
                crate::delivery::EventBody::Overflow(overflow) => overflow.revision,
                _ => event.seq,
            };
            last.store(seq as usize, Ordering::Relaxed);
        }
    }
    drop(publisher.join().unwrap());
}
