//! What holds in every order of steps: no wake-up is lost, nothing waits for ever, nothing comes after the end.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(clippy::indexing_slicing)]

mod handles;
mod hub;
mod reader;
mod subscription;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use loom::sync::{Condvar, Mutex};
use ucwa_loom::delivery::{EventBody, Hub, Mask, Next, OperationDone, Reader};
use ucwa_loom::model::OperationId;

const NOW: Option<Duration> = Some(Duration::ZERO);

/// For models whose orders are too many to try all.
const SWITCHES: usize = 4;

/// Runs a model in every order of steps.
fn check(model: impl Fn() + Send + Sync + 'static) {
    run(loom::model::Builder::new(), model);
}

/// Runs a model in every order with at most so many switches away from a thread that could go on.
fn check_up_to(switches: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(switches);
    run(builder, model);
}

fn run(builder: loom::model::Builder, model: impl Fn() + Send + Sync + 'static) {
    // One at a time: each order maps and unmaps the stacks of its threads, where two would hinder each other.
    static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let orders = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&orders);
    builder.check(move || {
        count.fetch_add(1, Ordering::Relaxed);
        model();
        ucwa_loom::join_all();
    });
    println!("{} orders", orders.load(Ordering::Relaxed));
}

fn attached() -> (Arc<Hub>, Reader) {
    let (hub, reader) = (Hub::new(), Reader::new(Mask::ALL, 0));
    reader.attach(&hub);
    (hub, reader)
}

fn operation_done(operation: u64) -> EventBody {
    let operation = OperationId::new(operation).expect("not zero");
    EventBody::OperationDone(OperationDone { operation, result: Ok(0) })
}

/// All that is there now.
fn drain(reader: &Reader) -> Vec<u64> {
    let mut seqs = Vec::new();
    while let Next::Event(event) = reader.next(NOW) {
        seqs.push(event.seq);
    }
    seqs
}

/// All until the end.
fn read_to_the_end(reader: &Reader) -> Vec<u64> {
    let mut seqs = Vec::new();
    loop {
        match reader.next(None) {
            Next::Event(event) => seqs.push(event.seq),
            Next::Empty => panic!("nothing, although there was no limit to wait"),
            Next::Closed => return seqs,
        }
    }
}

/// Counts what happens elsewhere; who waits for what never happens fails the model by a deadlock.
#[derive(Default)]
struct Count {
    count: Mutex<usize>,
    changed: Condvar,
}

impl Count {
    fn get(&self) -> usize {
        *self.count.lock().unwrap()
    }

    fn add(&self) {
        *self.count.lock().unwrap() += 1;
        self.changed.notify_all();
    }

    fn wait_for(&self, wanted: usize) {
        let mut count = self.count.lock().unwrap();
        while *count < wanted {
            count = self.changed.wait(count).unwrap();
        }
    }
}
