//! Other spellings of the same hrefs, which a client has to recognise.

use serde_json::Value;

use crate::choices::HrefSpelling;

/// Where the names of people stand in paths.
const NAMED: [&str; 2] = ["/participants/", "/people/"];

/// Spells the hrefs of participants and contacts in a document as a switch says.
pub(crate) fn respell(document: &mut Value, spelling: HrefSpelling) {
    match spelling {
        HrefSpelling::Plain => {}
        HrefSpelling::Encoded => each_href(document, &encode),
        HrefSpelling::Mixed => mix(document),
    }
}

fn each_href(value: &mut Value, change: &impl Fn(&mut String)) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(href) if key == "href" => change(href),
                    _ => each_href(value, change),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| each_href(value, change)),
        _ => {}
    }
}

/// The part of an href that names somebody; `data:` URIs and queries have none.
fn name_of(href: &str) -> Option<usize> {
    NAMED
        .iter()
        .filter_map(|place| Some(href.find(place)? + place.len()))
        .min()
        .filter(|_| href.starts_with('/'))
}

fn encode(href: &mut String) {
    if let Some(at) = name_of(href) {
        let name = href.split_off(at);
        href.push_str(&name.replace('@', "%40"));
    }
}

fn capitals(href: &mut String) {
    if let Some(at) = name_of(href) {
        let name = href.split_off(at);
        href.push_str(&name.to_ascii_uppercase());
    }
}

/// What events point to is encoded, members of collections stand in capitals.
fn mix(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for key in ["link", "in"] {
                if let Some(link) = map.get_mut(key) {
                    each_href(link, &encode);
                }
            }
            let members = map.get_mut("_links").and_then(|links| links.get_mut("participant"));
            if let Some(members @ Value::Array(_)) = members {
                each_href(members, &capitals);
            }
            map.values_mut().for_each(mix);
        }
        Value::Array(list) => list.iter_mut().for_each(mix),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn spells_names_only() {
        let document = json!({
            "link": {"rel": "participant", "href": "/c/participants/bo@b.c"},
            "_links": {
                "self": {"href": "/c/x@y"},
                "participant": [{"href": "/c/participants/bo@b.c"}],
                "message": {"href": "data:text/plain,/participants/a@b"},
            },
        });
        let mut encoded = document.clone();
        respell(&mut encoded, HrefSpelling::Encoded);
        assert_eq!(encoded["link"]["href"], "/c/participants/bo%40b.c");
        assert_eq!(encoded["_links"]["participant"][0]["href"], "/c/participants/bo%40b.c");
        for (rel, same) in [("self", "/c/x@y"), ("message", "data:text/plain,/participants/a@b")] {
            assert_eq!(encoded["_links"][rel]["href"], same);
        }
        let mut mixed = document;
        respell(&mut mixed, HrefSpelling::Mixed);
        assert_eq!(mixed["link"]["href"], "/c/participants/bo%40b.c");
        assert_eq!(mixed["_links"]["participant"][0]["href"], "/c/participants/BO@B.C");
    }
}
