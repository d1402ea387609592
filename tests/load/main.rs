//! Delivery under load: threads that open, close, subscribe, free, attach, detach and read at random, over real sessions
//! with a simulator. A process of its own: it counts threads and descriptors of the whole process.
//!
//! `UCWA_LOAD_SEED` and `UCWA_LOAD_ROUNDS` choose another or a longer load.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(clippy::indexing_slicing)]

mod desk;
mod process;
mod random;
mod watched;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, mpsc};
use std::thread;
use std::time::Duration;

use ucwa::delivery::{EventBody, EventKind, Mask, Next, OperationDone, Reader};
use ucwa::model::OperationId;
use ucwa::session::Config;
use ucwa_sim::{AccessLevel, PlannedMeeting, Settings, Simulator, StoryAction, StoryStep, User};

use crate::desk::{Desk, Totals};
use crate::process::Held;
use crate::random::Random;
use crate::watched::{Faults, Watched};

/// Long enough for a busy machine; nothing waits this long when all is well.
const PATIENCE: Duration = Duration::from_secs(60);
/// For the whole load.
const DEADLINE: Duration = Duration::from_secs(300);
const SESSIONS: usize = 3;
const HOSTS: u64 = 4;
const ROUNDS: u64 = 3_000;

/// One meeting and the session that is in it, if one is.
struct Place {
    config: Config,
    meeting: String,
    desk: Mutex<Option<Arc<Desk>>>,
    /// Held while something happens in the meeting, or while nothing may.
    story: Mutex<()>,
    /// Held by the one who opens or closes.
    door: Mutex<()>,
}

/// A reader that any thread may read, with the last number of each session that it gave.
struct Shared {
    reader: Reader,
    last: Mutex<std::collections::HashMap<u64, u64>>,
}

struct Load {
    simulator: Simulator,
    places: Vec<Place>,
    readers: Mutex<Vec<Arc<Shared>>>,
    subscriptions: Mutex<Vec<Watched>>,
    faults: Arc<Faults>,
    totals: Totals,
    reads: AtomicUsize,
    over: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no thread of the load panicked")
}

fn user(at: usize) -> String {
    format!("u{at}@contoso.com")
}

fn simulator() -> Simulator {
    let mut settings = Settings::default();
    for at in 0..SESSIONS {
        let uri = format!("sip:{}", user(at));
        settings.users.push(User { uri: uri.clone(), password: "secret".into(), name: format!("User {at}") });
        settings.meetings.push(PlannedMeeting {
            id: format!("LOAD{at}"),
            organizer: uri,
            subject: String::new(),
            access_level: AccessLevel::Everyone,
            leaders: Vec::new(),
            attendees: Vec::new(),
        });
    }
    Simulator::start(settings).expect("the simulator starts")
}

fn place(simulator: &Simulator, at: usize) -> Place {
    let mut config = Config::new();
    config.root_url(&simulator.root_url()).unwrap().proxy(Some("")).unwrap();
    config.password(&user(at), "secret".to_owned()).unwrap();
    config.set("allow_http", "true").unwrap();
    let meetings = simulator.control().truth().meetings;
    let meeting = meetings.iter().find(|meeting| meeting.uri.ends_with(&format!("LOAD{at}")));
    Place {
        config,
        meeting: meeting.expect("it was planned").uri.clone(),
        desk: Mutex::default(),
        story: Mutex::default(),
        door: Mutex::default(),
    }
}

impl Load {
    fn new() -> Arc<Load> {
        let simulator = simulator();
        let places = (0..SESSIONS).map(|at| place(&simulator, at)).collect();
        Arc::new(Load {
            simulator,
            places,
            readers: Mutex::default(),
            subscriptions: Mutex::default(),
            faults: Arc::default(),
            totals: Totals::default(),
            reads: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        })
    }

    fn open(&self, at: usize, random: &mut Random) {
        let place = &self.places[at];
        let Ok(_door) = place.door.try_lock() else { return };
        if lock(&place.desk).is_none() {
            let capacity = [4, 32, 0][random.below(3)];
            *lock(&place.desk) = Some(Desk::open(&place.config, &place.meeting, capacity));
        }
    }

    fn close(&self, at: usize, random: &mut Random) {
        let place = &self.places[at];
        let _door = lock(&place.door);
        let Some(desk) = lock(&place.desk).take() else { return };
        let story = lock(&place.story);
        desk.until_compared();
        drop(story);
        self.totals.add(&desk.close(random.below(2) == 0));
    }

    /// Somebody comes, goes or changes.
    fn happen(&self, random: &mut Random) {
        use StoryAction::{Demote, Join, Leave, Lobby, Promote, Reject, Typing};
        let place = &self.places[random.below(SESSIONS)];
        let actions = [Join, Join, Join, Leave, Leave, Promote, Demote, Lobby, Reject, Typing];
        let step = StoryStep::new(0, actions[random.below(actions.len())], &who(random));
        let _story = lock(&place.story);
        // Many of them are not possible just then.
        let _ = self.simulator.control().happen(&place.meeting, &step);
    }

    fn desk(&self, random: &mut Random) -> Option<Arc<Desk>> {
        lock(&self.places[random.below(SESSIONS)].desk).clone()
    }

    fn subscribe(self: &Arc<Self>, random: &mut Random) {
        let Some(desk) = self.desk(random) else { return };
        let mask = [Mask::ALL, Mask::of(&[EventKind::Participant]), Mask::of(&[EventKind::OperationDone])];
        let (load, does) = (Arc::downgrade(self), random.below(8));
        let watched =
            Watched::new(desk.session.events(), mask[random.below(3)], &self.faults, move |event| {
                let Some(load) = load.upgrade() else { return };
                // Perhaps its own, perhaps one whose callback is about to free this one.
                match does {
                    0 if event.seq.is_multiple_of(5) => load.free_one(&mut Random::new(event.seq, 1)),
                    1 if event.seq.is_multiple_of(7) => load.read(&mut Random::new(event.seq, 2)),
                    _ => {}
                }
            });
        lock(&self.subscriptions).push(watched);
    }

    fn free_one(&self, random: &mut Random) {
        let watched = {
            let mut all = lock(&self.subscriptions);
            if all.is_empty() {
                return;
            }
            let at = random.below(all.len());
            all.swap_remove(at)
        };
        if random.below(3) == 0 { watched.free_async() } else { watched.free() }
    }

    fn new_reader(&self, random: &mut Random) {
        let reader = Reader::new(Mask::ALL, [2, 64, 0][random.below(3)]);
        if random.below(2) == 0 {
            let again = reader.wait_handle().and_then(|_| reader.wait_handle());
            again.expect("a descriptor");
        }
        if random.below(2) == 0 {
            reader.set_wakeup(Some(Box::new(thread::yield_now))).expect("a thread");
        }
        lock(&self.readers).push(Arc::new(Shared { reader, last: Mutex::default() }));
    }

    fn reader(&self, random: &mut Random) -> Option<Arc<Shared>> {
        let readers = lock(&self.readers);
        (!readers.is_empty()).then(|| Arc::clone(&readers[random.below(readers.len())]))
    }

    /// Reads some or all, and checks the order.
    fn read(&self, random: &mut Random) {
        let Some(shared) = self.reader(random) else { return };
        let Ok(mut last) = shared.last.try_lock() else { return };
        for _ in 0..random.below(40) {
            let timeout = Duration::from_millis(random.below(2) as u64);
            let Next::Event(event) = shared.reader.next(Some(timeout)) else { return };
            let before = last.insert(event.session, event.seq).unwrap_or(0);
            if event.seq <= before {
                self.faults.out_of_order.fetch_add(1, Ordering::SeqCst);
            }
            self.reads.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn close_a_reader(&self, random: &mut Random) {
        let shared = {
            let mut readers = lock(&self.readers);
            if readers.is_empty() {
                return;
            }
            let at = random.below(readers.len());
            readers.swap_remove(at)
        };
        // Closed by hand, or by its last clone: others may be reading it just now.
        if random.below(2) == 0 {
            shared.reader.close();
        }
    }

    /// One round of a host.
    fn act(self: &Arc<Self>, random: &mut Random) {
        match random.below(100) {
            0 => self.close(random.below(SESSIONS), random),
            1..=8 => self.open(random.below(SESSIONS), random),
            9..=25 => self.subscribe(random),
            26..=42 => self.free_one(random),
            43..=48 => self.new_reader(random),
            49..=52 => self.close_a_reader(random),
            53..=65 => self.attach_or_detach(random),
            _ => self.read(random),
        }
        thread::sleep(Duration::from_micros(random.below(200) as u64));
    }

    fn attach_or_detach(&self, random: &mut Random) {
        let Some((desk, shared)) = self.desk(random).zip(self.reader(random)) else { return };
        let hub = desk.session.events();
        if random.below(3) == 0 { shared.reader.detach(hub) } else { shared.reader.attach(hub) }
    }

    /// Reads everything all the time, since a reader that is full holds its sessions back.
    fn keep_reading(&self, seed: u64) {
        let mut random = Random::new(seed, 3);
        while !self.over.load(Ordering::SeqCst) {
            self.read(&mut random);
            thread::yield_now();
        }
    }

    /// The simulator is too slow to be a load by itself.
    fn publish(&self, seed: u64) {
        let mut random = Random::new(seed, 5);
        while !self.over.load(Ordering::SeqCst) {
            if let Some(desk) = self.desk(&mut random) {
                for _ in 0..random.below(8) {
                    let operation = OperationId::new(u64::MAX).expect("not zero");
                    let done = OperationDone { operation, result: Ok(0) };
                    desk.session.events().publish(EventBody::OperationDone(done));
                }
            }
            thread::sleep(Duration::from_micros(50));
        }
    }

    fn tell_stories(&self, seed: u64) {
        let mut random = Random::new(seed, 4);
        while !self.over.load(Ordering::SeqCst) {
            self.happen(&mut random);
            thread::sleep(Duration::from_micros(100));
        }
    }
}

fn who(random: &mut Random) -> String {
    format!("sip:p{}@contoso.com", random.below(40))
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |value| value.parse().expect("a number"))
}

/// The whole load, and what must be true after it.
fn carry_out(seed: u64, rounds: u64) {
    let load = Load::new();
    // What is made once and kept (roots of trust, threads of the simulator) is made by a session before the count.
    load.open(0, &mut Random::new(seed, 0));
    load.close(0, &mut Random::new(seed, 0));
    let before = Held::now();

    let beside = [Load::keep_reading, Load::tell_stories, Load::publish].map(|work| {
        let load = Arc::clone(&load);
        thread::spawn(move || work(&load, seed))
    });
    let hosts: Vec<_> = (0..HOSTS)
        .map(|host| {
            let (load, mut random) = (Arc::clone(&load), Random::new(seed, 10 + host));
            thread::spawn(move || (0..rounds).for_each(|_| load.act(&mut random)))
        })
        .collect();
    for host in hosts {
        host.join().expect("a host found nothing wrong");
    }
    let mut random = Random::new(seed, 0);
    (0..SESSIONS).for_each(|at| load.open(at, &mut random));
    (0..SESSIONS).for_each(|at| load.close(at, &mut random));
    load.over.store(true, Ordering::SeqCst);
    for thread in beside {
        thread.join().expect("nothing wrong beside");
    }
    lock(&load.readers).clear();
    loop {
        let Some(watched) = lock(&load.subscriptions).pop() else { break };
        watched.free();
    }
    before.again(PATIENCE);
    judge(&load);
}

fn judge(load: &Load) {
    let Load { faults, totals, reads, .. } = load;
    println!("{faults:?}\n{totals:?}\n{reads:?} events read by shared readers");
    let of = |count: &AtomicUsize| count.load(Ordering::SeqCst);
    assert_eq!(of(&faults.after_free), 0, "callbacks after free");
    assert_eq!(of(&faults.at_once), 0, "two callbacks of one subscription at once");
    assert_eq!(of(&faults.out_of_order), 0, "events out of order");
    assert_eq!(of(&faults.not_destroyed_once), 0, "captures not dropped exactly once before free returned");
    assert_eq!(of(&faults.destroyed), of(&faults.made), "captures never dropped");
    assert!(of(&faults.callbacks) > 0 && of(reads) > 0, "the load was a load");
    assert!(
        of(&totals.sessions) > SESSIONS && of(&totals.overflows) > 0,
        "sessions came and went, some slowly"
    );
    assert!(of(&totals.compared) >= of(&totals.sessions), "each roster was compared");
}

#[test]
fn threads_that_come_and_go_at_random() {
    let seed = number("UCWA_LOAD_SEED", 1);
    println!("UCWA_LOAD_SEED={seed}");
    let (sender, done) = mpsc::channel();
    let work = thread::spawn(move || {
        carry_out(seed, number("UCWA_LOAD_ROUNDS", ROUNDS));
        let _ = sender.send(());
    });
    if let Err(mpsc::RecvTimeoutError::Timeout) = done.recv_timeout(DEADLINE) {
        panic!("a deadlock, or slower than {DEADLINE:?}");
    }
    work.join().expect("nothing wrong");
}
