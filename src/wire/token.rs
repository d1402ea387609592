//! Tokens: what the token endpoint is asked and answers (PROTOCOL 2.2, 2.3, 2.5, 2.7).

use secrecy::{ExposeSecret, SecretString};
use serde::de::MapAccess;
use url::form_urlencoded::byte_serialize;

use super::links::href;
use super::read::{Object, borrowed, count, label, skip, string, text};
use super::{Href, WireError};

/// A token as the server gave it.
#[derive(Debug, Clone)]
pub struct TokenAnswer {
    /// The token, with the `cwt=` that belongs to it; goes into the header as it is.
    pub access_token: SecretString,
    /// "Bearer"; empty when the server does not say.
    pub token_type: String,
    /// Seconds from the answer on.
    pub expires_in: Option<u64>,
    /// Seconds since 1970, UTC.
    pub expires_on: Option<u64>,
}

/// Why the token endpoint gave no token (HTTP 400).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenError {
    /// `invalid_grant`, `unsupported_grant_type`, ...
    pub error: String,
    /// Where a person signs in, when the server wants that (`ms_rtc_passiveauthuri`).
    pub passive_auth_uri: Option<Href>,
}

/// Reads the answer of a token endpoint. An error never shows a part of the answer.
pub fn token_answer(bytes: &[u8]) -> Result<TokenAnswer, WireError> {
    const WHAT: &str = "token answer";
    match borrowed::<TokenDoc>(&text(bytes)) {
        Ok(Some(TokenDoc {
            access_token: Some(access_token), token_type, expires_in, expires_on, ..
        })) => Ok(TokenAnswer {
            access_token,
            token_type: token_type.unwrap_or_default(),
            expires_in,
            expires_on,
        }),
        Ok(Some(_)) => Err(WireError::lacks(WHAT, "no access_token")),
        Ok(None) => Err(WireError::lacks(WHAT, "no JSON object")),
        Err(error) => Err(WireError::broken(WHAT, "", &error)),
    }
}

/// Reads an error of a token endpoint; `None` when it is not of that form.
pub fn token_error(bytes: &[u8]) -> Option<TokenError> {
    let doc: TokenDoc = borrowed(&text(bytes)).ok()??;
    Some(TokenError {
        error: doc.error.filter(|error| !error.is_empty())?,
        passive_auth_uri: doc.passive_auth_uri,
    })
}

/// The form that asks for a token by user name and password.
pub fn password_form(user: &str, password: &SecretString) -> SecretString {
    form(&[("grant_type", "password"), ("username", user), ("password", password.expose_secret())])
}

/// The form that asks for a token of a guest of one meeting; `renew` is the guest's old token, which keeps the identity.
pub fn anonymous_meeting_form(
    conference_key: &SecretString,
    uri: &str,
    renew: Option<&SecretString>,
) -> SecretString {
    let mut pairs = vec![
        ("grant_type", "urn:microsoft.rtc:anonmeeting"),
        ("password", conference_key.expose_secret()),
        ("ms_rtc_conferenceuri", uri),
    ];
    pairs.extend(renew.map(|old| ("ms_rtc_renew", old.expose_secret())));
    form(&pairs)
}

/// Pairs in the encoding of forms, written once into a buffer of the right size: no copy stays behind.
fn form(pairs: &[(&str, &str)]) -> SecretString {
    let pieces = || {
        pairs.iter().enumerate().flat_map(|(i, (name, value))| {
            let separator = (i > 0).then_some("&");
            let name = byte_serialize(name.as_bytes()).chain(Some("="));
            separator.into_iter().chain(name).chain(byte_serialize(value.as_bytes()))
        })
    };
    let mut body = String::with_capacity(pieces().map(str::len).sum());
    body.extend(pieces());
    SecretString::from(body)
}

/// Every property of the endpoint's answers, good or bad.
#[derive(Default)]
struct TokenDoc {
    access_token: Option<SecretString>,
    token_type: Option<String>,
    expires_in: Option<u64>,
    expires_on: Option<u64>,
    error: Option<String>,
    passive_auth_uri: Option<Href>,
}

impl<'de> Object<'de> for TokenDoc {
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "access_token" => {
                let token = string(map)?.filter(|token| !token.is_empty());
                self.access_token = token.map(SecretString::from);
            }
            "token_type" => self.token_type = string(map)?,
            "expires_in" => self.expires_in = count(map)?,
            "expires_on" => self.expires_on = count(map)?,
            "error" => self.error = label(map)?,
            "ms_rtc_passiveauthuri" => self.passive_auth_uri = href(map)?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_as_the_server_gives_it() {
        let body = br#"{"access_token":"cwt=AAEB\/x","expires_in":28289,"ms_rtc_identityscope":"local","token_type":"Bearer"}"#;
        let answer = token_answer(body).unwrap();
        assert_eq!(answer.access_token.expose_secret(), "cwt=AAEB/x");
        assert_eq!(
            (&*answer.token_type, answer.expires_in, answer.expires_on),
            ("Bearer", Some(28289), None)
        );
    }

    #[test]
    fn t42_expires_in_number_or_string() {
        for value in ["3599", "\"3599\"", "3599.0"] {
            let body = format!(r#"{{"access_token":"x","expires_in":{value},"expires_on":{value}}}"#);
            let answer = token_answer(body.as_bytes()).unwrap();
            assert_eq!((answer.expires_in, answer.expires_on), (Some(3599), Some(3599)));
        }
        for value in ["null", "\"soon\"", "-1", "{}"] {
            let body = format!(r#"{{"access_token":"x","expires_in":{value}}}"#);
            assert_eq!(token_answer(body.as_bytes()).unwrap().expires_in, None);
        }
    }

    #[test]
    fn no_part_of_a_token_is_ever_shown() {
        let answer = token_answer(br#"{"access_token":"hush"}"#).unwrap();
        assert!(!format!("{answer:?}").contains("hush"));
        for broken in [
            r#"{"access_token":"hush"#,
            r#"{"access_token":"hush","a"}"#,
            r#"{"access_token":["hush"]}"#,
            "\"hush\"",
            "hush",
        ] {
            let error = token_answer(broken.as_bytes()).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
        }
    }

    #[test]
    fn errors_of_the_token_endpoint() {
        let body = br#"{"error":"invalid_grant","ms_rtc_passiveauthuri":"https:\/\/server.contoso.com\/PassiveAuth\/PassiveAuth.aspx"}"#;
        let error = token_error(body).unwrap();
        assert_eq!(error.error, "invalid_grant");
        assert_eq!(
            error.passive_auth_uri,
            Some(Href::new("https://server.contoso.com/PassiveAuth/PassiveAuth.aspx"))
        );
        for other in ["", "<html>", "{}", r#"{"error":""}"#, r#"{"error":{}}"#, "[]"] {
            assert_eq!(token_error(other.as_bytes()), None);
        }
    }

    #[test]
    fn forms_are_form_encoded() {
        let form = password_form("a b@c.d", &SecretString::from("p&=+ä%".to_owned()));
        assert_eq!(
            form.expose_secret(),
            "grant_type=password&username=a+b%40c.d&password=p%26%3D%2B%C3%A4%25"
        );
        let key = SecretString::from("G03W98W4".to_owned());
        let old = SecretString::from("cwt=A".to_owned());
        assert_eq!(
            anonymous_meeting_form(&key, "sip:a@b;gruu", Some(&old)).expose_secret(),
            "grant_type=urn%3Amicrosoft.rtc%3Aanonmeeting&password=G03W98W4&ms_rtc_conferenceuri=sip%3Aa%40b%3Bgruu&ms_rtc_renew=cwt%3DA"
        );
    }
}
