//! The gate: no callback runs after its end, the end comes exactly once, and nobody waits for ever for it.

use loom::sync::atomic::{AtomicBool, AtomicUsize};
use loom::thread;
use ucwa_loom::delivery::Subscription;

use super::*;

/// What is known of one callback, and what it may not do.
#[derive(Default)]
struct Watched {
    running: AtomicBool,
    over: AtomicBool,
    ran: AtomicUsize,
    last_seq: AtomicUsize,
    dropped: Count,
}

/// Captured by a callback.
struct Captured(Arc<Watched>);

impl Drop for Captured {
    fn drop(&mut self) {
        assert!(!self.0.running.load(Ordering::SeqCst), "dropped while it ran");
        self.0.dropped.add();
    }
}

impl Watched {
    fn run(&self, seq: u64, inside: impl FnOnce()) {
        assert!(!self.over.load(Ordering::SeqCst), "began after its end");
        assert!(!self.running.swap(true, Ordering::SeqCst), "two at once");
        let before = self.last_seq.swap(seq as usize, Ordering::SeqCst);
        assert!(before < seq as usize, "out of order");
        inside();
        self.ran.fetch_add(1, Ordering::SeqCst);
        assert!(!self.over.load(Ordering::SeqCst), "ran on after its end");
        self.running.store(false, Ordering::SeqCst);
    }

    /// What waits for the callback has returned.
    fn is_over(&self) {
        self.over.store(true, Ordering::SeqCst);
        assert!(!self.running.load(Ordering::SeqCst), "still runs");
        assert_eq!(self.dropped.get(), 1, "the captures are dropped, once");
    }
}

fn subscribe(hub: &Arc<Hub>, inside: impl Fn() + Send + 'static) -> (Arc<Watched>, Subscription) {
    let watched = Arc::new(Watched::default());
    let captured = Captured(Arc::clone(&watched));
    let callback = move |event: &Arc<ucwa_loom::delivery::Event>| captured.0.run(event.seq, &inside);
    (watched, Subscription::new(hub, Mask::ALL, callback).unwrap())
}

fn publisher(hub: &Arc<Hub>, events: u64) -> thread::JoinHandle<()> {
    let hub = Arc::clone(hub);
    thread::spawn(move || {
        for operation in 1..=events {
            hub.publish(operation_done(operation));
        }
    })
}

#[test]
fn free_waits_and_nothing_runs_after_it() {
    check_up_to(SWITCHES, || {
        let hub = Hub::new();
        let (watched, subscription) = subscribe(&hub, || ());
        let publisher = publisher(&hub, 2);
        subscription.free();
        watched.is_over();
        publisher.join().unwrap();
    });
}

#[test]
fn free_async_ends_it_in_its_own_time() {
    check_up_to(SWITCHES, || {
        let hub = Hub::new();
        let (watched, subscription) = subscribe(&hub, || ());
        let publisher = publisher(&hub, 2);
        subscription.free_async();
        watched.dropped.wait_for(1);
        watched.is_over();
        publisher.join().unwrap();
    });
}

#[test]
fn free_async_does_not_wait_for_the_callback() {
    check(|| {
        let hub = Hub::new();
        let go_on = Arc::new(Count::default());
        let waits = Arc::clone(&go_on);
        let (watched, subscription) = subscribe(&hub, move || waits.wait_for(1));
        hub.publish(operation_done(1));
        subscription.free_async();
        go_on.add();
        watched.dropped.wait_for(1);
        watched.is_over();
    });
}

#[test]
fn all_is_delivered_before_the_end_of_the_session() {
    check(|| {
        let hub = Hub::new();
        let (watched, subscription) = subscribe(&hub, || ());
        hub.publish(operation_done(1));
        hub.publish(operation_done(2));
        drop(hub);
        watched.dropped.wait_for(1);
        assert_eq!(watched.ran.load(Ordering::SeqCst), 2);
        subscription.free();
        watched.is_over();
    });
}

/// Where a callback finds a subscription to free.
type Slot = Arc<Mutex<Option<Subscription>>>;

fn take(slot: &Slot) -> Option<Subscription> {
    slot.lock().unwrap().take()
}

#[test]
fn a_callback_may_end_itself() {
    type End = fn(Subscription, &Arc<Hub>);
    let ends: [End; 3] = [
        |subscription, _| subscription.free(),
        |subscription, _| subscription.free_async(),
        |subscription, hub| {
            hub.discard();
            subscription.free();
        },
    ];
    for end in ends {
        check(move || {
            let (hub, slot) = (Hub::new(), Slot::default());
            let (watched, subscription) = subscribe(&hub, {
                let (hub, slot) = (Arc::downgrade(&hub), Arc::clone(&slot));
                move || end(take(&slot).unwrap(), &hub.upgrade().unwrap())
            });
            *slot.lock().unwrap() = Some(subscription);
            hub.publish(operation_done(1));
            hub.publish(operation_done(2));
            watched.dropped.wait_for(1);
            watched.is_over();
            assert_eq!(watched.ran.load(Ordering::SeqCst), 1, "none starts after it was freed");
        });
    }
}

#[test]
fn inside_another_callback_free_waits() {
    check_up_to(SWITCHES, || {
        let (hub, other) = (Hub::new(), Hub::new());
        let (freed, subscription) = subscribe(&hub, || ());
        let slot = Arc::new(Mutex::new(Some(subscription)));
        let (frees, subscription) = subscribe(&other, {
            let freed = Arc::clone(&freed);
            move || {
                take(&slot).unwrap().free();
                freed.is_over();
            }
        });
        hub.publish(operation_done(1));
        other.publish(operation_done(1));
        other.close();
        frees.dropped.wait_for(1);
        assert_eq!(frees.ran.load(Ordering::SeqCst), 1);
        subscription.free();
    });
}

/// Each callback frees the next one's subscription, the last one the first's.
fn circle(count: usize) {
    let hub = Hub::new();
    let slots: Vec<Slot> = (0..count).map(|_| Slot::default()).collect();
    let all: Vec<_> = (0..count)
        .map(|at| {
            let next = Arc::clone(&slots[(at + 1) % count]);
            let (watched, subscription) = subscribe(&hub, move || drop(take(&next)));
            *slots[at].lock().unwrap() = Some(subscription);
            watched
        })
        .collect();
    hub.publish(operation_done(1));
    hub.close();
    all.iter().for_each(|watched| watched.dropped.wait_for(1));
    slots.iter().for_each(|slot| drop(take(slot)));
    all.iter().for_each(|watched| watched.is_over());
}

#[test]
fn callbacks_that_free_each_other_all_end() {
    check_up_to(3, || circle(2));
    check_up_to(2, || circle(3));
}

#[test]
fn captures_may_hold_their_own_subscription() {
    check(|| {
        let (hub, slot) = (Hub::new(), Slot::default());
        let own = Arc::clone(&slot);
        struct Frees(Slot);
        impl Drop for Frees {
            fn drop(&mut self) {
                drop(take(&self.0));
            }
        }
        let frees = Frees(own);
        let (watched, subscription) = subscribe(&hub, move || {
            let _captured = &frees;
        });
        *slot.lock().unwrap() = Some(subscription);
        drop(slot);
        hub.close();
        watched.dropped.wait_for(1);
    });
}

#[test]
fn discard_waits_for_callbacks_and_for_subscriptions_that_come_meanwhile() {
    check_up_to(3, || {
        let hub = Hub::new();
        let over = Arc::new(AtomicBool::new(false));
        let comes = thread::spawn({
            let (hub, over) = (Arc::clone(&hub), Arc::clone(&over));
            move || subscribe(&hub, move || assert!(!over.load(Ordering::SeqCst), "after discard"))
        });
        let publisher = publisher(&hub, 1);
        hub.discard();
        over.store(true, Ordering::SeqCst);
        let (watched, subscription) = comes.join().unwrap();
        subscription.free();
        watched.is_over();
        publisher.join().unwrap();
    });
}

#[test]
fn freeing_and_discarding_at_once_both_return_after_the_end() {
    check_up_to(SWITCHES, || {
        let hub = Hub::new();
        let (watched, subscription) = subscribe(&hub, || ());
        hub.publish(operation_done(1));
        let discards = thread::spawn({
            let (hub, watched) = (Arc::clone(&hub), Arc::clone(&watched));
            move || {
                hub.discard();
                watched.is_over();
            }
        });
        subscription.free();
        watched.is_over();
        discards.join().unwrap();
    });
}
