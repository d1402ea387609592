//! Callbacks and their end: in order, one at a time, and none after `free`.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use crate::sync::Mutex;

use super::*;
use crate::delivery::EventKind;
use crate::delivery::samples::{in_time, operation_done};

const LONG: Duration = Duration::from_secs(60);

/// Tells when the callback's captures are dropped.
struct OnDrop<F: FnMut()>(F);
impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// A place where a callback finds its own subscription.
type Slot = Arc<Mutex<Option<Subscription>>>;

fn take(slot: &Slot) -> Subscription {
    // The callback may run before `new` has returned to who fills the slot.
    loop {
        if let Some(subscription) = slot.lock().take() {
            return subscription;
        }
        thread::yield_now();
    }
}

#[test]
fn callbacks_run_in_order_on_one_thread_and_survive_a_panic() {
    let hub = Hub::new();
    let (sender, told) = mpsc::channel();
    let subscription = Subscription::new(&hub, Mask::ALL, move |event| {
        sender.send((event.seq, thread::current().id(), callback::inside_callback())).unwrap();
        assert_ne!(event.seq % 3, 0, "a host's mistake");
    })
    .unwrap();
    for operation in 1..=100 {
        hub.publish(operation_done(operation));
    }
    hub.close();
    let told: Vec<_> = told.iter().collect();
    assert_eq!(told.iter().map(|told| told.0).collect::<Vec<_>>(), (1..=100).collect::<Vec<_>>());
    assert!(told.iter().all(|(_, id, inside)| *id == told[0].1 && *inside));
    assert_ne!(told[0].1, thread::current().id());
    in_time(|| subscription.free());
}

#[test]
fn when_the_session_is_gone_all_is_delivered_and_the_captures_are_dropped() {
    let hub = Hub::new();
    let (sender, told) = mpsc::channel();
    let subscription =
        Subscription::new(&hub, Mask::ALL, move |event| sender.send(event.seq).unwrap()).unwrap();
    hub.publish(operation_done(1));
    hub.publish(operation_done(2));
    drop(hub);
    assert_eq!(told.recv_timeout(LONG), Ok(1));
    assert_eq!(told.recv_timeout(LONG), Ok(2));
    assert_eq!(told.recv_timeout(LONG), Err(mpsc::RecvTimeoutError::Disconnected));
    in_time(|| subscription.free());
}

/// A subscription whose callback has begun and waits for `release`; then it works on and notes its end.
struct Busy {
    subscription: Subscription,
    release: Sender<()>,
    returned: Arc<AtomicBool>,
    dropped: Receiver<bool>,
}

fn busy(hub: &Arc<Hub>) -> Busy {
    let (begun, begins) = mpsc::channel();
    let (release, released) = mpsc::channel();
    let returned = Arc::new(AtomicBool::new(false));
    let (sender, dropped) = mpsc::channel();
    let at_end = OnDrop({
        let returned = Arc::clone(&returned);
        move || sender.send(returned.load(Ordering::SeqCst)).unwrap()
    });
    let callback = {
        let returned = Arc::clone(&returned);
        move |_: &Arc<Event>| {
            let _captured = &at_end;
            begun.send(()).unwrap();
            released.recv().unwrap();
            // Long enough for a `free` that does not wait to be seen; right code passes at any speed.
            thread::sleep(Duration::from_millis(50));
            returned.store(true, Ordering::SeqCst);
        }
    };
    let subscription = Subscription::new(hub, Mask::ALL, callback).unwrap();
    hub.publish(operation_done(1));
    hub.publish(operation_done(2));
    begins.recv_timeout(LONG).unwrap();
    Busy { subscription, release, returned, dropped }
}

/// Lets the callback go on once nothing can start any more: the reader has left the hub, or the hub is closed.
fn release_when_stopped(hub: &Arc<Hub>, release: Sender<()>) {
    let hub = Arc::clone(hub);
    thread::spawn(move || {
        while hub.is_taken(EventKind::OperationDone) {
            thread::yield_now();
        }
        release.send(()).unwrap();
    });
}

#[test]
fn free_waits_for_the_running_callback_and_for_the_end_of_its_captures() {
    let frees: [fn(Subscription); 2] = [Subscription::free, drop];
    for free in frees {
        let hub = Hub::new();
        let busy = busy(&hub);
        release_when_stopped(&hub, busy.release);
        let subscription = busy.subscription;
        in_time(move || free(subscription));
        assert!(busy.returned.load(Ordering::SeqCst), "the callback still ran");
        assert_eq!(
            busy.dropped.try_recv(),
            Ok(true),
            "the captures go after the last callback, before free returns"
        );
        assert!(busy.dropped.try_recv().is_err(), "once");
    }
}

#[test]
fn free_async_does_not_wait_and_no_callback_starts_after_it() {
    let hub = Hub::new();
    let busy = busy(&hub);
    busy.subscription.free_async();
    assert!(!busy.returned.load(Ordering::SeqCst), "it cannot have returned: it was not released");
    busy.release.send(()).unwrap();
    // Were the second event delivered, its callback would panic in `begun` or wait for ever.
    assert_eq!(busy.dropped.recv_timeout(LONG), Ok(true));
}

#[test]
fn discarding_the_session_waits_for_its_callbacks() {
    let hub = Hub::new();
    let busy = busy(&hub);
    release_when_stopped(&hub, busy.release);
    in_time(move || hub.discard());
    assert!(busy.returned.load(Ordering::SeqCst), "the callback still ran");
    assert_eq!(busy.dropped.try_recv(), Ok(true));
    in_time(move || busy.subscription.free());
}

#[test]
fn inside_the_callback_of_another_subscription_free_waits() {
    let (hub, other) = (Hub::new(), Hub::new());
    let busy = busy(&hub);
    release_when_stopped(&hub, busy.release);
    let mut subscription = Some(busy.subscription);
    let (sender, told) = mpsc::channel();
    let _frees = Subscription::new(&other, Mask::ALL, move |_| {
        subscription.take().unwrap().free();
        sender.send(busy.returned.load(Ordering::SeqCst)).unwrap();
    })
    .unwrap();
    other.publish(operation_done(1));
    assert_eq!(told.recv_timeout(LONG), Ok(true), "the callback still ran");
}

#[test]
fn a_callback_may_free_its_own_subscription_or_discard_its_session() {
    type End = fn(Subscription, &Arc<Hub>);
    let ends: [End; 4] = [
        |subscription, _| subscription.free(),
        |subscription, _| subscription.free_async(),
        |subscription, hub| {
            hub.discard();
            subscription.free();
        },
        |subscription, hub| {
            hub.close();
            drop(subscription);
        },
    ];
    for end in ends {
        let hub = Hub::new();
        let slot = Slot::default();
        let (sender, told) = mpsc::channel();
        let (drop_sender, dropped) = mpsc::channel();
        let at_end = OnDrop(move || drop_sender.send("dropped").unwrap());
        let subscription = Subscription::new(&hub, Mask::ALL, {
            let (slot, hub) = (Arc::clone(&slot), Arc::clone(&hub));
            move |event| {
                let _captured = &at_end;
                end(take(&slot), &hub);
                sender.send(event.seq).unwrap();
            }
        })
        .unwrap();
        for operation in 1..10 {
            hub.publish(operation_done(operation));
        }
        *slot.lock() = Some(subscription);
        assert_eq!(told.recv_timeout(LONG), Ok(1), "free inside the callback came to an end");
        assert_eq!(dropped.recv_timeout(LONG), Ok("dropped"));
        assert_eq!(told.recv_timeout(LONG), Err(mpsc::RecvTimeoutError::Disconnected), "no second callback");
        assert!(dropped.try_recv().is_err(), "once");
    }
}

#[test]
fn a_subscription_may_live_in_its_own_callback() {
    let hub = Hub::new();
    let (sender, dropped) = mpsc::channel();
    let at_end = OnDrop(move || sender.send(()).unwrap());
    let owner = Slot::default();
    let frees_itself = OnDrop({
        let owner = Arc::clone(&owner);
        move || drop(owner.lock().take())
    });
    let subscription = Subscription::new(&hub, Mask::ALL, move |_| {
        let _captured = (&frees_itself, &at_end);
    });
    *owner.lock() = Some(subscription.unwrap());
    hub.close();
    dropped.recv_timeout(LONG).expect("dropping the captures does not wait for itself");
}

#[test]
fn callbacks_that_free_each_other_do_not_wait_for_each_other() {
    for count in [2, 3] {
        let hub = Hub::new();
        let slots: Vec<Slot> = (0..count).map(|_| Slot::default()).collect();
        let all_in = Arc::new(std::sync::Barrier::new(count));
        let (sender, told) = mpsc::channel();
        for at in 0..count {
            let (next, all_in, sender) =
                (Arc::clone(&slots[(at + 1) % count]), Arc::clone(&all_in), sender.clone());
            let subscription = Subscription::new(&hub, Mask::ALL, move |_| {
                all_in.wait();
                take(&next).free();
                sender.send(at).unwrap();
            });
            *slots[at].lock() = Some(subscription.unwrap());
        }
        drop(sender);
        hub.publish(operation_done(1));
        for _ in 0..count {
            told.recv_timeout(LONG).expect("no circle of waiting");
        }
        assert_eq!(told.recv_timeout(LONG), Err(mpsc::RecvTimeoutError::Disconnected));
    }
}

#[test]
fn a_panic_in_the_end_of_the_captures_is_caught() {
    let hub = Hub::new();
    let (sender, dropped) = mpsc::channel();
    let at_end = OnDrop(move || {
        sender.send(()).unwrap();
        panic!("a host's mistake");
    });
    let subscription = Subscription::new(&hub, Mask::ALL, move |_| {
        let _captured = &at_end;
    })
    .unwrap();
    in_time(|| subscription.free());
    assert_eq!(dropped.try_recv(), Ok(()));
}

/// What one subscription of the load test may not do.
#[derive(Default)]
struct Watched {
    freed: AtomicBool,
    running: AtomicBool,
    destroyed: AtomicUsize,
    last_seq: AtomicUsize,
}

/// Violations, counted: a panic in a callback would be caught.
#[derive(Default)]
struct Faults {
    after_free: AtomicUsize,
    at_once: AtomicUsize,
    out_of_order: AtomicUsize,
    not_destroyed_once: AtomicUsize,
    callbacks: AtomicUsize,
}

fn watched_subscription(hub: &Arc<Hub>, faults: &Arc<Faults>, watched: &Arc<Watched>) -> Subscription {
    let at_end = OnDrop({
        let watched = Arc::clone(watched);
        move || {
            watched.destroyed.fetch_add(1, Ordering::SeqCst);
        }
    });
    let (faults, watched) = (Arc::clone(faults), Arc::clone(watched));
    Subscription::new(hub, Mask::ALL, move |event| {
        let _captured = &at_end;
        let count = |fault: &AtomicUsize, wrong: bool| fault.fetch_add(usize::from(wrong), Ordering::SeqCst);
        faults.callbacks.fetch_add(1, Ordering::SeqCst);
        count(&faults.at_once, watched.running.swap(true, Ordering::SeqCst));
        let before = watched.last_seq.swap(event.seq as usize, Ordering::SeqCst);
        count(&faults.out_of_order, before >= event.seq as usize);
        for _ in 0..event.seq % 5 {
            count(&faults.after_free, watched.freed.load(Ordering::SeqCst));
            thread::yield_now();
        }
        count(&faults.after_free, watched.freed.load(Ordering::SeqCst));
        watched.running.store(false, Ordering::SeqCst);
    })
    .unwrap()
}

#[test]
fn under_load_no_callback_runs_after_its_subscription_is_freed() {
    const ROUNDS: usize = 250;
    let hub = Hub::new();
    let faults = Arc::new(Faults::default());
    let stop = Arc::new(AtomicBool::new(false));
    let publishers: Vec<_> = (0..2)
        .map(|_| {
            let (hub, stop) = (Arc::clone(&hub), Arc::clone(&stop));
            thread::spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    hub.publish(operation_done(1));
                    thread::yield_now();
                }
            })
        })
        .collect();
    let hosts: Vec<_> = (0..3)
        .map(|host: usize| {
            let (hub, faults) = (Arc::clone(&hub), Arc::clone(&faults));
            thread::spawn(move || {
                for round in 0..ROUNDS {
                    let watched = Arc::new(Watched::default());
                    let subscription = watched_subscription(&hub, &faults, &watched);
                    // Mostly in the middle of the callbacks, sometimes before the first.
                    while !(round + host).is_multiple_of(4) && watched.last_seq.load(Ordering::SeqCst) == 0 {
                        thread::yield_now();
                    }
                    subscription.free();
                    watched.freed.store(true, Ordering::SeqCst);
                    let once = watched.destroyed.load(Ordering::SeqCst) == 1;
                    faults.not_destroyed_once.fetch_add(usize::from(!once), Ordering::SeqCst);
                }
            })
        })
        .collect();
    for host in hosts {
        in_time(move || host.join().unwrap());
    }
    stop.store(true, Ordering::SeqCst);
    for publisher in publishers {
        publisher.join().unwrap();
    }
    let of = |fault: &AtomicUsize| fault.load(Ordering::SeqCst);
    assert_eq!(of(&faults.after_free), 0, "callbacks after free");
    assert_eq!(of(&faults.at_once), 0, "two callbacks of one subscription at once");
    assert_eq!(of(&faults.out_of_order), 0, "events out of order");
    assert_eq!(of(&faults.not_destroyed_once), 0, "captures not dropped exactly once before free returned");
    assert!(of(&faults.callbacks) >= ROUNDS, "the load was a load");
}
