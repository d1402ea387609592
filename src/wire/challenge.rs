//! What a 401 asks for: the `WWW-Authenticate` headers (PROTOCOL 2.1).

use super::Href;

/// The challenges of one 401 answer that the engine can meet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Challenges {
    /// `MsRtcOAuth`: where the server's own tokens are made.
    pub ms_rtc: Option<MsRtcChallenge>,
    /// `Bearer`: a token of some other issuer.
    pub bearer: Option<BearerChallenge>,
}

/// `MsRtcOAuth href=..., grant_type="..."`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsRtcChallenge {
    /// The token endpoint.
    pub href: Href,
    /// What it takes: `password`, `urn:microsoft.rtc:windows`, `urn:microsoft.rtc:anonmeeting`, ...
    pub grant_types: Vec<String>,
}

/// `Bearer trusted_issuers="...", client_id="...", authorization_uri="..."`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BearerChallenge {
    /// Whose tokens are taken.
    pub trusted_issuers: Vec<String>,
    /// The audience's own id.
    pub client_id: Option<String>,
    /// Where a person signs in; may be no http address at all.
    pub authorization_uri: Option<String>,
}

/// Reads all `WWW-Authenticate` headers of one answer; what is not understood is left out. Of several challenges of one
/// kind the first that is usable counts.
pub fn challenges<'a>(headers: impl Iterator<Item = &'a str>) -> Challenges {
    let mut found = Challenges::default();
    for header in headers {
        for challenge in split(header) {
            if challenge.scheme.eq_ignore_ascii_case("MsRtcOAuth") && found.ms_rtc.is_none() {
                found.ms_rtc = challenge.ms_rtc();
            } else if challenge.scheme.eq_ignore_ascii_case("Bearer") && found.bearer.is_none() {
                found.bearer = Some(challenge.bearer());
            }
        }
    }
    found
}

/// One scheme with its parameters.
struct Challenge<'a> {
    scheme: &'a str,
    parameters: Vec<(&'a str, String)>,
}

impl Challenge<'_> {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(n, value)| n.eq_ignore_ascii_case(name) && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    fn list(&self, name: &str) -> Vec<String> {
        self.parameter(name)
            .unwrap_or_default()
            .split([',', ' '])
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn ms_rtc(&self) -> Option<MsRtcChallenge> {
        Some(MsRtcChallenge {
            href: Href::new(self.parameter("href")?),
            grant_types: self.list("grant_type"),
        })
    }

    fn bearer(&self) -> BearerChallenge {
        BearerChallenge {
            trusted_issuers: self.list("trusted_issuers"),
            client_id: self.parameter("client_id").map(str::to_owned),
            authorization_uri: self.parameter("authorization_uri").map(str::to_owned),
        }
    }
}

/// Splits one header into its challenges. A word that is not followed by `=` begins a scheme.
fn split(header: &str) -> Vec<Challenge<'_>> {
    let mut challenges: Vec<Challenge<'_>> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([',', ';', ' ', '\t']);
        if rest.is_empty() {
            return challenges;
        }
        let (word, after) = take_word(rest, &['=', ',', ';', ' ', '\t']);
        let after = after.trim_start_matches([' ', '\t']);
        if let Some(value) = after.strip_prefix('=') {
            let (value, after) = take_value(value.trim_start_matches([' ', '\t']));
            if let Some(challenge) = challenges.last_mut() {
                challenge.parameters.push((word, value));
            }
            rest = after;
        } else {
            challenges.push(Challenge { scheme: word, parameters: Vec::new() });
            rest = after;
        }
    }
}

/// The text up to one of these characters, and what follows.
fn take_word<'a>(text: &'a str, ends: &[char]) -> (&'a str, &'a str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// A quoted string (unescaped) or a bare value up to the next comma or blank.
fn take_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = take_word(text, &[',', ' ', '\t']);
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => value.extend(letters.next()),
            other => value.push(other),
        }
    }
    (value, letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[&str]) -> Challenges {
        challenges(headers.iter().copied())
    }

    const MS_RTC: &str = r#"MsRtcOAuth href="https://lyncweb.contoso.com/WebTicket/oauthtoken",grant_type="urn:microsoft.rtc:windows,urn:microsoft.rtc:anonmeeting,password""#;
    const BEARER: &str = r#"Bearer trusted_issuers="00000002-0000-0ff1-ce00-000000000000@contoso.com,00000001-0000-0000-c000-000000000000@*", client_id="00000004-0000-0ff1-ce00-000000000000", authorization_uri="file://client/common/oauth2/authorize""#;

    fn expected() -> Challenges {
        Challenges {
            ms_rtc: Some(MsRtcChallenge {
                href: Href::new("https://lyncweb.contoso.com/WebTicket/oauthtoken"),
                grant_types: vec![
                    "urn:microsoft.rtc:windows".to_owned(),
                    "urn:microsoft.rtc:anonmeeting".to_owned(),
                    "password".to_owned(),
                ],
            }),
            bearer: Some(BearerChallenge {
                trusted_issuers: vec![
                    "00000002-0000-0ff1-ce00-000000000000@contoso.com".to_owned(),
                    "00000001-0000-0000-c000-000000000000@*".to_owned(),
                ],
                client_id: Some("00000004-0000-0ff1-ce00-000000000000".to_owned()),
                authorization_uri: Some("file://client/common/oauth2/authorize".to_owned()),
            }),
        }
    }

    #[test]
    fn two_headers_in_either_order_or_one_line() {
        assert_eq!(read(&[BEARER, MS_RTC]), expected());
        assert_eq!(read(&[MS_RTC, BEARER]), expected());
        assert_eq!(read(&[&format!("{BEARER}, {MS_RTC}")]), expected());
        assert_eq!(read(&[&format!("Negotiate, NTLM,{MS_RTC},{BEARER}")]), expected());
        assert_eq!(read(&["Negotiate YIIabc/+==", &format!("{MS_RTC} {BEARER}")]), expected());
    }

    #[test]
    fn of_several_the_first_usable_counts() {
        let other = "Bearer client_id=\"x\", MsRtcOAuth href=\"https://other/\"";
        assert_eq!(read(&["MsRtcOAuth grant_type=\"x\"", BEARER, MS_RTC, other]), expected());
    }

    #[test]
    fn an_unquoted_href_ends_at_the_comma() {
        let read = read(&["msrtcoauth href=https://contoso.com/oauthtoken?a=b;c=d,grant_type=\"password\""]);
        let ms_rtc = read.ms_rtc.expect("a challenge");
        assert_eq!(ms_rtc.href, Href::new("https://contoso.com/oauthtoken?a=b;c=d"));
        assert_eq!(ms_rtc.grant_types, ["password"]);
    }

    #[test]
    fn separators_and_blanks_do_not_matter() {
        let read = read(&["MsRtcOAuth  grant_type = \"password , x\" ;; href = \"https://c/o\\\"t\""]);
        let ms_rtc = read.ms_rtc.expect("a challenge");
        assert_eq!(ms_rtc.href, Href::new("https://c/o\"t"));
        assert_eq!(ms_rtc.grant_types, ["password", "x"]);
    }

    #[test]
    fn a_challenge_without_href_is_no_challenge() {
        assert_eq!(read(&["MsRtcOAuth grant_type=\"password\""]), Challenges::default());
        assert_eq!(read(&["", "=", "\"", "Basic realm=\"x", ",,;="]), Challenges::default());
        assert_eq!(read(&["Bearer"]).bearer, Some(BearerChallenge::default()));
    }
}
