//! poll(2) on a wait handle: readable exactly while [`Reader::next`] has something to say.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use ucwa::delivery::{
    EventBody, Hub, Mask, Next, OperationDone, Overflow, Reader, SessionState, StateChange, WaitHandle,
};
use ucwa::model::{ConversationId, OperationId};

const LONG: Duration = Duration::from_secs(60);
const NOW: Option<Duration> = Some(Duration::ZERO);

/// Whether it is readable, now or within a minute.
fn readable(handle: &WaitHandle, wait: bool) -> bool {
    let mut fds = [PollFd::new(handle, PollFlags::IN)];
    let timeout = Timespec { tv_sec: if wait { 60 } else { 0 }, tv_nsec: 0 };
    rustix::io::retry_on_intr(|| poll(&mut fds, Some(&timeout))).unwrap();
    fds[0].revents().contains(PollFlags::IN)
}

/// splitmix64: the same seed, the same choices.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }
}

/// Events that are kept, and some that a full queue folds.
fn any_event(random: &mut Random) -> EventBody {
    let number = random.below(3) as u64 + 1;
    match random.below(4) {
        0 => EventBody::State(StateChange {
            old: SessionState::Online,
            new: SessionState::Recovering,
            reason: None,
            attempt: 1,
            retry_in: None,
        }),
        1 => EventBody::Overflow(Overflow {
            conversation: ConversationId::new(number).unwrap(),
            revision: number,
        }),
        _ => EventBody::OperationDone(OperationDone {
            operation: OperationId::new(number).unwrap(),
            result: Ok(0),
        }),
    }
}

/// After every step of every kind, in thousands of random orders, on one thread: so the level is exact.
#[test]
fn the_level_is_exact_after_every_step() {
    for seed in 0..2_000 {
        let mut random = Random(seed);
        let reader = Reader::new(Mask::ALL, 1 + random.below(4));
        let mut handles = vec![reader.wait_handle().unwrap()];
        let mut hubs = [Hub::new(), Hub::new()];
        let mut history = Vec::new();
        for _ in 0..40 {
            let at = random.below(hubs.len());
            let hub = &hubs[at];
            let step = random.below(12);
            history.push((step, at));
            match step {
                0 => reader.attach(hub),
                1 => reader.detach(hub),
                2 => hub.close(),
                3 => hub.discard(),
                4 => hubs[at] = Hub::new(),
                5 => handles.push(reader.wait_handle().unwrap()),
                6..=8 => drop(hub.publish(any_event(&mut random))),
                _ => {}
            }
            if random.below(40) == 0 {
                reader.close();
            }
            let levels: Vec<bool> = handles.iter().map(|handle| readable(handle, false)).collect();
            let there = !matches!(reader.next(NOW), Next::Empty);
            assert!(
                levels.iter().all(|level| *level == there),
                "seed {seed}: {levels:?} {there} {history:?}"
            );
        }
        drop(reader);
        assert!(handles.iter().all(|handle| readable(handle, false)), "seed {seed}: for good");
    }
}

/// What the loop tells who publishes.
enum Told {
    /// Of which session, and its number there.
    Read(u64, u64),
    Over {
        in_vain: usize,
    },
}

/// An event loop: waits for the handle, then reads some or all of what is there.
fn event_loop(reader: &Reader, handle: &WaitHandle, mut random: Random, told: &Sender<Told>) {
    let mut in_vain = 0;
    loop {
        assert!(readable(handle, true), "never woken");
        for nth in 0..=random.below(4) {
            match reader.next(NOW) {
                Next::Event(event) => told.send(Told::Read(event.session, event.seq)).unwrap(),
                Next::Closed => return told.send(Told::Over { in_vain }).unwrap(),
                Next::Empty => {
                    in_vain += usize::from(nth == 0);
                    break;
                }
            }
        }
    }
}

fn until_read(told: &Receiver<Told>, session: u64, seq: u64) {
    loop {
        match told.recv_timeout(LONG).expect("the loop was not woken, or it spins") {
            Told::Read(of, read) if of == session && read >= seq => return,
            Told::Read(..) => {}
            Told::Over { .. } => panic!("over before {seq} was read"),
        }
    }
}

/// The loop on one thread, the engine on another. Each time that the loop finds nothing, something must have been taken
/// away from it meanwhile: so it can be woken in vain at most once for each such step.
#[test]
fn a_loop_is_woken_for_everything_and_never_spins() {
    for seed in 0..1_500 {
        let mut random = Random(seed);
        let (hub, other) = (Hub::new(), Hub::new());
        let reader = Reader::new(Mask::ALL, 0);
        reader.attach(&hub);
        reader.attach(&other);
        let (sender, told) = mpsc::channel();
        let turns = thread::spawn({
            let (reader, random) = (reader.clone(), Random(!seed));
            move || event_loop(&reader, &reader.wait_handle().unwrap(), random, &sender)
        });
        let operation = |n| OperationDone { operation: OperationId::new(n).unwrap(), result: Ok(0) };
        let mut taken_away = 0;
        for n in 1..=8 {
            match random.below(4) {
                0 => {
                    other.publish(EventBody::OperationDone(operation(n)));
                    reader.detach(&other);
                    reader.attach(&other);
                    taken_away += 1;
                }
                1 => thread::yield_now(),
                _ => {}
            }
            let seq = hub.publish(EventBody::OperationDone(operation(n)));
            // At times the loop has to sleep again before the next one, so that no other event can wake it for this.
            if random.below(2) == 0 {
                until_read(&told, hub.number(), seq);
            }
        }
        other.discard();
        hub.close();
        let in_vain = loop {
            match told.recv_timeout(LONG).expect("the end was not told") {
                Told::Read(..) => {}
                Told::Over { in_vain } => break in_vain,
            }
        };
        turns.join().unwrap();
        assert!(in_vain <= taken_away + 1, "seed {seed}: {in_vain} times in vain, {taken_away} taken away");
    }
}
