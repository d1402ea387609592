//! Reading a page of events (PROTOCOL 5.2, 12.5).
//!
//! One event that cannot be read costs that event and leaves a line in `skipped`, never the page. The first reading is
//! typed throughout. What stops it although the JSON is whole (half a surrogate pair, a number beyond all bounds) sends
//! the page through a second reading that takes sender by sender and event by event.

use serde::Deserialize;
use serde::de::{MapAccess, SeqAccess};
use serde_json::value::RawValue;

use super::links::{LinkDoc, href, links};
use super::read::{As, Form, Many, Object, Scalar, borrowed, mend, one, skip, text, word};
use super::{
    Body, Event, EventPage, EventStatus, EventType, GoOn, Href, Links, Reason, Rel, Sender, WireError,
};

/// Reads a page of the event channel, or one posted callback.
pub fn event_page(bytes: &[u8]) -> Result<EventPage, WireError> {
    const WHAT: &str = "event page";
    let text = text(bytes);
    if let Ok(Some(page)) = borrowed::<PageDoc<Typed<'_>>>(&text) {
        return Ok(typed(page));
    }
    let mended = mend(&text);
    let text = mended.as_deref().unwrap_or(&text);
    match borrowed::<PageDoc<Raw<'_>>>(text) {
        Ok(Some(page)) => Ok(one_by_one(page)),
        Ok(None) => Err(WireError::lacks(WHAT, "no JSON object")),
        Err(error) => Err(WireError::broken(WHAT, text, &error)),
    }
}

/// The senders of a page, typed throughout.
type Typed<'de> = As<Many<SenderDoc<As<Many<EventDoc<'de>>>>>>;

/// A value as text; `None` for null.
type Raw<'de> = Option<&'de RawValue>;

#[derive(Default)]
struct PageDoc<S> {
    links: Links,
    base: Option<Href>,
    senders: S,
}

#[derive(Default)]
struct SenderDoc<E> {
    rel: Option<Rel>,
    href: Option<Href>,
    events: E,
}

#[derive(Default)]
struct EventDoc<'de> {
    link: Option<LinkDoc>,
    kind: Option<EventType>,
    within: Many<LinkDoc>,
    embedded: Embedded<'de>,
    status: Option<EventStatus>,
    reason: Option<Reason>,
}

/// `_embedded`: what is embedded by its key, unread, for the key may come before the target that says what it is.
#[derive(Default)]
struct Embedded<'de>(Vec<(Rel, &'de RawValue)>);

impl<'de, S: Deserialize<'de> + Default> Object<'de> for PageDoc<S> {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "_links" => self.links = links(map)?,
            "baseuri" => self.base = href(map)?,
            "sender" => self.senders = map.next_value()?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de, E: Deserialize<'de> + Default> Object<'de> for SenderDoc<E> {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "rel" => self.rel = word(map, Rel::parse)?,
            "href" => self.href = href(map)?,
            "events" => self.events = map.next_value()?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Object<'de> for EventDoc<'de> {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "link" => self.link = one(map)?,
            "type" => self.kind = word(map, EventType::from_any_case)?,
            "in" => As(self.within) = map.next_value()?,
            "_embedded" => As(self.embedded) = map.next_value()?,
            "status" => self.status = word(map, EventStatus::from_any_case)?,
            "reason" => self.reason = one(map)?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Form<'de> for Embedded<'de> {
    fn scalar(_: Scalar<'de>) -> Self {
        Embedded::default()
    }

    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut all = Vec::new();
        while let Some(As(name)) = map.next_key::<As<Scalar<'_>>>()? {
            if let (Scalar::Text(name), Some(raw)) = (name, map.next_value::<Raw<'de>>()?) {
                all.push((Rel::parse(&name), raw));
            }
        }
        Ok(Embedded(all))
    }

    fn seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut all = Vec::new();
        while let Some(As(Embedded(mut more))) = seq.next_element()? {
            all.append(&mut more);
        }
        Ok(Embedded(all))
    }
}

fn typed(page: PageDoc<Typed<'_>>) -> EventPage {
    let mut builder = Builder::of(page.links, page.base);
    let As(Many(senders)) = page.senders;
    for sender in senders {
        let Some(sender) = sender else {
            builder.skip_sender("it is no object");
            continue;
        };
        builder.sender(sender.rel, sender.href);
        let As(Many(events)) = sender.events;
        for event in events {
            builder.event(event.ok_or("it is no object"));
        }
    }
    builder.page
}

fn one_by_one(page: PageDoc<Raw<'_>>) -> EventPage {
    let mut builder = Builder::of(page.links, page.base);
    for raw in elements(page.senders) {
        match borrowed::<SenderDoc<Raw<'_>>>(raw.get()) {
            Ok(Some(sender)) => {
                builder.sender(sender.rel, sender.href);
                for raw in elements(sender.events) {
                    match borrowed(raw.get()) {
                        Ok(event) => builder.event(event.ok_or("it is no object")),
                        Err(_) => builder.event(Err("a value in it cannot be read")),
                    }
                }
            }
            Ok(None) => builder.skip_sender("it is no object"),
            Err(_) => builder.skip_sender("a value in it cannot be read"),
        }
    }
    builder.page
}

/// The elements of an array, or the one value that stands without it (trap T-6).
fn elements(raw: Raw<'_>) -> Vec<&RawValue> {
    match raw {
        Some(raw) if raw.get().starts_with('[') => serde_json::from_str(raw.get()).unwrap_or_default(),
        Some(raw) => vec![raw],
        None => Vec::new(),
    }
}

/// A page as it grows; counts, so that a line in `skipped` says where.
struct Builder {
    page: EventPage,
    senders: usize,
    events: usize,
}

impl Builder {
    fn of(links: Links, base: Option<Href>) -> Self {
        let href = |rel: Rel| links.get(&rel).map(|link| link.href.clone());
        let go_on = href(Rel::Resync)
            .map(GoOn::Resync)
            .or_else(|| href(Rel::Resume).map(GoOn::Resume))
            .or_else(|| href(Rel::Next).map(GoOn::Next))
            .unwrap_or_default();
        Builder {
            page: EventPage {
                go_on,
                own: href(Rel::SelfLink),
                base,
                senders: Vec::new(),
                skipped: Vec::new(),
            },
            senders: 0,
            events: 0,
        }
    }

    fn sender(&mut self, rel: Option<Rel>, href: Option<Href>) {
        self.senders += 1;
        self.events = 0;
        self.page.senders.push(Sender {
            rel: rel.unwrap_or_else(|| Rel::parse("")),
            href,
            events: Vec::new(),
        });
    }

    fn skip_sender(&mut self, why: &str) {
        self.senders += 1;
        self.page.skipped.push(format!("sender {}: {why}", self.senders));
    }

    fn skip(&mut self, why: &str) {
        let line = format!("sender {}, event {}: {why}", self.senders, self.events);
        self.page.skipped.push(line);
    }

    fn event(&mut self, doc: Result<EventDoc<'_>, &'static str>) {
        self.events += 1;
        match doc.and_then(Self::read) {
            Ok((event, unread_body)) => {
                if let Some(why) = unread_body {
                    self.skip(&format!("the body of {}: {why}", event.rel));
                }
                if let Some(sender) = self.page.senders.last_mut() {
                    sender.events.push(event);
                }
            }
            Err(why) => self.skip(why),
        }
    }

    /// The event, and why its body is missing although there is one.
    fn read(doc: EventDoc<'_>) -> Result<(Event, Option<String>), &'static str> {
        let target = doc.link.ok_or("it has no link")?;
        let rel = target.rel.clone().or_else(|| doc.embedded.0.first().map(|(key, _)| key.clone()));
        let rel = rel.unwrap_or_else(|| Rel::parse(""));
        let link = target.link().ok_or("its link has no href")?;
        let kind = doc.kind.ok_or("it has no type")?;
        // an event with an unreadable `in` must not pass for one without: those create and remove people (trap T-9)
        let within = match doc.within.0.into_iter().next() {
            None => None,
            Some(within) => {
                let within = within.ok_or("its `in` is no object")?;
                let rel = within.rel.clone().unwrap_or_else(|| Rel::parse(""));
                Some((rel, within.link().ok_or("its `in` has no href")?))
            }
        };
        let (body, unread) = match doc.embedded.body(&rel) {
            None => (None, None),
            Some(Ok(body)) => (Some(body), None),
            Some(Err(why)) => (None, Some(why)),
        };
        let event = Event {
            kind,
            rel,
            link,
            within,
            body,
            status: doc.status,
            reason: doc.reason.filter(|reason| *reason != Reason::default()),
        };
        Ok((event, unread))
    }
}

impl Embedded<'_> {
    /// The target: what stands under the target's rel, else whatever is embedded (trap T-5).
    fn body(&self, rel: &Rel) -> Option<Result<Body, String>> {
        let under_rel = self.0.iter().find(|(key, _)| key == rel);
        let (_, raw) = under_rel.or(self.0.first())?;
        let target = elements(Some(raw)).into_iter().next()?;
        Some(Body::read(rel, target.get()).map_err(|error| error.to_string()))
    }
}

#[cfg(test)]
mod tests;
