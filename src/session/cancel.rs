//! Cancelling an operation: it ends at once, and what it began is taken back as far as the server lets.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use super::Session;
use super::core::Core;
use super::invite::address;
use super::operations::{Cancelled, Task};
use crate::Error;
use crate::http::{Answer, Call};
use crate::model::{InvitationId, InvitationKind, OperationId};
use crate::wire::{self, Rel, Target};

impl Session {
    /// Ends an operation with [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled), at once, and takes back what it
    /// began. One that has ended stays as it ended, which is no error: its result tells which came first.
    ///
    /// - A request that has not left is not sent; one that has left is not waited for.
    /// - Starting or joining a meeting, or a conversation: it is left as soon as there is one, or the invitation cancelled.
    /// - Inviting somebody: the invitation is cancelled as soon as the server offers the `cancel` link, and ends as the
    ///   server says; [`Outcome::Cancelled`](crate::model::Outcome::Cancelled) at once when the request had not left.
    /// - Opening the session: the session closes, as by [`Session::close`].
    /// - Accepting, declining or cancelling an invitation, making the user available, acting on a participant, leaving: a
    ///   request that has left takes its effect.
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound): there was never such an operation.
    /// [`ErrorKind::WrongState`](crate::ErrorKind::WrongState): it closes the session, which cannot be cancelled.
    pub fn cancel(&self, operation: OperationId) -> Result<(), Error> {
        if self.core.operations.cancel(operation)? == Some(Task::Open) {
            self.close();
        }
        Ok(())
    }
}

/// Sends a request. `None`: it was cancelled before it left, and will not leave.
pub(super) async fn send_unless_cancelled(
    core: &Core,
    call: Call,
    mut cancelled: Cancelled,
) -> Option<Result<Answer, Error>> {
    let departed = call.departed.clone();
    let mut sent = pin!(core.send(call));
    let mut told = pin!(cancelled.told());
    let mut is_cancelled = None;
    poll_fn(|cx| {
        if is_cancelled.is_none()
            && let Poll::Ready(told) = told.as_mut().poll(cx)
        {
            is_cancelled = Some(told);
        }
        let stays_here = || is_cancelled == Some(true) && !departed.is_set();
        if stays_here() {
            return Poll::Ready(None);
        }
        match sent.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            // It came back undone and would be sent again.
            Poll::Pending if stays_here() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// What can be done to take an invitation of ours back.
enum Way {
    /// Leave the conversation that it led to.
    Leave(Target),
    /// Its own link.
    Cancel(Target),
    /// Read it: its events need not show the link (PROTOCOL 7.2).
    Look(Target),
    /// Nothing yet.
    Later,
    /// It is over.
    Over,
}

/// Waits until the operation is cancelled, then takes back the invitation that it made. Ends when the operation has ended in
/// another way.
pub(super) async fn take_back(core: Arc<Core>, invitation: InvitationId, mut cancelled: Cancelled) {
    if !cancelled.told().await {
        return;
    }
    let mut applied = core.applied.subscribe();
    let (mut looked, mut asked) = (false, false);
    loop {
        match way_back(&core, invitation) {
            Way::Leave(target) => return ask(&core, &target, Call::delete).await,
            Way::Cancel(target) if !asked => {
                asked = true;
                ask(&core, &target, |url| Call::post(url, None)).await;
                continue;
            }
            Way::Look(target) if !looked && !asked => {
                looked = true;
                if let Some(target) = look(&core, &target).await {
                    asked = true;
                    ask(&core, &target, |url| Call::post(url, None)).await;
                }
                continue;
            }
            Way::Over => return,
            Way::Cancel(_) | Way::Look(_) | Way::Later => {}
        }
        if applied.changed().await.is_err() {
            return;
        }
    }
}

fn way_back(core: &Core, id: InvitationId) -> Way {
    let mut world = core.world();
    let Some(invitation) = world.invitation(id) else { return Way::Over };
    // Ids rise: a conversation that there was before belongs to another operation.
    let made = invitation.conversation.filter(|conversation| conversation.get() > id.get());
    if matches!(invitation.kind, InvitationKind::OnlineMeeting | InvitationKind::Messaging)
        && let Some(conversation) = made
        && let Some(target) = world.conversation_target(conversation)
    {
        world.want(conversation, false);
        return Way::Leave(target);
    }
    if let Some(target) = world.invitation_capability(id, &Rel::Cancel) {
        return Way::Cancel(target);
    }
    match world.invitation_target(id) {
        _ if invitation.outcome.is_some() => Way::Over,
        Some(target) => Way::Look(target),
        None => Way::Later,
    }
}

/// The `cancel` link in the resource itself.
async fn look(core: &Core, invitation: &Target) -> Option<Target> {
    let url = address(WHAT, invitation).ok()?;
    let answer = core.send(Call::get(url)).await;
    let answer =
        answer.inspect_err(|error| tracing::warn!(target: "ucwa::session", %error, "{WHAT}")).ok()?;
    let body = wire::invitation(answer.json().ok()?).ok()?;
    let link = body.links.get(&Rel::Cancel)?;
    Some(Target::new(link.href.clone(), Arc::new(answer.url.clone())))
}

/// Nobody waits for what comes of it: what it leads to comes as events.
async fn ask(core: &Core, target: &Target, call: fn(url::Url) -> Call) {
    let sent = match address(WHAT, target) {
        Ok(url) => core.send(call(url)).await.map(|_| ()),
        Err(error) => Err(error),
    };
    if let Err(error) = sent {
        tracing::warn!(target: "ucwa::session", %error, "what was cancelled may go on");
    }
}

const WHAT: &str = "take back what was cancelled";
