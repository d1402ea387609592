//! The server's own words for a failure (PROTOCOL 10.1): the body of an error answer and `reason` in events.

use serde::de::{MapAccess, SeqAccess};

use super::read::{As, Form, Object, Scalar, document, properties, skip, string};

/// Why something failed or changed, as the server said it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reason {
    /// One of the protocol's error codes ("Gone", "RemoteFailure"); kept as it came.
    pub code: String,
    /// Refines the code ("ApplicationNotFound", "Declined"); empty when absent.
    pub subcode: String,
    /// Text for people, in the culture of the application; empty when absent or null.
    pub message: String,
    /// With a 400: the properties that the server found invalid.
    pub parameters: Vec<Parameter>,
}

/// One invalid property of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameter {
    /// The property's name.
    pub name: String,
    /// What is wrong with it ("Invalid"); may be empty.
    pub reason: String,
}

/// The body of an error answer; `None` when it is not the server's own form (it has no code).
pub fn error_body(bytes: &[u8]) -> Option<Reason> {
    let reason: Reason = document("error", bytes).ok()?;
    (!reason.code.is_empty()).then_some(reason)
}

impl<'de> Object<'de> for Reason {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "code" => self.code = string(map)?.unwrap_or_default(),
            "subcode" => self.subcode = string(map)?.unwrap_or_default(),
            "message" => self.message = string(map)?.unwrap_or_default(),
            "parameters" => self.parameters = map.next_value::<As<Parameters>>()?.0.0,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// `parameters`, of which the pages say no more than "property bag": an array, one element of it, an object by name, or
/// one name.
struct Parameters(Vec<Parameter>);

impl<'de> Form<'de> for Parameters {
    fn scalar(value: Scalar<'de>) -> Self {
        Parameters(named(value).into_iter().collect())
    }

    fn map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        let Bag(bag) = properties(map)?;
        Ok(Parameters(match bag.as_slice() {
            [name, reason] if name.name == "name" && reason.name == "reason" => {
                vec![Parameter { name: name.reason.clone(), reason: reason.reason.clone() }]
            }
            _ => bag,
        }))
    }

    fn seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut all = Vec::new();
        while let Some(As(Element(parameter))) = seq.next_element()? {
            all.extend(parameter);
        }
        Ok(Parameters(all))
    }
}

/// A parameter of which only the name is told.
fn named(value: Scalar<'_>) -> Option<Parameter> {
    match value {
        Scalar::Text(name) if !name.is_empty() => {
            Some(Parameter { name: name.into_owned(), reason: String::new() })
        }
        _ => None,
    }
}

/// Parameters by their names.
#[derive(Default)]
struct Bag(Vec<Parameter>);

impl<'de> Object<'de> for Bag {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        self.0.push(Parameter { name: name.to_owned(), reason: string(map)?.unwrap_or_default() });
        Ok(())
    }
}

/// An element of the array form.
struct Element(Option<Parameter>);

impl<'de> Form<'de> for Element {
    fn scalar(value: Scalar<'de>) -> Self {
        Element(named(value))
    }

    fn map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        let parameter: Parameter = properties(map)?;
        Ok(Element((!parameter.name.is_empty()).then_some(parameter)))
    }

    fn seq<A: SeqAccess<'de>>(seq: A) -> Result<Self, A::Error> {
        Scalar::seq(seq).map(|_| Element(None))
    }
}

impl<'de> Object<'de> for Parameter {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            // the second pair of names is how .NET writes a dictionary as an array
            "name" | "Key" => self.name = string(map)?.unwrap_or_default(),
            "reason" | "Value" => self.reason = string(map)?.unwrap_or_default(),
            _ => skip(map)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(json: &str) -> Vec<(String, String)> {
        let body = format!(r#"{{"code":"BadRequest","parameters":{json}}}"#);
        let reason = error_body(body.as_bytes()).unwrap();
        reason.parameters.into_iter().map(|p| (p.name, p.reason)).collect()
    }

    #[test]
    fn code_subcode_message() {
        let body =
            br#"{"code":"Informational","subcode":"PromptsStopped","message":null,"debugInfo":{"a":1}}"#;
        let reason = error_body(body).unwrap();
        assert_eq!(
            (&*reason.code, &*reason.subcode, &*reason.message),
            ("Informational", "PromptsStopped", "")
        );
    }

    #[test]
    fn parameters_in_any_form() {
        let sdp = [("sdp".to_owned(), "Invalid".to_owned())];
        assert_eq!(parameters(r#"[{"name":"sdp","reason":"Invalid"},5,null,{},[]]"#), sdp);
        assert_eq!(parameters(r#"{"name":"sdp","reason":"Invalid"}"#), sdp);
        assert_eq!(parameters(r#"{"sdp":"Invalid"}"#), sdp);
        assert_eq!(parameters(r#"[{"Key":"sdp","Value":"Invalid"}]"#), sdp);
        let bare = [("sdp".to_owned(), String::new())];
        for json in [r#""sdp""#, r#"["sdp",""]"#, r#"{"sdp":{"a":1}}"#] {
            assert_eq!(parameters(json), bare, "{json}");
        }
        assert_eq!(parameters("null"), []);
        assert_eq!(parameters("7"), []);
    }

    #[test]
    fn what_has_no_code_is_not_the_servers_own() {
        for body in ["", "<html>", "{}", r#"{"code":null}"#, r#"{"code":5}"#, r#"{"error":"x"}"#, "[]"] {
            assert_eq!(error_body(body.as_bytes()), None, "{body}");
        }
    }
}
