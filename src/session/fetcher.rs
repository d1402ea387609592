//! Fetches what the model wants, a few at a time. Events never wait for it.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::core::Core;
use crate::http::Call;
use crate::model::{Fetched, Input, Subject, Want};
use crate::wire;
use crate::{Error, ErrorKind};

/// Runs until nobody wants anything any more.
pub(super) async fn run(core: Arc<Core>, mut wants: mpsc::UnboundedReceiver<Want>) -> Error {
    let mut under_way: JoinSet<()> = JoinSet::new();
    loop {
        let has_room = under_way.len() < core.config.fetches_at_once;
        tokio::select! {
            Some(ended) = under_way.join_next() => {
                if let Err(panic) = ended {
                    return Error::new(ErrorKind::Internal, "fetch a resource", panic.to_string());
                }
            }
            want = wants.recv(), if has_room => match want {
                Some(want) => { under_way.spawn(core.for_this_application(fetch(core.clone(), want.subject))); }
                None => return Error::new(ErrorKind::Closed, "fetch a resource", "the session ended"),
            }
        }
    }
}

async fn fetch(core: Arc<Core>, subject: Subject) {
    let (target, lost) = {
        let mut world = core.world();
        (world.begin_fetch(&subject), *core.lost.borrow())
    };
    let Some(target) = target else { return };
    let body = match target.url() {
        Ok(url) => get(&core, &subject, url).await,
        Err(error) => Err(Error::new(ErrorKind::Protocol, "fetch a resource", error.to_string())),
    };
    match body {
        Ok((base, body)) => core.apply_of(lost, Input::Fetched { subject, base, body }),
        Err(error) => {
            tracing::warn!(target: "ucwa::session", %error, "a resource could not be fetched");
            core.apply_of(lost, Input::FetchFailed { subject, gone: is_gone(&error) });
        }
    }
}

/// Whether the server itself says that this one resource is not there. That the whole application is not shows on the
/// event channel (trap T-12).
fn is_gone(error: &Error) -> bool {
    let of_application = error.reason().is_some_and(|reason| reason.subcode == "ApplicationNotFound");
    matches!(error.http_status(), Some(404 | 410)) && error.kind() == ErrorKind::Server && !of_application
}

async fn get(core: &Core, subject: &Subject, url: url::Url) -> Result<(wire::Base, Fetched), Error> {
    let answer = core.send(Call::get(url)).await?;
    let bytes = answer.json()?;
    let body = parse(subject, bytes).map_err(|error| {
        Error::new(ErrorKind::Protocol, format!("GET {}", answer.url.path()), error.to_string())
    })?;
    Ok((Arc::new(answer.url), body))
}

fn parse(subject: &Subject, bytes: &[u8]) -> Result<Fetched, wire::WireError> {
    Ok(match subject {
        Subject::Conversations => Fetched::Conversations(Box::new(wire::plain(bytes)?)),
        Subject::Conversation(_) => Fetched::Conversation(Box::new(wire::conversation(bytes)?)),
        Subject::Meeting(_) => Fetched::Meeting(Box::new(wire::online_meeting(bytes)?)),
        Subject::Collection(..) => Fetched::Collection(Box::new(wire::collection(bytes)?)),
        Subject::Modality(..) => Fetched::Modality(Box::new(wire::participant_modality(bytes)?)),
        Subject::Participant(..) => Fetched::Participant(Box::new(wire::participant(bytes)?)),
        Subject::Invitation(_) | Subject::UnknownInvitation(_) => {
            Fetched::Invitation(Box::new(wire::invitation(bytes)?))
        }
    })
}
