//! The event channel: one pending GET after the other, pages applied in order (PROTOCOL 5).

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use url::Url;

use super::core::Core;
use crate::delivery::SessionState;
use crate::http::{Answer, Call, Retry};
use crate::model::Input;
use crate::wire::{self, EventPage, GoOn, Rel, Target};
use crate::{Error, ErrorKind};

/// How long the server holds a P-GET unless asked otherwise (PROTOCOL 5.1).
const SERVER_TIMEOUT: Duration = Duration::from_secs(180);
/// How much longer than the server the client waits.
const MARGIN: Duration = Duration::from_secs(30);
/// How often the same link is asked again when what comes back is no event page.
const UNREADABLE_TRIES: u32 = 3;

/// Runs until the channel cannot go on; the error says why. Dropping the future ends the pending GET.
pub(super) async fn run(core: Arc<Core>) -> Error {
    match follow(&core).await {
        Ok(never) => match never {},
        Err(error) => error,
    }
}

enum Never {}

/// A page and where to go on from it.
struct Page {
    page: EventPage,
    base: Arc<Url>,
    next: Url,
}

async fn follow(core: &Arc<Core>) -> Result<Never, Error> {
    let mut url = first_link(core)?;
    let mut tries = 0;
    loop {
        let mut pending = Pending::send(core, url.clone());
        loop {
            let read = match pending.answer().await.and_then(|answer| read(core, &answer)) {
                Ok(read) => read,
                Err(error) => {
                    tries += 1;
                    rest(core, error, tries).await?;
                    // The page is not acknowledged, so the same link brings it (again).
                    break;
                }
            };
            tries = 0;
            core.enter(SessionState::Online, None, None);
            // Messages and conversations are never dropped: a reader that is full holds the channel back here.
            core.hub.room().await;
            url = read.next;
            pending = Pending::send(core, url.clone());
            apply(core, read.page, read.base);
        }
    }
}

/// Rests before the next try, or gives up. The host is told either way.
async fn rest(core: &Core, error: Error, tries: u32) -> Result<(), Error> {
    let allowed = match error.kind() {
        _ if error.is_retryable() => core.config.event_attempts,
        ErrorKind::Protocol => UNREADABLE_TRIES,
        _ => 0,
    };
    if tries > allowed {
        return Err(error);
    }
    let pause = error.retry_after().unwrap_or_else(|| core.http.pause(tries));
    tracing::warn!(target: "ucwa::session", %error, tries, ?pause, "the event channel broke");
    core.enter(SessionState::Recovering, Some(error), Some((tries, pause)));
    tokio::time::sleep(pause).await;
    Ok(())
}

/// A P-GET on its way, on a task of its own: so it leaves while the page before it is applied.
struct Pending(JoinSet<Result<Answer, Error>>);

impl Pending {
    fn send(core: &Arc<Core>, url: Url) -> Self {
        let hold = core.config.event_timeout.unwrap_or(SERVER_TIMEOUT);
        let call = Call::get(url).with_timeout(hold + MARGIN).with_retry(Retry::Never);
        let http = core.http.clone();
        let mut set = JoinSet::new();
        set.spawn(async move { http.send(call).await });
        Pending(set)
    }

    async fn answer(&mut self) -> Result<Answer, Error> {
        let internal = |came: String| Error::new(ErrorKind::Internal, "read the event channel", came);
        match self.0.join_next().await {
            Some(Ok(answer)) => answer,
            Some(Err(panic)) => Err(internal(panic.to_string())),
            None => Err(internal("the request vanished".to_owned())),
        }
    }
}

fn read(core: &Arc<Core>, answer: &Answer) -> Result<Page, Error> {
    let bytes = answer.json()?;
    let tried = || format!("GET {}", answer.url.path());
    let page = wire::event_page(bytes)
        .map_err(|error| Error::new(ErrorKind::Protocol, tried(), format!("an event page: {error}")))?;
    for skipped in &page.skipped {
        tracing::warn!(target: "ucwa::session", skipped, "left out of an event page");
    }
    let own = Arc::new(answer.url.clone());
    let base = match &page.base {
        Some(base) => Arc::new(
            base.resolve(&own)
                .map_err(|error| Error::new(ErrorKind::Protocol, tried(), format!("baseuri: {error}")))?,
        ),
        None => own,
    };
    let href = match &page.go_on {
        GoOn::Next(href) => href.clone(),
        GoOn::Resume(href) | GoOn::Resync(href) => {
            tracing::warn!(target: "ucwa::session", "the server restarted the event channel");
            href.clone()
        }
        GoOn::Nowhere => {
            return Ok(Page { next: first_link(core)?, page, base });
        }
    };
    let next = href
        .resolve(&base)
        .map_err(|error| Error::new(ErrorKind::Protocol, tried(), format!("the next link: {error}")))?;
    Ok(Page { page, next, base })
}

fn apply(core: &Core, page: EventPage, base: Arc<Url>) {
    let restarted = matches!(page.go_on, GoOn::Resume(_) | GoOn::Resync(_));
    core.apply(Input::Events { base, senders: page.senders });
    if restarted {
        core.apply(Input::Compare);
    }
}

/// The application's own events link, with what the configuration adds to it.
fn first_link(core: &Core) -> Result<Url, Error> {
    let missing = || {
        Error::new(ErrorKind::Protocol, "open the event channel", "the application has no usable events link")
    };
    let application = core.application().ok_or_else(missing)?;
    let target: Target = application.own(&Rel::Events).ok_or_else(missing)?;
    let mut url = target.url().map_err(|_| missing())?;
    if let Some(timeout) = core.config.event_timeout {
        url.query_pairs_mut().append_pair("timeout", &timeout.as_secs().to_string());
    }
    Ok(url)
}
