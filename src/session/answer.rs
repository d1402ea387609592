//! What a host does with an invitation: accept, decline, cancel (PROTOCOL 6.5).

use std::sync::Arc;

use super::Session;
use super::cancel::send_unless_cancelled;
use super::core::Core;
use super::invite::{address, not_offered};
use super::operations::About;
use super::payload;
use crate::http::{Call, Payload};
use crate::model::{Input, InvitationId, OperationId, Outcome};
use crate::wire::{self, DeclineReason, Rel, Target};
use crate::{Error, ErrorKind};

impl Session {
    /// Accepts an incoming invitation, while the server offers it. Ends with the conversation's id when the user is in
    /// it; the invitation's outcome comes as an event. Calls by audio, video or phone are answered by a device that can:
    /// the server offers no `accept` for them, [`ErrorKind::NotAllowed`].
    pub fn accept_invitation(&self, invitation: InvitationId) -> Result<OperationId, Error> {
        let what = "accept an invitation";
        let answer = self.answer(what, invitation, Rel::Accept, None)?;
        let core = self.core.clone();
        self.core.run(what, |operation, cancelled| {
            core.join_ends_with(invitation, operation, what);
            core.operations.is_about(operation, About::Invitation);
            async move {
                let call = match answer.call(&core).await {
                    Ok(call) => send_unless_cancelled(&core, call, cancelled).await,
                    Err(error) => Some(Err(error)),
                };
                match call {
                    // How it went comes with the invitation's outcome.
                    Some(Ok(_)) => {}
                    Some(Err(error)) if error.may_have_worked() => {
                        tracing::warn!(target: "ucwa::session", %error, "it may be accepted; events will tell");
                    }
                    Some(Err(error)) => {
                        core.forget_operation(operation);
                        core.operations.end(operation, Err(error));
                    }
                    None => core.forget_operation(operation),
                }
            }
        })
    }

    /// Declines an incoming invitation, while the server offers it. Ends when the server has taken it; the invitation's
    /// outcome comes as an event.
    pub fn decline_invitation(
        &self,
        invitation: InvitationId,
        reason: DeclineReason,
    ) -> Result<OperationId, Error> {
        let what = "decline an invitation";
        let body = payload(what, &reason)?;
        let answer = self.answer(what, invitation, Rel::Decline, Some(body))?;
        self.give(answer, Outcome::Declined)
    }

    /// Takes back an invitation of one's own, while the server offers it. Its outcome still comes as an event.
    pub fn cancel_invitation(&self, invitation: InvitationId) -> Result<OperationId, Error> {
        let answer = self.answer("cancel an invitation", invitation, Rel::Cancel, None)?;
        self.give(answer, Outcome::Cancelled)
    }

    /// Ends an invitation so. What the server does not say of its end follows from its having taken this.
    fn give(&self, answer: Answer, outcome: Outcome) -> Result<OperationId, Error> {
        let core = self.core.clone();
        self.core.run(answer.what, |operation, cancelled| {
            core.operations.is_about(operation, About::Invitation);
            async move {
                let sent = match answer.call(&core).await {
                    Ok(call) => send_unless_cancelled(&core, call, cancelled).await,
                    Err(error) => Some(Err(error)),
                };
                let Some(sent) = sent else { return };
                if sent.is_ok() {
                    let deadline = core.now() + core.config.answer_grace;
                    core.apply(Input::Asked { invitation: answer.invitation, outcome, deadline });
                }
                core.operations.end(operation, sent.map(|_| answer.invitation.get()));
            }
        })
    }

    fn answer(
        &self,
        what: &'static str,
        invitation: InvitationId,
        rel: Rel,
        body: Option<Payload>,
    ) -> Result<Answer, Error> {
        self.core.online(what)?;
        let world = self.core.world();
        if world.invitation(invitation).is_none() {
            return Err(Error::new(
                ErrorKind::NotFound,
                what,
                format!("there is no invitation {invitation}"),
            ));
        }
        let link = world.invitation_capability(invitation, &rel).map(Way::Link);
        // Its event brought no more than its address: the link may be there.
        let unread = || world.unread_invitation(invitation).map(Way::Read);
        let way = link.or_else(unread).ok_or_else(|| not_offered(what, &rel))?;
        Ok(Answer { what, invitation, rel, body, way })
    }
}

/// What the user says to an invitation.
struct Answer {
    what: &'static str,
    invitation: InvitationId,
    rel: Rel,
    body: Option<Payload>,
    way: Way,
}

enum Way {
    /// Where to say it.
    Link(Target),
    /// The invitation, which says where.
    Read(Target),
}

impl Answer {
    async fn call(&self, core: &Core) -> Result<Call, Error> {
        let target = match &self.way {
            Way::Link(target) => target.clone(),
            Way::Read(target) => self.read(core, target).await?,
        };
        Ok(Call::post(address(self.what, &target)?, self.body.clone()))
    }

    async fn read(&self, core: &Core, invitation: &Target) -> Result<Target, Error> {
        let answer = core.send(Call::get(address(self.what, invitation)?)).await?;
        let body = wire::invitation(answer.json()?)
            .map_err(|error| Error::new(ErrorKind::Protocol, self.what, error.to_string()))?;
        let link = body.links.get(&self.rel).ok_or_else(|| not_offered(self.what, &self.rel))?;
        Ok(Target::new(link.href.clone(), Arc::new(answer.url)))
    }
}
