//! `_links`: rel -> link, or array of links (trap T-6).

use super::{Href, Rel};

/// One link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where to.
    pub href: Href,
    /// Display name of a participant; may be empty.
    pub title: Option<Box<str>>,
    /// Revision of the resource behind; absent is 1 (PROTOCOL 4.7).
    pub revision: Option<Box<str>>,
}

/// All links of a resource, in the order of the document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Links(Vec<(Rel, Link)>);

impl Links {
    /// The first link of this rel.
    pub fn get(&self, rel: &Rel) -> Option<&Link> {
        self.0.iter().find(|(r, _)| r == rel).map(|(_, link)| link)
    }

    /// Every link of this rel.
    pub fn all<'a>(&'a self, rel: &'a Rel) -> impl Iterator<Item = &'a Link> {
        self.0.iter().filter(move |(r, _)| r == rel).map(|(_, link)| link)
    }

    /// Whether there is a link of this rel.
    pub fn has(&self, rel: &Rel) -> bool {
        self.get(rel).is_some()
    }

    /// All links.
    pub fn iter(&self) -> impl Iterator<Item = (&Rel, &Link)> {
        self.0.iter().map(|(rel, link)| (rel, link))
    }
}
