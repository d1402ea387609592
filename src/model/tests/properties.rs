//! Whatever the order of events, answers and repeats: the roster becomes the server's truth, and a host that follows the
//! deltas has the same roster as the snapshot.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::{Collection, Fetched, ParticipantId, Subject, Want};
use crate::wire::{CollectionBody, ParticipantModalityBody};

const NAMES: [&str; 5] = ["ana", "bo", "cy", "di", "ed"];

/// One thing that happens, on the server, on the event channel or to a fetch.
#[derive(Debug, Clone)]
enum Act {
    /// On the server: somebody joins, or if he is there, leaves.
    Turn { who: usize, embed: bool },
    /// On the server: somebody there is promoted, or demoted.
    Move { who: usize, embed: bool },
    /// On the server: somebody there is heard, or if he is, no more.
    Hear { who: usize, embed: bool },
    /// On the server: somebody who is heard is muted, or unmuted.
    Mute { who: usize, embed: bool },
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
        (who.clone(), any::<bool>()).prop_map(|(who, embed)| Act::Hear { who, embed }),
        (who.clone(), any::<bool>()).prop_map(|(who, embed)| Act::Mute { who, embed }),
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
    /// Who is heard, and whether he is muted.
    heard: BTreeMap<&'static str, bool>,
    queue: Vec<Event>,
}

impl Server {
    fn event(&self, kind: EventType, name: &'static str, embed: bool) -> Event {
        let bare = event(kind, Rel::Participant, &person(name));
        match self.people.get(name).filter(|_| embed) {
            Some(role) => embedded(bare, self.body(name, role)),
            None => bare,
        }
    }

    fn body(&self, name: &'static str, role: &Role) -> ParticipantBody {
        let links = self.heard.get(name).map(|_| Rel::ParticipantAudio);
        participant_body(name, role.clone(), links.as_slice())
    }

    fn audio(&mut self, kind: EventType, name: &'static str, embed: bool) {
        let mut event = event(kind, Rel::ParticipantAudio, &audio_of(name));
        event.within = Some((Rel::Participant, Link::new(&person(name))));
        let muted = self.heard.get(name).filter(|_| embed);
        event.body = muted.map(|muted| Body::ParticipantModality(Box::new(audio_body(*muted))));
        self.queue.push(event);
    }

    fn hear(&mut self, name: &'static str, embed: bool) {
        if self.heard.remove(name).is_some() {
            self.audio(EventType::Deleted, name, false);
        } else if self.people.contains_key(name) {
            self.heard.insert(name, false);
            self.audio(EventType::Added, name, embed);
        }
    }

    fn mute(&mut self, name: &'static str, embed: bool) {
        if let Some(muted) = self.heard.get_mut(name) {
            *muted = !*muted;
            self.audio(EventType::Updated, name, embed);
        }
    }

    fn member(&mut self, kind: EventType, name: &'static str, collection: Rel) {
        self.queue.push(within(event(kind, Rel::Participant, &person(name)), collection));
    }

    fn turn(&mut self, name: &'static str, embed: bool) {
        if let Some(role) = self.people.remove(name) {
            if self.heard.contains_key(name) {
                self.hear(name, false);
            }
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
                Fetched::Participant(Box::new(self.body(name, role)))
            }
            Subject::Modality(..) => {
                let name = NAMES.into_iter().find(|name| want.target.href.as_str() == audio_of(name))?;
                Fetched::Modality(Box::new(audio_body(*self.heard.get(name)?)))
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

fn audio_of(name: &str) -> String {
    format!("{}/{}", person(name), Rel::ParticipantAudio)
}

fn audio_body(muted: bool) -> ParticipantModalityBody {
    ParticipantModalityBody { muted: Some(muted), ..ParticipantModalityBody::default() }
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

/// Role, whether little is known of him, and whether he is muted if he is heard.
type Seen = (Option<Role>, bool, Vec<Option<bool>>);

fn seen(client: &Client) -> BTreeMap<String, Seen> {
    let muted = |p: &Participant| p.media.iter().map(|media| media.muted).collect();
    let named = client.host.values().map(|p| (p.uri.clone(), (p.role.clone(), p.partial, muted(p))));
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
                Act::Hear { who, embed } => server.hear(NAMES[who], embed),
                Act::Mute { who, embed } => server.mute(NAMES[who], embed),
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
                .map(|(name, role)| {
                    let muted = server.heard.get(name).map(|muted| Some(*muted)).into_iter().collect();
                    (format!("sip:{name}@contoso.com"), (Some(role.clone()), false, muted))
                })
                .collect();
            prop_assert_eq!(seen(&client), truth);
            // What is said once more changes nothing.
            let names: Vec<&'static str> = server.people.keys().copied().collect();
            for name in names {
                server.repeat(name, true);
                if server.heard.contains_key(name) {
                    server.audio(EventType::Added, name, true);
                }
            }
            let again = std::mem::take(&mut server.queue);
            let output = apply(&mut client.world, page(vec![from_room(again)]));
            prop_assert!(output.changes.is_empty(), "{:?}", output.changes);
        }
    }
}
