//! Addresses as the server writes them, and what they lead to (traps T-2, T-16, T-44).

use std::sync::Arc;

use url::Url;

use super::ResourceId;

/// A link's address as it was written; relative, absolute, or a data URI.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Href(Box<str>);

/// What relative addresses of a document stand against: its `baseuri`, else the URL it was asked under.
pub type Base = Arc<Url>;

/// An address together with what it stands against: everything needed to compare and to ask.
#[derive(Debug, Clone)]
pub struct Target {
    /// The address as written.
    pub href: Href,
    /// What it stands against.
    pub base: Base,
}

/// An address that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HrefError {
    /// It is no URL.
    #[error("`{href}` is no address: {source}")]
    NotAnAddress {
        /// The beginning of the address, without its query.
        href: String,
        /// Why.
        source: url::ParseError,
    },
    /// It is written as a relative address, and yet leads to another origin than its base's.
    #[error("the relative address `{href}` leads away from its document's origin")]
    LeavesOrigin {
        /// The beginning of the address, without its query.
        href: String,
    },
}

/// How much of a bad address an error shows.
const SHOWN: usize = 80;

impl Href {
    /// The address as the server wrote it, less blanks around it and with a literal `\u0026` made `&` again (trap T-16).
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        if text.contains(r"\u0026") { Href(text.replace(r"\u0026", "&").into()) } else { Href(text.into()) }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where it leads. `base` is the document's `baseuri`, else the URL that the document was asked under.
    ///
    /// Several leading slashes make a rooted path and no host (trap T-44), so a relative address always stays on the
    /// origin of its base.
    pub fn resolve(&self, base: &Url) -> Result<Url, HrefError> {
        let refused = |source| HrefError::NotAnAddress { href: self.shown(), source };
        match Url::parse(&self.0) {
            Ok(absolute) => return Ok(absolute),
            Err(url::ParseError::RelativeUrlWithoutBase) => {}
            Err(source) => return Err(refused(source)),
        }
        let path = self.0.trim_start_matches(['/', '\\']);
        let url = if path.len() == self.0.len() { base.join(path) } else { base.join(&format!("/{path}")) }
            .map_err(refused)?;
        if url.origin() == base.origin() {
            Ok(url)
        } else {
            Err(HrefError::LeavesOrigin { href: self.shown() })
        }
    }

    /// For people: without the query, which may hold keys, and not the whole of a data URI.
    fn shown(&self) -> String {
        let address = self.0.split(['?', ',']).next().unwrap_or_default();
        address.chars().take(SHOWN).collect()
    }
}

impl std::fmt::Display for Href {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Target {
    /// An address and what it stands against.
    pub fn new(href: Href, base: Base) -> Self {
        Target { href, base }
    }

    /// Where it leads.
    pub fn url(&self) -> Result<Url, HrefError> {
        self.href.resolve(&self.base)
    }

    /// Under which identity the resource is known.
    pub fn id(&self) -> ResourceId {
        ResourceId::of(&self.href, &self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(href: &str) -> Result<String, HrefError> {
        let base = Url::parse("https://pool.contoso.com/ucwa/oauth/v1/applications/1/events?ack=2").unwrap();
        Href::new(href).resolve(&base).map(String::from)
    }

    #[test]
    fn t2_rooted_absolute_and_bare_relative() {
        let table = [
            ("/ucwa/v1/x?a=b", "https://pool.contoso.com/ucwa/v1/x?a=b"),
            ("https://fe1.contoso.com:443/ucwa", "https://fe1.contoso.com/ucwa"),
            ("http://sample:80/x", "http://sample/x"),
            (
                "communication/invitations/491",
                "https://pool.contoso.com/ucwa/oauth/v1/applications/1/communication/invitations/491",
            ),
            ("/x/participants/tel:+14254996692", "https://pool.contoso.com/x/participants/tel:+14254996692"),
            (" /x\n", "https://pool.contoso.com/x"),
        ];
        for (href, url) in table {
            assert_eq!(resolve(href).as_deref(), Ok(url), "{href}");
        }
    }

    #[test]
    fn t16_literal_u0026_in_href() {
        let href = Href::new(r"/events?ack=4\u0026key=5\u0026a=1");
        assert_eq!(href.as_str(), "/events?ack=4&key=5&a=1");
    }

    #[test]
    fn t44_leading_slashes_are_a_rooted_path() {
        for href in ["//v1/applications", "///v1/applications", r"/\v1/applications", r"\\v1/applications"] {
            assert_eq!(resolve(href).as_deref(), Ok("https://pool.contoso.com/v1/applications"), "{href}");
        }
    }

    #[test]
    fn a_relative_address_never_leaves_its_origin() {
        for href in ["/\t/evil.com/x", "https:/evil.com", "https:evil.com", "/\n\\evil.com"] {
            match Href::new(href).resolve(&Url::parse("https://pool.contoso.com/a").unwrap()) {
                Ok(url) if Url::parse(href).is_err() => assert_eq!(url.host_str(), Some("pool.contoso.com")),
                Ok(_) | Err(HrefError::LeavesOrigin { .. }) => {}
                Err(other) => panic!("{other}"),
            }
        }
        for href in ["/\t/evil.com/x", "/\t/pool.contoso.com:99/x"] {
            assert!(matches!(resolve(href), Err(HrefError::LeavesOrigin { .. })), "{href:?}");
        }
    }

    #[test]
    fn what_is_no_address_says_so_without_its_query() {
        let error = resolve("https://[bad/x?key=secret").unwrap_err().to_string();
        assert!(error.contains("https://[bad/x") && !error.contains("secret"), "{error}");
        let base = Url::parse("data:text/plain,x").unwrap();
        assert!(Href::new("/x").resolve(&base).is_err());
    }

    #[test]
    fn a_data_uri_is_an_address() {
        assert_eq!(resolve("data:text/plain,Hi").as_deref(), Ok("data:text/plain,Hi"));
    }
}
