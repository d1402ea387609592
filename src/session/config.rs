//! What a host decides before a session begins (docs/CONFIG.md lists the keys).

use std::net::SocketAddr;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::Availability;
use crate::http::{Entry, Proxy, Settings};
use crate::wire::{MessageFormat, Modality, PreferredAvailability};
use crate::{Error, ErrorKind};

/// The configuration of a session. Copied by [`super::Session::new`], so one may serve several sessions. `Debug` shows
/// no secret.
#[derive(Debug, Clone)]
pub struct Config {
    pub(super) user: Option<String>,
    domain: Option<String>,
    pub(super) root_url: Option<Url>,
    pub(super) credentials: Option<(String, SecretString)>,
    pub(super) endpoint_id: Option<String>,
    pub(super) culture: String,
    pub(super) user_agent: String,
    pub(super) event_timeout: Option<Duration>,
    pub(super) event_attempts: u32,
    pub(super) operation_timeout: Duration,
    pub(super) credentials_timeout: Duration,
    pub(super) credentials_grace: Duration,
    pub(super) close_timeout: Duration,
    pub(super) answer_grace: Duration,
    pub(super) fetches_at_once: usize,
    pub(super) availability: Option<Availability>,
    pub(super) activity_every: Duration,
    http: Settings,
}

/// Longest `endpointId`, `culture` and `userAgent` in characters (PROTOCOL 3.1).
const NAME_LIMIT: usize = 100;

/// Longest domain name in characters (RFC 1035).
const DOMAIN_LIMIT: usize = 253;

/// A setting of the long tail: its key and what takes its value.
type Setting = (&'static str, fn(&mut Config, &str) -> Result<(), String>);

/// The long tail. A key that ends with `.` takes the rest of the key as a name.
const SETTINGS: &[Setting] = &[
    ("activity.every_s", |c, v| seconds(v, 0, 240).map(|v| c.activity_every = v)),
    ("allow_http", |c, v| flag(v).map(|v| c.http.allow_http = v)),
    ("application.culture", |c, v| name(v).map(|v| c.culture = v)),
    ("application.endpoint_id", |c, v| name(v).map(|v| c.endpoint_id = Some(v))),
    ("available.as", |c, v| {
        known(v, PreferredAvailability::KNOWN).map(|v| {
            c.available().sign_in_as = Some(PreferredAvailability::from_word(v));
        })
    }),
    ("available.message_formats", |c, v| {
        all_known(v, MessageFormat::KNOWN).map(|v| {
            c.available().message_formats = v.into_iter().map(MessageFormat::from_word).collect();
        })
    }),
    ("available.modalities", |c, v| {
        all_known(v, Modality::KNOWN).map(|v| {
            c.available().modalities = v.into_iter().map(Modality::from_word).collect();
        })
    }),
    ("available.phone_number", |c, v| name(v).map(|v| c.available().phone_number = Some(v))),
    ("close.timeout_s", |c, v| seconds(v, 0, 600).map(|v| c.close_timeout = v)),
    ("credentials.grace_s", |c, v| seconds(v, 0, 600).map(|v| c.credentials_grace = v)),
    ("credentials.timeout_s", |c, v| seconds(v, 1, 86_400).map(|v| c.credentials_timeout = v)),
    ("event.attempts", |c, v| number(v, 0, 1_000_000).map(|v| c.event_attempts = v)),
    ("event.timeout_s", |c, v| seconds(v, 180, 1800).map(|v| c.event_timeout = Some(v))),
    ("fetch.at_once", |c, v| number(v, 1, 64).map(|v| c.fetches_at_once = v as usize)),
    ("http.connect_timeout_s", |c, v| seconds(v, 1, 600).map(|v| c.http.connect_timeout = v)),
    ("http.max_body_bytes", |c, v| number(v, 1024, 1 << 30).map(|v| c.http.max_body = v as usize)),
    ("http.request_timeout_s", |c, v| seconds(v, 1, 3600).map(|v| c.http.request_timeout = v)),
    ("invitation.answer_grace_s", |c, v| seconds(v, 1, 600).map(|v| c.answer_grace = v)),
    ("operation.timeout_s", |c, v| seconds(v, 1, 86_400).map(|v| c.operation_timeout = v)),
    ("origins.trust", |c, v| {
        let patterns = v.split(',').map(str::trim).filter(|pattern| !pattern.is_empty());
        c.http.trusted_origins.extend(patterns.map(str::to_owned));
        Ok(())
    }),
    ("retry.first_pause_ms", |c, v| number(v, 1, 60_000).map(|v| c.http.retry.first_pause = millis(v))),
    ("retry.max_backoff_ms", |c, v| number(v, 1, 3_600_000).map(|v| c.http.retry.max_pause = millis(v))),
    ("retry.times", |c, v| number(v, 0, 100).map(|v| c.http.retry.retries = v)),
];

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

impl Config {
    /// The defaults. A user, a domain or a root URL has to be added.
    pub fn new() -> Self {
        let http = Settings::new(Entry::Domain(String::new()));
        Config {
            user: None,
            domain: None,
            root_url: None,
            credentials: None,
            endpoint_id: None,
            culture: "en-US".to_owned(),
            user_agent: http.user_agent.clone(),
            event_timeout: None,
            event_attempts: 10,
            operation_timeout: Duration::from_secs(120),
            credentials_timeout: Duration::from_secs(300),
            credentials_grace: Duration::from_secs(5),
            close_timeout: Duration::from_secs(5),
            answer_grace: Duration::from_secs(30),
            fetches_at_once: 4,
            availability: None,
            activity_every: Duration::from_secs(210),
            http,
        }
    }

    /// Who signs in: a SIP address, `sip:lene@contoso.com` or `lene@contoso.com`. Its domain is where autodiscovery
    /// begins, unless a domain or a root URL is given.
    pub fn user(&mut self, sip_uri: &str) -> Result<&mut Self, Error> {
        let bare = sip_uri.strip_prefix("sip:").unwrap_or(sip_uri);
        let well_formed = bare
            .split_once('@')
            .is_some_and(|(user, domain)| !user.is_empty() && !domain.is_empty() && is_of_a_domain(domain));
        if !well_formed {
            return Err(bad("user", sip_uri, "not of the form sip:name@domain"));
        }
        self.user = Some(format!("sip:{bare}"));
        Ok(self)
    }

    /// Where autodiscovery begins instead of at the user's own domain: `contoso.com`. No user has to be given then. A
    /// root URL goes before it.
    pub fn domain(&mut self, domain: &str) -> Result<&mut Self, Error> {
        let ends = |dot: char| domain.starts_with(dot) || domain.ends_with(dot);
        let too_long = domain.chars().count() > DOMAIN_LIMIT;
        if domain.is_empty() || ends('.') || too_long || !is_of_a_domain(domain) {
            let error = bad("domain", domain, "not a domain name");
            return Err(error.advise("give the part of the SIP address behind the @, as in contoso.com"));
        }
        self.domain = Some(domain.to_owned());
        Ok(self)
    }

    /// Forgets the domain: autodiscovery begins at the user's own, which is the default.
    pub fn domain_of_user(&mut self) -> &mut Self {
        self.domain = None;
        self
    }

    /// Where to begin instead of autodiscovery: the root resource, or the discovery entry point itself.
    pub fn root_url(&mut self, url: &str) -> Result<&mut Self, Error> {
        let url: Url = url.parse().map_err(|error| bad("root URL", url, &format!("not a URL ({error})")))?;
        if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() {
            return Err(bad("root URL", url.as_str(), "not an https URL with a host"));
        }
        self.root_url = Some(url);
        Ok(self)
    }

    /// Forgets the root URL: autodiscovery, which is the default.
    pub fn autodiscover(&mut self) -> &mut Self {
        self.root_url = None;
        self
    }

    /// The short way to credentials. Without it the session asks by an event.
    pub fn password(
        &mut self,
        username: &str,
        password: impl Into<SecretString>,
    ) -> Result<&mut Self, Error> {
        if username.is_empty() {
            return Err(bad("username", username, "empty"));
        }
        self.credentials = Some((username.to_owned(), password.into()));
        Ok(self)
    }

    /// How the application names itself, at most 100 characters: `userAgent` of the application and of each request.
    pub fn user_agent(&mut self, product: &str) -> Result<&mut Self, Error> {
        let product = name(product).map_err(|why| bad("user agent", product, &why))?;
        if product.bytes().any(|byte| !(0x20..0x7f).contains(&byte)) {
            return Err(bad("user agent", &product, "not printable ASCII"));
        }
        self.user_agent.clone_from(&product);
        self.http.user_agent = product;
        Ok(self)
    }

    /// Goes through this proxy; `None`: what the system says, which is the default.
    pub fn proxy(&mut self, url: Option<&str>) -> Result<&mut Self, Error> {
        self.http.proxy = match url {
            None => Proxy::System,
            Some("") => Proxy::None,
            Some(url) => {
                Proxy::Url(url.parse().map_err(|error| bad("proxy", "", &format!("not a URL ({error})")))?)
            }
        };
        Ok(self)
    }

    /// Trusts these authorities besides those of the platform. PEM, one or several certificates.
    pub fn add_root_certs_pem(&mut self, pem: &[u8]) -> Result<&mut Self, Error> {
        let text = String::from_utf8_lossy(pem);
        if !text.contains("-----BEGIN CERTIFICATE-----") {
            return Err(bad("root certificates", "", "no BEGIN CERTIFICATE line in the PEM"));
        }
        self.http.extra_roots_pem.push(pem.to_vec());
        Ok(self)
    }

    /// Makes the user available while signing in, so that others can reach him; as
    /// [`Session::make_available`](super::Session::make_available). When the server refuses, the session fails with its
    /// reason.
    pub fn availability(&mut self, how: Availability) -> &mut Self {
        self.availability = Some(how);
        self
    }

    fn available(&mut self) -> &mut Availability {
        self.availability.get_or_insert_default()
    }

    /// Sets one of the long tail. An unknown key is [`ErrorKind::NotFound`].
    pub fn set(&mut self, key: &str, value: &str) -> Result<&mut Self, Error> {
        if let Some(host) = key.strip_prefix("resolve.").filter(|host| !host.is_empty()) {
            let address: SocketAddr =
                value.parse().map_err(|_| bad(key, value, "not of the form 127.0.0.1:443 or [::1]:443"))?;
            self.http.resolve.push((host.to_ascii_lowercase(), address));
            return Ok(self);
        }
        let Some((_, take)) = SETTINGS.iter().find(|(known, _)| *known == key) else {
            return Err(Error::new(ErrorKind::NotFound, format!("configure {key}"), "there is no such key")
                .advise("docs/CONFIG.md lists the keys"));
        };
        take(self, value).map_err(|why| bad(key, value, &why))?;
        Ok(self)
    }

    /// The keys that [`Config::set`] takes, besides `resolve.<host>`.
    pub fn keys() -> impl Iterator<Item = &'static str> {
        SETTINGS.iter().map(|(key, _)| *key)
    }

    /// The door's settings; an error when the configuration does not say where to go.
    pub(super) fn http(&self) -> Result<Settings, Error> {
        let mut settings = self.http.clone();
        let of_user = || Some(self.user.as_ref()?.rsplit('@').next().unwrap_or_default().to_owned());
        settings.entry = match (&self.root_url, self.domain.clone().or_else(of_user)) {
            (Some(url), _) => Entry::Root(url.clone()),
            (None, Some(domain)) => Entry::Domain(domain),
            (None, None) => {
                let error =
                    Error::new(ErrorKind::InvalidArgument, "configure", "nothing says which server to ask");
                return Err(error.advise("set the user or the domain (for autodiscovery), or the root URL"));
            }
        };
        if self.root_url.as_ref().is_some_and(|url| url.scheme() == "http") && !settings.allow_http {
            let error = Error::new(ErrorKind::InvalidArgument, "configure", "the root URL is plain http");
            return Err(error.advise("use https; for tests on this computer set allow_http to true"));
        }
        Ok(settings)
    }
}

fn bad(what: &str, value: &str, why: &str) -> Error {
    let shown: String = value.chars().take(100).collect();
    Error::new(ErrorKind::InvalidArgument, format!("configure {what} `{shown}`"), why)
}

/// Whether only what a domain name may have is in it; discovery looks closer.
fn is_of_a_domain(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
}

fn name(value: &str) -> Result<String, String> {
    match value.chars().count() {
        0 => Err("empty".into()),
        n if n > NAME_LIMIT => Err(format!("{n} characters; at most {NAME_LIMIT} are allowed")),
        _ => Ok(value.to_owned()),
    }
}

/// One of these words, in any case.
fn known(value: &str, words: &[&'static str]) -> Result<&'static str, String> {
    let found = words.iter().find(|word| word.eq_ignore_ascii_case(value.trim()));
    found.copied().ok_or_else(|| format!("`{value}` is none of {}", words.join(", ")))
}

/// Some of these words, with commas between.
fn all_known(value: &str, words: &[&'static str]) -> Result<Vec<&'static str>, String> {
    value.split(',').map(|word| known(word, words)).collect()
}

fn flag(value: &str) -> Result<bool, String> {
    match value {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("neither true nor false".into()),
    }
}

fn number(value: &str, min: u32, max: u32) -> Result<u32, String> {
    let out_of_range = || format!("not a whole number from {min} to {max}");
    value.parse().ok().filter(|n| (min..=max).contains(n)).ok_or_else(out_of_range)
}

fn seconds(value: &str, min: u32, max: u32) -> Result<Duration, String> {
    number(value, min, max).map(|n| Duration::from_secs(n.into()))
}

fn millis(n: u32) -> Duration {
    Duration::from_millis(n.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_value_says_what_is_wrong() {
        let rows: [(&str, &str, &str); 7] = [
            ("allow_http", "yes", "neither true nor false"),
            ("event.timeout_s", "30", "180 to 1800"),
            ("event.timeout_s", "-1", "180 to 1800"),
            ("resolve.lyncdiscover.contoso.com", "localhost", "127.0.0.1:443"),
            ("application.endpoint_id", "", "empty"),
            ("http.max_body_bytes", "99999999999999", "1024"),
            ("fetch.at_once", "0", "1 to 64"),
        ];
        for (key, value, part) in rows {
            let error = Config::new().set(key, value).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{key}");
            assert!(error.to_string().contains(part), "{key}: {error}");
        }
        assert_eq!(Config::new().set("no.such.key", "1").unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn users_and_urls_are_checked() {
        for good in ["sip:ana@contoso.com", "ana@contoso.com", "sip:ana.b@sub.contoso.co.uk"] {
            assert!(Config::new().user(good).is_ok(), "{good}");
        }
        for wrong in
            ["", "ana", "sip:@contoso.com", "ana@", "ana@con/toso.com", "ana@contoso.com@x", "a@b\r\nX: y"]
        {
            assert!(Config::new().user(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "lyncweb.contoso.com", "ftp://contoso.com/", "file:///etc/passwd", "https://"] {
            assert!(Config::new().root_url(wrong).is_err(), "{wrong}");
        }
        for good in ["contoso.com", "sub.contoso.co.uk", "b\u{fc}ro.example", "intranet"] {
            assert!(Config::new().domain(good).is_ok(), "{good}");
        }
        let long = "a.".repeat(200) + "com";
        for wrong in ["", ".", ".com", "contoso.com.", "sip:ana@contoso.com", "ana@contoso.com", "a/b", &long]
        {
            let error = Config::new().domain(wrong).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{wrong}");
        }
        assert!(Config::new().user_agent("a\r\nX: y").is_err());
        assert!(Config::new().user_agent(&"x".repeat(101)).is_err());
        assert!(Config::new().add_root_certs_pem(b"hello").is_err());
    }

    #[test]
    fn a_session_needs_to_know_where_to_go() {
        let error = Config::new().http().unwrap_err();
        assert!(error.to_string().contains("set the user"), "{error}");
        let mut plain = Config::new();
        plain.root_url("http://127.0.0.1:1/").unwrap();
        assert!(plain.http().unwrap_err().to_string().contains("allow_http"));
        plain.set("allow_http", "true").unwrap();
        assert!(plain.http().is_ok());
        let mut domain = Config::new();
        domain.user("sip:ana@contoso.com").unwrap();
        assert_eq!(domain.http().unwrap().entry, Entry::Domain("contoso.com".into()));
        domain.domain("fabrikam.com").unwrap();
        assert_eq!(domain.http().unwrap().entry, Entry::Domain("fabrikam.com".into()), "the given one wins");
        domain.root_url("https://web.contoso.com/").unwrap();
        assert!(matches!(domain.http().unwrap().entry, Entry::Root(_)), "the root URL wins over both");
        domain.autodiscover();
        assert_eq!(domain.http().unwrap().entry, Entry::Domain("fabrikam.com".into()));
        domain.domain_of_user();
        assert_eq!(domain.http().unwrap().entry, Entry::Domain("contoso.com".into()));
        let mut nobody = Config::new();
        nobody.domain("fabrikam.com").unwrap();
        assert_eq!(nobody.http().unwrap().entry, Entry::Domain("fabrikam.com".into()), "without a user");
    }

    #[test]
    fn debug_shows_no_password() {
        let mut config = Config::new();
        config.password("ana", "hunter2".to_owned()).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn the_list_of_keys_is_documented() {
        let doc = include_str!("../../docs/CONFIG.md");
        for key in Config::keys().chain(["resolve.<host>"]) {
            assert!(doc.contains(&format!("| `{key}` |")), "docs/CONFIG.md lacks {key}");
        }
    }
}
