//! Tests of the model: tables for single rules, properties for any order of things.

mod endings;
mod invitations;
mod people;
mod properties;
mod rebirth;

use std::sync::Arc;
use std::time::Duration;

use super::{Change, Input, Output, Participant, ParticipantChange, Phase, World};
use crate::wire::{
    Base, Body, ConversationBody, ConversationState, Event, EventType, Link, Links, ParticipantBody, Rel,
    Role, Sender,
};

pub(super) const ROOM: &str = "/ucwa/v1/applications/1/communication/conversations/7";

pub(super) fn base() -> Base {
    Arc::new("https://pool.contoso.com/ucwa/v1/applications/1/events?ack=1".parse().unwrap())
}

pub(super) fn person(name: &str) -> String {
    format!("{ROOM}/participants/{name}")
}

pub(super) fn event(kind: EventType, rel: Rel, href: &str) -> Event {
    Event { kind, rel, link: Link::new(href), within: None, body: None, status: None, reason: None }
}

pub(super) fn within(mut event: Event, rel: Rel) -> Event {
    let href = format!("{ROOM}/{rel}");
    event.within = Some((rel, Link::new(&href)));
    event
}

pub(super) fn with_body(mut event: Event, body: Body) -> Event {
    event.body = Some(body);
    event
}

/// A participant's body as a server writes it.
pub(super) fn participant_body(name: &str, role: Role, links: &[Rel]) -> ParticipantBody {
    let href = person(name);
    let own = [(Rel::SelfLink, Link::new(&href))];
    let others = links.iter().map(|rel| (rel.clone(), Link::new(&format!("{href}/{rel}"))));
    ParticipantBody {
        uri: Some(format!("sip:{name}@contoso.com")),
        name: Some(name.to_uppercase()),
        role: Some(role),
        links: own.into_iter().chain(others).collect::<Links>(),
        ..ParticipantBody::default()
    }
}

pub(super) fn embedded(event: Event, body: ParticipantBody) -> Event {
    with_body(event, Body::Participant(Box::new(body)))
}

/// The conversation's own event, with the links of a conference.
pub(super) fn conversation(kind: EventType, state: ConversationState) -> Event {
    let rels = [Rel::Leaders, Rel::Attendees, Rel::Lobby, Rel::AddParticipant];
    let links = rels.iter().map(|rel| (rel.clone(), Link::new(&format!("{ROOM}/{rel}")))).collect();
    let body = ConversationBody { state: Some(state), links, ..ConversationBody::default() };
    with_body(event(kind, Rel::Conversation, ROOM), Body::Conversation(Box::new(body)))
}

pub(super) fn from_room(events: Vec<Event>) -> Sender {
    Sender { rel: Rel::Conversation, href: Some(Link::new(ROOM).href), events }
}

pub(super) fn from_communication(events: Vec<Event>) -> Sender {
    let href = Some(Link::new("/ucwa/v1/applications/1/communication").href);
    Sender { rel: Rel::Communication, href, events }
}

pub(super) fn page(senders: Vec<Sender>) -> Input {
    Input::Events { base: base(), senders }
}

pub(super) fn apply(world: &mut World, input: Input) -> Output {
    world.apply(Duration::ZERO, input)
}

/// What a host sees of a roster delta.
pub(super) fn delta(change: &Change) -> Option<(Phase, &Participant)> {
    match change {
        Change::Participant(ParticipantChange { phase, participant, .. }) => Some((*phase, participant)),
        _ => None,
    }
}

pub(super) fn deltas(output: &Output) -> Vec<(Phase, &str, bool)> {
    let shown = output.changes.iter().filter_map(delta);
    shown.map(|(phase, person)| (phase, person.name.as_str(), person.partial)).collect()
}

/// The one conversation of a test.
pub(super) fn only_room(world: &World) -> super::ConversationId {
    world.conversations().next().expect("a conversation").id
}
