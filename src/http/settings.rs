//! What the door is told once: where to begin, whom to trust, how long to wait.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use url::Url;

use super::RetryPolicy;

/// Where a session begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// The domain of a SIP address: autodiscovery tries the internal, then the external entry point (PROTOCOL 1.1).
    Domain(String),
    /// The root resource itself, or any resource that leads to `applications`.
    Root(Url),
}

/// Which way out.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Proxy {
    /// What the system says: environment variables, or the settings of Windows and macOS.
    #[default]
    System,
    /// None at all.
    None,
    /// This one, for every request but those to plain http on the loopback interface.
    Url(Url),
}

impl fmt::Debug for Proxy {
    /// Without the user and password that a proxy's URL may carry.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Proxy::System => f.write_str("System"),
            Proxy::None => f.write_str("None"),
            Proxy::Url(url) => {
                write!(f, "{}://{}", url.scheme(), url.host_str().unwrap_or(""))?;
                url.port().map_or(Ok(()), |port| write!(f, ":{port}"))
            }
        }
    }
}

/// The settings of one session's door. Plain data; its `Debug` shows no secret.
#[derive(Clone)]
pub struct Settings {
    /// Where to begin.
    pub entry: Entry,
    /// The `User-Agent` of every request.
    pub user_agent: String,
    /// Certificates (PEM, each blob one or several) of authorities to trust besides those of the platform.
    pub extra_roots_pem: Vec<Vec<u8>>,
    /// Which way out.
    pub proxy: Proxy,
    /// Host name -> address to connect to instead, without asking a name server. The port counts when the URL names
    /// none; the name stays what certificates are checked against. Has no effect on what goes through a proxy.
    pub resolve: Vec<(String, SocketAddr)>,
    /// Allows plain http to this computer itself (127.0.0.0/8, ::1, localhost), for tests. Never to anywhere else.
    pub allow_http: bool,
    /// Origins that may have credentials though no link of the sign-in leads there: `https://host`,
    /// `https://host:port`, `https://*.contoso.com` (any depth below, not contoso.com itself).
    pub trusted_origins: Vec<String>,
    /// How long a connection may take to stand, TLS included.
    pub connect_timeout: Duration,
    /// How long a request may take until the last byte of its answer, unless the call says otherwise.
    pub request_timeout: Duration,
    /// The longest body that is read, in bytes.
    pub max_body: usize,
    /// How many HTTP redirects one request may follow.
    pub max_redirects: u32,
    /// How many `redirect` links discovery and sign-in may follow, each.
    pub max_discovery_redirects: u32,
    /// What is tried again, when, and how often.
    pub retry: RetryPolicy,
}

impl Settings {
    /// Settings with the defaults: platform trust, system proxy, 10 s to connect, 60 s for a request, 16 MiB.
    pub fn new(entry: Entry) -> Self {
        Settings {
            entry,
            user_agent: concat!("libucwa/", env!("CARGO_PKG_VERSION")).to_owned(),
            extra_roots_pem: Vec::new(),
            proxy: Proxy::System,
            resolve: Vec::new(),
            allow_http: false,
            trusted_origins: Vec::new(),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
            max_body: 16 * 1024 * 1024,
            max_redirects: 5,
            max_discovery_redirects: 5,
            retry: RetryPolicy::default(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("entry", &self.entry)
            .field("user_agent", &self.user_agent)
            .field("extra_roots", &self.extra_roots_pem.len())
            .field("proxy", &self.proxy)
            .field("resolve", &self.resolve)
            .field("allow_http", &self.allow_http)
            .field("trusted_origins", &self.trusted_origins)
            .field("connect_timeout", &self.connect_timeout)
            .field("request_timeout", &self.request_timeout)
            .field("max_body", &self.max_body)
            .field("max_redirects", &self.max_redirects)
            .field("max_discovery_redirects", &self.max_discovery_redirects)
            .field("retry", &self.retry)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_password_of_the_proxy() {
        let mut settings = Settings::new(Entry::Domain("contoso.com".into()));
        settings.proxy = Proxy::Url(Url::parse("http://ana:hunter2@proxy.contoso.com:8080/").unwrap());
        let shown = format!("{settings:?}");
        assert!(shown.contains("http://proxy.contoso.com:8080"), "{shown}");
        assert!(!shown.contains("hunter2") && !shown.contains("ana"), "{shown}");
    }
}
