//! What the ledger keeps of one invitation.

use std::sync::Arc;

use super::fetch::Stamp;
use super::ledger::Rooms;
use super::step::{Moment, Step};
use super::{ConversationId, Invitation, InvitationId, InvitationKind, Outcome, Phase};
use crate::wire::{Base, InvitationBody, Links, Reason, Rel, Target};

#[derive(Debug)]
pub(super) struct Record {
    /// The state to show; becomes `shown` when it is told.
    pub(super) draft: Invitation,
    /// What the host was told last.
    pub(super) shown: Option<Arc<Invitation>>,
    pub(super) target: Option<Target>,
    /// Made by a POST of ours.
    pub(super) ours: bool,
    /// That POST is under way: the address may come with its answer.
    pub(super) posting: bool,
    /// The conversation that it is to lead to once more.
    pub(super) again: Option<ConversationId>,
    pub(super) has_body: bool,
    links: Links,
    base: Option<Base>,
    /// Where it can be accepted and declined. Kept when an update takes the links away: the server may still take the
    /// answer (PROTOCOL 6.4).
    answers: Vec<(Rel, Target)>,
    /// The last event about it.
    pub(super) touched: Stamp,
    /// A completed event came, but what it said does not decide the outcome yet.
    pub(super) ending: bool,
    /// The state known is that of the end, not one of before.
    pub(super) end_state_known: bool,
    /// The person whom a participantInvitation is about.
    person: Option<Target>,
    /// Who accepted it, as far as its bodies said.
    takers: Vec<Target>,
    /// Who invites, when he is not embedded.
    inviter: Option<Target>,
    /// What we asked the server to end it as, which it took: so it ends by then, whatever the server says or not.
    asked: Option<(Moment, Outcome)>,
    /// When it ends as lost because its POST got no answer, unless an event comes.
    pub(super) unanswered: Option<Moment>,
    /// When it ends as lost because its conversation is gone, whatever comes but the end.
    pub(super) last_words: Option<Moment>,
}

impl Record {
    pub(super) fn new(id: InvitationId, kind: InvitationKind) -> Self {
        Record {
            draft: Invitation::new(id, kind),
            shown: None,
            target: None,
            ours: false,
            posting: false,
            again: None,
            has_body: false,
            links: Links::default(),
            base: None,
            answers: Vec::new(),
            touched: 0,
            ending: false,
            end_state_known: false,
            person: None,
            takers: Vec::new(),
            inviter: None,
            asked: None,
            unanswered: None,
            last_words: None,
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.draft.outcome.is_some()
    }

    /// Ours, and nobody has said yet under which address the server knows it.
    pub(super) fn awaits_address(&self) -> bool {
        self.ours && self.target.is_none() && !self.has_ended()
    }

    /// Ours, and no event of it has come yet: the address that its Location named may not be the one of its events.
    pub(super) fn is_silent(&self) -> bool {
        self.ours && self.touched == 0 && !self.has_ended()
    }

    /// When it ends without the server. Never again once it has ended: a deadline that nobody clears would ring for ever.
    pub(super) fn deadline(&self) -> Option<Moment> {
        let asked = self.asked.map(|(deadline, _)| deadline);
        let all = self.unanswered.into_iter().chain(self.last_words).chain(asked);
        all.min().filter(|_| !self.has_ended())
    }

    /// How it ends when the server will not say.
    pub(super) fn unsaid(&self) -> Outcome {
        self.asked.map_or(Outcome::Lost, |(_, outcome)| outcome)
    }

    /// The server was asked to end it so, and took it.
    pub(super) fn ask(&mut self, deadline: Moment, outcome: Outcome) {
        self.asked.get_or_insert((deadline, outcome));
    }

    /// A capability link, while it is under way.
    pub(super) fn capability(&self, rel: &Rel) -> Option<Target> {
        if self.has_ended() {
            return None;
        }
        match (self.links.get(rel), &self.base) {
            (Some(link), Some(base)) => Some(Target::new(link.href.clone(), base.clone())),
            _ => self.answers.iter().find(|(known, _)| known == rel).map(|(_, target)| target.clone()),
        }
    }

    /// What a body says wins; what it leaves out stays.
    pub(super) fn take(
        &mut self,
        step: &mut Step<'_>,
        rooms: &mut dyn Rooms,
        body: &InvitationBody,
        base: &Base,
    ) {
        self.has_body = true;
        self.links = body.links.clone();
        self.base = Some(base.clone());
        self.draft.take_from(body, base);
        let target = |link: &crate::wire::Link| Target::new(link.href.clone(), base.clone());
        for rel in [Rel::Accept, Rel::Decline] {
            if let Some(link) = body.links.get(&rel) {
                self.answers.retain(|(known, _)| *known != rel);
                self.answers.push((rel, target(link)));
            }
        }
        if let Some(link) = body.links.get(&Rel::Conversation) {
            let found = match self.again {
                Some(conversation) => rooms.again(step, conversation, &target(link)),
                None => rooms.conversation(step, &target(link)),
            };
            self.draft.conversation = found.or(self.draft.conversation);
        }
        let Some(conversation) = self.draft.conversation else { return };
        if !self.draft.meeting_uri.is_empty() {
            rooms.meeting_uri(step, conversation, &self.draft.meeting_uri);
        }
        let takers = accepted_by(body, base);
        if !takers.is_empty() {
            self.takers = takers;
        }
        self.person = body.links.get(&Rel::Participant).map(target).or(self.person.take());
        let inviter = body.links.get(&Rel::From).map(target);
        self.inviter = inviter.filter(|_| body.from.is_none()).or(self.inviter.take());
    }

    /// Finds in the roster whom the bodies so far named.
    pub(super) fn find_people(&mut self, rooms: &dyn Rooms) {
        let Some(conversation) = self.draft.conversation else { return };
        for address in &self.takers {
            let person = rooms.participant(conversation, address).map(|person| person.id);
            let new = person.filter(|person| !self.draft.accepted_by.contains(person));
            self.draft.accepted_by.extend(new);
        }
        let person = self.person.as_ref().and_then(|person| rooms.participant(conversation, person));
        self.draft.participant = person.map(|person| person.id).or(self.draft.participant);
        let inviter = self.inviter.as_ref().and_then(|inviter| rooms.participant(conversation, inviter));
        if let Some(inviter) = inviter.filter(|_| self.draft.from_uri.is_empty()) {
            self.draft.from_uri.clone_from(&inviter.uri);
            if self.draft.from_name.is_empty() {
                self.draft.from_name.clone_from(&inviter.name);
            }
        }
    }

    /// It ends.
    pub(super) fn close(&mut self, outcome: Outcome) {
        self.draft.close(outcome);
        self.posting = false;
        if outcome == Outcome::Accepted && self.draft.accepted_by.is_empty() {
            self.draft.accepted_by.extend(self.draft.participant);
        }
        let invited = self.draft.kind == InvitationKind::Participant && outcome == Outcome::Accepted;
        self.draft.entry_missing = invited && self.draft.accepted_by.is_empty();
    }

    pub(super) fn reason(&mut self, reason: Option<&Reason>) {
        if let Some(reason) = reason {
            self.draft.reason = Some(reason.clone());
        }
    }

    /// The phase to tell, if there is something to tell: an update that shows nothing new is left out, completed never
    /// is.
    pub(super) fn tells(&self, phase: Phase) -> Option<Phase> {
        match (&self.shown, phase) {
            (Some(shown), Phase::Started | Phase::Updated) if **shown == self.draft => None,
            (Some(_), Phase::Started) => Some(Phase::Updated),
            (_, phase) => Some(phase),
        }
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
