//! The world of one session: takes inputs one after the other, gives changes and wants. Same inputs, same outputs.

use std::sync::Arc;
use std::time::Duration;

use super::entry::{Place, modality_of};
use super::fetch::{Fetches, Subject, Want};
use super::hotel::Hotel;
use super::ledger::{Inviting, Ledger};
use super::people::{Part, Whom};
use super::rebirth::lose_application;
use super::room::Room;
use super::step::{Change, Ids, Moment, Step};
use super::{
    Capability, Conversation, ConversationId, Invitation, InvitationId, InvitationKind, Outcome,
    ParticipantId, Roster,
};
use crate::wire::{
    Base, Body, CollectionBody, ConversationBody, Event, EventType, InvitationBody, Link, OnlineMeetingBody,
    ParticipantBody, ParticipantModalityBody, PlainBody, Reason, Rel, Sender, Target,
};

/// How long the server has to say how an invitation ended after its conversation is gone.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Everything that can happen to the world.
#[derive(Debug)]
pub enum Input {
    /// A page of events, in document order.
    Events {
        /// What the page's relative addresses stand against.
        base: Base,
        /// Its senders.
        senders: Vec<Sender>,
    },
    /// The answer to a GET that [`World::begin_fetch`] allowed.
    Fetched {
        /// What was asked for.
        subject: Subject,
        /// What the body's relative addresses stand against.
        base: Base,
        /// The body.
        body: Fetched,
    },
    /// A GET failed for good.
    FetchFailed {
        /// What was asked for.
        subject: Subject,
        /// The server itself said that there is no such resource (404, 410).
        gone: bool,
    },
    /// The POST of an invitation of ours was answered with success.
    Answered {
        /// Which.
        invitation: InvitationId,
        /// Its address, if the answer named it.
        location: Option<Target>,
    },
    /// The POST of an invitation of ours was refused, or never left.
    Refused {
        /// Which.
        invitation: InvitationId,
        /// What the server said.
        reason: Option<Reason>,
    },
    /// The POST of an invitation of ours was given up before it left.
    Cancelled {
        /// Which.
        invitation: InvitationId,
    },
    /// The POST of an invitation of ours got no answer; it may have worked.
    Unanswered {
        /// Which.
        invitation: InvitationId,
        /// When it counts as lost, unless an event comes.
        deadline: Moment,
    },
    /// The server took our request to end an invitation: to decline or to cancel it.
    Asked {
        /// Which.
        invitation: InvitationId,
        /// How it ends by that.
        outcome: Outcome,
        /// When it has ended so, unless an event says otherwise.
        deadline: Moment,
    },
    /// Events may have been missed: everything is read again and compared.
    Compare {
        /// Where the server lists the conversations there are, if it does: one may have begun meanwhile.
        conversations: Option<Target>,
    },
    /// The application is gone, and with it all addresses. What can be joined again: [`World::to_join_again`].
    ApplicationLost {
        /// What the server said.
        reason: Option<Reason>,
    },
    /// Time passed; see [`World::next_deadline`].
    Tick,
    /// Nothing will be heard any more: the application is gone or the session closes.
    Silence,
}

/// A fetched body, by the kind of its subject.
#[derive(Debug)]
pub enum Fetched {
    /// Of [`Subject::Conversation`].
    Conversation(Box<ConversationBody>),
    /// Of [`Subject::Conversations`].
    Conversations(Box<PlainBody>),
    /// Of [`Subject::Meeting`].
    Meeting(Box<OnlineMeetingBody>),
    /// Of [`Subject::Collection`].
    Collection(Box<CollectionBody>),
    /// Of [`Subject::Participant`].
    Participant(Box<ParticipantBody>),
    /// Of [`Subject::Modality`].
    Modality(Box<ParticipantModalityBody>),
    /// Of [`Subject::Invitation`] and [`Subject::UnknownInvitation`].
    Invitation(Box<InvitationBody>),
}

/// What an input led to.
#[derive(Debug, Default)]
pub struct Output {
    /// For the host, in order.
    pub changes: Vec<Change>,
    /// For the session to fetch.
    pub wants: Vec<Want>,
}

/// What is true now.
#[derive(Debug)]
pub struct World {
    ids: Ids,
    stamp: u64,
    fetches: Fetches,
    rooms: Hotel,
    ledger: Ledger,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// Nothing is known.
    pub fn new() -> Self {
        World {
            ids: Ids::new(),
            stamp: 0,
            fetches: Fetches::default(),
            rooms: Hotel::default(),
            ledger: Ledger::default(),
        }
    }

    /// Applies one input. `now` never goes back.
    pub fn apply(&mut self, now: Moment, input: Input) -> Output {
        let mut changes = Vec::new();
        match input {
            Input::Events { base, senders } => {
                for sender in &senders {
                    let conversation = sender.href.clone().map(|href| Target::new(href, base.clone()));
                    for event in &sender.events {
                        self.step(now, &mut changes, |step, rooms, ledger| {
                            apply_event(step, rooms, ledger, &base, sender, conversation.as_ref(), event);
                        });
                    }
                }
            }
            input => {
                self.step(now, &mut changes, |step, rooms, ledger| apply_other(step, rooms, ledger, input))
            }
        }
        Output { changes, wants: self.fetches.take_new() }
    }

    /// Makes an invitation of ours known before its POST leaves.
    pub fn invite(&mut self, now: Moment, inviting: Inviting) -> InvitationId {
        let mut changes = Vec::new();
        self.step(now, &mut changes, |step, _, ledger| ledger.begin(step, inviting))
    }

    /// Forgets an invitation of ours whose POST will never leave, and of which the host was not told.
    pub fn withdraw(&mut self, id: InvitationId) {
        self.ledger.withdraw(id);
    }

    /// Ask right before a GET leaves; `None`: not needed any more.
    pub fn begin_fetch(&mut self, subject: &Subject) -> Option<Target> {
        self.stamp += 1;
        self.fetches.begin(subject, self.stamp)
    }

    /// When [`Input::Tick`] is due next.
    pub fn next_deadline(&self) -> Option<Moment> {
        self.ledger.next_deadline()
    }

    /// All conversations that the host was told of and that are not gone, oldest first.
    pub fn conversations(&self) -> impl Iterator<Item = &Arc<Conversation>> {
        self.rooms.all().filter_map(Room::shown)
    }

    /// A conversation as the host was told of it last.
    pub fn conversation(&self, id: ConversationId) -> Option<&Arc<Conversation>> {
        self.rooms.get(id)?.shown()
    }

    /// Who is in a conversation. The cost does not depend on the number of people.
    pub fn roster(&self, id: ConversationId) -> Option<Roster> {
        self.rooms.get(id).map(|room| room.people.roster().clone())
    }

    /// An invitation under way, or one of the last that ended.
    pub fn invitation(&self, id: InvitationId) -> Option<Arc<Invitation>> {
        self.ledger.get(id)
    }

    /// Where a conversation is, for leaving it; `None` also while it is being joined again.
    pub fn conversation_target(&self, id: ConversationId) -> Option<Target> {
        self.rooms.get(id).filter(|room| !room.is_away()).map(|room| room.target().clone())
    }

    /// The conversations to be joined again in a new application, each with the URI of its meeting, oldest first: join
    /// it with an [`Inviting`] that names the conversation.
    pub fn to_join_again(&self) -> Vec<(ConversationId, String)> {
        let away = self.rooms.all().filter(|room| room.is_away());
        away.map(|room| (room.id(), room.uri().to_owned())).collect()
    }

    /// Whether the user wants to be in this conversation. Who is leaving it is not brought back.
    pub fn want(&mut self, id: ConversationId, wanted: bool) {
        if let Some(room) = self.rooms.get_mut(id) {
            room.want(wanted);
        }
    }

    /// A link of a conversation, if the server offers it now.
    pub fn conversation_capability(&self, id: ConversationId, rel: &Rel) -> Option<Target> {
        self.rooms.get(id)?.capability(rel)
    }

    /// Where an invitation is, once that is known.
    pub fn invitation_target(&self, id: InvitationId) -> Option<Target> {
        self.ledger.target(id)
    }

    /// Where an invitation is of which nothing is known but that.
    pub fn unread_invitation(&self, id: InvitationId) -> Option<Target> {
        self.ledger.unread(id)
    }

    /// A link of an invitation, if the server offers it now. Those to accept and to decline also when it did before.
    pub fn invitation_capability(&self, id: InvitationId, rel: &Rel) -> Option<Target> {
        self.ledger.capability(id, rel)
    }

    /// A link of a participant, if the server offers it now.
    pub fn participant_capability(
        &self,
        conversation: ConversationId,
        participant: ParticipantId,
        capability: Capability,
    ) -> Option<Target> {
        let room = self.rooms.get(conversation).filter(|room| !room.has_ended())?;
        room.people.capability(participant, capability)
    }

    fn step<R>(
        &mut self,
        now: Moment,
        changes: &mut Vec<Change>,
        act: impl FnOnce(&mut Step<'_>, &mut Hotel, &mut Ledger) -> R,
    ) -> R {
        self.stamp += 1;
        let mut step =
            Step { stamp: self.stamp, now, ids: &mut self.ids, fetches: &mut self.fetches, changes };
        let result = act(&mut step, &mut self.rooms, &mut self.ledger);
        for (conversation, outcome, reason) in self.ledger.take_joined_again() {
            if outcome == Outcome::Accepted {
                if let Some(room) = self.rooms.get_mut(conversation) {
                    room.arrived(&mut step);
                }
            } else if let Some(room) = self.rooms.remove(conversation) {
                end_room(&mut step, &mut self.ledger, room, reason.as_ref());
            }
        }
        for conversation in self.ledger.take_unlisted() {
            if let Some(room) = self.rooms.get_mut(conversation) {
                room.read_collections(&mut step);
            }
        }
        result
    }
}

fn apply_other(step: &mut Step<'_>, rooms: &mut Hotel, ledger: &mut Ledger, input: Input) {
    match input {
        Input::Events { .. } => {}
        Input::Fetched { subject, base, body } => apply_fetched(step, rooms, ledger, &subject, &base, &body),
        Input::FetchFailed { subject, gone } => apply_fetch_failed(step, rooms, ledger, &subject, gone),
        Input::Answered { invitation, location } => ledger.answered(step, rooms, invitation, location),
        Input::Refused { invitation, reason } => ledger.refused(step, rooms, invitation, reason),
        Input::Cancelled { invitation } => ledger.cancelled(step, rooms, invitation),
        Input::Unanswered { invitation, deadline } => ledger.unanswered(step, rooms, invitation, deadline),
        Input::Asked { invitation, outcome, deadline } => ledger.asked(invitation, outcome, deadline),
        Input::Compare { conversations } => {
            if let Some(target) = conversations {
                step.fetches.want(Subject::Conversations, target);
            }
            for room in rooms.all_mut() {
                room.compare(step);
            }
            ledger.compare(step);
        }
        Input::Tick => ledger.tick(step, rooms),
        Input::ApplicationLost { reason } => lose_application(step, rooms, ledger, reason.as_ref()),
        Input::Silence => ledger.lose_all(step),
    }
}

/// Sends one event to what it is about. Decided by the target's rel, not by the sender (trap T-39).
fn apply_event(
    step: &mut Step<'_>,
    rooms: &mut Hotel,
    ledger: &mut Ledger,
    base: &Base,
    sender: &Sender,
    raised_by: Option<&Target>,
    event: &Event,
) {
    if let Some(kind) = InvitationKind::from_rel(&event.rel) {
        ledger.event(step, rooms, kind, event, base);
        return;
    }
    if event.rel == Rel::Conversation {
        apply_conversation(step, rooms, ledger, base, event);
        return;
    }
    // The rest happens inside a conversation; its sender is the conversation, whatever the sender's rel says.
    let is_room = |target: &&Target| sender.rel == Rel::Conversation || rooms.knows(target);
    let Some(raised_by) = raised_by.filter(is_room) else {
        tracing::trace!(target: "ucwa::model", sender = %sender.rel, rel = %event.rel, event = %event.kind,
            "an event that the model does not follow");
        return;
    };
    let Some(room) = rooms.enter(step, raised_by) else {
        return;
    };
    room.announce(step);
    apply_in_room(step, room, base, event);
}

fn apply_conversation(
    step: &mut Step<'_>,
    rooms: &mut Hotel,
    ledger: &mut Ledger,
    base: &Base,
    event: &Event,
) {
    let target = Target::new(event.link.href.clone(), base.clone());
    if event.kind == EventType::Deleted {
        if let Some(room) = rooms.leave(&target) {
            end_room(step, ledger, room, event.reason.as_ref());
        }
        return;
    }
    if event.kind == EventType::Added {
        rooms.begin_anew(&target);
    }
    let body = match &event.body {
        Some(Body::Conversation(body)) => Some(&**body),
        _ => None,
    };
    if let Some(room) = rooms.enter(step, &target) {
        room.upsert(step, base, body, event.reason.as_ref());
        hush_if_ended(step, room, ledger);
    }
}

/// A conversation is gone.
fn end_room(step: &mut Step<'_>, ledger: &mut Ledger, mut room: Room, reason: Option<&Reason>) {
    room.delete(step, reason);
    step.fetches.forget(room.id());
    hush_if_ended(step, &room, ledger);
}

/// Disconnected is the end, whether `deleted` follows or not (PROTOCOL 8.6): so it is for the invitations in it.
fn hush_if_ended(step: &Step<'_>, room: &Room, ledger: &mut Ledger) {
    if room.has_ended() {
        ledger.conversation_gone(room.id(), step.now + LAST_WORDS);
    }
}

/// Events whose sender is a conversation.
fn apply_in_room(step: &mut Step<'_>, room: &mut Room, base: &Base, event: &Event) {
    let gone = event.kind == EventType::Deleted;
    let body = match &event.body {
        Some(Body::Participant(body)) => Some(&**body),
        _ => None,
    };
    let says_what = matches!(event.kind, EventType::Added | EventType::Updated | EventType::Deleted);
    if !says_what && !changes_somebody(room, base, event) {
        return;
    }
    match (&event.rel, &event.within) {
        (Rel::Participant | Rel::LocalParticipant, Some((collection, _))) => {
            apply_membership(step, room, base, event, collection, body);
        }
        (rel @ (Rel::Participant | Rel::LocalParticipant), None) if gone => {
            let target = Target::new(event.link.href.clone(), base.clone());
            let oneself =
                *rel == Rel::LocalParticipant || room.people.at(&target).is_some_and(|person| person.local);
            room.people.delete(step, &target);
            if oneself {
                room.of_oneself(step, true, event.reason.as_ref());
            }
        }
        (Rel::Participant, None) => room.people.upsert(step, Whom::Participant, &event.link, base, body),
        (Rel::LocalParticipant, None) => {
            room.people.upsert(step, Whom::LocalParticipant, &event.link, base, body);
            room.of_oneself(step, false, event.reason.as_ref());
        }
        (Rel::OnlineMeeting, _) if !gone => {
            let body = match &event.body {
                Some(Body::OnlineMeeting(body)) => Some(&**body),
                _ => None,
            };
            room.meeting(step, Target::new(event.link.href.clone(), base.clone()), body);
        }
        (rel, Some((_, whose))) => {
            if let Some(modality) = modality_of(rel) {
                let whose: &Link = whose;
                let target = Target::new(event.link.href.clone(), base.clone());
                let body = match &event.body {
                    Some(Body::ParticipantModality(body)) => Some(&**body),
                    _ => None,
                };
                let part = if gone { Part::Gone } else { Part::There { target, body } };
                let whose = Target::new(whose.href.clone(), base.clone());
                room.people.modality(step, &modality, &whose, part);
            }
        }
        _ => {}
    }
}

/// An event whose type nobody knows may be a change of somebody who is here; it brings, moves and removes nobody.
fn changes_somebody(room: &Room, base: &Base, event: &Event) -> bool {
    let target = Target::new(event.link.href.clone(), base.clone());
    event.within.is_none() && room.people.at(&target).is_some()
}

/// A participant event with `in`: membership of that collection only.
fn apply_membership(
    step: &mut Step<'_>,
    room: &mut Room,
    base: &Base,
    event: &Event,
    collection: &Rel,
    body: Option<&ParticipantBody>,
) {
    let place = match collection {
        Rel::Leaders => Place::Leader,
        Rel::Attendees => Place::Attendee,
        Rel::Lobby => Place::Lobby,
        Rel::TypingParticipants => {
            let typing = event.kind != EventType::Deleted;
            room.people.typing(step, typing, &Target::new(event.link.href.clone(), base.clone()));
            return;
        }
        _ => return,
    };
    let entered = event.kind != EventType::Deleted;
    if room.people.place(step, place, entered, &event.link, base, body) {
        // Somebody moves whose coming was never told: compare with the collections.
        room.read_collections(step);
    }
}

fn apply_fetched(
    step: &mut Step<'_>,
    rooms: &mut Hotel,
    ledger: &mut Ledger,
    subject: &Subject,
    base: &Base,
    body: &Fetched,
) {
    let Some((sent, target)) = step.fetches.end(subject) else {
        return;
    };
    match (subject, body) {
        (Subject::Invitation(id), Fetched::Invitation(body)) => {
            ledger.fetched(step, rooms, *id, sent, base, body)
        }
        (Subject::UnknownInvitation(_), Fetched::Invitation(body)) => {
            ledger.unknown_fetched(step, rooms, target, Some(body));
        }
        (Subject::Conversation(id), Fetched::Conversation(body)) => {
            if let Some(room) = rooms.get_mut(*id) {
                room.fetched(step, sent, base, body);
                hush_if_ended(step, room, ledger);
            }
        }
        (Subject::Meeting(id), Fetched::Meeting(body)) => {
            if let Some(room) = rooms.get_mut(*id) {
                room.meeting_fetched(step, sent, target, body);
            }
        }
        (Subject::Collection(id, collection), Fetched::Collection(body)) => {
            if let Some(room) = rooms.get_mut(*id) {
                room.collected(step, *collection, sent, base, body);
            }
        }
        (Subject::Participant(id, key), Fetched::Participant(body)) => {
            if let Some(room) = rooms.get_mut(*id) {
                room.people.fetched(step, key, sent, base, body);
            }
        }
        (Subject::Conversations, Fetched::Conversations(body)) => {
            for link in body.links.all(&Rel::Conversation) {
                if let Some(room) = rooms.enter(step, &Target::new(link.href.clone(), base.clone())) {
                    room.announce(step);
                }
            }
        }
        (Subject::Modality(id, key, modality), Fetched::Modality(body)) => {
            if let Some(room) = rooms.get_mut(*id) {
                room.people.modality_fetched(step, (key, modality), sent, target, base, body);
            }
        }
        (subject, _) => tracing::error!(target: "ucwa::model", ?subject, "a fetched body of another kind"),
    }
}

fn apply_fetch_failed(
    step: &mut Step<'_>,
    rooms: &mut Hotel,
    ledger: &mut Ledger,
    subject: &Subject,
    gone: bool,
) {
    let Some((sent, target)) = step.fetches.end(subject) else {
        return;
    };
    match subject {
        Subject::Invitation(id) => ledger.fetch_failed(step, *id, sent),
        Subject::UnknownInvitation(_) => ledger.unknown_fetched(step, rooms, target, None),
        Subject::Conversations => {}
        Subject::Conversation(id)
        | Subject::Meeting(id)
        | Subject::Collection(id, _)
        | Subject::Participant(id, _)
        | Subject::Modality(id, _, _) => {
            let Some(room) = rooms.get_mut(*id) else { return };
            if room.fetch_failed(step, subject, sent, target, gone) {
                let target = room.target().clone();
                if let Some(room) = rooms.lose(&target) {
                    end_room(step, ledger, room, None);
                }
            }
        }
    }
}
