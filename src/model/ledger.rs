//! All invitations: found by address or by operationId, whichever comes first, and ended exactly once (PROTOCOL 6).

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::fetch::{Stamp, Subject};
use super::outcome;
use super::record::Record;
use super::step::{Moment, Step};
use super::unclaimed::Unclaimed;
use super::{
    Change, ConversationId, Invitation, InvitationChange, InvitationId, InvitationKind, Outcome, Participant,
    Phase,
};
use crate::wire::{Base, Direction, Event, EventType, InvitationBody, Reason, Rel, ResourceId, Target};

/// How many ended invitations can still be looked up.
const ENDED_KEPT: usize = 1000;

#[derive(Debug, Default)]
pub(super) struct Ledger {
    records: HashMap<InvitationId, Record>,
    by_address: HashMap<ResourceId, InvitationId>,
    by_operation: HashMap<String, InvitationId>,
    unclaimed: Unclaimed,
    ended: VecDeque<InvitationId>,
    /// Conversations in which somebody accepted whom the roster does not have.
    unlisted: Vec<ConversationId>,
    /// Conversations that were to be joined again, and how that ended.
    joined_again: Vec<(ConversationId, Outcome, Option<Reason>)>,
}

/// What the ledger needs to know of the rooms.
pub(super) trait Rooms {
    /// The conversation behind a link, made known if it is new. `None` when it has ended.
    fn conversation(&mut self, step: &mut Step<'_>, target: &Target) -> Option<ConversationId>;
    /// The link leads to the conversation that was joined again; to another one if that has ended meanwhile.
    fn again(
        &mut self,
        step: &mut Step<'_>,
        conversation: ConversationId,
        target: &Target,
    ) -> Option<ConversationId>;
    /// The meeting's address of a conversation, as an invitation tells it.
    fn meeting_uri(&mut self, step: &mut Step<'_>, conversation: ConversationId, uri: &str);
    /// The person behind a link, if the roster has him.
    fn participant(&self, conversation: ConversationId, target: &Target) -> Option<&Participant>;
}

/// An invitation of ours, made known before its POST leaves: its events may be faster than the answer.
#[derive(Debug, Clone)]
pub struct Inviting {
    /// Which resource the POST makes.
    pub kind: InvitationKind,
    /// The conversation, when it exists already; of a meeting: the one that it is to be joined again as.
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
        let mut record = Record::new(id, inviting.kind);
        record.ours = true;
        record.posting = true;
        record.draft.direction = Direction::Outgoing;
        match inviting.kind {
            // Known by the link that leads there.
            InvitationKind::OnlineMeeting => record.again = inviting.conversation,
            _ => record.draft.conversation = inviting.conversation,
        }
        record.draft.to = inviting.to;
        record.draft.subject = inviting.subject;
        record.draft.on_behalf_of = inviting.on_behalf_of;
        record.draft.meeting_uri = inviting.meeting_uri;
        record.draft.operation_id = inviting.operation_id.clone();
        self.records.insert(id, record);
        self.by_operation.insert(inviting.operation_id, id);
        id
    }

    /// Its POST will never leave, and nobody was told of it.
    pub(super) fn withdraw(&mut self, id: InvitationId) {
        if let Some(record) = self.records.remove(&id) {
            self.by_operation.remove(&record.draft.operation_id);
        }
    }

    /// The POST was answered with success; the address comes from Location, if there was one.
    pub(super) fn answered(
        &mut self,
        step: &mut Step<'_>,
        rooms: &mut dyn Rooms,
        id: InvitationId,
        location: Option<Target>,
    ) {
        if let Some(record) = self.records.get_mut(&id) {
            record.posting = false;
        }
        if let Some(target) = location.filter(|target| target.url().is_ok_and(|url| url.has_host())) {
            self.claim(step, rooms, id, target);
        }
        self.settle(step, rooms);
    }

    /// The POST was refused: the invitation never came to be.
    pub(super) fn refused(
        &mut self,
        step: &mut Step<'_>,
        rooms: &mut dyn Rooms,
        id: InvitationId,
        reason: Option<Reason>,
    ) {
        if let Some(record) = self.records.get_mut(&id) {
            record.posting = false;
            record.reason(reason.as_ref());
        }
        self.end(step, id, Outcome::Failed);
        self.settle(step, rooms);
    }

    /// The POST was given up before it left.
    pub(super) fn cancelled(&mut self, step: &mut Step<'_>, rooms: &mut dyn Rooms, id: InvitationId) {
        self.end(step, id, Outcome::Cancelled);
        self.settle(step, rooms);
    }

    /// No answer came to the POST: it may have worked. Events decide, or the deadline does.
    pub(super) fn unanswered(
        &mut self,
        step: &mut Step<'_>,
        rooms: &mut dyn Rooms,
        id: InvitationId,
        deadline: Moment,
    ) {
        if let Some(record) = self.records.get_mut(&id) {
            record.posting = false;
            if record.awaits_address() {
                record.unanswered = Some(deadline);
            }
        }
        self.settle(step, rooms);
    }

    /// The server took the request to end it so; what it does not say until `deadline` is so.
    pub(super) fn asked(&mut self, id: InvitationId, outcome: Outcome, deadline: Moment) {
        if let Some(record) = self.records.get_mut(&id) {
            record.ask(deadline, outcome);
        }
    }

    /// Conversations whose roster lacks somebody who is there: newly found ones.
    pub(super) fn take_unlisted(&mut self) -> Vec<ConversationId> {
        std::mem::take(&mut self.unlisted)
    }

    /// Conversations that were to be joined again: how it ended, newly.
    pub(super) fn take_joined_again(&mut self) -> Vec<(ConversationId, Outcome, Option<Reason>)> {
        std::mem::take(&mut self.joined_again)
    }

    /// No address known so far means anything any more.
    pub(super) fn forget_addresses(&mut self) {
        self.by_address.clear();
    }

    /// One event about an invitation.
    pub(super) fn event(
        &mut self,
        step: &mut Step<'_>,
        rooms: &mut dyn Rooms,
        kind: InvitationKind,
        event: &Event,
        base: &Base,
    ) {
        let target = Target::new(event.link.href.clone(), base.clone());
        let body = invitation_body(event);
        let id = match self.find(kind, &target.id(), body) {
            Some(id) => id,
            None if self.may_be_ours(kind, body) && self.unclaimed.hold(step, kind, &target, event, base) => {
                return self.settle(step, rooms);
            }
            None => self.stranger(step, kind),
        };
        self.claim(step, rooms, id, target);
        self.apply_event(step, rooms, id, event, base);
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
        let Some(record) = self.records.get_mut(&id).filter(|record| !record.has_ended()) else {
            return;
        };
        if record.touched > sent {
            if !record.has_body || record.ending {
                self.read(step, id);
            }
            return;
        }
        record.take(step, rooms, body, base);
        record.find_people(rooms);
        if record.ending {
            record.end_state_known = true;
            self.decide(step, id, true);
        } else {
            self.show(step, id, Phase::Updated);
        }
    }

    /// An invitation cannot be read. One that has ended already ends with what is known; but a failure from before the
    /// last event says nothing about after it.
    pub(super) fn fetch_failed(&mut self, step: &mut Step<'_>, id: InvitationId, sent: Stamp) {
        let Some(record) = self.records.get(&id) else { return };
        if record.touched > sent && (record.ending || !record.has_body) {
            self.read(step, id);
        } else if record.ending {
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
        let Some(kind) = self.unclaimed.was_read(&key, body) else {
            return;
        };
        let operation = body.and_then(|body| body.operation_id.as_ref());
        match operation.and_then(|operation| self.by_operation_id(kind, operation)) {
            Some(id) => self.claim(step, rooms, id, target),
            None if operation.is_some() => self.give(step, rooms, &key, None),
            None => self.settle(step, rooms),
        }
    }

    /// Time passed.
    pub(super) fn tick(&mut self, step: &mut Step<'_>, rooms: &mut dyn Rooms) {
        let is_due = |record: &Record| record.deadline().is_some_and(|deadline| deadline <= step.now);
        let mut due: Vec<InvitationId> =
            self.records.values().filter(|record| is_due(record)).map(|record| record.draft.id).collect();
        due.sort_unstable();
        for id in due {
            self.end_unsaid(step, id);
        }
        self.settle(step, rooms);
    }

    /// The next moment at which [`Ledger::tick`] has something to do.
    pub(super) fn next_deadline(&self) -> Option<Moment> {
        self.records.values().filter_map(Record::deadline).min()
    }

    /// The conversation is gone: what the server does not say about its invitations until `deadline` is lost.
    pub(super) fn conversation_gone(&mut self, conversation: ConversationId, deadline: Moment) {
        for record in self.records.values_mut() {
            if record.draft.conversation == Some(conversation) && !record.has_ended() {
                record.last_words.get_or_insert(deadline);
            }
        }
    }

    /// Events may have been missed: read again what is under way.
    pub(super) fn compare(&self, step: &mut Step<'_>) {
        for id in self.under_way() {
            self.read(step, id);
        }
    }

    /// Nothing will be heard any more.
    pub(super) fn lose_all(&mut self, step: &mut Step<'_>) {
        for id in self.under_way() {
            self.end_unsaid(step, id);
        }
        self.unclaimed.clear();
    }

    fn end_unsaid(&mut self, step: &mut Step<'_>, id: InvitationId) {
        let outcome = self.records.get(&id).map_or(Outcome::Lost, Record::unsaid);
        self.end(step, id, outcome);
    }

    /// In the order in which they began.
    fn under_way(&self) -> Vec<InvitationId> {
        let open = self.records.values().filter(|record| !record.has_ended());
        let mut open: Vec<InvitationId> = open.map(|record| record.draft.id).collect();
        open.sort_unstable();
        open
    }

    /// The invitation as it is now.
    pub(super) fn get(&self, id: InvitationId) -> Option<Arc<Invitation>> {
        let record = self.records.get(&id)?;
        Some(record.shown.clone().unwrap_or_else(|| Arc::new(record.draft.clone())))
    }

    /// Its address, once the server named it.
    pub(super) fn target(&self, id: InvitationId) -> Option<Target> {
        self.records.get(&id)?.target.clone()
    }

    /// The address of one that is under way and of which nothing else is known yet.
    pub(super) fn unread(&self, id: InvitationId) -> Option<Target> {
        let record = self.records.get(&id).filter(|record| !record.has_body && !record.has_ended())?;
        record.target.clone()
    }

    /// A capability link of an invitation that is under way.
    pub(super) fn capability(&self, id: InvitationId, rel: &Rel) -> Option<Target> {
        self.records.get(&id)?.capability(rel)
    }

    fn find(
        &self,
        kind: InvitationKind,
        key: &ResourceId,
        body: Option<&InvitationBody>,
    ) -> Option<InvitationId> {
        let known = self.by_address.get(key).copied();
        known.or_else(|| self.by_operation_id(kind, body?.operation_id.as_deref()?))
    }

    /// The invitation of ours with this operationId that is still to be heard of. Another address under that of one that
    /// was heard of: a server that uses it again. Not this one.
    fn by_operation_id(&self, kind: InvitationKind, operation_id: &str) -> Option<InvitationId> {
        let id = *self.by_operation.get(operation_id)?;
        let record = self.records.get(&id)?;
        (record.is_silent() && record.draft.kind == kind).then_some(id)
    }

    /// Whether an event that says no operationId may belong to an invitation of ours of which nothing was heard yet.
    fn may_be_ours(&self, kind: InvitationKind, body: Option<&InvitationBody>) -> bool {
        let incoming = body.is_some_and(|body| body.direction == Some(Direction::Incoming));
        let named = body.is_some_and(|body| body.operation_id.is_some());
        let silent = |record: &Record| record.is_silent() && record.draft.kind == kind;
        !incoming && !named && self.records.values().any(silent)
    }

    /// An invitation made elsewhere.
    fn stranger(&mut self, step: &mut Step<'_>, kind: InvitationKind) -> InvitationId {
        let id = step.ids.invitation();
        self.records.insert(id, Record::new(id, kind));
        id
    }

    /// The invitation's address is known now; what was held for it applies.
    fn claim(&mut self, step: &mut Step<'_>, rooms: &mut dyn Rooms, id: InvitationId, target: Target) {
        let key = target.id();
        let Some(record) = self.records.get_mut(&id) else {
            return;
        };
        if record.target.is_none() || record.is_silent() {
            record.target = Some(target);
            record.unanswered = None;
            self.by_address.insert(key.clone(), id);
        }
        step.fetches.drop_waiting(&Subject::UnknownInvitation(key.clone()));
        for (event, base) in self.unclaimed.take(&key) {
            self.apply_event(step, rooms, id, &event, &base);
        }
    }

    /// Gives what is held under an address to this invitation, or to a new one made elsewhere.
    fn give(
        &mut self,
        step: &mut Step<'_>,
        rooms: &mut dyn Rooms,
        key: &ResourceId,
        owner: Option<InvitationId>,
    ) {
        let Some((kind, target)) = self.unclaimed.look(key) else { return };
        let id = owner.unwrap_or_else(|| self.stranger(step, kind));
        self.claim(step, rooms, id, target);
    }

    /// Gives held events to whom they belong, as far as that can be known. Their body, while it is being read, may say an
    /// operationId; the answer to a POST of the kind, while that is under way, may name the address. After that all that an application's channel can tell of in this direction was
    /// begun by a POST of ours: the one for the same person, else the oldest whose address nobody has named.
    fn settle(&mut self, step: &mut Step<'_>, rooms: &mut dyn Rooms) {
        for held in self.unclaimed.all() {
            let mut nameless: Vec<&Record> = self.records.values().collect();
            nameless.retain(|record| record.is_silent() && record.draft.kind == held.kind);
            if !nameless.is_empty() && (held.reading || nameless.iter().any(|record| record.posting)) {
                continue;
            }
            nameless.retain(|record| record.awaits_address());
            nameless.sort_by_key(|record| record.draft.id);
            let same = nameless.iter().find(|record| record.draft.to.eq_ignore_ascii_case(&held.to));
            let owner = same.or(nameless.first()).map(|record| record.draft.id);
            self.give(step, rooms, &held.key, owner);
        }
    }

    fn apply_event(
        &mut self,
        step: &mut Step<'_>,
        rooms: &mut dyn Rooms,
        id: InvitationId,
        event: &Event,
        base: &Base,
    ) {
        let Some(record) = self.records.get_mut(&id) else {
            return;
        };
        if let Some(outcome) = record.draft.outcome {
            tracing::debug!(target: "ucwa::model", invitation = %id, outcome = outcome.as_str(), event = %event.kind,
                "an event after the outcome is left out");
            return;
        }
        let body = invitation_body(event);
        record.touched = step.stamp;
        record.unanswered = None;
        record.reason(event.reason.as_ref());
        if let Some(body) = body {
            record.take(step, rooms, body, base);
            step.fetches.drop_waiting(&Subject::Invitation(id));
        }
        record.find_people(rooms);
        let has_body = record.has_body;
        match event.kind {
            EventType::Completed => {
                record.draft.status = event.status.clone();
                record.ending = true;
                record.end_state_known = body.is_some();
                self.decide(step, id, false);
            }
            EventType::Started => self.show(step, id, Phase::Started),
            _ => self.show(step, id, Phase::Updated),
        }
        if !has_body {
            self.read(step, id);
        }
    }

    /// Wants the body of an invitation that is under way.
    fn read(&self, step: &mut Step<'_>, id: InvitationId) {
        let under_way = self.records.get(&id).filter(|record| !record.has_ended());
        if let Some(target) = under_way.and_then(|record| record.target.clone()) {
            step.fetches.want(Subject::Invitation(id), target);
        }
    }

    /// A completed event came. Ends the invitation if what is known decides the outcome, or if nothing more will come.
    fn decide(&mut self, step: &mut Step<'_>, id: InvitationId, last_word: bool) {
        let Some(record) = self.records.get(&id) else {
            return;
        };
        let draft = &record.draft;
        let state = draft.state.as_ref().filter(|_| record.end_state_known);
        let outcome = outcome::decide(draft.status.as_ref(), state, draft.reason.as_ref());
        // Who starts, joins or accepts needs to know which conversation it became.
        let nameless = matches!(draft.kind, InvitationKind::OnlineMeeting | InvitationKind::Messaging)
            && outcome == Some(Outcome::Accepted)
            && draft.conversation.is_none();
        match outcome {
            Some(outcome) if !nameless || last_word || record.has_body => self.end(step, id, outcome),
            None if last_word || record.target.is_none() => self.end(step, id, Outcome::Failed),
            _ => self.read(step, id),
        }
    }

    fn end(&mut self, step: &mut Step<'_>, id: InvitationId, outcome: Outcome) {
        let Some(record) = self.records.get_mut(&id).filter(|record| !record.has_ended()) else {
            return;
        };
        record.close(outcome);
        // Lost with the application, or with the session: that is not the end of the conversation.
        if let Some(conversation) = record.again.filter(|_| outcome != Outcome::Lost) {
            self.joined_again.push((conversation, outcome, record.draft.reason.clone()));
        }
        self.unlisted.extend(record.draft.conversation.filter(|_| record.draft.entry_missing));
        step.fetches.drop_waiting(&Subject::Invitation(id));
        if self.by_operation.get(&record.draft.operation_id) == Some(&id) {
            self.by_operation.remove(&record.draft.operation_id);
        }
        self.show(step, id, Phase::Completed);
        self.ended.push_back(id);
        if self.ended.len() > ENDED_KEPT {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(record) = self.ended.pop_front().and_then(|id| self.records.remove(&id)) else {
            return;
        };
        let id = record.draft.id;
        self.by_address.retain(|_, known| *known != id);
    }

    /// Tells the host.
    fn show(&mut self, step: &mut Step<'_>, id: InvitationId, phase: Phase) {
        let Some(record) = self.records.get_mut(&id) else {
            return;
        };
        let Some(phase) = record.tells(phase) else {
            return;
        };
        let invitation = Arc::new(record.draft.clone());
        record.shown = Some(invitation.clone());
        step.changes.push(Change::Invitation(InvitationChange { phase, invitation }));
    }
}

/// The embedded invitation of an event.
pub(super) fn invitation_body(event: &Event) -> Option<&InvitationBody> {
    match &event.body {
        Some(crate::wire::Body::Invitation(body)) => Some(body),
        _ => None,
    }
}
