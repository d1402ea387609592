//! The application: made at sign-in, read again when its links are in doubt (PROTOCOL 3.1, 3.2).

use std::sync::Arc;

use url::Url;

use super::core::Core;
use super::payload;
use crate::http::{Answer, Call, Content, sign_in_log};
use crate::wire::{self, Base, Body, EventPage, EventType, Link, Links, NewApplication, Rel, Target};
use crate::{Error, ErrorKind};

/// The application as the server described it.
#[derive(Debug, Clone)]
pub(super) struct Application {
    links: Links,
    base: Base,
    communication: (Links, Base),
    me: (Links, Base),
}

impl Application {
    fn new(links: Links, communication: Links, me: Links, base: Base) -> Self {
        Application { links, communication: (communication, base.clone()), me: (me, base.clone()), base }
    }

    /// A link of the application itself.
    pub(super) fn own(&self, rel: &Rel) -> Option<Target> {
        self.links.get(rel).map(|link| Target::new(link.href.clone(), self.base.clone()))
    }

    /// A link of its communication: what may be started now.
    pub(super) fn communication(&self, rel: &Rel) -> Option<Target> {
        let (links, base) = &self.communication;
        links.get(rel).map(|link| Target::new(link.href.clone(), base.clone()))
    }

    /// A link of its me: what the user may do about himself now.
    pub(super) fn me(&self, rel: &Rel) -> Option<Target> {
        let (links, base) = &self.me;
        links.get(rel).map(|link| Target::new(link.href.clone(), base.clone()))
    }

    /// Whether there is anything to start besides the resource itself.
    fn can_start(&self) -> bool {
        self.communication.0.iter().any(|(rel, _)| *rel != Rel::SelfLink)
    }

    fn has_events(&self) -> bool {
        self.links.has(&Rel::Events)
    }

    /// Reads an answer with the resource in it; an empty one still may say where the resource is.
    fn of(answer: Answer) -> Result<Application, Error> {
        let tried = format!("answer of {}", answer.url.path());
        if let (Content::None, Some(location)) = (answer.content, &answer.location) {
            let own = (Rel::SelfLink, Link::new(location.as_str()));
            let links = [own].into_iter().collect();
            return Ok(Application::new(links, Links::default(), Links::default(), Arc::new(answer.url)));
        }
        let body = wire::application(answer.json()?)
            .map_err(|error| Error::new(ErrorKind::Protocol, tried, format!("the application: {error}")))?;
        Ok(Application::new(body.links, body.communication, body.me, Arc::new(answer.url)))
    }
}

/// Makes the application and keeps it, also when it turns out to be of no use: then it is deleted with the session. The
/// answer may be less than the resource; what is missing is read once.
pub(super) async fn create(core: &Core, applications: Url) -> Result<(), Error> {
    let request = NewApplication {
        culture: core.config.culture.clone(),
        endpoint_id: core.endpoint_id()?,
        user_agent: core.config.user_agent.clone(),
        instance_id: None,
    };
    let body = payload("create the application", &request)?;
    let answer = core.http.send(Call::post(applications.clone(), Some(body))).await;
    let made = answer.and_then(|answer| Ok((answer.status, Application::of(answer)?)));
    let (status, made) = made.inspect_err(|error| sign_in_log::no_application(&applications, error))?;
    let own = made.own(&Rel::SelfLink).and_then(|own| own.url().ok());
    sign_in_log::application(own.as_ref().unwrap_or(&applications), status);
    let (is_whole, is_usable) = (made.has_events() && made.can_start(), made.has_events());
    core.set_applications(applications);
    core.set_application(Some(Arc::new(made)));
    if is_whole {
        return Ok(());
    }
    match reread(core).await {
        Ok(()) => Ok(()),
        Err(error) if is_usable => {
            tracing::warn!(target: "ucwa::session", %error, "an application without anything to start");
            Ok(())
        }
        Err(error) => {
            let came = format!("the answer has no events link, and the application cannot be read ({error})");
            let error = Error::new(ErrorKind::Protocol, "create the application", came);
            Err(error.advise("the root URL may lead to something that is no UCWA server"))
        }
    }
}

/// Reads the application again and takes its links.
pub(super) async fn reread(core: &Core) -> Result<(), Error> {
    let lacks = |what: &str| {
        Error::new(ErrorKind::Protocol, "read the application", format!("it has no {what} link"))
    };
    let lost = *core.lost.borrow();
    let own = core.application().and_then(|known| known.own(&Rel::SelfLink)).ok_or_else(|| lacks("self"))?;
    let url = own
        .url()
        .map_err(|error| Error::new(ErrorKind::Protocol, "read the application", error.to_string()))?;
    let mut read = Application::of(core.http.send(Call::get(url)).await?)?;
    if !read.has_events() {
        return Err(lacks("events"));
    }
    if !read.links.has(&Rel::SelfLink) {
        let own = (Rel::SelfLink, Link::new(own.href.as_str()));
        read.links = read.links.iter().map(|(rel, link)| (rel.clone(), link.clone())).chain([own]).collect();
    }
    if *core.lost.borrow() != lost {
        return Err(Error::new(ErrorKind::Server, "read the application", "it was lost meanwhile"));
    }
    core.set_application(Some(Arc::new(read)));
    Ok(())
}

/// Takes what a page of events says of communication and me: what may be started comes and goes while one is signed in
/// (PROTOCOL 3.5, 5.6). An event without a body has the application read again.
pub(super) fn changed(core: &Core, page: &EventPage, base: &Base) {
    for event in page.senders.iter().flat_map(|sender| &sender.events) {
        let is_part = matches!(event.rel, Rel::Communication | Rel::Me) && event.within.is_none();
        if !is_part || event.kind == EventType::Deleted {
            continue;
        }
        let links = match &event.body {
            Some(Body::Plain(_, body)) if !body.links.is_empty() => body.links.clone(),
            _ => {
                core.application_changed.notify_one();
                continue;
            }
        };
        if let Some(known) = core.application() {
            let mut known = Application::clone(&known);
            match event.rel {
                Rel::Me => known.me = (links, base.clone()),
                _ => known.communication = (links, base.clone()),
            }
            core.set_application(Some(Arc::new(known)));
        }
    }
}

/// Reads the application again whenever it changed and nobody said how.
pub(super) async fn keep(core: Arc<Core>) -> Error {
    loop {
        core.application_changed.notified().await;
        if let Err(error) = reread(&core).await {
            tracing::warn!(target: "ucwa::session", %error, "what may be started now is not known");
        }
    }
}
