//! A session in a meeting, with a reader that takes everything from the first event to the last and compares.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ucwa::delivery::{Event, EventBody, Mask, Next, Reader};
use ucwa::model::{ConversationId, Participant, ParticipantId, Phase, Roster};
use ucwa::session::{Config, Meeting, Session};

use crate::{DEADLINE, PATIENCE};

pub(crate) struct Desk {
    pub(crate) session: Arc<Session>,
    pub(crate) conversation: ConversationId,
    /// The revision up to which the follower has applied and compared.
    followed: Arc<AtomicU64>,
    follower: JoinHandle<Followed>,
}

/// What a follower did in its life.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    pub(crate) events: usize,
    pub(crate) overflows: usize,
    pub(crate) compared: usize,
}

impl Desk {
    /// Signs in and joins. A small capacity makes overflows.
    pub(crate) fn open(config: &Config, meeting: &str, capacity: usize) -> Arc<Desk> {
        let session = Arc::new(Session::new(config).expect("a good configuration"));
        let events = Reader::new(Mask::ALL, capacity);
        events.attach(session.events());
        // It reads from the first event on: a full reader that nobody reads would hold the channel back.
        let followed = Arc::new(AtomicU64::new(0));
        let follower = Follower::new(Arc::downgrade(&session), Arc::clone(&followed));
        let follower = thread::spawn(move || follower.follow(&events));
        let open = session.open().expect("a new session");
        session.wait(open, Some(PATIENCE)).expect("signs in");
        let join = session.join_meeting(meeting, &Meeting::default()).expect("is online");
        let conversation = session.wait(join, Some(PATIENCE)).expect("is let in");
        let conversation = ConversationId::new(conversation).expect("a conversation");
        Arc::new(Desk { session, conversation, followed, follower })
    }

    /// Waits until the follower has compared the roster as it is now. Nothing may happen in the meeting meanwhile but
    /// what is on its way.
    pub(crate) fn until_compared(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let revision = self.session.roster(self.conversation).expect("the meeting goes on").revision();
            if self.followed.load(Ordering::SeqCst) >= revision {
                return;
            }
            assert!(Instant::now() < deadline, "revision {revision} never came to the reader");
            thread::yield_now();
        }
    }

    /// Signs out, waits for it, and gives the rest of the story.
    pub(crate) fn close(self: Arc<Self>, discard: bool) -> Followed {
        let close = self.session.close();
        self.session.wait(close, Some(PATIENCE)).expect("closes");
        if discard {
            self.session.events().discard();
        }
        // Another thread, or the follower itself, may look at the session just now.
        let mut desk = self;
        let desk = loop {
            match Arc::try_unwrap(desk) {
                Ok(desk) => break desk,
                Err(shared) => {
                    desk = shared;
                    thread::yield_now();
                }
            }
        };
        drop(desk.session);
        desk.follower.join().expect("the follower found nothing wrong")
    }
}

/// The roster that follows from the events alone. The session is in one conversation.
struct Follower {
    session: Weak<Session>,
    people: BTreeMap<ParticipantId, Arc<Participant>>,
    revision: u64,
    last_seq: u64,
    ended: bool,
    seen: Arc<AtomicU64>,
    did: Followed,
}

impl Follower {
    fn new(session: Weak<Session>, seen: Arc<AtomicU64>) -> Self {
        let (people, did) = (BTreeMap::new(), Followed::default());
        Follower { session, people, revision: 0, last_seq: 0, ended: false, seen, did }
    }

    fn follow(mut self, events: &Reader) -> Followed {
        loop {
            match events.next(Some(DEADLINE)) {
                Next::Event(event) => self.apply(&event),
                Next::Empty => panic!("neither an event nor the end"),
                Next::Closed => return self.did,
            }
            // Sometimes it is slow, so that its queue fills.
            if self.did.events.is_multiple_of(16) {
                thread::sleep(Duration::from_millis(2));
            }
        }
    }

    fn apply(&mut self, event: &Event) {
        assert!(event.seq > self.last_seq, "{} after {}", event.seq, self.last_seq);
        self.last_seq = event.seq;
        self.did.events += 1;
        match &event.body {
            // Not what a snapshot held already.
            EventBody::Participant(change) if change.revision > self.revision => {
                assert_eq!(change.revision, self.revision + 1, "a revision was skipped in silence");
                self.revision = change.revision;
                match change.phase {
                    Phase::Deleted => self.people.remove(&change.participant.id),
                    _ => self.people.insert(change.participant.id, Arc::clone(&change.participant)),
                };
                self.compare(self.snapshot(change.conversation));
            }
            EventBody::Overflow(overflow) => {
                self.did.overflows += 1;
                let Some(roster) = self.snapshot(overflow.conversation) else { return };
                assert!(roster.revision() >= overflow.revision, "the snapshot lags behind");
                self.revision = roster.revision();
                self.people = rows(&roster);
                self.seen.store(self.revision, Ordering::SeqCst);
            }
            EventBody::Conversation(change) => self.ended |= change.phase == Phase::Deleted,
            _ => {}
        }
    }

    fn snapshot(&self, conversation: ConversationId) -> Option<Roster> {
        self.session.upgrade().filter(|_| !self.ended)?.roster(conversation)
    }

    /// Whenever both are at the same revision, they are the same.
    fn compare(&mut self, roster: Option<Roster>) {
        let Some(roster) = roster.filter(|roster| roster.revision() == self.revision) else { return };
        assert_eq!(self.people, rows(&roster), "at revision {}", self.revision);
        self.did.compared += 1;
        self.seen.store(self.revision, Ordering::SeqCst);
    }
}

fn rows(roster: &Roster) -> BTreeMap<ParticipantId, Arc<Participant>> {
    roster.iter().map(|person| (person.id, Arc::clone(person))).collect()
}

/// Sums of what all followers did.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) sessions: AtomicUsize,
    pub(crate) events: AtomicUsize,
    pub(crate) overflows: AtomicUsize,
    pub(crate) compared: AtomicUsize,
}

impl Totals {
    pub(crate) fn add(&self, followed: &Followed) {
        self.sessions.fetch_add(1, Ordering::SeqCst);
        self.events.fetch_add(followed.events, Ordering::SeqCst);
        self.overflows.fetch_add(followed.overflows, Ordering::SeqCst);
        self.compared.fetch_add(followed.compared, Ordering::SeqCst);
    }
}
