//! A subscription that is watched for what it may not do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;

use ucwa::delivery::{Event, Hub, Mask, Subscription};

/// Violations of all subscriptions, counted: a panic in a callback would be caught.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) after_free: AtomicUsize,
    pub(crate) at_once: AtomicUsize,
    pub(crate) out_of_order: AtomicUsize,
    pub(crate) not_destroyed_once: AtomicUsize,
    /// No violations, but the load.
    pub(crate) callbacks: AtomicUsize,
    pub(crate) made: AtomicUsize,
    pub(crate) destroyed: AtomicUsize,
}

/// What is known of one subscription.
#[derive(Default)]
struct Life {
    freed: AtomicBool,
    running: AtomicBool,
    destroyed: AtomicUsize,
    last_seq: AtomicU64,
}

/// Captured by the callback: what C calls the destroy function of the user data.
struct Captured {
    life: Arc<Life>,
    faults: Arc<Faults>,
}

impl Drop for Captured {
    fn drop(&mut self) {
        let running = self.life.running.load(Ordering::SeqCst);
        let again = self.life.destroyed.fetch_add(1, Ordering::SeqCst) > 0;
        count(&self.faults.not_destroyed_once, running || again);
        count(&self.faults.destroyed, true);
    }
}

fn count(what: &AtomicUsize, happened: bool) {
    what.fetch_add(usize::from(happened), Ordering::SeqCst);
}

pub(crate) struct Watched {
    subscription: Subscription,
    life: Arc<Life>,
    faults: Arc<Faults>,
}

impl Watched {
    /// `inside` is what the callback does besides.
    pub(crate) fn new(
        hub: &Arc<Hub>,
        mask: Mask,
        faults: &Arc<Faults>,
        mut inside: impl FnMut(&Event) + Send + 'static,
    ) -> Watched {
        let life = Arc::new(Life::default());
        let captured = Captured { life: Arc::clone(&life), faults: Arc::clone(faults) };
        count(&faults.made, true);
        let subscription = Subscription::new(hub, mask, move |event: &Arc<Event>| {
            let Captured { life, faults } = &captured;
            count(&faults.callbacks, true);
            count(&faults.at_once, life.running.swap(true, Ordering::SeqCst));
            count(&faults.out_of_order, life.last_seq.swap(event.seq, Ordering::SeqCst) >= event.seq);
            count(&faults.after_free, life.freed.load(Ordering::SeqCst));
            inside(event);
            for _ in 0..event.seq % 4 {
                thread::yield_now();
            }
            count(&faults.after_free, life.freed.load(Ordering::SeqCst));
            life.running.store(false, Ordering::SeqCst);
        });
        Watched { subscription: subscription.expect("a thread"), life, faults: Arc::clone(faults) }
    }

    /// Frees it and waits. Inside a callback this may not wait (it may be the caller's own), so nothing is said of what
    /// runs then.
    pub(crate) fn free(self) {
        self.subscription.free();
        if !ucwa::delivery::inside_callback() {
            self.life.freed.store(true, Ordering::SeqCst);
            count(&self.faults.not_destroyed_once, self.life.destroyed.load(Ordering::SeqCst) != 1);
        }
    }

    /// Frees it; that its captures are dropped is seen in the sum at the end.
    pub(crate) fn free_async(self) {
        self.subscription.free_async();
    }
}
