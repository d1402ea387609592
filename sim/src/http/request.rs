//! A request.

/// A request, read whole.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query as they came.
    pub(crate) target: String,
    /// Path as it came.
    pub(crate) path: String,
    /// The parts of the path, decoded.
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Scheme and host that it was sent to, such as `https://lyncweb.contoso.com`.
    pub(crate) origin: String,
    pub(crate) keep_alive: bool,
    pub(crate) in_batch: bool,
}

impl Request {
    /// A request from its parts; an absolute target loses its scheme and host.
    pub(crate) fn new(method: &str, target: &str, headers: Vec<(String, String)>, scheme: &str) -> Self {
        let rooted = match target.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |at| rest.get(at..).unwrap_or("/")),
            None => target,
        };
        let rooted = rooted.split('#').next().unwrap_or("/");
        let (path, query) = rooted.split_once('?').unwrap_or((rooted, ""));
        let decode = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned();
        let segments = path.split('/').filter(|part| !part.is_empty()).map(decode).collect();
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let mut request = Self {
            method: method.to_ascii_uppercase(),
            target: rooted.to_owned(),
            path: path.to_owned(),
            segments,
            query,
            headers,
            body: Vec::new(),
            origin: String::new(),
            keep_alive: true,
            in_batch: false,
        };
        let host = request.header("host").unwrap_or("localhost");
        request.origin = format!("{scheme}://{host}");
        request
    }

    /// The value of a header; the first when there are several.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.as_str())
    }

    /// The value of a query parameter, whatever case its name has.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut named = self.query.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.as_str())
    }

    /// The host without its port.
    pub(crate) fn host(&self) -> &str {
        let authority = self.origin.split_once("://").map_or("", |(_, rest)| rest);
        if authority.starts_with('[') {
            return authority.split_inclusive(']').next().unwrap_or(authority);
        }
        authority.split(':').next().unwrap_or(authority)
    }

    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    }

    /// Whether a client that has this version needs no body.
    pub(crate) fn has_version(&self, etag: &str) -> bool {
        self.header("if-none-match").is_some_and(|list| same_etag(list, etag))
    }
}

/// Whether a list of entity tags, quoted or not, names this one.
pub(crate) fn same_etag(list: &str, etag: &str) -> bool {
    list.split(',').any(|one| {
        let one = one.trim().trim_start_matches("W/").trim_matches('"');
        one == "*" || one == etag
    })
}
