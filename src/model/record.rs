//! What the ledger keeps of one invitation.

use std::sync::Arc;

use super::fetch::Stamp;
use super::ledger::Rooms;
use super::step::{Moment, Step};
use super::{Invitation, InvitationId, InvitationKind, ParticipantId, Phase};
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
    pub(super) has_body: bool,
    links: Links,
    base: Option<Base>,
    /// The last event about it.
    pub(super) touched: Stamp,
    /// A completed event came, but what it said does not decide the outcome yet.
    pub(super) ending: bool,
    /// The state known is that of the end, not one of before.
    pub(super) end_state_known: bool,
    /// The person whom a participantInvitation is about, if the roster has him.
    pub(super) person: Option<ParticipantId>,
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
            has_body: false,
            links: Links::default(),
            base: None,
            touched: 0,
            ending: false,
            end_state_known: false,
            person: None,
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

    /// When it ends as lost. Never again once it has ended: a deadline that nobody clears would ring for ever.
    pub(super) fn deadline(&self) -> Option<Moment> {
        self.unanswered.into_iter().chain(self.last_words).min().filter(|_| !self.has_ended())
    }

    /// A capability link, while it is under way.
    pub(super) fn capability(&self, rel: &Rel) -> Option<Target> {
        let link = self.links.get(rel).filter(|_| !self.has_ended())?;
        Some(Target::new(link.href.clone(), self.base.clone()?))
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
        self.draft.take_from(body);
        let target = |link: &crate::wire::Link| Target::new(link.href.clone(), base.clone());
        if let Some(link) = body.links.get(&Rel::Conversation) {
            self.draft.conversation = rooms.conversation(step, &target(link)).or(self.draft.conversation);
        }
        let Some(conversation) = self.draft.conversation else { return };
        if !self.draft.meeting_uri.is_empty() {
            rooms.meeting_uri(step, conversation, &self.draft.meeting_uri);
        }
        for address in accepted_by(body, base) {
            let person = rooms.participant(conversation, &address);
            let new = person.filter(|person| !self.draft.accepted_by.contains(person));
            self.draft.accepted_by.extend(new);
        }
        let person = body.links.get(&Rel::Participant);
        self.person = person.and_then(|link| rooms.participant(conversation, &target(link)));
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
