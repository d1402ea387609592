//! What a host does in meetings: start, join, invite, act on people, leave (PROTOCOL 7.2, 7.8, 8.3, 8.6).

use std::sync::Arc;

use super::cancel::{send_unless_cancelled, take_back};
use super::core::Core;
use super::operations::{About, Cancelled};
use super::recovery::speaks_of_the_end;
use super::{Session, new_id, payload};
use crate::http::{Call, Payload};
use crate::model::{
    AudienceAction, Capability, ConversationId, Input, InvitationId, InvitationKind, Inviting, OperationId,
    ParticipantId,
};
use crate::wire::{
    AddParticipantRequest, Importance, MeetingRequest, MessageLink, Modality, Rel, StartMessagingRequest,
    Target,
};
use crate::{Error, ErrorKind};

/// Longest operationId in characters (PROTOCOL 7.2).
const OPERATION_ID_LIMIT: usize = 50;
/// Longest subject and onBehalfOf in characters (PROTOCOL 7.2).
const TEXT_LIMIT: usize = 250;

/// How a meeting is started or joined. All is optional.
#[derive(Debug, Clone, Default)]
pub struct Meeting {
    /// At most 250 characters.
    pub subject: Option<String>,
    /// How urgent it is.
    pub importance: Option<Importance>,
}

/// How somebody is called. All is optional.
#[derive(Debug, Clone, Default)]
pub struct StartConversation {
    /// At most 250 characters.
    pub subject: Option<String>,
    /// How urgent it is.
    pub importance: Option<Importance>,
    /// The first message, plain text.
    pub message: Option<String>,
}

/// How somebody is invited. All is optional.
#[derive(Debug, Clone, Default)]
pub struct AddParticipant {
    /// Ties the request to its events; made by the engine when absent. At most 50 characters, never used before.
    pub operation_id: Option<String>,
    /// At most 250 characters.
    pub subject: Option<String>,
    /// The name that the invited person is shown. At most 250 characters.
    pub on_behalf_of: Option<String>,
    /// The modalities to send along.
    pub modalities: Vec<Modality>,
}

impl Session {
    /// Starts an online meeting of one's own (startOnlineMeeting). Ends with the conversation's id when the user is in
    /// it.
    pub fn start_meeting(&self, meeting: &Meeting) -> Result<OperationId, Error> {
        self.enter_meeting("start a meeting", &Rel::StartOnlineMeeting, None, meeting)
    }

    /// Joins an online meeting by its conference URI (joinOnlineMeeting). Ends with the conversation's id when the
    /// user is in it; waiting in the lobby counts as not yet.
    pub fn join_meeting(&self, meeting_uri: &str, meeting: &Meeting) -> Result<OperationId, Error> {
        let what = "join a meeting";
        let uri = required(what, "the meeting's URI", meeting_uri)?;
        self.enter_meeting(what, &Rel::JoinOnlineMeeting, Some(uri), meeting)
    }

    fn enter_meeting(
        &self,
        what: &'static str,
        rel: &Rel,
        meeting_uri: Option<String>,
        meeting: &Meeting,
    ) -> Result<OperationId, Error> {
        let core = &self.core;
        let subject = limited(what, "the subject", meeting.subject.as_deref(), TEXT_LIMIT)?;
        let target = core.online(what)?.communication(rel).ok_or_else(|| not_offered(what, rel))?;
        let operation_id = new_id()?;
        let request = MeetingRequest {
            operation_id: operation_id.clone(),
            importance: meeting.importance.clone(),
            subject: subject.clone(),
            thread_id: None,
            online_meeting_uri: meeting_uri.clone(),
            anonymous_display_name: None,
        };
        let body = payload(what, &request)?;
        let inviting = Inviting {
            kind: InvitationKind::OnlineMeeting,
            conversation: None,
            to: String::new(),
            subject: subject.unwrap_or_default(),
            on_behalf_of: String::new(),
            meeting_uri: meeting_uri.unwrap_or_default(),
            operation_id,
        };
        self.enter(what, target, body, inviting)
    }

    /// Calls somebody by instant messaging (startMessaging): a conversation of two. Ends with the conversation's id when
    /// it was accepted; declined, unanswered and the like are the operation's error. Adding a participant to it makes it
    /// a meeting.
    pub fn start_conversation(&self, to: &str, options: &StartConversation) -> Result<OperationId, Error> {
        let what = "start a conversation";
        let to = required(what, "the address", to)?;
        let subject = limited(what, "the subject", options.subject.as_deref(), TEXT_LIMIT)?;
        let rel = Rel::StartMessaging;
        let target = self.core.online(what)?.communication(&rel).ok_or_else(|| not_offered(what, &rel))?;
        let operation_id = new_id()?;
        let message = options.message.as_deref().filter(|message| !message.is_empty());
        let request = StartMessagingRequest {
            operation_id: operation_id.clone(),
            to: to.clone(),
            importance: options.importance.clone(),
            subject: subject.clone(),
            thread_id: None,
            message: message.map(MessageLink::plain),
        };
        let body = payload(what, &request)?;
        let inviting = Inviting {
            kind: InvitationKind::Messaging,
            conversation: None,
            to,
            subject: subject.unwrap_or_default(),
            on_behalf_of: String::new(),
            meeting_uri: String::new(),
            operation_id,
        };
        self.enter(what, target, body, inviting)
    }

    /// A POST whose invitation tells how it went.
    fn enter(
        &self,
        what: &'static str,
        target: Target,
        body: Payload,
        inviting: Inviting,
    ) -> Result<OperationId, Error> {
        let core = &self.core;
        let invitation = core.world().invite(core.now(), inviting);
        let post = Post { core: core.clone(), what, target, body, invitation };
        let begun = core.run(what, |operation, cancelled| {
            core.join_ends_with(invitation, operation, what);
            let undone = take_back(core.clone(), invitation, cancelled.clone());
            let work = async move {
                let core = post.core.clone();
                match post.send(cancelled).await {
                    // How it went comes with the invitation's outcome.
                    Sent::Taken | Sent::Unknown(_) | Sent::Never => {}
                    Sent::Refused(error) => core.operations.end(operation, Err(error)),
                }
            };
            async { ((), ()) = tokio::join!(work, undone) }
        });
        begun.inspect_err(|_| core.withdraw(invitation))
    }

    /// Invites somebody into a conversation (addParticipant). The invitation's id is known at once; the operation ends
    /// when the server has taken the request, the invitation when it has its outcome.
    pub fn add_participant(
        &self,
        conversation: ConversationId,
        to: &str,
        options: &AddParticipant,
    ) -> Result<(InvitationId, OperationId), Error> {
        let what = "add a participant";
        let core = &self.core;
        let to = required(what, "the address", to)?;
        let subject = limited(what, "the subject", options.subject.as_deref(), TEXT_LIMIT)?;
        let on_behalf_of = limited(what, "onBehalfOf", options.on_behalf_of.as_deref(), TEXT_LIMIT)?;
        let given_id = limited(what, "the operationId", options.operation_id.as_deref(), OPERATION_ID_LIMIT)?;
        core.online(what)?;
        let target = self.conversation_link(what, conversation, &Rel::AddParticipant)?;
        let operation_id = given_id.map_or_else(new_id, Ok)?;
        let request = AddParticipantRequest {
            operation_id: operation_id.clone(),
            to: to.clone(),
            subject: subject.clone(),
            on_behalf_of: on_behalf_of.clone(),
            modalities: options.modalities.clone(),
        };
        let body = payload(what, &request)?;
        let invitation = core.world().invite(
            core.now(),
            Inviting {
                kind: InvitationKind::Participant,
                conversation: Some(conversation),
                to,
                subject: subject.unwrap_or_default(),
                on_behalf_of: on_behalf_of.unwrap_or_default(),
                meeting_uri: String::new(),
                operation_id,
            },
        );
        let post = Post { core: core.clone(), what, target, body, invitation };
        let begun = core.run(what, |operation, cancelled| {
            core.operations.is_about(operation, About::Inside(conversation));
            let undone = take_back(core.clone(), invitation, cancelled.clone());
            let work = async move {
                let core = post.core.clone();
                let result = match post.send(cancelled).await {
                    Sent::Taken => Ok(invitation.get()),
                    Sent::Unknown(error) | Sent::Refused(error) => Err(error),
                    Sent::Never => return,
                };
                core.operations.end(operation, result);
            };
            async { ((), ()) = tokio::join!(work, undone) }
        });
        Ok((invitation, begun.inspect_err(|_| core.withdraw(invitation))?))
    }

    /// Admits, rejects, ejects, promotes, demotes, mutes or unmutes somebody; allowed while the entry's `can` says so.
    pub fn act_on_participant(
        &self,
        conversation: ConversationId,
        participant: ParticipantId,
        capability: Capability,
    ) -> Result<OperationId, Error> {
        let what = "act on a participant";
        self.core.online(what)?;
        self.conversation_target(what, conversation)?;
        let target = {
            let world = self.core.world();
            let roster = world.roster(conversation).ok_or_else(|| unknown(what, conversation))?;
            if roster.get(participant).is_none() {
                let came = format!(
                    "there is no participant {participant} in conversation {conversation} (any more)"
                );
                return Err(Error::new(ErrorKind::NotFound, what, came));
            }
            world
                .participant_capability(conversation, participant, capability)
                .ok_or_else(|| not_offered(what, &Rel::from_word(capability.as_str())))?
        };
        self.act(what, Call::post(address(what, &target)?, None), participant.get())
    }

    /// Mutes the audience, unlocks it, lets it write or not; allowed while the conversation's `can` says so. What comes of
    /// it is told as a change of the conversation.
    pub fn act_on_audience(
        &self,
        conversation: ConversationId,
        action: AudienceAction,
    ) -> Result<OperationId, Error> {
        let what = "act on the audience";
        self.core.online(what)?;
        let target = self.conversation_link(what, conversation, &Rel::from_word(action.as_str()))?;
        self.act(what, Call::post(address(what, &target)?, None), conversation.get())
    }

    /// Leaves a conversation; the others stay. Its last events follow.
    pub fn leave(&self, conversation: ConversationId) -> Result<OperationId, Error> {
        let what = "leave a conversation";
        let core = self.core.clone();
        core.online(what)?;
        let target = self.conversation_target(what, conversation)?;
        let call = Call::delete(address(what, &target)?);
        self.core.run(what, |operation, cancelled| {
            core.operations.is_about(operation, About::Leaving(conversation));
            core.world().want(conversation, false);
            async move {
                let Some(sent) = send_unless_cancelled(&core, call, cancelled).await else {
                    return core.world().want(conversation, true);
                };
                let stays = |error: &Error| !error.may_have_worked() && !speaks_of_the_end(error);
                if sent.as_ref().is_err_and(stays) {
                    core.world().want(conversation, true);
                }
                core.operations.end(operation, sent.map(|_| conversation.get()));
            }
        })
    }

    /// Where a conversation is now.
    fn conversation_target(&self, what: &str, id: ConversationId) -> Result<Target, Error> {
        let world = self.core.world();
        match (world.conversation_target(id), world.conversation(id)) {
            (Some(target), _) => Ok(target),
            (None, None) => Err(unknown(what, id)),
            (None, Some(_)) => {
                let came = format!("conversation {id} is being joined again after the application was lost");
                let error = Error::new(ErrorKind::WrongState, what, came).retryable(None);
                Err(error.advise("call again when the conversation has a state"))
            }
        }
    }

    fn conversation_link(&self, what: &str, id: ConversationId, rel: &Rel) -> Result<Target, Error> {
        self.conversation_target(what, id)?;
        let world = self.core.world();
        world.conversation_capability(id, rel).ok_or_else(|| not_offered(what, rel))
    }

    /// One request whose answer is the whole result.
    pub(super) fn act(&self, what: &'static str, call: Call, result: u64) -> Result<OperationId, Error> {
        let core = self.core.clone();
        self.core.run(what, |operation, cancelled| async move {
            if let Some(sent) = send_unless_cancelled(&core, call, cancelled).await {
                core.operations.end(operation, sent.map(|_| result));
            }
        })
    }
}

/// A POST that makes an invitation.
struct Post {
    core: Arc<Core>,
    what: &'static str,
    target: Target,
    body: Payload,
    invitation: InvitationId,
}

/// What became of a POST.
enum Sent {
    /// The server took it.
    Taken,
    /// No answer: it may have worked, and events will tell.
    Unknown(Error),
    /// It did not work.
    Refused(Error),
    /// It was cancelled before it left.
    Never,
}

impl Post {
    /// Sends it and tells the model what came of it.
    async fn send(self, cancelled: Cancelled) -> Sent {
        let Post { core, what, target, body, invitation } = self;
        let sent = match address(what, &target) {
            Ok(url) => send_unless_cancelled(&core, Call::post(url, Some(body)), cancelled).await,
            Err(error) => Some(Err(error)),
        };
        let Some(sent) = sent else {
            core.forget_joining(invitation);
            core.apply(Input::Cancelled { invitation });
            return Sent::Never;
        };
        match sent {
            Ok(answer) => {
                let base = Arc::new(answer.url);
                let location = answer.location.map(|href| Target::new(href, base));
                core.apply(Input::Answered { invitation, location });
                Sent::Taken
            }
            Err(error) if error.may_have_worked() => {
                let deadline = core.now() + core.config.answer_grace;
                core.apply(Input::Unanswered { invitation, deadline });
                Sent::Unknown(error)
            }
            Err(error) => {
                // The host hears the exact error of the request, not that of the invitation that never was.
                core.forget_joining(invitation);
                core.apply(Input::Refused { invitation, reason: error.reason().cloned() });
                Sent::Refused(error)
            }
        }
    }
}

pub(super) fn address(what: &str, target: &Target) -> Result<url::Url, Error> {
    target.url().map_err(|error| Error::new(ErrorKind::Protocol, what, error.to_string()))
}

fn required(what: &str, field: &str, value: &str) -> Result<String, Error> {
    match value.trim() {
        "" => Err(Error::new(ErrorKind::InvalidArgument, what, format!("{field} is empty"))),
        value => Ok(value.to_owned()),
    }
}

/// Checks a length in characters, not bytes.
fn limited(what: &str, field: &str, value: Option<&str>, limit: usize) -> Result<Option<String>, Error> {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let length = value.chars().count();
    if length > limit {
        let came = format!("{field} has {length} characters; at most {limit} are allowed");
        return Err(Error::new(ErrorKind::InvalidArgument, what, came));
    }
    Ok(Some(value.to_owned()))
}

fn unknown(what: &str, conversation: ConversationId) -> Error {
    Error::new(ErrorKind::NotFound, what, format!("there is no conversation {conversation}"))
        .advise("it may have ended; its last event said so")
}

pub(super) fn not_offered(what: &str, rel: &Rel) -> Error {
    Error::new(ErrorKind::NotAllowed, what, format!("the server offers no `{rel}` link now"))
        .advise("wait for an update that allows it, or ask for the right to do it")
}
