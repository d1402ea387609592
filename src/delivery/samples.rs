//! Events to test with.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use super::{CredentialKind, CredentialsNeeded, Event, EventBody, OperationDone, SessionState, StateChange};
use crate::model::{
    Changed, Conversation, ConversationChange, ConversationId, Invitation, InvitationChange, InvitationId,
    InvitationKind, OperationId, Participant, ParticipantChange, ParticipantId, Phase,
};

pub(super) fn event(session: u64, seq: u64, body: EventBody) -> Arc<Event> {
    Arc::new(Event { seq, unix_ms: 1_795_290_000_000 + seq as i64, session, tag: 0, body })
}

pub(super) fn participant(id: u64) -> Participant {
    Participant::new(ParticipantId::new(id).unwrap())
}

pub(super) fn delta(conversation: u64, revision: u64) -> EventBody {
    EventBody::Participant(ParticipantChange {
        phase: Phase::Added,
        conversation: ConversationId::new(conversation).unwrap(),
        revision,
        changed: Changed::default(),
        participant: Arc::new(participant(revision)),
    })
}

pub(super) fn conversation(id: u64) -> Conversation {
    Conversation::new(ConversationId::new(id).unwrap())
}

pub(super) fn conversation_added(id: u64) -> EventBody {
    EventBody::Conversation(ConversationChange {
        phase: Phase::Added,
        conversation: Arc::new(conversation(id)),
    })
}

pub(super) fn invitation(id: u64) -> Invitation {
    Invitation::new(InvitationId::new(id).unwrap(), InvitationKind::Participant)
}

/// `subject` tells one version of the invitation from another.
pub(super) fn invitation_change(id: u64, phase: Phase, subject: &str) -> EventBody {
    EventBody::Invitation(InvitationChange {
        phase,
        invitation: Arc::new(Invitation { subject: subject.to_owned(), ..invitation(id) }),
    })
}

pub(super) fn state(old: SessionState, new: SessionState, attempt: u32) -> EventBody {
    EventBody::State(StateChange { old, new, reason: None, attempt, retry_in: None })
}

pub(super) fn operation_done(operation: u64) -> EventBody {
    EventBody::OperationDone(OperationDone { operation: OperationId::new(operation).unwrap(), result: Ok(0) })
}

pub(super) fn credentials_needed(request_id: u64) -> EventBody {
    EventBody::CredentialsNeeded(CredentialsNeeded {
        request_id,
        kind: CredentialKind::Password,
        attempt: 1,
        resource: "https://pool.contoso.com".to_owned(),
        authority: String::new(),
        client_id: String::new(),
    })
}

/// An event in short, with all that the queue decides about.
pub(super) fn short(event: &Event) -> String {
    let what = match &event.body {
        EventBody::OperationDone(done) => format!("operation {}", done.operation),
        EventBody::State(change) => {
            let (old, new) = (change.old.as_str(), change.new.as_str());
            format!("state {old}-{new} {}", change.attempt)
        }
        EventBody::CredentialsNeeded(asked) => format!("credentials {}", asked.request_id),
        EventBody::Overflow(overflow) => format!("overflow {}@{}", overflow.conversation, overflow.revision),
        EventBody::Invitation(change) => {
            let invitation = &change.invitation;
            format!("invitation {} {} {}", invitation.id, change.phase.as_str(), invitation.subject)
        }
        EventBody::Conversation(change) => format!("conversation {}", change.conversation.id),
        EventBody::Participant(change) => format!("delta {}@{}", change.conversation, change.revision),
    };
    format!("{}.{} {what}", event.session, event.seq)
}

/// Runs `work` on a thread of its own and waits for it, so that a deadlock fails instead of hanging.
#[track_caller]
pub(super) fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    let Ok(result) = receiver.recv_timeout(Duration::from_secs(60)) else {
        panic!("it did not come to an end, or it panicked");
    };
    result
}
