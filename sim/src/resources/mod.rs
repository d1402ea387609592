//! How resources are written.

pub(crate) mod application;
pub(crate) mod contact;
pub(crate) mod conversation;
pub(crate) mod href;
pub(crate) mod invitation;
pub(crate) mod meeting;
pub(crate) mod participant;
pub(crate) mod spelling;

use serde_json::{Map, Value, json};

/// What a client has to play back in a PUT.
pub(crate) const PASS_THIS: &str = "please pass this in a PUT request";

/// `_links` in the making.
#[derive(Debug, Default)]
pub(crate) struct Links(Map<String, Value>);

impl Links {
    pub(crate) fn of(self_href: String) -> Self {
        Self::default().add("self", self_href)
    }

    pub(crate) fn add(mut self, rel: &str, href: impl Into<String>) -> Self {
        self.0.insert(rel.to_owned(), json!({"href": href.into()}));
        self
    }

    pub(crate) fn add_if(self, present: bool, rel: &str, href: impl FnOnce() -> String) -> Self {
        if present { self.add(rel, href()) } else { self }
    }

    pub(crate) fn titled(mut self, rel: &str, href: String, title: &str) -> Self {
        self.0.insert(rel.to_owned(), json!({"href": href, "title": title}));
        self
    }

    pub(crate) fn many(mut self, rel: &str, hrefs: Vec<Value>) -> Self {
        self.0.insert(rel.to_owned(), Value::Array(hrefs));
        self
    }

    pub(crate) fn done(self) -> Value {
        Value::Object(self.0)
    }
}

/// Makes every rooted href below `value` absolute.
pub(crate) fn make_absolute(value: &mut Value, base: &str) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(href) if key == "href" && href.starts_with('/') => href.insert_str(0, base),
                    _ => make_absolute(value, base),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| make_absolute(value, base)),
        _ => {}
    }
}

/// A version of a document: a number that changes with its content.
pub(crate) fn etag_of(value: &Value) -> String {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in value.to_string().bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    hash.to_string()
}
