//! `_links`: rel -> link, or array of links (trap T-6).

use serde::de::{MapAccess, SeqAccess};

use super::read::{As, Form, Many, Object, Scalar, label, skip, string};
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

impl Link {
    /// A link that has an address and nothing else.
    pub fn new(href: &str) -> Self {
        Link { href: Href::new(href), title: None, revision: None }
    }

    /// The same link with a title.
    #[must_use]
    pub fn with_title(self, title: &str) -> Self {
        Link { title: Some(title.into()), ..self }
    }
}

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

    /// How many links there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// There is no link.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Rel, Link)> for Links {
    fn from_iter<I: IntoIterator<Item = (Rel, Link)>>(links: I) -> Self {
        Links(links.into_iter().collect())
    }
}

/// A link as it is read: with everything that may stand beside its address.
#[derive(Default)]
pub(super) struct LinkDoc {
    pub(super) rel: Option<Rel>,
    href: Option<Href>,
    title: Option<String>,
    revision: Option<String>,
}

impl LinkDoc {
    /// `None` when it has no address.
    pub(super) fn link(self) -> Option<Link> {
        Some(Link {
            href: self.href?,
            title: self.title.map(Into::into),
            revision: self.revision.map(Into::into),
        })
    }
}

impl<'de> Object<'de> for LinkDoc {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "href" => self.href = href(map)?,
            "rel" => self.rel = super::read::word(map, Rel::parse)?,
            "title" => self.title = string(map)?,
            "revision" | "rev" => self.revision = label(map)?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// An address; an empty one leads nowhere and counts as absent.
pub(super) fn href<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<Href>, A::Error> {
    let href = super::read::word(map, Href::new)?;
    Ok(href.filter(|href| !href.as_str().is_empty()))
}

/// The property `_links`.
pub(super) fn links<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Links, A::Error> {
    map.next_value().map(|As(links)| links)
}

impl<'de> Form<'de> for Links {
    fn scalar(_: Scalar<'de>) -> Self {
        Links::default()
    }

    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut links = Vec::new();
        while let Some(As(name)) = map.next_key::<As<Scalar<'_>>>()? {
            let Scalar::Text(name) = name else {
                skip(&mut map)?;
                continue;
            };
            let rel = Rel::parse(&name);
            let As(Many(found)) = map.next_value::<As<Many<LinkDoc>>>()?;
            let found = found.into_iter().flatten().filter_map(LinkDoc::link);
            links.extend(found.map(|link| (rel.clone(), link)));
        }
        Ok(Links(links))
    }

    fn seq<A: SeqAccess<'de>>(seq: A) -> Result<Self, A::Error> {
        Scalar::seq(seq).map(|_| Links::default())
    }
}
