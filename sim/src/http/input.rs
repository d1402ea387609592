//! What a client sends along: properties of a JSON body whose names match in any case, or query parameters.

use std::collections::BTreeMap;

use serde_json::Value;

use super::request::Request;
use super::response::Response;

/// The input of an operation.
#[derive(Debug)]
pub(crate) struct Input {
    properties: BTreeMap<String, Value>,
    query: Vec<(String, String)>,
}

impl Input {
    /// Reads the body. None is as good as an empty one; null is as good as nothing.
    pub(crate) fn read(request: &Request) -> Result<Self, Response> {
        let text = String::from_utf8_lossy(&request.body);
        let text = text.trim_start_matches('\u{feff}').trim();
        let mut properties = BTreeMap::new();
        if !text.is_empty() {
            expect_json(request)?;
            match serde_json::from_str(text) {
                Ok(Value::Object(map)) => {
                    for (name, value) in map {
                        properties.insert(name.to_ascii_lowercase(), value);
                    }
                }
                Ok(Value::Null) => {}
                _ => {
                    let message = "The body could not be read as a JSON object.";
                    return Err(Response::error(400, "BadRequest", "DeserializationFailure", message));
                }
            }
        }
        Ok(Self { properties, query: request.query.clone() })
    }

    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.properties.get(&name.to_ascii_lowercase()).filter(|value| !value.is_null())
    }

    /// A text of limited length, from the body or the query.
    pub(crate) fn text(&self, name: &str, limit: usize) -> Result<Option<String>, Response> {
        let text = match self.value(name) {
            Some(Value::String(text)) => Some(text.trim().to_owned()),
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(_) => return Err(Response::invalid(&[(name, "Invalid")])),
            None => {
                let mut named = self.query.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
                named.next().map(|(_, value)| value.trim().to_owned())
            }
        };
        match text {
            Some(text) if text.chars().count() > limit => Err(Response::invalid(&[(name, "TooLong")])),
            text => Ok(text),
        }
    }

    /// A list of texts; a single text counts as a list of one.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Response> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(one)) => Ok(Some(vec![one.clone()])),
            Some(Value::Array(list)) => {
                let texts: Option<Vec<_>> =
                    list.iter().map(|item| item.as_str().map(str::to_owned)).collect();
                texts.map(Some).ok_or_else(|| Response::invalid(&[(name, "Invalid")]))
            }
            Some(_) => Err(Response::invalid(&[(name, "Invalid")])),
        }
    }

    /// The href of a link that is sent along.
    pub(crate) fn link(&self, rel: &str) -> Option<String> {
        let Value::Object(links) = self.value("_links")? else {
            return None;
        };
        let link = links.iter().find(|(name, _)| name.eq_ignore_ascii_case(rel)).map(|(_, link)| link)?;
        Some(link.get("href")?.as_str()?.to_owned())
    }

    /// All of these have to be there; otherwise the error lists those that are not.
    pub(crate) fn require(&self, names: &[&str]) -> Result<(), Response> {
        let given = |name: &str| {
            let text = self.text(name, usize::MAX).ok().flatten();
            self.value(name).is_some_and(|value| !value.is_string())
                || text.is_some_and(|text| !text.is_empty())
        };
        let missing: Vec<_> =
            names.iter().copied().filter(|name| !given(name)).map(|name| (name, "Missing")).collect();
        if missing.is_empty() { Ok(()) } else { Err(Response::invalid(&missing)) }
    }
}

/// A body has to be JSON; a client that does not say what it sends is believed.
fn expect_json(request: &Request) -> Result<(), Response> {
    let content_type = request.header("content-type").unwrap_or_default().trim().to_ascii_lowercase();
    if content_type.is_empty() || content_type.contains("json") {
        return Ok(());
    }
    Err(Response::error(415, "UnsupportedMediaType", "UnsupportedMediaType", "Send application/json."))
}
