//! A host for tests: a session, a reader, everything it heard, and what has to hold of it whatever the server did.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ucwa::delivery::{Event, EventBody, Mask, Next, Reader, SessionState};
use ucwa::model::{ConversationId, Invitation, InvitationId, OperationId, Participant, ParticipantId, Phase};
use ucwa::session::{AddParticipant, Config, Meeting, Session};

use crate::documents::{self, CONVERSATION};
use crate::server::{Reply, Server};

/// Long enough for a busy machine; nothing waits this long when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Host {
    pub(crate) session: Session,
    events: Reader,
    pub(crate) heard: Vec<Arc<Event>>,
}

pub(crate) fn config(server: &Server) -> Config {
    let mut config = Config::new();
    config.root_url(&format!("{}/", server.here())).unwrap();
    config.set("allow_http", "true").unwrap();
    config.proxy(Some("")).unwrap();
    config.password("lenea@contoso.com", "Pa55w.rd!".to_owned()).unwrap();
    config.set("retry.first_pause_ms", "10").unwrap();
    config
}

impl Host {
    pub(crate) fn new(config: &Config) -> Host {
        let session = Session::new(config).expect("the configuration is good");
        // Roomy enough that no delta is ever given up.
        let events = Reader::new(Mask::ALL, 100_000);
        events.attach(session.events());
        Host { session, events, heard: Vec::new() }
    }

    pub(crate) fn online(config: &Config) -> Host {
        let host = Host::new(config);
        let open = host.session.open().unwrap();
        host.done(open).expect("signs in");
        host
    }

    /// Signed in, at a server of the usual documents, and in a meeting with nobody else.
    pub(crate) fn in_a_meeting(server: &Server) -> (Host, ConversationId) {
        Host::in_a_meeting_with(server, &config(server))
    }

    pub(crate) fn in_a_meeting_with(server: &Server, config: &Config) -> (Host, ConversationId) {
        documents::usual(server);
        let host = Host::online(config);
        let started = host.session.start_meeting(&Meeting::default()).unwrap();
        server.page(&documents::meeting_begins());
        let conversation = host.done(started).expect("starts a meeting");
        (host, ConversationId::new(conversation).expect("a conversation"))
    }

    pub(crate) fn done(&self, operation: OperationId) -> Result<u64, ucwa::Error> {
        self.session.wait(operation, Some(PATIENCE))
    }

    /// Invites somebody, with an operationId of our choice; the server answers with 201 and a `Location`.
    pub(crate) fn invite(
        &self,
        server: &Server,
        conversation: ConversationId,
        to: &str,
        operation_id: &str,
        reply: Reply,
    ) -> (InvitationId, OperationId) {
        server.once(&format!("POST {}", documents::ADD_PARTICIPANT), reply);
        let options =
            AddParticipant { operation_id: Some(operation_id.to_owned()), ..AddParticipant::default() };
        self.session.add_participant(conversation, to, &options).expect("may invite")
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

    fn hear(&mut self, patience: Duration) {
        if let Next::Event(event) = self.events.next(Some(patience)) {
            self.heard.push(event);
        }
    }

    /// Waits until the roster is this one, by the deltas and by the snapshot: `address name role` and what is special.
    pub(crate) fn until_roster(&mut self, conversation: ConversationId, expected: &[&str]) {
        let expected: BTreeSet<String> = expected.iter().map(|row| (*row).to_owned()).collect();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let by_deltas: Vec<String> = self.room(conversation).values().map(|p| row(p)).collect();
            let snapshot = self.session.roster(conversation).expect("a roster");
            let by_snapshot: Vec<String> = snapshot.iter().map(|p| row(p)).collect();
            let is = |rows: &[String]| {
                rows.len() == expected.len() && rows.iter().cloned().collect::<BTreeSet<_>>() == expected
            };
            if is(&by_deltas) && is(&by_snapshot) {
                return;
            }
            assert!(Instant::now() < deadline, "roster\n{by_deltas:#?}\nis not\n{expected:#?}");
            self.hear(Duration::from_millis(20));
        }
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
            let known = room.contains_key(&change.participant.id);
            assert_eq!(
                known,
                change.phase != Phase::Added,
                "{:?} of {}",
                change.phase,
                change.participant.id
            );
            match change.phase {
                Phase::Deleted => room.remove(&change.participant.id),
                _ => room.insert(change.participant.id, change.participant.clone()),
            };
        }
        room
    }

    /// Everything that was told of each invitation.
    pub(crate) fn invitations(&self) -> BTreeMap<InvitationId, Vec<(Phase, Arc<Invitation>)>> {
        let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for event in &self.heard {
            if let EventBody::Invitation(change) = &event.body {
                let told = all.entry(change.invitation.id).or_default();
                told.push((change.phase, change.invitation.clone()));
            }
        }
        all
    }

    /// Closes the session, hears it out, and checks what always holds: closing ends, every invitation that was told of
    /// has one outcome and that is its last word, and the last event is Closed, or Failed.
    pub(crate) fn close(mut self) -> Vec<Arc<Event>> {
        let close = self.session.close();
        self.done(close).expect("closes");
        while let Next::Event(event) = self.events.next(Some(PATIENCE)) {
            self.heard.push(event);
        }
        for (id, told) in self.invitations() {
            let ends = told.iter().filter(|(phase, _)| *phase == Phase::Completed).count();
            assert_eq!(ends, 1, "invitation {id} ended {ends} times: {told:#?}");
            assert_eq!(told.last().unwrap().0, Phase::Completed, "{told:#?}");
        }
        match &self.heard.last().expect("events").body {
            EventBody::State(change) => assert!(change.new.is_terminal(), "{change:?}"),
            other => panic!("the last word is {other:?}"),
        }
        self.heard
    }
}

/// `address name role` and what is special about a person.
fn row(person: &Participant) -> String {
    let mut words = vec![
        if person.uri.is_empty() { "?" } else { &person.uri }.to_owned(),
        if person.name.is_empty() { "?".to_owned() } else { person.name.replace(' ', "_") },
        person.role.as_ref().map_or("-", |role| role.as_str()).to_owned(),
    ];
    let flags = [
        (person.local, "local"),
        (person.in_lobby, "lobby"),
        (person.partial, "partial"),
        (person.typing, "typing"),
        (person.organizer, "organizer"),
    ];
    words.extend(flags.iter().filter(|(set, _)| *set).map(|(_, word)| (*word).to_owned()));
    words.join(" ")
}

/// The user himself, as [`documents::meeting_begins`] tells of him.
pub(crate) const ME: &str = "sip:lenea@contoso.com Lene_Aaling - local";

/// The address of a person in the conversation of the usual documents.
pub(crate) fn person(name: &str) -> String {
    format!("{CONVERSATION}/participants/{name}@contoso.com")
}
