//! Invitations: operations that start, may change, and end once.

use super::conversation::Wish;
use super::event::{Event, EventType, Link, Reason};
use super::ids::{AppId, ConversationId, InvitationId};
use super::reasons;
use super::room::Member;
use super::world::World;
use crate::resources::href;
use crate::switches::CancelledState;
use crate::truth::Outcome;

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
    pub(crate) state: &'static str,
    /// An incoming one can be accepted or declined.
    pub(crate) offered: bool,
    pub(crate) online_meeting_uri: Option<String>,
    /// Participant that accepted, by key, as he was then.
    pub(crate) accepted_by: Option<Member>,
    pub(crate) end: Option<End>,
    /// The same invitation at the other end, when that is an application too.
    pub(crate) peer: Option<InvitationId>,
}

/// How an invitation ended.
#[derive(Debug, Clone)]
pub(crate) struct End {
    pub(crate) status: &'static str,
    pub(crate) reason: Option<Reason>,
    pub(crate) outcome: Outcome,
}

impl Invitation {
    pub(crate) fn is_pending(&self) -> bool {
        self.end.is_none()
    }
}

impl World {
    pub(crate) fn new_invitation(&mut self, invitation: Invitation) -> InvitationId {
        let id = InvitationId(self.number());
        self.invitations.insert(id, invitation);
        id
    }

    pub(crate) fn pending(&self, id: InvitationId) -> Option<&Invitation> {
        self.invitations.get(&id).filter(|invitation| invitation.is_pending())
    }

    pub(crate) fn tell_invitation(&mut self, id: InvitationId, kind: EventType) {
        let Some(invitation) = self.invitations.get(&id) else {
            return;
        };
        let rel = invitation.kind.rel();
        let app = invitation.app;
        let mut event = Event::of_communication(app, kind, Link::new(rel, href::invitation(app, rel, id)));
        if let Some(end) = invitation.end.as_ref().filter(|_| kind == EventType::Completed) {
            event = event.ended(end.status, end.reason.clone());
        }
        if let Some(body) = self.invitation_json(id) {
            event = event.embed(body);
        }
        self.tell(app, event);
    }

    pub(crate) fn succeed(&mut self, id: InvitationId, accepted_by: Option<Member>) {
        let Some(invitation) = self.invitations.get_mut(&id).filter(|i| i.is_pending()) else {
            return;
        };
        invitation.state = "Connected";
        invitation.accepted_by = accepted_by;
        invitation.end = Some(End { status: "Success", reason: None, outcome: Outcome::Accepted });
        self.tell_invitation(id, EventType::Completed);
    }

    pub(crate) fn fail(&mut self, id: InvitationId, reason: Reason, outcome: Outcome) {
        let cancelled = match self.switches.cancelled_state {
            CancelledState::Cancelled => "Cancelled",
            CancelledState::Failed => "Failed",
        };
        let Some(invitation) = self.invitations.get_mut(&id).filter(|i| i.is_pending()) else {
            return;
        };
        invitation.state = if outcome == Outcome::Cancelled { cancelled } else { "Failed" };
        invitation.end = Some(End { status: "Failure", reason: Some(reason), outcome });
        self.tell_invitation(id, EventType::Completed);
    }

    /// The conversation ends: what it still had open is cancelled.
    pub(crate) fn end_invitations(&mut self, conversation: ConversationId) {
        let open = |i: &Invitation| i.conversation == conversation && i.is_pending();
        let open: Vec<_> = self.invitations.iter().filter(|(_, i)| open(i)).map(|(id, _)| *id).collect();
        for id in open {
            let peer = self.invitations.get(&id).and_then(|invitation| invitation.peer);
            self.fail(id, reasons::CANCELED, Outcome::Cancelled);
            if let Some(peer) = peer {
                self.end_peer(peer);
            }
        }
    }

    /// One end of an invitation between two applications is over: so is the other. Whoever was asked and went away
    /// has declined; whoever asked and went away no longer asks.
    pub(crate) fn end_peer(&mut self, id: InvitationId) {
        match self.pending(id).map(|invitation| invitation.incoming) {
            Some(true) => self.withdraw(id),
            Some(false) => self.finish(id, reasons::DECLINED, Outcome::Declined),
            None => {}
        }
    }

    /// An incoming invitation is gone because its sender no longer wants it or nobody took it.
    pub(crate) fn withdraw(&mut self, id: InvitationId) {
        let Some(invitation) = self.pending(id) else {
            return;
        };
        let conversation = invitation.conversation;
        self.close_offer(id);
        self.fail(id, Reason { code: "RemoteFailure", ..reasons::CANCELED }, Outcome::Cancelled);
        self.leave(conversation, None);
    }

    /// Takes accept and decline away: the `updated` that any way of ending an incoming invitation has.
    pub(crate) fn close_offer(&mut self, id: InvitationId) {
        if let Some(invitation) = self.invitations.get_mut(&id).filter(|i| i.offered && i.is_pending()) {
            invitation.offered = false;
            self.tell_invitation(id, EventType::Updated);
        }
    }
}
