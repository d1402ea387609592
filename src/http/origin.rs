//! Which origins may have credentials (trap T-45). Nothing is ever sent to an origin that is not in this set.
//!
//! In it are the origin that the session begins at, the origins that the documents of the sign-in lead to, and those
//! that the host named. An ordinary link of a resource, a `Location` or an HTTP redirect never puts one in.

use std::collections::HashSet;
use std::fmt;

use parking_lot::RwLock;
use url::{Host, Url};

use crate::{Error, ErrorKind};

/// Scheme, host and port of a URL that is fit to be asked.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Origin {
    secure: bool,
    host: Host<String>,
    port: u16,
}

impl Origin {
    /// The origin of a URL; an error when it is no address of a server, or carries a user or password in itself.
    pub(super) fn of(url: &Url) -> Result<Origin, Error> {
        let refuse = |why: &str| Error::new(ErrorKind::Protocol, shown(url), format!("refused, {why}"));
        let secure = match url.scheme() {
            "https" => true,
            "http" => false,
            other => return Err(refuse(&format!("{other} is not a scheme of the protocol"))),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("it carries a user name"));
        }
        match (url.host(), url.port_or_known_default()) {
            (Some(host), Some(port)) => Ok(Origin {
                secure,
                host: host.to_owned(),
                port,
            }),
            _ => Err(refuse("it names no host")),
        }
    }

    /// Whether it is https.
    pub(super) fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether it is this computer itself, by its address or by the one name that is reserved for it.
    pub(super) fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, usual) = if self.secure { ("https", 443) } else { ("http", 80) };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port != usual {
            write!(f, ":{}", self.port)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A URL as it may stand in logs and errors: without query (it may hold keys), user and fragment.
pub(super) fn shown(url: &Url) -> String {
    match url.host_str() {
        Some(host) => {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{}://{host}{port}{}", url.scheme(), url.path())
        }
        None => format!("{}:...", url.scheme()),
    }
}

/// What the host allows besides.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    Exact(Origin),
    /// `https://*.contoso.com`: everything below, with this port.
    Below {
        suffix: String,
        port: u16,
    },
}

impl Pattern {
    fn parse(text: &str) -> Result<Pattern, Error> {
        let refuse = |why: &str| {
            Error::new(
                ErrorKind::InvalidArgument,
                "origins.trust",
                format!("{text:?} {why}"),
            )
            .advise("write https://host, https://host:port or https://*.domain.example")
        };
        let text = text.trim();
        let (text_without_star, below) = match text.strip_prefix("https://*.") {
            Some(rest) => (format!("https://{rest}"), true),
            None => (text.to_owned(), false),
        };
        let url = Url::parse(&text_without_star).map_err(|why| refuse(&format!("is no URL ({why})")))?;
        let origin = Origin::of(&url).map_err(|_| refuse("is no origin"))?;
        if !origin.secure {
            return Err(refuse("is not https"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("says more than an origin"));
        }
        match (below, &origin.host) {
            (false, Host::Domain(name)) if name.contains('*') => {
                Err(refuse("has a star elsewhere than in front"))
            }
            (false, _) => Ok(Pattern::Exact(origin)),
            (true, Host::Domain(name)) if !name.contains('*') && name.trim_matches('.').contains('.') => {
                Ok(Pattern::Below {
                    suffix: format!(".{name}"),
                    port: origin.port,
                })
            }
            (true, _) => Err(refuse("needs a domain of two labels or more behind the star")),
        }
    }

    fn fits(&self, origin: &Origin) -> bool {
        match self {
            Pattern::Exact(exact) => exact == origin,
            Pattern::Below { suffix, port } => match &origin.host {
                Host::Domain(name) => {
                    origin.secure
                        && origin.port == *port
                        && name.len() > suffix.len()
                        && name.ends_with(suffix)
                }
                _ => false,
            },
        }
    }
}

/// The set of trusted origins of one session.
#[derive(Debug)]
pub(super) struct Origins {
    allow_http: bool,
    patterns: Vec<Pattern>,
    known: RwLock<HashSet<Origin>>,
}

impl Origins {
    /// The set at the beginning: the entry points and the patterns of the host.
    pub(super) fn new(entries: &[Url], patterns: &[String], allow_http: bool) -> Result<Origins, Error> {
        let patterns = patterns
            .iter()
            .map(|text| Pattern::parse(text))
            .collect::<Result<_, _>>()?;
        let origins = Origins {
            allow_http,
            patterns,
            known: RwLock::new(HashSet::new()),
        };
        for entry in entries {
            let origin = Origin::of(entry)?;
            origins.check_scheme(&origin, entry)?;
            origins.known.write().insert(origin);
        }
        Ok(origins)
    }

    /// The origin of a URL that may be asked, credentials included; else why not.
    pub(super) fn check(&self, url: &Url) -> Result<Origin, Error> {
        let origin = Origin::of(url)?;
        self.check_scheme(&origin, url)?;
        if self.known.read().contains(&origin) || self.patterns.iter().any(|pattern| pattern.fits(&origin)) {
            return Ok(origin);
        }
        let came = format!("refused, the sign-in did not lead to the origin {origin}");
        Err(Error::new(ErrorKind::Protocol, shown(url), came).advise(format!(
            "if it belongs to your servers, configure origins.trust={origin}"
        )))
    }

    /// Takes in the origin of `to`, which a document of the sign-in at `from` leads to: a `user`, `redirect` or
    /// `applications` link or the token endpoint of a challenge. Nothing else may call this.
    pub(super) fn learn(&self, from: &Url, to: &Url) -> Result<Origin, Error> {
        let source = self.check(from)?;
        let origin = Origin::of(to)?;
        self.check_scheme(&origin, to)?;
        if let Ok(origin) = self.check(to)
            && (origin.secure || !source.secure)
        {
            return Ok(origin);
        }
        let refuse = |why: &str| {
            Err(Error::new(
                ErrorKind::Protocol,
                shown(to),
                format!("refused, {why}"),
            ))
        };
        if source.secure && !origin.secure {
            return refuse(&format!("{source} is https and leads down to http"));
        }
        // What plain http says, anybody on this computer may have said.
        if !source.secure && !origin.is_loopback() {
            return refuse(&format!(
                "{source} is plain http and leads away from this computer"
            ));
        }
        self.known.write().insert(origin.clone());
        Ok(origin)
    }

    fn check_scheme(&self, origin: &Origin, url: &Url) -> Result<(), Error> {
        if origin.secure || (self.allow_http && origin.is_loopback()) {
            return Ok(());
        }
        let error = Error::new(
            ErrorKind::Protocol,
            shown(url),
            format!("refused, {origin} is plain http"),
        );
        Err(if origin.is_loopback() {
            error.advise("use https, or configure allow_http for tests on this computer")
        } else {
            error.advise("use https: a token is never sent over plain http")
        })
    }
}
