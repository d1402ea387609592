//! Which origins may have credentials (trap T-45). Nothing is ever sent to an origin that is not in this set.
//!
//! In it are the origin that the session begins at, the origins that the documents of the sign-in lead to, and those
//! that the host named. An ordinary link of a resource, a `Location` or an HTTP redirect never puts one in.

use std::collections::HashSet;
use std::fmt;

use crate::sync::RwLock;
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
            (Some(host), Some(port)) => Ok(Origin { secure, host: host.to_owned(), port }),
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
            // What stands before an @ may be a password that slipped in.
            let shown = if text.contains('@') { "a pattern with @" } else { text };
            Error::new(ErrorKind::InvalidArgument, "origins.trust", format!("{shown:?} {why}"))
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
                Ok(Pattern::Below { suffix: format!(".{name}"), port: origin.port })
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
        let patterns = patterns.iter().map(|text| Pattern::parse(text)).collect::<Result<_, _>>()?;
        let origins = Origins { allow_http, patterns, known: RwLock::new(HashSet::new()) };
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
        Err(Error::new(ErrorKind::Protocol, shown(url), came)
            .advise(format!("if it belongs to your servers, configure origins.trust={origin}")))
    }

    /// Takes in the origin of `to`, which a document of the sign-in at `from` leads to: a `user`, `redirect` or
    /// `applications` link, the token endpoint of a challenge, or where an entry point moved within its own domain.
    /// Nothing else may call this.
    pub(super) fn learn(&self, from: &Url, to: &Url) -> Result<Origin, Error> {
        let source = self.check(from)?;
        let origin = Origin::of(to)?;
        self.check_scheme(&origin, to)?;
        if let Ok(origin) = self.check(to)
            && (origin.secure || !source.secure)
        {
            return Ok(origin);
        }
        let refuse = |why: &str| Err(Error::new(ErrorKind::Protocol, shown(to), format!("refused, {why}")));
        if source.secure && !origin.secure {
            return refuse(&format!("{source} is https and leads down to http"));
        }
        // What plain http says, anybody on this computer may have said.
        if !source.secure && !origin.is_loopback() {
            return refuse(&format!("{source} is plain http and leads away from this computer"));
        }
        self.known.write().insert(origin.clone());
        Ok(origin)
    }

    fn check_scheme(&self, origin: &Origin, url: &Url) -> Result<(), Error> {
        if origin.secure || (self.allow_http && origin.is_loopback()) {
            return Ok(());
        }
        let error = Error::new(ErrorKind::Protocol, shown(url), format!("refused, {origin} is plain http"));
        Err(if origin.is_loopback() {
            error.advise("use https, or configure allow_http for tests on this computer")
        } else {
            error.advise("use https: a token is never sent over plain http")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn origins(entries: &[&str], patterns: &[&str], allow_http: bool) -> Result<Origins, Error> {
        let entries: Vec<Url> = entries.iter().map(|entry| url(entry)).collect();
        let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        Origins::new(&entries, &patterns, allow_http)
    }

    #[test]
    fn only_the_very_origin_is_trusted() {
        let origins = origins(&["https://lyncdiscover.contoso.com/"], &[], true).unwrap();
        let table = [
            ("https://lyncdiscover.contoso.com/any?thing", true),
            ("https://LYNCDISCOVER.contoso.com:443/", true),
            ("https://lyncdiscover.contoso.com:4443/", false),
            ("http://lyncdiscover.contoso.com/", false),
            ("https://contoso.com/", false),
            ("https://lyncdiscover.contoso.com.evil.example/", false),
            ("https://lyncdiscover.contoso.com./", false),
            ("https://evil.example/lyncdiscover.contoso.com", false),
            ("https://lyncdiscover.contoso.com@evil.example/", false),
            ("https://ana@lyncdiscover.contoso.com/", false),
            ("https://:pw@lyncdiscover.contoso.com/", false),
            ("http://127.0.0.1/", false),
            ("ftp://lyncdiscover.contoso.com/", false),
            ("data:text/plain,x", false),
            ("file:///etc/passwd", false),
        ];
        for (address, trusted) in table {
            assert_eq!(origins.check(&url(address)).is_ok(), trusted, "{address}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_configure_and_no_secret() {
        let origins = origins(&["https://lyncdiscover.contoso.com/"], &[], false).unwrap();
        let error = origins.check(&url("https://pool.contoso.com:4443/ucwa?key=s3cret")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(error.advice().contains("origins.trust=https://pool.contoso.com:4443"), "{error}");
        assert!(!error.to_string().contains("s3cret"), "{error}");
        let error = origins.check(&url("https://ana:s3cret@lyncdiscover.contoso.com/")).unwrap_err();
        assert!(!error.to_string().contains("s3cret"), "{error}");
        let error = origins.check(&url("http://localhost:1/")).unwrap_err();
        assert!(error.advice().contains("allow_http"), "{error}");
    }

    #[test]
    fn patterns_of_the_host() {
        // pattern, origin, fits
        let table = [
            ("https://pool.contoso.com", "https://pool.contoso.com/x", true),
            ("https://pool.contoso.com", "https://pool.contoso.com:4443/x", false),
            ("https://pool.contoso.com:4443", "https://pool.contoso.com:4443/x", true),
            ("https://pool.contoso.com:4443", "https://pool.contoso.com/x", false),
            (" https://Pool.Contoso.com/ ", "https://pool.contoso.com/", true),
            ("https://*.contoso.com", "https://pool.contoso.com/", true),
            ("https://*.contoso.com", "https://a.b.contoso.com/", true),
            ("https://*.contoso.com", "https://contoso.com/", false),
            ("https://*.contoso.com", "https://evilcontoso.com/", false),
            ("https://*.contoso.com", "https://pool.contoso.com:4443/", false),
            ("https://*.contoso.com:4443", "https://pool.contoso.com:4443/", true),
            ("https://*.contoso.com", "http://pool.contoso.com:443/", false),
            ("https://*.contoso.com", "https://pool.contoso.com.evil.example/", false),
            ("https://192.0.2.7", "https://192.0.2.7/", true),
            ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443/", true),
        ];
        for (pattern, address, fits) in table {
            let origins = origins(&[], &[pattern], true).unwrap();
            assert_eq!(origins.check(&url(address)).is_ok(), fits, "{pattern} {address}");
        }
        let bad = [
            "",
            "*",
            "https://*",
            "https://*.com",
            "https://*.com.",
            "https://*.*.com",
            "https://a.*.contoso.com",
            "contoso.com",
            "http://pool.contoso.com",
            "http://127.0.0.1",
            "https://pool.contoso.com/path",
            "https://pool.contoso.com?x",
            "https://u:s3cret@pool.contoso.com",
            "https://*.192.0.2.7",
            "*.contoso.com",
            "https://pool*.contoso.com",
        ];
        for pattern in bad {
            let error = origins(&[], &[pattern], true).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{pattern}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn what_the_sign_in_leads_to_becomes_trusted() {
        // allow_http, from, to, taken
        let secure = "https://lyncdiscover.contoso.com/";
        let table = [
            (false, secure, "https://lyncweb.contoso.com/user", true),
            (false, secure, "https://webdir0a.online.lync.com/", true),
            (false, secure, "http://lyncweb.contoso.com/user", false),
            (true, secure, "http://127.0.0.1:80/user", false),
            (true, secure, "https://u:p@lyncweb.contoso.com/", false),
            (true, secure, "data:text/plain,x", false),
            (true, "http://127.0.0.1:8080/", "http://127.0.0.1:8081/", true),
            (true, "http://127.0.0.1:8080/", "http://localhost:8081/", true),
            (true, "http://[::1]:8080/", "https://127.0.0.1:8443/", true),
            (true, "http://127.0.0.1:8080/", "https://lyncweb.contoso.com/", false),
            (true, "http://127.0.0.1:8080/", "http://lyncweb.contoso.com/", false),
        ];
        for (allow_http, from, to, taken) in table {
            let origins = origins(&[from], &[], allow_http).unwrap();
            assert!(origins.check(&url(to)).is_err());
            assert_eq!(origins.learn(&url(from), &url(to)).is_ok(), taken, "{from} {to}");
            assert_eq!(origins.check(&url(to)).is_ok(), taken, "{from} {to}");
        }
        let origins = origins(&[secure], &[], false).unwrap();
        assert!(origins.learn(&url("https://evil.example/"), &url("https://worse.example/")).is_err());
        assert!(origins.check(&url("https://worse.example/")).is_err());
    }

    #[test]
    fn https_never_leads_down_even_to_a_trusted_place() {
        let (http, https) = ("http://127.0.0.1:8080/", "https://127.0.0.1:8443/");
        let origins = origins(&[http], &[], true).unwrap();
        origins.learn(&url(http), &url(https)).unwrap();
        assert!(origins.learn(&url(https), &url(http)).is_err());
    }

    #[test]
    fn plain_http_is_no_beginning() {
        for (entry, allow_http) in [
            ("http://127.0.0.1/", false),
            ("http://contoso.com/", true),
            ("http://127.0.0.1.evil.example/", true),
            ("http://localhost.evil.example/", true),
        ] {
            assert!(origins(&[entry], &[], allow_http).is_err(), "{entry}");
        }
        for entry in ["http://127.0.0.1:8080/", "http://127.9.9.9/", "http://[::1]/", "http://LOCALHOST/"] {
            assert!(origins(&[entry], &[], true).is_ok(), "{entry}");
        }
    }
}
