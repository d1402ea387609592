//! The identity under which a resource is known (trap T-3).

use std::fmt;
use std::sync::Arc;

use url::Url;

use super::Href;

/// The identity of a resource. Equal for all spellings of one address; good for comparing only, never for a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId(Arc<str>);

impl ResourceId {
    /// The identity behind an address that stands against `base`.
    ///
    /// Folded are dot segments and percent-encoding; below `people/` and `participants/` also the case of the path. Left
    /// out are scheme, host and port: a path names its application, and one application is written under several hosts
    /// (rooted and absolute in one page, a front end's name behind a gateway: trap T-2). Left out too are the query's
    /// `endpointId` (any case), the fragment and a user name. An address that cannot be resolved is known by its text.
    pub fn of(href: &Href, base: &Url) -> Self {
        if let Some(id) = Self::of_rooted(href.as_str(), base) {
            return id;
        }
        match href.resolve(base) {
            Ok(url) => Self::of_url(&url),
            Err(_) => ResourceId(href.as_str().into()),
        }
    }

    /// The same for a plain rooted path, the usual form, without the cost of a URL: every event asks for identities.
    fn of_rooted(href: &str, base: &Url) -> Option<Self> {
        if !is_plain_rooted(href) || !is_http(base) {
            return None;
        }
        let (path, query) = href.split_once('?').unwrap_or((href, ""));
        let mut id = String::with_capacity(href.len());
        push_path(&mut id, path);
        push_query(&mut id, query);
        Some(ResourceId(id.into()))
    }

    /// The identity of a resolved address.
    pub fn of_url(url: &Url) -> Self {
        if !is_http(url) {
            return ResourceId(url.as_str().into());
        }
        let mut id = String::with_capacity(url.as_str().len());
        push_path(&mut id, url.path());
        push_query(&mut id, url.query().unwrap_or_default());
        ResourceId(id.into())
    }

    /// The identity as text: for logs and for ordering.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "https" | "http")
}

/// A rooted path that a URL would not change, but for its percent-encoding.
fn is_plain_rooted(href: &str) -> bool {
    let mut before = b' ';
    let mut plain = true;
    for byte in href.bytes() {
        plain &= match (before, byte) {
            (b' ', first) => first == b'/',
            (_, b'\\' | b'#') => false,
            // dot segments are left to the URL; their dots may be encoded (%2E)
            (b'/', b'.') | (b'%', b'2') => false,
            (_, other) => other.is_ascii_graphic(),
        };
        before = byte;
    }
    plain && !href.is_empty() && !href.starts_with("//")
}

fn push_path(id: &mut String, path: &str) {
    let mut fold_case = false;
    for segment in path.trim_start_matches('/').split('/') {
        id.push('/');
        let start = id.len();
        push_folded(id, segment, b"/\\?#%", fold_case);
        fold_case |= matches!(id.get(start..), Some("people" | "participants"));
    }
}

fn push_query(id: &mut String, query: &str) {
    if query.is_empty() {
        return;
    }
    let mut separator = '?';
    let mut pair = String::new();
    for part in query.split('&') {
        pair.clear();
        push_folded(&mut pair, part, b"&=+#%", false);
        let name = pair.split('=').next().unwrap_or_default();
        if pair.is_empty() || name.eq_ignore_ascii_case("endpointid") {
            continue;
        }
        id.push(separator);
        id.push_str(&pair);
        separator = '&';
    }
}

/// Decodes what is needlessly percent-encoded. What would change the structure of the address (`keep`) and what is not
/// printable stays encoded, or is encoded now.
fn push_folded(id: &mut String, text: &str, keep: &[u8], fold_case: bool) {
    if text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'%') {
        let start = id.len();
        id.push_str(text);
        if let Some(pushed) = id.get_mut(start..).filter(|_| fold_case) {
            pushed.make_ascii_lowercase();
        }
        return;
    }
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let mut byte = *first;
        let mut encoded = byte == b'%';
        if let (b'%', [high, low, after @ ..]) = (byte, tail)
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            byte = high << 4 | low;
            rest = after;
        }
        encoded &= keep.contains(&byte);
        if encoded || !byte.is_ascii_graphic() {
            id.push('%');
            id.extend([byte >> 4, byte & 15].map(upper_hex));
        } else if fold_case {
            id.push(byte.to_ascii_lowercase().into());
        } else {
            id.push(byte.into());
        }
    }
}

fn upper_hex(value: u8) -> char {
    char::from_digit(value.into(), 16).unwrap_or('0').to_ascii_uppercase()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base() -> Url {
        Url::parse("https://pool.contoso.com/ucwa/oauth/v1/applications/1/events?ack=2").unwrap()
    }

    fn id(href: &str) -> ResourceId {
        ResourceId::of(&Href::new(href), &base())
    }

    #[test]
    fn t3_spellings_of_one_resource() {
        let table = [
            ("/a/people/saraD@contoso.com", "/a/people/sarad@Contoso.com"),
            ("/a/people/Sara/Presence/%41", "/a/people/sara/presence/a"),
            ("/a/participants/x%40y.z", "/a/participants/X@y.Z"),
            ("/a?endpointId=sip%3ahelpdesk%40contoso.com&x=1", "/a?x=1&EndpointID=sip:helpdesk@contoso.com"),
            ("/a?endpointid=sip:h@c", "/a"),
            ("https://POOL.contoso.com:443/a", "/a"),
            ("/a%2db", "/a-b"),
            ("/a/%c3%a9%2F", "/a/é%2f"),
            ("//a/b", "https://pool.contoso.com//a/b"),
            ("/a?", "/a#x"),
            (r"/a?x=1\u0026y=2", "/a?x=1&y=2"),
            ("communication", "/ucwa/oauth/v1/applications/1/communication"),
            ("/x/%70eople/A", "/x/people/a"),
            // one application under the names of a gateway, a front end and a listener
            ("https://fe1.contoso.com:443/ucwa/v1/applications/192", "/ucwa/v1/applications/192"),
            ("http://sample:80/a?x=1", "https://pool.contoso.com:8443/a?x=1"),
        ];
        for (one, other) in table {
            assert_eq!(id(one), id(other), "{one} and {other}");
        }
    }

    #[test]
    fn t3_different_resources() {
        let table = [
            ("/participantInvitations?conversation=1", "/participantInvitations?conversation=2"),
            ("/a/participants?filter=Leaders", "/a/participants?filter=Lobby"),
            ("/a/conversations/AbC", "/a/conversations/abc"),
            ("/a%2Fb", "/a/b"),
            ("/a?x=%26y", "/a?x=&y"),
            ("/a?x=a+b", "/a?x=a%2Bb"),
            ("ftp://pool.contoso.com/a", "/a"),
            ("ftp://pool.contoso.com/a", "ftp://other.contoso.com/a"),
        ];
        for (one, other) in table {
            assert_ne!(id(one), id(other), "{one} and {other}");
        }
    }

    #[test]
    fn the_usual_form_takes_the_short_way() {
        let short = |href: &str| ResourceId::of_rooted(href, &base()).is_some();
        assert!(short("/ucwa/v1/participants/tel:+1425?conversation=1&endpointId=sip%3ah"));
        for long in ["//v1", "/a/../b", "/a/%2e%2E/b", "x", "https://h/a", "/a b", "/é", "/a#b"] {
            assert!(!short(long), "{long}");
        }
    }

    #[test]
    fn what_cannot_be_resolved_is_known_by_its_text() {
        assert_eq!(id("https://[bad").as_str(), "https://[bad");
        assert_ne!(id("https://[bad"), id("https://[worse"));
        assert_eq!(id("data:text/plain,A%40b").as_str(), "data:text/plain,A%40b");
    }

    #[test]
    fn no_user_name_or_password_is_shown() {
        assert_eq!(id("https://me:word@pool.contoso.com/a"), id("/a"));
    }

    /// Encodes each letter or digit or `@` of `text` whose bit is set.
    fn encode_some(text: &str, mask: u64) -> String {
        let encodable = |c: char| c.is_ascii_alphanumeric() || "@-_.~:".contains(c);
        text.chars()
            .enumerate()
            .map(|(i, c)| match mask >> (i % 64) & 1 {
                1 if encodable(c) && !text.contains('%') => format!("%{:02x}", u32::from(c)),
                _ => c.to_string(),
            })
            .collect()
    }

    proptest! {
        #[test]
        fn an_identity_is_its_own_identity(href in "(/|//|https?://[a-zA-Z.]{1,9}(:[0-9]{2})?/)?([a-zA-Z@:%/.?&=+~\\\\]|%[0-9a-fA-F]{2}|people/|é){0,40}") {
            let once = id(&href);
            prop_assert_eq!(id(once.as_str()), once);
        }

        #[test]
        fn the_short_way_is_the_long_way(href in "/([a-zA-Z@:%/.?&=+'\"<>|{}#~\\\\ -]|%[0-9a-fA-F]{2}|people/|endpointId=){0,40}", base in 0..4usize) {
            let bases = [
                "https://pool.contoso.com/x/y?z",
                "http://me:word@[::1]:8080/",
                "HTTPS://Pool.Contoso.com:443",
                "https://münchen.example:8443/a",
            ];
            let base = Url::parse(bases[base]).unwrap();
            let href = Href::new(&href);
            let long = href.resolve(&base).map(|url| ResourceId::of_url(&url));
            prop_assert_eq!(ResourceId::of(&href, &base), long.unwrap());
        }

        #[test]
        fn any_text_has_an_identity_of_its_own(href in "\\PC{0,40}") {
            let once = id(&href);
            prop_assert_eq!(id(once.as_str()), once);
        }

        #[test]
        fn percent_encoding_changes_nothing(path in "[a-zA-Z0-9@:_~-]{1,12}", query in "[a-z0-9@:]{1,9}=[a-zA-Z0-9@:]{0,9}", mask: u64) {
            let plain = format!("/x/{path}?{query}");
            let (name, value) = query.split_once('=').unwrap();
            let encoded = format!("/x/{}?{}={}", encode_some(&path, mask), encode_some(name, mask), encode_some(value, mask));
            prop_assert_eq!(id(&plain), id(&encoded));
        }

        #[test]
        fn the_host_changes_nothing(host in "[a-zA-Z]{1,12}\\.com", path in "[a-zA-Z0-9/]{0,12}") {
            let rooted = id(&format!("/{path}"));
            prop_assert_eq!(&id(&format!("https://{host}/{path}")), &rooted);
            prop_assert_eq!(&id(&format!("HTTP://{host}:8080/{path}")), &rooted);
        }
    }
}
