use std::time::Duration;

use pyo3::prelude::*;
use ucwa::delivery::EventBody;
use ucwa::model::{
    AudienceAction, Capability, ConversationChange, ConversationId, InvitationChange, InvitationId,
    OperationId, ParticipantId, Phase,
};
use ucwa::session::{self, AddParticipant, Availability, Config, Meeting, StartConversation};
use ucwa::wire::{DeclineReason, Importance, Modality, PreferredAvailability};
use ucwa::{Error, ErrorKind};

use super::error::{exception, raise, unknown};
use super::event::wrap;
use super::fork::Ours;
use super::roster::Roster;

/// The engine's session. What takes time gives the number of an operation, whose end an OperationDoneEvent tells.
#[pyclass(frozen, weakref, module = "ucwa._ucwa")]
pub(crate) struct Session(Ours<session::Session>);

impl Session {
    pub(crate) fn inner(&self) -> PyResult<&session::Session> {
        self.0.get()
    }

    fn event_of_now(&self, py: Python<'_>, body: EventBody) -> PyResult<Py<PyAny>> {
        wrap(py, self.inner()?.events().of_now(body))
    }
}

/// An operation's number, or the exception.
fn begun(operation: Result<OperationId, Error>) -> PyResult<u64> {
    operation.map(|id| id.get()).map_err(|error| raise(&error))
}

fn conversation_id(id: u64) -> PyResult<ConversationId> {
    ConversationId::new(id).ok_or_else(|| unknown("conversation", id))
}

fn invitation_id(id: u64) -> PyResult<InvitationId> {
    InvitationId::new(id).ok_or_else(|| unknown("invitation", id))
}

fn operation_id(id: u64) -> PyResult<OperationId> {
    OperationId::new(id).ok_or_else(|| unknown("operation", id))
}

fn invalid(tried: &str, came: String) -> PyErr {
    raise(&Error::new(ErrorKind::InvalidArgument, tried, came))
}

fn meeting(subject: Option<String>, importance: Option<&str>) -> Meeting {
    Meeting { subject, importance: importance.map(Importance::from_word) }
}

#[pymethods]
impl Session {
    #[new]
    #[pyo3(signature = (*, user = None, domain = None, root_url = None, password = None, root_certs = Vec::new(),
                        proxy = None, user_agent = None, settings = Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        user: Option<&str>,
        domain: Option<&str>,
        root_url: Option<&str>,
        password: Option<(String, String)>,
        root_certs: Vec<Vec<u8>>,
        proxy: Option<&str>,
        user_agent: Option<&str>,
        settings: Vec<(String, String)>,
    ) -> PyResult<Self> {
        let mut config = Config::new();
        let configure = || -> Result<(), Error> {
            if let Some(user) = user {
                config.user(user)?;
            }
            if let Some(domain) = domain {
                config.domain(domain)?;
            }
            if let Some(url) = root_url {
                config.root_url(url)?;
            }
            if let Some((user, password)) = password {
                config.password(&user, password)?;
            }
            for pem in &root_certs {
                config.add_root_certs_pem(pem)?;
            }
            if let Some(product) = user_agent {
                config.user_agent(product)?;
            }
            config.proxy(proxy)?;
            for (key, value) in &settings {
                config.set(key, value)?;
            }
            Ok(())
        };
        configure().map_err(|error| raise(&error))?;
        let session = session::Session::new(&config).map_err(|error| raise(&error))?;
        Ok(Session(Ours::new(session)))
    }

    /// The state now.
    #[getter]
    fn state(&self) -> PyResult<&'static str> {
        Ok(self.inner()?.state().as_str())
    }

    /// Why the session failed; None when it has not.
    #[getter]
    fn failure<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.inner()?.failure().map(|error| exception(py, &error)).transpose()
    }

    fn open(&self) -> PyResult<u64> {
        begun(self.inner()?.open())
    }

    fn close(&self) -> PyResult<u64> {
        Ok(self.inner()?.close().get())
    }

    fn cancel(&self, operation: u64) -> PyResult<()> {
        self.inner()?.cancel(operation_id(operation)?).map_err(|error| raise(&error))
    }

    /// None while the operation is under way; its result (0: nothing came of it) once it has ended; raises why it failed.
    fn result(&self, operation: u64) -> PyResult<Option<u64>> {
        match self.inner()?.result(operation_id(operation)?) {
            None => Ok(None),
            Some(result) => result.map(Some).map_err(|error| raise(&error)),
        }
    }

    #[pyo3(signature = (subject, importance))]
    fn start_meeting(&self, subject: Option<String>, importance: Option<&str>) -> PyResult<u64> {
        begun(self.inner()?.start_meeting(&meeting(subject, importance)))
    }

    #[pyo3(signature = (uri, subject, importance))]
    fn join_meeting(&self, uri: &str, subject: Option<String>, importance: Option<&str>) -> PyResult<u64> {
        begun(self.inner()?.join_meeting(uri, &meeting(subject, importance)))
    }

    /// The invitation's id and the operation's number.
    #[pyo3(signature = (conversation, to, operation_id, subject, on_behalf_of, modalities))]
    fn add_participant(
        &self,
        conversation: u64,
        to: &str,
        operation_id: Option<String>,
        subject: Option<String>,
        on_behalf_of: Option<String>,
        modalities: Vec<String>,
    ) -> PyResult<(u64, u64)> {
        let modalities = modalities.iter().map(|word| Modality::from_word(word)).collect();
        let options = AddParticipant { operation_id, subject, on_behalf_of, modalities };
        let begun = self.inner()?.add_participant(conversation_id(conversation)?, to, &options);
        begun
            .map(|(invitation, operation)| (invitation.get(), operation.get()))
            .map_err(|error| raise(&error))
    }

    #[pyo3(signature = (to, subject, importance, message))]
    fn start_conversation(
        &self,
        to: &str,
        subject: Option<String>,
        importance: Option<&str>,
        message: Option<String>,
    ) -> PyResult<u64> {
        let importance = importance.map(Importance::from_word);
        begun(self.inner()?.start_conversation(to, &StartConversation { subject, importance, message }))
    }

    #[pyo3(signature = (modalities, sign_in_as, phone_number))]
    fn make_available(
        &self,
        modalities: Vec<String>,
        sign_in_as: Option<&str>,
        phone_number: Option<String>,
    ) -> PyResult<u64> {
        begun(self.inner()?.make_available(&Availability {
            modalities: modalities.iter().map(|word| Modality::from_word(word)).collect(),
            sign_in_as: sign_in_as.map(PreferredAvailability::from_word),
            phone_number,
            ..Availability::default()
        }))
    }

    fn accept_invitation(&self, invitation: u64) -> PyResult<u64> {
        begun(self.inner()?.accept_invitation(invitation_id(invitation)?))
    }

    fn decline_invitation(&self, invitation: u64, reason: &str) -> PyResult<u64> {
        let reason = match reason {
            "Local" => DeclineReason::Local,
            "Global" => DeclineReason::Global,
            other => return Err(invalid("decline an invitation", format!("no reason {other}"))),
        };
        begun(self.inner()?.decline_invitation(invitation_id(invitation)?, reason))
    }

    fn cancel_invitation(&self, invitation: u64) -> PyResult<u64> {
        begun(self.inner()?.cancel_invitation(invitation_id(invitation)?))
    }

    fn act_on_participant(&self, conversation: u64, participant: u64, action: &str) -> PyResult<u64> {
        let wanted = Capability::ALL.into_iter().find(|known| known.as_str() == action);
        let action = wanted.ok_or_else(|| invalid("act on a participant", format!("no action {action}")))?;
        let participant =
            ParticipantId::new(participant).ok_or_else(|| unknown("participant", participant))?;
        begun(self.inner()?.act_on_participant(conversation_id(conversation)?, participant, action))
    }

    fn act_on_audience(&self, conversation: u64, action: &str) -> PyResult<u64> {
        let wanted = AudienceAction::ALL.into_iter().find(|known| known.as_str() == action);
        let action = wanted.ok_or_else(|| invalid("act on the audience", format!("no action {action}")))?;
        begun(self.inner()?.act_on_audience(conversation_id(conversation)?, action))
    }

    fn leave(&self, conversation: u64) -> PyResult<u64> {
        begun(self.inner()?.leave(conversation_id(conversation)?))
    }

    /// Ids of the conversations that the program was told of, oldest first.
    fn conversations(&self) -> PyResult<Vec<u64>> {
        Ok(self.inner()?.conversations().iter().map(|conversation| conversation.id.get()).collect())
    }

    /// A conversation as it is now: a ConversationEvent of now.
    fn conversation(&self, py: Python<'_>, id: u64) -> PyResult<Py<PyAny>> {
        let conversation =
            self.inner()?.conversation(conversation_id(id)?).ok_or_else(|| unknown("conversation", id))?;
        self.event_of_now(
            py,
            EventBody::Conversation(ConversationChange { phase: Phase::Updated, conversation }),
        )
    }

    /// An invitation as it is now: an InvitationEvent of now.
    fn invitation(&self, py: Python<'_>, id: u64) -> PyResult<Py<PyAny>> {
        let invitation =
            self.inner()?.invitation(invitation_id(id)?).ok_or_else(|| unknown("invitation", id))?;
        self.event_of_now(py, EventBody::Invitation(InvitationChange::of_now(invitation)))
    }

    fn roster(&self, conversation: u64) -> PyResult<Roster> {
        let roster = self.inner()?.roster(conversation_id(conversation)?);
        roster.map(Roster::new).ok_or_else(|| unknown("conversation", conversation))
    }

    fn supply_password(&self, request: u64, user: &str, password: String) -> PyResult<()> {
        self.inner()?.supply_password(request, user, password).map_err(|error| raise(&error))
    }

    #[pyo3(signature = (request, token, expires_in))]
    fn supply_token(&self, request: u64, token: String, expires_in: Option<f64>) -> PyResult<()> {
        let tried = "answer a question for credentials";
        let expires_in = match expires_in {
            Some(seconds) if seconds.is_nan() => {
                let came = "expires_in is not a number";
                return Err(raise(&Error::new(ErrorKind::InvalidArgument, tried, came)));
            }
            // Over already: it may be good for something still. Beyond all clocks: as if it were not known.
            Some(seconds) => Duration::try_from_secs_f64(seconds.max(0.0)).ok(),
            None => None,
        };
        self.inner()?.supply_token(request, token, expires_in).map_err(|error| raise(&error))
    }

    fn refuse_credentials(&self, request: u64, reason: &str) -> PyResult<()> {
        self.inner()?.refuse_credentials(request, reason).map_err(|error| raise(&error))
    }
}
