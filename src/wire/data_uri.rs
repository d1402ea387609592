//! Content that travels inside a link: data URIs (PROTOCOL 4.5, trap T-20).

use data_url::forgiving_base64;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::Href;

/// The content of a data URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataUri {
    /// "text/plain", in lower case, without parameters.
    pub media_type: String,
    /// The character set as written ("utf-8", "utf8"), when it is named.
    pub charset: Option<String>,
    /// The content, decoded.
    pub bytes: Vec<u8>,
}

/// Reads a data URI; `None` when the address is none, or its base64 is broken.
///
/// What is not base64 is in the encoding of forms, in which `+` is a blank.
pub fn data_uri(href: &Href) -> Option<DataUri> {
    let text = href.as_str();
    let (scheme, rest) = text.split_once(':')?;
    let (head, data) = rest.split_once(',')?;
    if !scheme.trim().eq_ignore_ascii_case("data") {
        return None;
    }
    let mut words = head.split(';').map(str::trim);
    let media_type = words.next().filter(|word| !word.is_empty()).unwrap_or("text/plain");
    let mut charset = None;
    let mut base64 = false;
    for word in words {
        if word.eq_ignore_ascii_case("base64") {
            base64 = true;
        } else if let Some((name, value)) = word.split_once('=')
            && name.trim().eq_ignore_ascii_case("charset")
        {
            charset = Some(value.trim().trim_matches('"').to_owned());
        }
    }
    let bytes = if base64 {
        let data: Vec<u8> = percent_decode_str(data).collect();
        forgiving_base64::decode_to_vec(&data).ok()?
    } else {
        percent_decode_str(&data.replace('+', " ")).collect()
    };
    Some(DataUri { media_type: media_type.to_ascii_lowercase(), charset, bytes })
}

/// A data URI with plain text. Every octet but letters and digits is encoded, which reads the same in the encoding of
/// forms and in that of URLs.
pub(super) fn plain_data_uri(text: &str) -> String {
    format!("data:text/plain;charset=utf-8,{}", utf8_percent_encode(text, NON_ALPHANUMERIC))
}

impl DataUri {
    /// The content as text. It is UTF-8 unless the URI names Latin-1; bytes that do not fit are replaced.
    pub fn text(&self) -> String {
        let latin = |charset: &str| {
            ["iso-8859-1", "latin1", "windows-1252"].iter().any(|name| charset.eq_ignore_ascii_case(name))
        };
        if self.charset.as_deref().is_some_and(latin) {
            self.bytes.iter().copied().map(char::from).collect()
        } else {
            String::from_utf8_lossy(&self.bytes).into_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t20_every_encoding_of_a_data_uri() {
        let table = [
            ("data:text/plain;charset=utf-8,Hi+Tosh%0d%0a", "text/plain", "Hi Tosh\r\n"),
            (
                "data:text/html;charset=utf-8,%3cspan+style%3d%22a%22%3e1%2b1",
                "text/html",
                "<span style=\"a\">1+1",
            ),
            ("data:text/plain;base64,SGkgVG9zaA==", "text/plain", "Hi Tosh"),
            ("data:text/plain;charset=utf8;base64,SGk%2b", "text/plain", "Hi>"),
            ("DATA:Text/Plain;BASE64,SGk+", "text/plain", "Hi>"),
            ("data:text/plain;base64,SGk", "text/plain", "Hi"),
            ("data:foo/foo,ThisIsARandomCustomContent", "foo/foo", "ThisIsARandomCustomContent"),
            ("data:,a,b#c;d", "text/plain", "a,b#c;d"),
            ("data:text/plain;charset=utf-8,%C3%A4%FF 100%", "text/plain", "ä\u{fffd} 100%"),
            ("data:text/plain;charset=ISO-8859-1,%e4", "text/plain", "ä"),
            ("data:text/plain,", "text/plain", ""),
        ];
        for (href, media_type, text) in table {
            let uri = data_uri(&Href::new(href)).expect(href);
            assert_eq!((&*uri.media_type, &*uri.text()), (media_type, text), "{href}");
        }
    }

    #[test]
    fn what_is_no_data_uri() {
        for href in ["", "/x", "https://a/b,c", "data:text/plain", "data:text/plain;base64,S", "sip:a,b"] {
            assert_eq!(data_uri(&Href::new(href)), None, "{href}");
        }
    }
}
