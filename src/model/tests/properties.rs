//! Whatever the order of events, answers and repeats: the roster becomes the server's truth, a host that follows the
//! deltas has the same roster as the snapshot, and every invitation ends exactly once.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::{
    Collection, Fetched, InvitationChange, InvitationId, InvitationKind, Inviting, Outcome, ParticipantId,
    Subject, Want,
};
use crate::wire::{CollectionBody, EventStatus, InvitationBody, InvitationState, Target};

const NAMES: [&str; 5] = ["ana", "bo", "cy", "di", "ed"];

/// One thing that happens, on the server, on the event channel or to a fetch.
#[derive(Debug, Clone)]
enum Act {
    /// On the server: somebody joins, or if he is there, leaves.
    Turn { who: usize, embed: bool },
    /// On the server: somebody there is promoted, or demoted.
    Move { who: usize, embed: bool },
    /// On the server: an event that says nothing new.
    Repeat { who: usize, embed: bool },
    /// The client gets the next event.
    Deliver,
    /// A waiting GET leaves, and the server makes its answer.
    Send { which: usize },
    /// The answer to a GET arrives, or its loss.
    Arrive { which: usize, lost: bool },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let who = 0..NAMES.len();
    let act = prop_oneof![
        (who.clone(), any::<bool>()).prop_map(|(who, embed)| Act::Turn { who, embed }),
        (who.clone(), any::<bool>()).prop_map(|(who, embed)| Act::Move { who, embed }),
        (who, any::<bool>()).prop_map(|(who, embed)| Act::Repeat { who, embed }),
        Just(Act::Deliver),
        Just(Act::Deliver),
        (0..8_usize).prop_map(|which| Act::Send { which }),
        (0..8_usize, prop::bool::weighted(0.1)).prop_map(|(which, lost)| Act::Arrive { which, lost }),
    ];
    prop::collection::vec(act, 0..60)
}

/// A server with one room, seen through a slow channel: the naive reference.
#[derive(Default)]
struct Server {
    people: BTreeMap<&'static str, Role>,
    queue: Vec<Event>,
}

impl Server {
    fn event(&self, kind: EventType, name: &'static str, embed: bool) -> Event {
        let bare = event(kind, Rel::Participant, &person(name));
        match self.people.get(name).filter(|_| embed) {
            Some(role) => embedded(bare, participant_body(name, role.clone(), &[])),
            None => bare,
        }
    }

    fn member(&mut self, kind: EventType, name: &'static str, collection: Rel) {
        self.queue.push(within(event(kind, Rel::Participant, &person(name)), collection));
    }

    fn turn(&mut self, name: &'static str, embed: bool) {
        if let Some(role) = self.people.remove(name) {
            self.member(EventType::Deleted, name, home(&role));
            self.queue.push(event(EventType::Deleted, Rel::Participant, &person(name)));
        } else {
            self.people.insert(name, Role::Attendee);
            self.queue.push(self.event(EventType::Added, name, embed));
            self.member(EventType::Added, name, Rel::Attendees);
        }
    }

    fn promote_or_demote(&mut self, name: &'static str, embed: bool) {
        let Some(role) = self.people.get(name).cloned() else {
            return;
        };
        let new = if role == Role::Leader { Role::Attendee } else { Role::Leader };
        self.member(EventType::Deleted, name, home(&role));
        self.people.insert(name, new.clone());
        self.member(EventType::Added, name, home(&new));
        self.queue.push(self.event(EventType::Updated, name, embed));
    }

    fn repeat(&mut self, name: &'static str, embed: bool) {
        if self.people.contains_key(name) {
            self.queue.push(self.event(EventType::Added, name, embed));
        }
    }

    fn answer(&self, want: &Want) -> Option<Fetched> {
        Some(match &want.subject {
            Subject::Participant(..) => {
                let name = NAMES.into_iter().find(|name| want.target.href.as_str() == person(name))?;
                let role = self.people.get(name)?;
                Fetched::Participant(Box::new(participant_body(name, role.clone(), &[])))
            }
            Subject::Collection(_, collection) => {
                let listed = self.people.iter().filter(|(_, role)| match collection {
                    Collection::Leaders => **role == Role::Leader,
                    Collection::Attendees => **role == Role::Attendee,
                    Collection::Lobby => false,
                });
                let links = listed.map(|(name, _)| (Rel::Participant, Link::new(&person(name)))).collect();
                Fetched::Collection(Box::new(CollectionBody { links, ..CollectionBody::default() }))
            }
            _ => return None,
        })
    }
}

fn home(role: &Role) -> Rel {
    if *role == Role::Leader { Rel::Leaders } else { Rel::Attendees }
}

/// The client's side: the world, its fetches, and a host that only follows deltas.
struct Client {
    world: World,
    waiting: Vec<Want>,
    under_way: Vec<(Want, Option<Fetched>)>,
    host: BTreeMap<ParticipantId, Arc<Participant>>,
    revision: u64,
}

impl Client {
    fn new() -> Self {
        let waiting = Vec::new();
        Client { world: World::new(), waiting, under_way: Vec::new(), host: BTreeMap::new(), revision: 0 }
    }

    fn take(&mut self, input: Input) {
        let output = apply(&mut self.world, input);
        self.waiting.extend(output.wants);
        for change in output.changes {
            let Change::Participant(change) = change else {
                continue;
            };
            assert_eq!(change.revision, self.revision + 1, "a revision was skipped");
            self.revision = change.revision;
            let id = change.participant.id;
            match change.phase {
                Phase::Added => assert!(self.host.insert(id, change.participant).is_none(), "added twice"),
                Phase::Updated => {
                    assert!(self.host.insert(id, change.participant).is_some(), "updated before added")
                }
                _ => assert!(self.host.remove(&id).is_some(), "deleted before added"),
            }
        }
    }

    fn send(&mut self, server: &Server, which: usize) {
        if which < self.waiting.len() {
            let want = self.waiting.remove(which);
            if self.world.begin_fetch(&want.subject).is_some() {
                let answer = server.answer(&want);
                self.under_way.push((want, answer));
            }
        }
    }

    fn arrive(&mut self, which: usize, lost: bool) {
        if which < self.under_way.len() {
            let (want, answer) = self.under_way.remove(which);
            let subject = want.subject;
            self.take(match answer.filter(|_| !lost) {
                Some(body) => Input::Fetched { subject, base: base(), body },
                None => Input::FetchFailed { subject, gone: false },
            });
        }
    }
}

fn roles(client: &Client) -> BTreeMap<String, (Option<Role>, bool)> {
    let named = client.host.values().map(|p| (p.uri.clone(), (p.role.clone(), p.partial)));
    named.collect()
}

proptest! {
    #[test]
    fn the_roster_becomes_the_truth_in_any_order(before in prop::collection::vec(0..NAMES.len(), 0..4), acts in acts()) {
        let mut server = Server::default();
        // People who are there before the client joins, of whom no event ever told.
        for who in before {
            server.people.insert(NAMES[who], Role::Attendee);
        }
        let mut client = Client::new();
        let joined = conversation(EventType::Added, ConversationState::Conferenced);
        client.take(page(vec![from_communication(vec![joined])]));
        let mut any_lost = false;
        for act in acts {
            match act {
                Act::Turn { who, embed } => server.turn(NAMES[who], embed),
                Act::Move { who, embed } => server.promote_or_demote(NAMES[who], embed),
                Act::Repeat { who, embed } => server.repeat(NAMES[who], embed),
                Act::Deliver if !server.queue.is_empty() => {
                    let event = server.queue.remove(0);
                    client.take(page(vec![from_room(vec![event])]));
                }
                Act::Deliver => {}
                Act::Send { which } => client.send(&server, which),
                Act::Arrive { which, lost } => {
                    any_lost |= lost && which < client.under_way.len();
                    client.arrive(which, lost);
                }
            }
        }
        let rest = std::mem::take(&mut server.queue);
        client.take(page(vec![from_room(rest)]));
        while !client.waiting.is_empty() || !client.under_way.is_empty() {
            client.send(&server, 0);
            client.arrive(0, false);
        }
        let roster = client.world.roster(only_room(&client.world)).unwrap();
        prop_assert_eq!(roster.revision(), client.revision);
        let snapshot: BTreeMap<_, _> = roster.iter().map(|p| (p.id, p.clone())).collect();
        prop_assert_eq!(&snapshot, &client.host);
        // A GET that was lost for good may leave somebody partial or unknown, never the order of things broken.
        if !any_lost {
            prop_assert!(roster.is_complete());
            let truth: BTreeMap<_, _> = server
                .people
                .iter()
                .map(|(name, role)| (format!("sip:{name}@contoso.com"), (Some(role.clone()), false)))
                .collect();
            prop_assert_eq!(roles(&client), truth);
        }
    }
}

/// One event of an invitation, as a server may send it.
#[derive(Debug, Clone)]
struct Said {
    which: usize,
    kind: EventType,
    embed: bool,
    named: bool,
}

/// What the client learns, in any order: events, answers to its POSTs, time.
#[derive(Debug, Clone)]
enum Heard {
    Event(Said),
    Answer(usize),
    Time,
}

fn heard(invitations: usize) -> impl Strategy<Value = Vec<Heard>> {
    let kind = prop_oneof![
        Just(EventType::Started),
        Just(EventType::Updated),
        Just(EventType::Completed),
        Just(EventType::Other("renamed".into())),
    ];
    let event = (0..invitations, kind, any::<bool>(), any::<bool>())
        .prop_map(|(which, kind, embed, named)| Heard::Event(Said { which, kind, embed, named }));
    let other = prop_oneof![(0..invitations).prop_map(Heard::Answer), Just(Heard::Time)];
    prop::collection::vec(prop_oneof![3 => event, 1 => other], 0..40)
}

/// The truth about each invitation: its subcode, and the outcome that follows.
const TRUTH: [(&str, Outcome); 3] =
    [("", Outcome::Accepted), ("Declined", Outcome::Declined), ("Missed", Outcome::NoAnswer)];

fn address(which: usize) -> String {
    format!("/ucwa/v1/applications/1/communication/invitations/{which}")
}

fn said_event(said: &Said) -> Event {
    let mut event = event(said.kind.clone(), Rel::ParticipantInvitation, &address(said.which));
    let (subcode, _) = TRUTH[said.which];
    let over = said.kind == EventType::Completed;
    if over {
        event.status = Some(if subcode.is_empty() { EventStatus::Success } else { EventStatus::Failure });
        event.reason = (!subcode.is_empty())
            .then(|| crate::wire::Reason { subcode: subcode.into(), ..Default::default() });
    }
    if said.embed {
        event.body = Some(Body::Invitation(Box::new(InvitationBody {
            operation_id: said.named.then(|| format!("op{}", said.which)),
            state: Some(if over { InvitationState::Connected } else { InvitationState::Connecting }),
            ..InvitationBody::default()
        })));
    }
    event
}

proptest! {
    #[test]
    fn every_invitation_ends_exactly_once_in_any_order(heard in heard(TRUTH.len())) {
        let mut world = World::new();
        let ids: Vec<InvitationId> = (0..TRUTH.len())
            .map(|n| world.invite(Duration::ZERO, Inviting {
                kind: InvitationKind::Participant,
                conversation: None,
                to: String::new(),
                subject: String::new(),
                on_behalf_of: String::new(),
                meeting_uri: String::new(),
                operation_id: format!("op{n}"),
            }))
            .collect();
        let mut ends: BTreeMap<InvitationId, Vec<Outcome>> = BTreeMap::new();
        let mut completed = [false; TRUTH.len()];
        let mut answered = [false; TRUTH.len()];
        let mut now = Duration::ZERO;
        let mut inputs: Vec<Input> = Vec::new();
        for heard in heard {
            inputs.push(match heard {
                Heard::Event(said) => {
                    completed[said.which] |= said.kind == EventType::Completed;
                    page(vec![from_communication(vec![said_event(&said)])])
                }
                Heard::Answer(which) if !answered[which] => {
                    answered[which] = true;
                    let location = Some(Target::new(Link::new(&address(which)).href, base()));
                    Input::Answered { invitation: ids[which], location }
                }
                Heard::Answer(_) | Heard::Time => Input::Tick,
            });
        }
        for (which, answered) in answered.iter().enumerate() {
            if !answered {
                let location = Some(Target::new(Link::new(&address(which)).href, base()));
                inputs.push(Input::Answered { invitation: ids[which], location });
            }
        }
        inputs.push(Input::Silence);
        for input in inputs {
            now += Duration::from_millis(10);
            let output = world.apply(now, input);
            for change in output.changes {
                if let Change::Invitation(InvitationChange { phase: Phase::Completed, invitation }) = change {
                    let outcome = invitation.outcome.expect("completed has an outcome");
                    ends.entry(invitation.id).or_default().push(outcome);
                }
            }
        }
        for (which, id) in ids.iter().enumerate() {
            let expected = if completed[which] { TRUTH[which].1 } else { Outcome::Lost };
            prop_assert_eq!(ends.get(id), Some(&vec![expected]), "invitation {}", which);
        }
        prop_assert_eq!(ends.len(), ids.len(), "no invitation came from nowhere");
    }
}
