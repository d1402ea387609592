//! Autodiscovery: from a SIP domain or a root URL to the `user` resource (PROTOCOL 1.1 to 1.4). No credentials are sent.

use std::time::Duration;

use bytes::Bytes;
use url::{Host, Url};

use super::origin::shown;
use super::request::{redirect, too_many};
use super::sign_in_log::{self, Found};
use super::transport::Request;
use super::trouble::Trouble;
use super::{Answer, Entry, Http, Inner, Method, Retry, answer};
use crate::wire::{self, Links, Rel};
use crate::{Error, ErrorKind};

/// Internal before external (PROTOCOL 1.1).
const ENTRY_HOSTS: [&str; 2] = ["lyncdiscoverinternal", "lyncdiscover"];
/// How long one entry point may take: one that swallows requests must not hold up the next.
const PATIENCE: Duration = Duration::from_secs(20);

/// The addresses that a session may begin at, in order.
pub(super) fn entries(entry: &Entry) -> Result<Vec<Url>, Error> {
    match entry {
        Entry::Root(url) => Ok(vec![url.clone()]),
        Entry::Domain(domain) => ENTRY_HOSTS.iter().map(|host| entry_point(host, domain)).collect(),
    }
}

fn entry_point(host: &str, domain: &str) -> Result<Url, Error> {
    let refuse = |why: &str| {
        Error::new(ErrorKind::InvalidArgument, "autodiscovery", format!("{domain:?} is no domain name{why}"))
            .advise("give the part of the SIP address behind the @, as in contoso.com")
    };
    if domain.is_empty() || domain.starts_with('.') || domain.ends_with('.') {
        return Err(refuse(""));
    }
    let host = match Host::parse(&format!("{host}.{domain}")) {
        Ok(Host::Domain(host)) => host,
        Ok(_) => return Err(refuse("")),
        Err(why) => return Err(refuse(&format!(" ({why})"))),
    };
    let mut url = Url::parse("https://domain.invalid/").map_err(|why| refuse(&why.to_string()))?;
    url.set_host(Some(&host)).map_err(|why| refuse(&why.to_string()))?;
    Ok(url)
}

impl Http {
    /// Finds the `user` resource (PROTOCOL 1.1 to 1.4), without credentials: the internal, then the external entry point,
    /// or the root URL. An address that wants credentials at once, or that offers `applications` itself, counts as
    /// found. When every entry point failed, the error names each with its reason.
    pub async fn discover(&self) -> Result<Url, Error> {
        let inner = &self.0.inner;
        let mut failures = Vec::new();
        for entry in &inner.entries {
            match inner.explore(entry).await {
                Ok(user) => return Ok(user),
                Err(error) => failures.push(error),
            }
        }
        Err(inner.nothing_found(failures))
    }
}

impl Inner {
    /// From one entry point to `user`, along `redirect` links.
    async fn explore(&self, entry: &Url) -> Result<Url, Error> {
        let mut url = entry.clone();
        for _ in 0..=self.settings.max_discovery_redirects {
            match self.look(&url).await {
                Ok(Page::Document(page)) => match self.lead_of(&page)? {
                    Lead::Redirect(to) => url = to,
                    Lead::User(user) => return Ok(user),
                    Lead::Applications(_) => return Ok(page.url),
                },
                Ok(Page::WantsCredentials(user)) => {
                    sign_in_log::discovery(&url, Ok(Found { status: 401, leads_to: "user", to: &user }));
                    return Ok(user);
                }
                Err(error) => {
                    sign_in_log::discovery(&url, Err(&error));
                    return Err(error);
                }
            }
        }
        let followed = self.settings.max_discovery_redirects;
        Err(Error::new(
            ErrorKind::Discovery,
            format!("GET {}", shown(&url)),
            format!("refused, {followed} redirect links were followed already"),
        ))
    }

    /// One document of discovery, with the HTTP redirects before it.
    async fn look(&self, url: &Url) -> Result<Page, Error> {
        let mut url = url.clone();
        for followed in 0..=self.settings.max_redirects {
            let tried = format!("GET {}", shown(&url));
            let origin = self.origins.check(&url)?;
            let retry = if self.entries.len() > 1 { Retry::Never } else { Retry::Safe };
            let timeout = match self.settings.entry {
                Entry::Domain(_) => self.settings.request_timeout.min(PATIENCE),
                Entry::Root(_) => self.settings.request_timeout,
            };
            let step = self.repeat(retry, &tried, async || {
                let request = Request {
                    method: Method::Get,
                    url: &url,
                    bearer: None,
                    content_type: None,
                    body: Bytes::new(),
                    timeout,
                };
                let raw = self.transport.exchange(request, &origin).await?;
                if raw.status == 401 {
                    return Ok(Step::WantsCredentials);
                }
                match redirect(Method::Get, &url, &raw, &tried)? {
                    Some(_) if followed == self.settings.max_redirects => {
                        Err(too_many(&tried, followed, raw.status))
                    }
                    Some(next) => {
                        self.stay(&url, next, &tried, raw.status).map(|to| Step::Next(to, raw.status))
                    }
                    None => answer::read(raw, &url, tried.clone()).map(Step::Document),
                }
            });
            match step.await? {
                Step::Next(next, status) => {
                    sign_in_log::redirect(&url, &next, Some(status));
                    url = next;
                }
                Step::Document(answer) => return Ok(Page::Document(answer)),
                Step::WantsCredentials => return Ok(Page::WantsCredentials(url)),
            }
        }
        Err(Error::new(ErrorKind::Discovery, format!("GET {}", shown(&url)), "too many redirects"))
    }

    /// An HTTP redirect of an entry point counts only within its own domain (PROTOCOL 1.2), or to an origin that is
    /// trusted anyway.
    fn stay(&self, from: &Url, to: Url, tried: &str, status: u16) -> Result<Url, Trouble> {
        if self.origins.check(&to).is_ok() {
            return Ok(to);
        }
        let same_host = from.host() == to.host();
        let in_domain = match (&self.settings.entry, to.host()) {
            (Entry::Domain(domain), Some(Host::Domain(host))) => {
                let host = host.strip_suffix(&domain.to_ascii_lowercase());
                host.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            _ => false,
        };
        if same_host || in_domain {
            self.origins.learn(from, &to).map_err(Trouble::last)?;
            return Ok(to);
        }
        let came = format!("HTTP {status}: a redirect to another domain, {}", shown(&to));
        Err(Trouble::last(Error::new(ErrorKind::Discovery, tried, came).with_http_status(status)))
    }

    /// Where an answer of the sign-in leads, written down.
    pub(super) fn lead_of(&self, page: &Answer) -> Result<Lead, Error> {
        let lead = links(page).and_then(|links| self.lead(&page.url, &links));
        let found = lead.as_ref().map(|lead| {
            let (leads_to, to) = match lead {
                Lead::Redirect(to) => ("redirect", to),
                Lead::User(to) => ("user", to),
                Lead::Applications((to, _)) => ("applications", to),
            };
            Found { status: page.status, leads_to, to }
        });
        sign_in_log::discovery(&page.url, found);
        if let Ok(Lead::Redirect(to)) = &lead {
            sign_in_log::redirect(&page.url, to, None);
        }
        lead
    }

    /// Where a document of the sign-in leads; what it names becomes trusted. `redirect` goes before anything else
    /// (PROTOCOL 1.4), then what is nearest to the goal.
    fn lead(&self, from: &Url, links: &Links) -> Result<Lead, Error> {
        let find = |rel: Rel| {
            let Some(link) = links.get(&rel) else {
                return Ok(None);
            };
            let to = link.href.resolve(from).map_err(|why| {
                Error::new(
                    ErrorKind::Protocol,
                    format!("GET {}", shown(from)),
                    format!("its link {rel}: {why}"),
                )
            })?;
            self.origins.learn(from, &to)?;
            Ok(Some((to, link.revision.as_deref().unwrap_or("1").to_owned())))
        };
        if let Some((to, _)) = find(Rel::Redirect)? {
            return Ok(Lead::Redirect(to));
        }
        if let Some(found) = find(Rel::Applications)? {
            return Ok(Lead::Applications(found));
        }
        if let Some((to, _)) = find(Rel::User)? {
            return Ok(Lead::User(to));
        }
        let came = "a document without a link to user, redirect or applications";
        Err(Error::new(ErrorKind::Protocol, format!("GET {}", shown(from)), came)
            .advise("check that the address is that of a UCWA root resource"))
    }

    fn nothing_found(&self, failures: Vec<Error>) -> Error {
        let domain = match &self.settings.entry {
            Entry::Domain(domain) => domain,
            Entry::Root(_) => {
                return failures.into_iter().next().unwrap_or_else(|| {
                    Error::new(ErrorKind::Discovery, "autodiscovery", "nothing to begin at")
                });
            }
        };
        let all: Vec<String> =
            failures.iter().map(|error| format!("{}: {}", error.tried(), error.came())).collect();
        let mut advice: Vec<&str> = Vec::new();
        for error in &failures {
            if !error.advice().is_empty() && !advice.contains(&error.advice()) {
                advice.push(error.advice());
            }
        }
        let tried = format!("autodiscovery of {domain}");
        let error = Error::new(ErrorKind::Discovery, tried, all.join(" | ")).advise(advice.join(" | "));
        match failures.iter().find(|error| error.is_retryable()) {
            Some(passing) => error.retryable(passing.retry_after()),
            None => error,
        }
    }
}

/// Where a document of the sign-in leads.
pub(super) enum Lead {
    Redirect(Url),
    User(Url),
    /// With its revision.
    Applications((Url, String)),
}

enum Page {
    Document(Answer),
    WantsCredentials(Url),
}

enum Step {
    Document(Answer),
    /// And the status that said so.
    Next(Url, u16),
    WantsCredentials,
}

/// The links of a document.
fn links(answer: &Answer) -> Result<Links, Error> {
    let body = wire::plain(answer.json()?).map_err(|why| {
        Error::new(ErrorKind::Protocol, answer.asked.clone(), why.to_string()).with_http_status(answer.status)
    })?;
    Ok(body.links)
}
