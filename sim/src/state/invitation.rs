//! Invitations: operations that start, may change, and end once.

use super::conversation::Wish;
use super::event::{Event, EventType, Link, Reason, Word};
use super::ids::{AppId, ConversationId, InvitationId, MemberId};
use super::reasons;
use super::room::Member;
use super::world::World;
use crate::choices::{CancelledState, DeclinedState, Embedding};
use crate::people::ScriptedEnd;
use crate::resources::href;
use crate::truth::Outcome;
use crate::without::Effect;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    OnlineMeeting,
    Participant,
    Messaging,
}

impl Kind {
    pub(crate) fn rel(self) -> &'static str {
        match self {
            Self::OnlineMeeting => "onlineMeetingInvitation",
            Self::Participant => "participantInvitation",
            Self::Messaging => "messagingInvitation",
        }
    }
}

/// An invitation as one application sees it.
#[derive(Debug, Clone)]
pub(crate) struct Invitation {
    pub(crate) app: AppId,
    pub(crate) kind: Kind,
    pub(crate) incoming: bool,
    pub(crate) conversation: ConversationId,
    pub(crate) from: Option<Member>,
    pub(crate) to: Option<String>,
    pub(crate) wish: Wish,
    pub(crate) state: Word,
    /// An incoming one can be accepted or declined.
    pub(crate) offered: bool,
    pub(crate) online_meeting_uri: Option<String>,
    /// The one who was asked, as soon as he is at the door.
    pub(crate) invited: Option<MemberId>,
    /// Participant that accepted, by key, as he was then.
    pub(crate) accepted_by: Option<Member>,
    pub(crate) end: Option<End>,
    /// Number of the call that this is one end of: the inviter's, and one for each application that rings.
    pub(crate) call: u64,
}

/// How an invitation ended.
#[derive(Debug, Clone)]
pub(crate) struct End {
    pub(crate) status: Option<Word>,
    pub(crate) reason: Option<Reason>,
    pub(crate) outcome: Outcome,
}

impl Invitation {
    pub(crate) fn is_pending(&self) -> bool {
        self.end.is_none()
    }
}

impl World {
    /// An outgoing invitation; what is special about it is filled in afterwards.
    pub(crate) fn outgoing(
        &mut self,
        kind: Kind,
        conversation: ConversationId,
        wish: Wish,
    ) -> Option<Invitation> {
        let app = self.live(conversation)?.app;
        Some(Invitation {
            app,
            kind,
            incoming: false,
            conversation,
            from: self.own_member(conversation).cloned(),
            to: None,
            wish,
            state: "Connecting".into(),
            offered: false,
            online_meeting_uri: None,
            invited: None,
            accepted_by: None,
            end: None,
            call: self.number(),
        })
    }

    pub(crate) fn new_invitation(&mut self, invitation: Invitation) -> InvitationId {
        let id = InvitationId(self.number());
        self.invitations.insert(id, invitation);
        id
    }

    pub(crate) fn pending(&self, id: InvitationId) -> Option<&Invitation> {
        self.invitations.get(&id).filter(|invitation| invitation.is_pending())
    }

    /// The inviter's end of a call, while it is open.
    pub(crate) fn calling(&self, call: u64) -> Option<InvitationId> {
        let is = |i: &Invitation| i.call == call && !i.incoming && i.is_pending();
        self.invitations.iter().find(|(_, i)| is(i)).map(|(id, _)| *id)
    }

    /// The ends of a call that still ring.
    pub(crate) fn ringing(&self, call: u64) -> Vec<InvitationId> {
        let is = |i: &Invitation| i.call == call && i.incoming && i.is_pending();
        self.invitations.iter().filter(|(_, i)| is(i)).map(|(id, _)| *id).collect()
    }

    pub(crate) fn tell_invitation(&mut self, id: InvitationId, kind: EventType) {
        let Some(invitation) = self.invitations.get(&id) else {
            return;
        };
        let (rel, app) = (invitation.kind.rel(), invitation.app);
        let adding = invitation.kind == Kind::Participant;
        if adding && kind == EventType::Started && !self.switches.invitation_started {
            return;
        }
        let mut event = Event::of_communication(app, kind, Link::new(rel, href::invitation(app, rel, id)));
        if let Some(end) = invitation.end.as_ref().filter(|_| kind == EventType::Completed) {
            event = event.ended(end.status.clone(), end.reason.clone());
        }
        event.embedded = match self.switches.invitation_embedded {
            Embedding::None if adding => None,
            Embedding::Lean if adding => self.lean_invitation_json(id),
            _ => self.invitation_json(id),
        };
        self.tell(app, event);
    }

    /// What it goes through while it rings.
    pub(crate) fn step(&mut self, id: InvitationId, state: Word) {
        if let Some(invitation) = self.invitations.get_mut(&id).filter(|i| i.is_pending()) {
            invitation.state = state;
            self.tell_invitation(id, EventType::Updated);
        }
    }

    pub(crate) fn succeed(&mut self, id: InvitationId, accepted_by: Option<Member>) {
        let status = self.switches.completed_status.then_some("Success".into());
        let end = End { status, reason: None, outcome: Outcome::Accepted };
        if let Some(invitation) = self.invitations.get_mut(&id).filter(|i| i.is_pending()) {
            invitation.accepted_by = accepted_by;
        }
        self.end_invitation(id, "Connected".into(), end);
    }

    pub(crate) fn fail(&mut self, id: InvitationId, reason: Reason, outcome: Outcome) {
        let cancelled = self.switches.cancelled_state == CancelledState::Cancelled;
        let declined = self.switches.declined_state == DeclinedState::Declined;
        let state = match outcome {
            Outcome::Cancelled if cancelled => "Cancelled",
            Outcome::Declined if declined => "Declined",
            _ => "Failed",
        };
        let status = self.switches.completed_status.then_some("Failure".into());
        self.end_invitation(id, state.into(), End { status, reason: Some(reason), outcome });
    }

    /// Ends an invitation word for word.
    pub(crate) fn end_as(&mut self, id: InvitationId, end: &ScriptedEnd) {
        let reason = Reason {
            code: end.code.clone().into(),
            subcode: end.subcode.clone().into(),
            message: end.message.clone().map(Into::into),
        };
        let status = end.status.clone().map(Into::into);
        let done = End { status, reason: Some(reason), outcome: end.outcome };
        self.end_invitation(id, end.state.clone().into(), done);
    }

    fn end_invitation(&mut self, id: InvitationId, state: Word, end: End) {
        let Some(invitation) = self.invitations.get_mut(&id).filter(|i| i.is_pending()) else {
            return;
        };
        invitation.state = state;
        invitation.end = Some(end);
        invitation.offered = false;
        self.tell_invitation(id, EventType::Completed);
    }

    /// The conversation ends: what it still had open is cancelled.
    pub(crate) fn end_invitations(&mut self, conversation: ConversationId) {
        let open = |i: &Invitation| i.conversation == conversation && i.is_pending();
        let open: Vec<_> =
            self.invitations.iter().filter(|(_, i)| open(i)).map(|(id, i)| (*id, i.call)).collect();
        if !open.is_empty() && self.lacks(Effect::LeavingCancels) {
            return;
        }
        for (id, call) in open {
            let incoming = self.pending(id).is_some_and(|invitation| invitation.incoming);
            self.fail(id, reasons::CANCELED, Outcome::Cancelled);
            if incoming {
                self.one_less(call);
            } else {
                self.take_back(call, &reasons::CANCELED.with_code("RemoteFailure"), Outcome::Cancelled);
            }
        }
    }

    /// The inviter no longer asks: all that ring learn why.
    pub(crate) fn take_back(&mut self, call: u64, reason: &Reason, outcome: Outcome) {
        let ringing = self.ringing(call);
        if ringing.is_empty() || self.lacks(Effect::Withdrawal) {
            return;
        }
        for id in ringing {
            self.withdraw(id, reason.clone(), outcome);
        }
    }

    /// Somebody who was asked went away or said no: when nothing rings any more, the inviter is told so.
    pub(crate) fn one_less(&mut self, call: u64) {
        if !self.ringing(call).is_empty() {
            return;
        }
        if let Some(id) = self.calling(call)
            && !self.lacks(Effect::Decline)
        {
            self.finish(id, reasons::DECLINED, Outcome::Declined);
        }
    }

    /// An incoming invitation is over for its application: nobody wants it any more, or somebody else took it.
    pub(crate) fn withdraw(&mut self, id: InvitationId, reason: Reason, outcome: Outcome) {
        let Some(invitation) = self.pending(id) else {
            return;
        };
        let conversation = invitation.conversation;
        self.close_offer(id);
        self.fail(id, reason, outcome);
        self.hang_up(conversation);
    }

    /// The end of a conversation that never came about; nobody else is concerned.
    fn hang_up(&mut self, conversation: ConversationId) {
        let Some((room, own)) = self.live(conversation).map(|c| (c.room, c.member)) else {
            return;
        };
        self.end_conversation(conversation, None);
        self.depart(room, own);
    }

    /// One application of a user has answered: the others stop ringing.
    pub(crate) fn answered(&mut self, call: u64, by: InvitationId) {
        let others: Vec<_> = self.ringing(call).into_iter().filter(|id| *id != by).collect();
        if others.is_empty() || self.lacks(Effect::ConnectedElsewhere) {
            return;
        }
        for id in others {
            self.withdraw(id, reasons::ELSEWHERE, Outcome::Elsewhere);
        }
    }

    /// decline: at this endpoint alone, or at all of them.
    pub(crate) fn decline(&mut self, id: InvitationId, everywhere: bool) {
        let Some(call) = self.pending(id).map(|invitation| invitation.call) else {
            return;
        };
        let all = if everywhere { self.ringing(call) } else { vec![id] };
        for id in all {
            self.withdraw(id, reasons::DECLINED.with_code("LocalFailure"), Outcome::Declined);
        }
        self.one_less(call);
    }

    /// Takes accept and decline away: the `updated` that any way of ending an incoming invitation has.
    pub(crate) fn close_offer(&mut self, id: InvitationId) {
        if let Some(invitation) = self.invitations.get_mut(&id).filter(|i| i.offered && i.is_pending()) {
            invitation.offered = false;
            self.tell_invitation(id, EventType::Updated);
        }
    }
}
