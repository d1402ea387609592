//! Being available: others can reach the user from makeMeAvailable on, as long as his activity is reported (PROTOCOL 3.5,
//! 3.6).

use std::sync::Arc;

use super::application;
use super::cancel::send_unless_cancelled;
use super::core::Core;
use super::invite::{address, not_offered};
use super::operations::Cancelled;
use super::{Session, payload};
use crate::Error;
use crate::delivery::SessionState;
use crate::http::Call;
use crate::model::OperationId;
use crate::wire::{
    AudioPreference, MakeMeAvailableRequest, MessageFormat, Modality, PreferredAvailability, Rel,
};

/// How the user can be reached (makeMeAvailable). All is optional.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Availability {
    /// What others may invite him to; the server takes Messaging and PhoneAudio.
    pub modalities: Vec<Modality>,
    /// Which messages the program can show.
    pub message_formats: Vec<MessageFormat>,
    /// How others see him.
    pub sign_in_as: Option<PreferredAvailability>,
    /// Which device takes calls.
    pub audio_preference: Option<AudioPreference>,
    /// Where he takes calls by phone.
    pub phone_number: Option<String>,
}

impl Session {
    /// Makes the user available, so that others can invite him (makeMeAvailable); joining meetings and inviting does not
    /// need it. From then on his activity is reported as often as the key `activity.every_s` says. Who is available
    /// already stays as he is. [`ErrorKind::NotAllowed`](crate::ErrorKind::NotAllowed): the server does not offer it, as
    /// for guests.
    pub fn make_available(&self, how: &Availability) -> Result<OperationId, Error> {
        let core = self.core.clone();
        let application = core.online(WHAT)?;
        let offered = [Rel::MakeMeAvailable, Rel::ReportMyActivity];
        if !offered.iter().any(|rel| application.me(rel).is_some()) {
            return Err(not_offered(WHAT, &Rel::MakeMeAvailable));
        }
        let how = how.clone();
        self.core.run(WHAT, |operation, cancelled| async move {
            if let Some(made) = make_unless_cancelled(&core, how, Some(cancelled)).await {
                core.operations.end(operation, made.map(|()| 0));
            }
        })
    }
}

/// As the configuration says, while signing in: before the first page of events is asked for.
pub(super) async fn at_sign_in(core: &Core) -> Result<(), Error> {
    let Some(how) = core.config.availability.clone() else { return Ok(()) };
    make_unless_cancelled(core, how, None).await.unwrap_or(Ok(()))
}

/// As he was before, in a new application.
pub(super) async fn again(core: &Core) -> Result<(), Error> {
    let how = core.availability.borrow().clone();
    let Some(how) = how else { return Ok(()) };
    make_unless_cancelled(core, how, None).await.unwrap_or(Ok(()))
}

/// Makes the user available, and reads what became of the application by it. `None`: it was cancelled before it left.
async fn make_unless_cancelled(
    core: &Core,
    how: Availability,
    cancelled: Option<Cancelled>,
) -> Option<Result<(), Error>> {
    let call = match call(core, &how) {
        Ok(call) => call,
        Err(error) => return Some(Err(error)),
    };
    if let Some(call) = call {
        let sent = match cancelled {
            Some(cancelled) => send_unless_cancelled(core, call, cancelled).await?,
            None => core.http.send(call).await,
        };
        let already = |error: &Error| is(error, "AlreadyExists");
        if let Err(error) =
            sent.map(|_| ()).or_else(|error| if already(&error) { Ok(()) } else { Err(error) })
        {
            return Some(Err(error));
        }
        if let Err(error) = application::reread(core).await {
            tracing::warn!(target: "ucwa::session", %error, "what the user may do since he is available is not known");
        }
    }
    core.availability.send_replace(Some(how));
    Some(Ok(()))
}

/// `None`: he is available already.
fn call(core: &Core, how: &Availability) -> Result<Option<Call>, Error> {
    let link = |rel: &Rel| core.application()?.me(rel);
    let Some(target) = link(&Rel::MakeMeAvailable) else {
        let is_available = link(&Rel::ReportMyActivity).is_some();
        return if is_available { Ok(None) } else { Err(not_offered(WHAT, &Rel::MakeMeAvailable)) };
    };
    let request = MakeMeAvailableRequest {
        supported_modalities: how.modalities.clone(),
        supported_message_formats: how.message_formats.clone(),
        sign_in_as: how.sign_in_as.clone(),
        audio_preference: how.audio_preference.clone(),
        phone_number: how.phone_number.clone(),
    };
    Ok(Some(Call::post(address(WHAT, &target)?, Some(payload(WHAT, &request)?))))
}

fn is(error: &Error, subcode: &str) -> bool {
    error.reason().is_some_and(|reason| reason.subcode.eq_ignore_ascii_case(subcode))
}

/// Reports the user's activity for as long as the session lives; without that he counts as away, and in the end the server
/// gives up the application.
pub(super) async fn keep(core: Arc<Core>) -> Error {
    let mut availability = core.availability.subscribe();
    let every = core.config.activity_every;
    loop {
        let how = availability.borrow_and_update().clone();
        let Some(how) = how.filter(|_| !every.is_zero()) else {
            let _ = availability.changed().await;
            continue;
        };
        tokio::time::sleep(every).await;
        if core.state() == SessionState::Online
            && let Err(error) = report(&core, how).await
        {
            tracing::warn!(target: "ucwa::session", %error, "the user's activity was not reported");
        }
    }
}

async fn report(core: &Core, how: Availability) -> Result<(), Error> {
    let target = core.application().and_then(|application| application.me(&Rel::ReportMyActivity));
    let Some(target) = target else { return Err(not_offered("report activity", &Rel::ReportMyActivity)) };
    match core.send(Call::post(address("report activity", &target)?, None)).await {
        // The server forgot it.
        Err(error) if is(&error, "MakeMeAvailableRequired") => {
            application::reread(core).await?;
            make_unless_cancelled(core, how, None).await.unwrap_or(Ok(()))
        }
        sent => sent.map(|_| ()),
    }
}

const WHAT: &str = "make the user available";
