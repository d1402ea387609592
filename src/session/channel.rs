//! The event channel: one pending GET after the other, pages applied in order (PROTOCOL 5).

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use url::Url;

use super::application;
use super::core::Core;
use super::pace::Pace;
use super::recovery::{self, Found, Recovery};
use crate::delivery::SessionState;
use crate::http::{Answer, Call, Retry, sign_in_log};
use crate::model::Input;
use crate::wire::{self, EventPage, GoOn, Href, Rel, Target};
use crate::{Error, ErrorKind};

/// How long the server holds a P-GET unless asked otherwise (PROTOCOL 5.1).
const SERVER_TIMEOUT: Duration = Duration::from_secs(180);
/// How much longer than the server the client waits.
const MARGIN: Duration = Duration::from_secs(30);
/// How often the same link is asked again when what comes back is no event page, or leads nowhere.
const UNREADABLE_TRIES: u32 = 3;
/// How often the channel is asked for again when another client has taken it.
const REPLACED_TRIES: u32 = 3;
/// The longest rest that a server may ask for: without a P-GET it ends the application after 15 minutes (PROTOCOL 3.4).
pub(super) const LONGEST_REST: Duration = Duration::from_secs(600);

/// Runs until the channel cannot go on; the error says why. Dropping the future ends the pending GET.
pub(super) async fn run(core: Arc<Core>) -> Error {
    match follow(&core).await {
        Ok(never) => match never {},
        Err(error) => error,
    }
}

enum Never {}

/// Where the channel is.
struct Position {
    /// The link asked now.
    url: Url,
    /// Answers in a row that were no page.
    tries: u32,
    /// Pages in a row that led nowhere.
    lost: u32,
    /// The application was read again since the last page.
    reread: bool,
}

/// A page, what its addresses stand against, and where it leads.
struct Page {
    page: EventPage,
    base: Arc<Url>,
    next: Option<Url>,
}

async fn follow(core: &Arc<Core>) -> Result<Never, Error> {
    let mut at = Position::first(core)?;
    let mut recovery = Recovery::new();
    let mut pace = Pace::default();
    let mut pending = Pending::send(core, at.url.clone());
    sign_in_log::event_channel_asked(&at.url);
    let mut is_first = true;
    loop {
        let (answer, took) = tokio::select! {
            biased;
            answered = pending.answer() => answered,
            () = recovery.doubted(core) => {
                if let Found::Renewed = recovery.look(core).await? {
                    at = Position::first(core)?;
                    pending = Pending::send(core, at.url.clone());
                }
                continue;
            }
        };
        let read = answer.and_then(|answer| Ok((read(core, &answer)?, answer)));
        if std::mem::take(&mut is_first) {
            sign_in_log::event_channel_came(&at.url, read.as_ref().err());
        }
        let (page, answer) = match read {
            Ok(read) => read,
            Err(error) => {
                // The page is not acknowledged, so the same link brings it (again).
                at.look_and_recover(core, &mut recovery, error).await?;
                pending = Pending::send(core, at.url.clone());
                continue;
            }
        };
        core.enter(SessionState::Online, None, None);
        at.go_on(core, &page).await;
        // Messages and conversations are never dropped: a reader that is full holds the channel back here.
        core.hub.room().await;
        let has_events = page.page.senders.iter().any(|sender| !sender.events.is_empty());
        let rest = pace.rest(&answer.body, has_events, took, |tries| core.http.pause(tries));
        if rest.is_zero() {
            pending = Pending::send(core, at.url.clone());
            apply(core, page);
        } else {
            apply(core, page);
            tokio::time::sleep(rest).await;
            pending = Pending::send(core, at.url.clone());
        }
    }
}

impl Position {
    /// Where the application begins.
    fn first(core: &Core) -> Result<Self, Error> {
        Ok(Position { url: first_link(core)?, tries: 0, lost: 0, reread: false })
    }

    /// Recovers from an error that may say that the application is gone.
    async fn look_and_recover(
        &mut self,
        core: &Arc<Core>,
        recovery: &mut Recovery,
        error: Error,
    ) -> Result<(), Error> {
        if !recovery::may_be_lost(&error) {
            return self.recover(core, error).await;
        }
        if recovery::is_the_end(&error) {
            return Err(recovery::explained(error));
        }
        match recovery.look(core).await? {
            Found::Renewed => *self = Position::first(core)?,
            Found::Unknown(error) => self.recover(core, error).await?,
            Found::Alive => {
                self.recover(core, error).await?;
                // Once is an accident; after that the link is wrong.
                if self.tries > 1 {
                    self.url = first_link(core)?;
                }
            }
        }
        Ok(())
    }

    /// Takes the next link. A page without one leaves the channel where it is (trap T-11); when that stays so, the
    /// application says where to begin (PROTOCOL 5.5).
    async fn go_on(&mut self, core: &Core, page: &Page) {
        (self.tries, self.reread) = (0, false);
        if let Some(next) = &page.next {
            self.url = next.clone();
            self.lost = 0;
            return;
        }
        self.lost += 1;
        if self.lost <= UNREADABLE_TRIES {
            return;
        }
        self.lost = 0;
        match application::reread(core).await.and_then(|()| first_link(core)) {
            Ok(url) => self.url = url,
            Err(error) => {
                tracing::warn!(target: "ucwa::session", %error, "an event channel that leads nowhere")
            }
        }
    }

    /// Rests before the next try, or gives up. The host is told either way.
    async fn recover(&mut self, core: &Core, error: Error) -> Result<(), Error> {
        self.tries += 1;
        let pause = error.retry_after().unwrap_or_else(|| core.http.pause(self.tries));
        if self.tries > allowed(core, &error) || pause > LONGEST_REST {
            // What cannot be read may be the wrong link: the application says where to begin.
            if self.reread || !is_unreadable(&error) || application::reread(core).await.is_err() {
                return Err(error);
            }
            (self.tries, self.reread) = (1, true);
            self.url = first_link(core)?;
        }
        tracing::warn!(target: "ucwa::session", %error, tries = self.tries, ?pause, "the event channel broke");
        core.enter(SessionState::Recovering, Some(error), Some((self.tries, pause)));
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

/// How often the channel is asked for again after this.
fn allowed(core: &Core, error: &Error) -> u32 {
    let replaced = error.reason().is_some_and(|reason| reason.subcode.eq_ignore_ascii_case("PGetReplaced"));
    match () {
        () if error.is_retryable() => core.config.event_attempts,
        () if is_unreadable(error) => UNREADABLE_TRIES,
        // One's own request of before a break may still have stood there; another client would come again.
        () if replaced => REPLACED_TRIES,
        // The application itself says that it is there.
        () if recovery::may_be_lost(error) => core.config.event_attempts,
        () => 0,
    }
}

/// Something answered, and it was no event page. Without an answer the link itself was refused, and would be again.
fn is_unreadable(error: &Error) -> bool {
    error.kind() == ErrorKind::Protocol && error.http_status().is_some()
}

/// A P-GET on its way, on a task of its own: so it leaves while the page before it is applied.
struct Pending {
    task: JoinSet<Result<Answer, Error>>,
    sent: Instant,
}

impl Pending {
    fn send(core: &Arc<Core>, url: Url) -> Self {
        let hold = core.config.event_timeout.unwrap_or(SERVER_TIMEOUT);
        let call = Call::get(url).with_timeout(hold + MARGIN).with_retry(Retry::Never);
        let http = core.http.clone();
        let mut task = JoinSet::new();
        task.spawn(async move { http.send(call).await });
        Pending { task, sent: Instant::now() }
    }

    /// The answer, and how long it took.
    async fn answer(&mut self) -> (Result<Answer, Error>, Duration) {
        let internal = |came: String| Error::new(ErrorKind::Internal, "read the event channel", came);
        let answer = match self.task.join_next().await {
            Some(Ok(answer)) => answer,
            Some(Err(panic)) => Err(internal(panic.to_string())),
            None => Err(internal("the request vanished".to_owned())),
        };
        (answer, self.sent.elapsed())
    }
}

fn read(core: &Core, answer: &Answer) -> Result<Page, Error> {
    let page = wire::event_page(answer.json()?).map_err(|error| {
        Error::new(
            ErrorKind::Protocol,
            format!("GET {}", answer.url.path()),
            format!("an event page: {error}"),
        )
        .with_http_status(answer.status)
    })?;
    for skipped in &page.skipped {
        tracing::warn!(target: "ucwa::session", skipped, "left out of an event page");
    }
    let own = Arc::new(answer.url.clone());
    let base = page.base.as_ref().and_then(|base| trusted_base(core, base, &own)).unwrap_or(own);
    let next = match &page.go_on {
        GoOn::Next(href) => resolve(href, &base),
        GoOn::Resume(href) => {
            tracing::warn!(target: "ucwa::session", "the server began the event channel anew");
            // It forgot the parameters of the channel with everything else (PROTOCOL 5.5).
            resolve(href, &base).map(|url| with_parameters(core, url))
        }
        GoOn::Resync(href) => {
            tracing::warn!(target: "ucwa::session", "the event channel is out of step");
            resolve(href, &base)
        }
        GoOn::Nowhere => None,
    };
    Ok(Page { page, next, base })
}

/// The `baseuri` of a page, where it leads to a place that may be asked; else the page's own address has to do.
fn trusted_base(core: &Core, base: &Href, own: &Url) -> Option<Arc<Url>> {
    let url = resolve(base, own)?;
    match core.http.check_origin(&url) {
        Ok(()) => Some(Arc::new(url)),
        Err(error) => {
            tracing::warn!(target: "ucwa::session", %error, "the baseuri of an event page is passed over");
            None
        }
    }
}

fn resolve(href: &Href, base: &Url) -> Option<Url> {
    href.resolve(base)
        .inspect_err(|error| tracing::warn!(target: "ucwa::session", %error, "a link of an event page"))
        .ok()
}

fn apply(core: &Core, page: Page) {
    let restarted = matches!(page.page.go_on, GoOn::Resume(_) | GoOn::Resync(_));
    let base: wire::Base = page.base;
    application::changed(core, &page.page, &base);
    core.apply(Input::Events { base, senders: page.page.senders });
    if restarted {
        // What may be started, and who is available, may have changed too.
        core.application_changed.notify_one();
        let known = core.application();
        let conversations = known.and_then(|known| known.communication(&Rel::Conversations));
        core.apply(Input::Compare { conversations });
    }
}

/// The application's own events link, with what the configuration adds to it.
fn first_link(core: &Core) -> Result<Url, Error> {
    let missing = || {
        Error::new(ErrorKind::Protocol, "open the event channel", "the application has no usable events link")
    };
    let application = core.application().ok_or_else(missing)?;
    let target: Target = application.own(&Rel::Events).ok_or_else(missing)?;
    target.url().map(|url| with_parameters(core, url)).map_err(|_| missing())
}

/// Adds what the configuration says of the channel, unless the server's link says it already.
fn with_parameters(core: &Core, mut url: Url) -> Url {
    let said = url.query_pairs().any(|(name, _)| name == "timeout");
    if let Some(timeout) = core.config.event_timeout.filter(|_| !said) {
        url.query_pairs_mut().append_pair("timeout", &timeout.as_secs().to_string());
    }
    url
}
