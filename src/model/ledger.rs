//! All invitations: found by address or by operationId, whichever comes first, and ended exactly once (PROTOCOL 6).

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::fetch::{Stamp, Subject};
use super::outcome;
use super::step::{Moment, Step};
use super::{
    Change, ConversationId, Invitation, InvitationChange, InvitationId, InvitationKind, Outcome,
    ParticipantId, Phase,
};
use crate::wire::{
    Base, Direction, Event, EventType, InvitationBody, Links, Reason, Rel, ResourceId, Target,
};

/// How many ended invitations can still be looked up.
const ENDED_KEPT: usize = 1000;

#[derive(Debug, Default)]
pub(super) struct Ledger {
    entries: HashMap<InvitationId, Entry>,
    by_address: HashMap<ResourceId, InvitationId>,
    by_operation: HashMap<String, InvitationId>,
    /// Events of addresses that may turn out to be an invitation of ours whose POST is not answered yet.
    held: HashMap<ResourceId, Vec<Held>>,
    ended: VecDeque<InvitationId>,
}

#[derive(Debug)]
struct Entry {
    draft: Invitation,
    shown: Option<Arc<Invitation>>,
    target: Option<Target>,
    /// Our POST is under way: the address will come with its answer, or with an event.
    posting: bool,
    has_body: bool,
    links: Links,
    base: Option<Base>,
    touched: Stamp,
    /// A completed event came, but what it said does not decide the outcome yet.
    ending: bool,
    /// The state known is that of the end, not one of before.
    end_state_known: bool,
    /// The person whom a participantInvitation is about, if the roster has him.
    person: Option<ParticipantId>,
    /// When it ends as lost, if nothing comes.
    deadline: Option<Moment>,
}

#[derive(Debug)]
struct Held {
    event: Event,
    base: Base,
}

/// What the ledger needs to know of the rooms.
pub(super) trait Rooms {
    /// The conversation behind a link, made known if it is new. `None` when it has ended.
    fn conversation(&mut self, step: &mut Step<'_>, target: &Target) -> Option<ConversationId>;
    /// The meeting's address of a conversation, as an invitation tells it.
    fn meeting_uri(&mut self, step: &mut Step<'_>, conversation: ConversationId, uri: &str);
    /// The person behind a link, if the roster has him.
    fn participant(&self, conversation: ConversationId, target: &Target) -> Option<ParticipantId>;
}

/// An invitation of ours, made known before its POST leaves: its events may be faster than the answer.
#[derive(Debug, Clone)]
pub struct Inviting {
    /// Which resource the POST makes.
    pub kind: InvitationKind,
    /// The conversation, when it exists already.
    pub conversation: Option<ConversationId>,
    /// Who is invited; empty for a meeting.
    pub to: String,
    /// Subject; may be empty.
    pub subject: String,
    /// Name shown to the invited person; may be empty.
    pub on_behalf_of: String,
    /// The meeting to join; may be empty.
    pub meeting_uri: String,
    /// Ours, unique within the session.
    pub operation_id: String,
}

impl Ledger {
    /// Registers an invitation of ours.
    pub(super) fn begin(&mut self, step: &mut Step<'_>, inviting: Inviting) -> InvitationId {
        let id = step.ids.invitation();
        let mut entry = Entry::new(id, inviting.kind);
        entry.posting = true;
        entry.draft.direction = Direction::Outgoing;
        entry.draft.conversation = inviting.conversation;
        entry.draft.to = inviting.to;
        entry.draft.subject = inviting.subject;
        entry.draft.on_behalf_of = inviting.on_behalf_of;
        entry.draft.meeting_uri = inviting.meeting_uri;
        entry.draft.operation_id = inviting.operation_id.clone();
        self.entries.insert(id, entry);
        self.by_operation.insert(inviting.operation_id, id);
        id
    }

    /// The POST was answered with success; the address comes from Location, if there was one.
    pub(super) fn answered(
        &mut self,
        step: &mut Step<'_>,
        rooms: &mut dyn Rooms,
        id: InvitationId,
        location: Option<Target>,
    ) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.posting = false;
        }
        if let Some(target) = location {
            self.claim(step, rooms, id, target);
        }
        self.release_strangers(step, rooms);
    }

    /// The POST was refused: the invitation never came to be.
    pub(super) fn refused(
        &mut self,
        step: &mut Step<'_>,
        rooms: &mut dyn Rooms,
        id: InvitationId,
        reason: Option<Reason>,
    ) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.posting = false;
            entry.draft.reason = reason.or(entry.draft.reason.take());
        }
        self.end(step, id, Outcome::Failed);
        self.release_strangers(step, rooms);
    }

    /// No answer came to the POST: it may have worked. Events decide, or the deadline does.
    pub(super) fn unanswered(&mut self, id: InvitationId, deadline: Moment) {
        if let Some(entry) = self.entries.get_mut(&id).filter(|entry| entry.target.is_none()) {
            entry.deadline = Some(deadline);
        }
    }

    /// One event about an invitation.
    pub(super) fn event(
        &mut self,
        step: &mut Step<'_>,
        rooms: &mut dyn Rooms,
        kind: InvitationKind,
        event: &Event,
        body: Option<&InvitationBody>,
        base: &Base,
    ) {
        let target = Target::new(event.link.href.clone(), base.clone());
        let key = target.id();
        let id = match self.find(&key, body) {
            Some(id) => id,
            None if self.may_be_ours(kind, body) => {
                self.hold(step, key, event, base, body.is_none().then_some(target));
                return;
            }
            None => {
                let id = step.ids.invitation();
                self.entries.insert(id, Entry::new(id, kind));
                id
            }
        };
        self.claim(step, rooms, id, target);
        self.apply_event(step, rooms, id, event, body, base);
    }

    /// The body of a GET on an invitation that is known.
    pub(super) fn fetched(
        &mut self,
        step: &mut Step<'_>,
        rooms: &mut dyn Rooms,
        id: InvitationId,
        sent: Stamp,
        base: &Base,
        body: &InvitationBody,
    ) {
        let Some(entry) = self.entries.get(&id) else {
            return;
        };
        if entry.touched > sent {
            if !entry.has_body || entry.ending {
                self.read(step, id);
            }
            return;
        }
        self.apply_body(step, rooms, id, body, base);
        match self.entries.get_mut(&id) {
            Some(entry) if entry.ending => {
                entry.end_state_known = true;
                self.decide(step, id, true);
            }
            _ => self.show(step, id, Phase::Updated),
        }
    }

    /// An invitation cannot be read. One that has ended already ends with what is known; but a failure from before the
    /// last event says nothing about after it.
    pub(super) fn fetch_failed(&mut self, step: &mut Step<'_>, id: InvitationId, sent: Stamp) {
        let Some(entry) = self.entries.get(&id) else { return };
        if entry.touched > sent && (entry.ending || !entry.has_body) {
            self.read(step, id);
        } else if entry.ending {
            self.decide(step, id, true);
        }
    }

    /// The body (or not) of an invitation of which only the address was known.
    pub(super) fn unknown_fetched(
        &mut self,
        step: &mut Step<'_>,
        rooms: &mut dyn Rooms,
        target: Target,
        body: Option<&InvitationBody>,
    ) {
        let key = target.id();
        if !self.held.contains_key(&key) {
            return;
        }
        let ours = body
            .and_then(|body| body.operation_id.as_ref())
            .and_then(|op| self.by_operation.get(op))
            .copied();
        match ours {
            Some(id) => self.claim(step, rooms, id, target),
            None if body.is_some_and(|body| body.operation_id.is_some()) => self.adopt(step, rooms, &key),
            None => {} // its POST will be answered, and then it is known whose it is
        }
    }

    /// Time passed.
    pub(super) fn tick(&mut self, step: &mut Step<'_>, rooms: &mut dyn Rooms) {
        let due: Vec<InvitationId> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.deadline.is_some_and(|deadline| deadline <= step.now))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            self.end(step, id, Outcome::Lost);
        }
        self.release_strangers(step, rooms);
    }

    /// The next moment at which [`Ledger::tick`] has something to do.
    pub(super) fn next_deadline(&self) -> Option<Moment> {
        self.entries.values().filter_map(|entry| entry.deadline).min()
    }

    /// The conversation is gone: what the server does not say about its invitations until `deadline` is lost.
    pub(super) fn conversation_gone(&mut self, conversation: ConversationId, deadline: Moment) {
        for entry in self.entries.values_mut() {
            if entry.draft.conversation == Some(conversation) && entry.draft.outcome.is_none() {
                entry.deadline = Some(entry.deadline.map_or(deadline, |earlier| earlier.min(deadline)));
            }
        }
    }

    /// Events may have been missed: read again what is under way.
    pub(super) fn compare(&self, step: &mut Step<'_>) {
        for id in self.entries.keys() {
            self.read(step, *id);
        }
    }

    /// Nothing will be heard any more.
    pub(super) fn lose_all(&mut self, step: &mut Step<'_>) {
        let mut open: Vec<InvitationId> = self
            .entries
            .values()
            .filter(|entry| entry.draft.outcome.is_none())
            .map(|entry| entry.draft.id)
            .collect();
        open.sort_unstable();
        for id in open {
            self.end(step, id, Outcome::Lost);
        }
        self.held.clear();
    }

    /// The invitation as it is now.
    pub(super) fn get(&self, id: InvitationId) -> Option<Arc<Invitation>> {
        let entry = self.entries.get(&id)?;
        Some(entry.shown.clone().unwrap_or_else(|| Arc::new(entry.draft.clone())))
    }

    /// A capability link of an invitation that is under way.
    pub(super) fn capability(&self, id: InvitationId, rel: &Rel) -> Option<Target> {
        let entry = self.entries.get(&id).filter(|entry| entry.draft.outcome.is_none())?;
        let link = entry.links.get(rel)?;
        Some(Target::new(link.href.clone(), entry.base.clone()?))
    }

    fn find(&self, key: &ResourceId, body: Option<&InvitationBody>) -> Option<InvitationId> {
        if let Some(id) = self.by_address.get(key) {
            return Some(*id);
        }
        let id = *self.by_operation.get(body?.operation_id.as_deref()?)?;
        // Another address under an operationId of ours: a server that uses it again. Not this one.
        self.entries.get(&id).filter(|entry| entry.target.is_none()).map(|_| id)
    }

    /// Whether an event that says no operationId may belong to a POST of ours that has no answer yet.
    fn may_be_ours(&self, kind: InvitationKind, body: Option<&InvitationBody>) -> bool {
        let incoming = body.is_some_and(|body| body.direction == Some(Direction::Incoming));
        let named = body.is_some_and(|body| body.operation_id.is_some());
        !incoming
            && !named
            && self
                .entries
                .values()
                .any(|entry| entry.posting && entry.target.is_none() && entry.draft.kind == kind)
    }

    fn hold(
        &mut self,
        step: &mut Step<'_>,
        key: ResourceId,
        event: &Event,
        base: &Base,
        read: Option<Target>,
    ) {
        if let Some(target) = read {
            step.fetches.want(Subject::UnknownInvitation(key.clone()), target);
        }
        self.held.entry(key).or_default().push(Held { event: event.clone(), base: base.clone() });
    }

    /// The invitation's address is known now; what was held for it applies.
    fn claim(&mut self, step: &mut Step<'_>, rooms: &mut dyn Rooms, id: InvitationId, target: Target) {
        let key = target.id();
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        if entry.target.is_none() {
            entry.target = Some(target);
            entry.deadline = None;
            self.by_address.insert(key.clone(), id);
        }
        step.fetches.drop_waiting(&Subject::UnknownInvitation(key.clone()));
        for held in self.held.remove(&key).unwrap_or_default() {
            let body = invitation_body(&held.event);
            self.apply_event(step, rooms, id, &held.event, body, &held.base);
        }
    }

    /// Held events that are nobody's of ours: an invitation made elsewhere.
    fn adopt(&mut self, step: &mut Step<'_>, rooms: &mut dyn Rooms, key: &ResourceId) {
        let first = self.held.get(key).and_then(|events| events.first());
        let Some((target, kind)) = first.and_then(|held| {
            let kind = InvitationKind::from_rel(&held.event.rel)?;
            Some((Target::new(held.event.link.href.clone(), held.base.clone()), kind))
        }) else {
            return;
        };
        let id = step.ids.invitation();
        self.entries.insert(id, Entry::new(id, kind));
        self.claim(step, rooms, id, target);
    }

    /// When no POST of ours waits for an answer any more, what is still held belongs to others.
    fn release_strangers(&mut self, step: &mut Step<'_>, rooms: &mut dyn Rooms) {
        let kinds: HashSet<InvitationKind> =
            self.entries.values().filter(|e| e.posting && e.target.is_none()).map(|e| e.draft.kind).collect();
        let free: Vec<ResourceId> = self
            .held
            .iter()
            .filter(|(_, events)| {
                let kind = events.first().and_then(|held| InvitationKind::from_rel(&held.event.rel));
                kind.is_none_or(|kind| !kinds.contains(&kind))
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in free {
            self.adopt(step, rooms, &key);
        }
    }

    fn apply_event(
        &mut self,
        step: &mut Step<'_>,
        rooms: &mut dyn Rooms,
        id: InvitationId,
        event: &Event,
        body: Option<&InvitationBody>,
        base: &Base,
    ) {
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        if let Some(outcome) = entry.draft.outcome {
            tracing::debug!(target: "ucwa::model", invitation = %id, outcome = outcome.as_str(), event = %event.kind,
                "an event after the outcome is left out");
            return;
        }
        entry.touched = step.stamp;
        entry.posting = false;
        entry.deadline = None;
        if let Some(reason) = &event.reason {
            entry.draft.reason = Some(reason.clone());
        }
        if let Some(body) = body {
            self.apply_body(step, rooms, id, body, base);
            step.fetches.drop_waiting(&Subject::Invitation(id));
        }
        match event.kind {
            EventType::Completed => {
                if let Some(entry) = self.entries.get_mut(&id) {
                    entry.draft.status = event.status.clone();
                    entry.ending = true;
                    entry.end_state_known = body.is_some();
                }
                self.decide(step, id, false);
            }
            EventType::Started => self.show(step, id, Phase::Started),
            _ => self.show(step, id, Phase::Updated),
        }
        if self.entries.get(&id).is_some_and(|entry| !entry.has_body) {
            self.read(step, id);
        }
    }

    fn apply_body(
        &mut self,
        step: &mut Step<'_>,
        rooms: &mut dyn Rooms,
        id: InvitationId,
        body: &InvitationBody,
        base: &Base,
    ) {
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        entry.has_body = true;
        entry.links = body.links.clone();
        entry.base = Some(base.clone());
        entry.draft.take_from(body);
        if let Some(link) = body.links.get(&Rel::Conversation) {
            let conversation = rooms.conversation(step, &Target::new(link.href.clone(), base.clone()));
            entry.draft.conversation = conversation.or(entry.draft.conversation);
        }
        if let Some(conversation) = entry.draft.conversation {
            if !entry.draft.meeting_uri.is_empty() {
                rooms.meeting_uri(step, conversation, &entry.draft.meeting_uri);
            }
            for address in accepted_by(body, base) {
                let person = rooms.participant(conversation, &address);
                entry
                    .draft
                    .accepted_by
                    .extend(person.filter(|person| !entry.draft.accepted_by.contains(person)));
            }
            let person = body.links.get(&Rel::Participant);
            entry.person = person.and_then(|link| {
                rooms.participant(conversation, &Target::new(link.href.clone(), base.clone()))
            });
        }
    }

    /// Wants the body of an invitation that is under way.
    fn read(&self, step: &mut Step<'_>, id: InvitationId) {
        let Some(entry) = self.entries.get(&id).filter(|entry| entry.draft.outcome.is_none()) else {
            return;
        };
        if let Some(target) = entry.target.clone() {
            step.fetches.want(Subject::Invitation(id), target);
        }
    }

    /// A completed event came. Ends the invitation if what is known decides the outcome, or if nothing more will come.
    fn decide(&mut self, step: &mut Step<'_>, id: InvitationId, last_word: bool) {
        let Some(entry) = self.entries.get(&id) else {
            return;
        };
        let draft = &entry.draft;
        let state = draft.state.as_ref().filter(|_| entry.end_state_known);
        let outcome = outcome::decide(draft.status.as_ref(), state, draft.reason.as_ref());
        // Who starts or joins a meeting needs to know which conversation it became.
        let nameless = draft.kind == InvitationKind::OnlineMeeting
            && outcome == Some(Outcome::Accepted)
            && draft.conversation.is_none();
        match outcome {
            Some(outcome) if !nameless || last_word || entry.has_body => self.end(step, id, outcome),
            None if last_word || entry.target.is_none() => self.end(step, id, Outcome::Failed),
            _ => self.read(step, id),
        }
    }

    fn end(&mut self, step: &mut Step<'_>, id: InvitationId, outcome: Outcome) {
        let Some(entry) = self.entries.get_mut(&id).filter(|entry| entry.draft.outcome.is_none()) else {
            return;
        };
        entry.draft.outcome = Some(outcome);
        if outcome == Outcome::Accepted && entry.draft.accepted_by.is_empty() {
            entry.draft.accepted_by.extend(entry.person);
        }
        entry.posting = false;
        entry.deadline = None;
        step.fetches.drop_waiting(&Subject::Invitation(id));
        self.by_operation.remove(&entry.draft.operation_id);
        self.show(step, id, Phase::Completed);
        self.ended.push_back(id);
        if self.ended.len() > ENDED_KEPT {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(entry) = self.ended.pop_front().and_then(|id| self.entries.remove(&id)) else {
            return;
        };
        if let Some(target) = entry.target {
            self.by_address.remove(&target.id());
        }
    }

    /// Tells the host. An update that shows nothing new is left out; started and completed never are.
    fn show(&mut self, step: &mut Step<'_>, id: InvitationId, phase: Phase) {
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        let phase = match (&entry.shown, phase) {
            (Some(shown), Phase::Started | Phase::Updated) if **shown == entry.draft => return,
            (Some(_), Phase::Started) => Phase::Updated,
            (_, phase) => phase,
        };
        let invitation = Arc::new(entry.draft.clone());
        entry.shown = Some(invitation.clone());
        step.changes.push(Change::Invitation(InvitationChange { phase, invitation }));
    }
}

impl Entry {
    fn new(id: InvitationId, kind: InvitationKind) -> Self {
        Entry {
            draft: Invitation::new(id, kind),
            shown: None,
            target: None,
            posting: false,
            has_body: false,
            links: Links::default(),
            base: None,
            touched: 0,
            ending: false,
            end_state_known: false,
            person: None,
            deadline: None,
        }
    }
}

/// The embedded invitation of an event.
pub(super) fn invitation_body(event: &Event) -> Option<&InvitationBody> {
    match &event.body {
        Some(crate::wire::Body::Invitation(body)) => Some(body),
        _ => None,
    }
}

/// Who accepted, embedded or as links.
fn accepted_by(body: &InvitationBody, base: &Base) -> Vec<Target> {
    let embedded = body.accepted_by.iter().filter_map(|person| person.links.get(&Rel::SelfLink));
    embedded
        .chain(body.links.all(&Rel::AcceptedByParticipant))
        .map(|link| Target::new(link.href.clone(), base.clone()))
        .collect()
}
