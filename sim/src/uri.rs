//! SIP URIs: `sip:name@domain`.

/// The form in which two URIs are compared.
pub(crate) fn fold(uri: &str) -> String {
    uri.trim().to_ascii_lowercase()
}

/// Whether two URIs name the same person.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.trim().eq_ignore_ascii_case(b.trim())
}

/// A URI without its scheme: the user name of a sign-in, the last part of a participant's path.
pub(crate) fn account(uri: &str) -> &str {
    let uri = uri.trim();
    match uri.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("sip:") => uri.get(4..).unwrap_or_default(),
        _ => uri,
    }
}

/// The domain of a well-formed `sip:name@domain`.
pub(crate) fn domain(uri: &str) -> Option<&str> {
    let account = account(uri);
    if account.len() == uri.trim().len() {
        return None;
    }
    let (name, domain) = account.split_once('@')?;
    let plain =
        |s: &str| !s.is_empty() && !s.contains(|c: char| c.is_whitespace() || "@;/?#<>\"".contains(c));
    (plain(name) && plain(domain)).then_some(domain)
}

/// Whether it is a phone number: `tel:+14255550100`.
pub(crate) fn is_phone(uri: &str) -> bool {
    let digits =
        |rest: &str| rest.contains(|c: char| c.is_ascii_digit()) && !rest.contains(char::is_whitespace);
    uri.trim().get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("tel:"))
        && uri.trim().get(4..).is_some_and(digits)
}

/// Whether it is made up for a guest.
pub(crate) fn is_guest(uri: &str) -> bool {
    uri.to_ascii_lowercase().ends_with("@anonymous.invalid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_uris_apart() {
        assert_eq!(account("SIP:Lene@contoso.com"), "Lene@contoso.com");
        assert_eq!(account("tel:+14255550100"), "tel:+14255550100");
        assert_eq!(domain("sip:lene@contoso.com"), Some("contoso.com"));
        for bad in ["lene@contoso.com", "sip:lene", "sip:@contoso.com", "sip:a b@c", "sip:a@b@c", ""] {
            assert_eq!(domain(bad), None, "{bad}");
        }
        assert!(same("sip:A@b.c", " SIP:a@B.C"));
    }
}
