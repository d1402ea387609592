//! A host for tests: a session, a reader, and everything that it heard.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ucwa::delivery::{Event, EventBody, Mask, Next, Reader, SessionState};
use ucwa::model::{ConversationId, Invitation, InvitationId, OperationId, Participant, ParticipantId, Phase};
use ucwa::session::{Config, Meeting, Session};
use ucwa_sim::{RosterEntry, Settings, Simulator};

/// Long enough for a busy machine; nothing waits this long when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Host {
    pub(crate) session: Session,
    pub(crate) events: Reader,
    pub(crate) heard: Vec<Arc<Event>>,
}

/// A simulator whose people answer at once.
pub(crate) fn simulator(change: impl FnOnce(&mut Settings)) -> Simulator {
    let mut settings = Settings::default();
    settings.switches.answer_timeout_ms = 600;
    settings.switches.min_timeout_ms = Some(300);
    change(&mut settings);
    Simulator::start(settings).expect("the simulator starts")
}

/// A configuration that reaches a simulator by its root URL.
pub(crate) fn config(simulator: &Simulator) -> Config {
    let mut config = Config::new();
    config.root_url(&simulator.root_url()).unwrap();
    config.set("allow_http", "true").unwrap();
    config.proxy(Some("")).unwrap();
    config.password("lene@contoso.com", "Pa55w.rd!".to_owned()).unwrap();
    config.set("retry.first_pause_ms", "10").unwrap();
    if let Some(pem) = simulator.ca_pem() {
        config.add_root_certs_pem(pem.as_bytes()).unwrap();
    }
    config
}

impl Host {
    pub(crate) fn new(config: &Config) -> Host {
        let session = Session::new(config).expect("the configuration is good");
        let events = Reader::new(Mask::ALL, 0);
        events.attach(session.events());
        Host { session, events, heard: Vec::new() }
    }

    /// Signed in.
    pub(crate) fn online(config: &Config) -> Host {
        let host = Host::new(config);
        let open = host.session.open().unwrap();
        host.session.wait(open, Some(PATIENCE)).expect("signs in");
        host
    }

    /// Signed in, and in a meeting of its own.
    pub(crate) fn in_a_meeting(config: &Config) -> (Host, ConversationId) {
        let host = Host::online(config);
        let started = host.session.start_meeting(&Meeting::default()).unwrap();
        let conversation = host.done(started).expect("starts a meeting");
        (host, ConversationId::new(conversation).expect("a conversation"))
    }

    pub(crate) fn done(&self, operation: OperationId) -> Result<u64, ucwa::Error> {
        self.session.wait(operation, Some(PATIENCE))
    }

    /// Reads events until one makes `pick` answer.
    pub(crate) fn until<T>(&mut self, what: &str, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
        if let Some(found) = self.heard.iter().find_map(|event| pick(event)) {
            return found;
        }
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            match self.events.next(Some(Duration::from_millis(200))) {
                Next::Event(event) => {
                    self.heard.push(event.clone());
                    if let Some(found) = pick(&event) {
                        return found;
                    }
                }
                Next::Empty => {}
                Next::Closed => break,
            }
        }
        panic!("{what} never came; heard: {:#?}", self.heard);
    }

    /// Everything there is to hear until the session is over.
    pub(crate) fn rest(&mut self) {
        while let Next::Event(event) = self.events.next(Some(PATIENCE)) {
            self.heard.push(event);
        }
    }

    /// Waits for a state and gives its reason.
    pub(crate) fn until_state(&mut self, wanted: SessionState) -> Option<ucwa::Error> {
        self.until(wanted.as_str(), |event| match &event.body {
            EventBody::State(change) if change.new == wanted => Some(change.reason.clone()),
            _ => None,
        })
    }

    pub(crate) fn outcome(&mut self, id: InvitationId) -> Arc<Invitation> {
        self.until("the outcome", |event| match &event.body {
            EventBody::Invitation(change)
                if change.phase == Phase::Completed && change.invitation.id == id =>
            {
                Some(change.invitation.clone())
            }
            _ => None,
        })
    }

    /// The roster that follows from the deltas heard so far alone.
    pub(crate) fn room(&self, conversation: ConversationId) -> BTreeMap<ParticipantId, Arc<Participant>> {
        let mut room = BTreeMap::new();
        let mut revision = 0;
        for event in &self.heard {
            let EventBody::Participant(change) = &event.body else { continue };
            if change.conversation != conversation {
                continue;
            }
            assert_eq!(change.revision, revision + 1, "a revision was skipped");
            revision = change.revision;
            match change.phase {
                Phase::Deleted => room.remove(&change.participant.id),
                _ => room.insert(change.participant.id, change.participant.clone()),
            };
        }
        room
    }

    /// Reads events until the deltas and the snapshot both equal the simulator's roster.
    pub(crate) fn until_the_truth(&mut self, simulator: &Simulator, conversation: ConversationId) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let truth = simulator.control().truth();
            let mine = truth.conversations.iter().rfind(|c| c.user == "sip:lene@contoso.com");
            let expected = rows_of_truth(&mine.expect("a conversation of ours").roster);
            let by_deltas = rows(self.room(conversation).values());
            let snapshot = self.session.roster(conversation).expect("a roster");
            if by_deltas == expected && rows(snapshot.iter()) == expected {
                return;
            }
            assert!(Instant::now() < deadline, "roster\n{by_deltas:#?}\nis not the truth\n{expected:#?}");
            if let Next::Event(event) = self.events.next(Some(Duration::from_millis(50))) {
                self.heard.push(event);
            }
        }
    }
}

type Row = (String, String, String, bool, bool);

fn rows<'a>(people: impl Iterator<Item = &'a Arc<Participant>>) -> Vec<Row> {
    let row = |p: &Arc<Participant>| {
        let role = p.role.as_ref().map_or("", |role| role.as_str());
        (p.uri.clone(), p.name.clone(), role.to_owned(), p.in_lobby, p.organizer)
    };
    let mut rows: Vec<Row> = people.map(row).collect();
    rows.sort();
    rows
}

fn rows_of_truth(people: &[RosterEntry]) -> Vec<Row> {
    let row = |p: &RosterEntry| {
        // Somebody without a name is shown by his address (trap T-34).
        let name = if p.name.is_empty() { &p.uri } else { &p.name };
        (p.uri.clone(), name.clone(), p.role.clone(), p.in_lobby, p.organizer)
    };
    let mut rows: Vec<Row> = people.iter().map(row).collect();
    rows.sort();
    rows
}
