//! Addresses as the server writes them, and the identity under which a resource is known (traps T-2, T-3, T-44).

use std::sync::Arc;

use url::Url;

/// A link's address as it was written; relative or absolute.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Href(Box<str>);

/// What relative addresses of a document stand against: its `baseuri`, else the URL it was asked under.
pub type Base = Arc<Url>;

/// The identity of a resource. Equal for all spellings of one address; good for comparing only, never for a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId(Arc<str>);

/// An address together with what it stands against: everything needed to compare and to ask.
#[derive(Debug, Clone)]
pub struct Target {
    /// The address as written.
    pub href: Href,
    /// What it stands against.
    pub base: Base,
}
