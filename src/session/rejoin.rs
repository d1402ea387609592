//! Joins the meetings again in which the user was when the application was lost (PROTOCOL 8.3).

use std::sync::Arc;
use std::time::Duration;

use super::core::{Core, Job};
use super::invite::{address, not_offered};
use super::{new_id, payload};
use crate::http::{Call, Payload};
use crate::model::{ConversationId, Input, InvitationId, InvitationKind, Inviting};
use crate::wire::{MeetingRequest, Rel, Target};
use crate::{Error, ErrorKind};

const WHAT: &str = "join a meeting again";

/// Begins to join all of them.
pub(super) fn all(core: &Arc<Core>) {
    let meetings = core.world().to_join_again();
    for (conversation, uri) in meetings {
        let job: Job = Box::pin(core.for_this_application(join(core.clone(), conversation, uri)));
        // Nobody receives once the session ends.
        let _ = core.jobs.send(job);
    }
}

/// Joins one. How it went comes with the invitation's outcome; one that cannot be joined ends.
async fn join(core: Arc<Core>, conversation: ConversationId, uri: String) {
    let operation_id = match new_id() {
        Ok(id) => id,
        Err(error) => return tracing::error!(target: "ucwa::session", %error, "{WHAT}"),
    };
    let inviting = Inviting {
        kind: InvitationKind::OnlineMeeting,
        conversation: Some(conversation),
        to: String::new(),
        subject: String::new(),
        on_behalf_of: String::new(),
        meeting_uri: uri.clone(),
        operation_id: operation_id.clone(),
    };
    let invitation = core.world().invite(core.now(), inviting);
    if let Err(error) = ask(&core, invitation, uri, operation_id).await {
        tracing::warn!(target: "ucwa::session", %error, conversation = conversation.get(), "{WHAT}");
        core.apply(Input::Refused { invitation, reason: error.reason().cloned() });
    }
}

/// Asks until the server takes it, or will not.
async fn ask(core: &Core, invitation: InvitationId, uri: String, operation_id: String) -> Result<(), Error> {
    let rel = Rel::JoinOnlineMeeting;
    let target = core.application().and_then(|application| application.communication(&rel));
    let url = address(WHAT, &target.ok_or_else(|| not_offered(WHAT, &rel))?)?;
    let body = request(uri, operation_id)?;
    let mut tries = 0;
    loop {
        tries += 1;
        let error = match core.send(Call::post(url.clone(), Some(body.clone()))).await {
            Ok(answer) => {
                let base = Arc::new(answer.url);
                let location = answer.location.map(|href| Target::new(href, base));
                core.apply(Input::Answered { invitation, location });
                let limit = core.config.operation_timeout;
                return if heard_of(core, invitation, limit).await { Ok(()) } else { Err(silence()) };
            }
            // It may have worked all the same: then its events tell (PROTOCOL 10.7).
            Err(error) if error.may_have_worked() => {
                if heard_of(core, invitation, core.config.answer_grace).await {
                    return Ok(());
                }
                error
            }
            Err(error) if error.is_retryable() => error,
            Err(error) => return Err(error),
        };
        if tries > core.config.event_attempts {
            return Err(error);
        }
        let pause = error.retry_after().unwrap_or_else(|| core.http.pause(tries));
        tracing::warn!(target: "ucwa::session", %error, tries, ?pause, "{WHAT}");
        tokio::time::sleep(pause.min(core.config.operation_timeout)).await;
    }
}

fn request(uri: String, operation_id: String) -> Result<Payload, Error> {
    let request = MeetingRequest {
        operation_id,
        importance: None,
        subject: None,
        thread_id: None,
        online_meeting_uri: Some(uri),
        anonymous_display_name: None,
    };
    payload(WHAT, &request)
}

/// Whether an event of the invitation comes within this time.
async fn heard_of(core: &Core, invitation: InvitationId, limit: Duration) -> bool {
    let mut applied = core.applied.subscribe();
    let is_known = || {
        let known = core.world().invitation(invitation);
        known.is_some_and(|known| known.state.is_some() || known.outcome.is_some())
    };
    let heard = async {
        while !is_known() {
            if applied.changed().await.is_err() {
                return;
            }
        }
    };
    tokio::time::timeout(limit, heard).await.is_ok() && is_known()
}

fn silence() -> Error {
    Error::new(ErrorKind::Timeout, WHAT, "the server took it and said no more within operation.timeout_s")
}
