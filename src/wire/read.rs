//! Lenient reading: objects are read property by property, and no value of an unexpected type is an error.
//!
//! What breaks reading is broken JSON alone. A property that is null or of a wrong type counts as absent, an unknown one
//! is passed over, of a repeated one the last counts. So one odd value never costs the document around it.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{WireError, date};

/// Something that is read property by property.
pub(super) trait Object<'de>: Default {
    /// Takes the value of the property `name` from `map`; exactly one value, whatever comes of it.
    fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error>;
}

/// Reads a whole document.
pub(super) fn document<T>(what: &'static str, bytes: &[u8]) -> Result<T, WireError>
where
    T: for<'a> Object<'a>,
{
    object(what, &text(bytes))
}

/// Reads a text that holds one object.
pub(super) fn object<T>(what: &'static str, text: &str) -> Result<T, WireError>
where
    T: for<'a> Object<'a>,
{
    let read = match borrowed::<T>(text) {
        Ok(read) => read,
        Err(error) => mend(text)
            .and_then(|mended| borrowed::<T>(&mended).ok())
            .ok_or_else(|| WireError::broken(what, text, &error))?,
    };
    read.ok_or_else(|| WireError::lacks(what, "no JSON object"))
}

/// Reads a text that holds one object which borrows from it; `None` when it holds something else.
pub(super) fn borrowed<'a, T: Object<'a>>(text: &'a str) -> Result<Option<T>, serde_json::Error> {
    serde_json::from_str(text).map(|As(Single(object))| object)
}

/// The text behind the bytes: without a byte order mark (trap T-17), with what is no UTF-8 replaced.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
}

/// Replaces escaped halves of surrogate pairs (a server that cuts a subject at a number of UTF-16 units leaves one
/// behind); `None` when there are none.
pub(super) fn mend(text: &str) -> Option<String> {
    const REPLACEMENT: &str = r"\ufffd";
    let mut mended = String::new();
    let mut done = 0;
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('\\')) {
        at += found;
        at += match (escaped_unit(text, at), escaped_unit(text, at + REPLACEMENT.len())) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 2 * REPLACEMENT.len(),
            (Some(0xD800..=0xDFFF), _) => {
                mended.push_str(text.get(done..at)?);
                mended.push_str(REPLACEMENT);
                done = at + REPLACEMENT.len();
                REPLACEMENT.len()
            }
            (Some(_), _) => REPLACEMENT.len(),
            // skips an escaped backslash as a whole; may end within a letter, where `get` gives up at its next boundary
            (None, _) => 1 + text.get(at + 1..)?.chars().next().map_or(0, char::len_utf8),
        };
    }
    if done == 0 {
        return None;
    }
    mended.push_str(text.get(done..)?);
    Some(mended)
}

/// The UTF-16 unit of the escape `\uXXXX` that stands at `at`.
fn escaped_unit(text: &str, at: usize) -> Option<u16> {
    let digits = text.get(at..at + 6)?.strip_prefix(r"\u")?;
    u16::from_str_radix(digits, 16).ok()
}

// ---- values of properties: all of them take exactly one value

fn scalar<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Scalar<'de>, A::Error> {
    map.next_value().map(|As(value)| value)
}

/// A string.
pub(super) fn string<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<String>, A::Error> {
    Ok(match scalar(map)? {
        Scalar::Text(text) => Some(text.into_owned()),
        _ => None,
    })
}

/// A string, or a number that stands for one (ids, revisions).
pub(super) fn label<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<String>, A::Error> {
    Ok(match scalar(map)? {
        Scalar::Text(text) => Some(text.into_owned()),
        Scalar::Whole(number) => Some(number.to_string()),
        Scalar::Real(number) => Some(number.to_string()),
        _ => None,
    })
}

/// A word of an enumeration.
pub(super) fn word<'de, A: MapAccess<'de>, T>(
    map: &mut A,
    parse: fn(&str) -> T,
) -> Result<Option<T>, A::Error> {
    Ok(match scalar(map)? {
        Scalar::Text(text) if !text.is_empty() => Some(parse(&text)),
        _ => None,
    })
}

/// A boolean, also as the text "true" or "false" in any case.
pub(super) fn truth<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<bool>, A::Error> {
    Ok(match scalar(map)? {
        Scalar::Truth(truth) => Some(truth),
        Scalar::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Scalar::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    })
}

/// A number that is not negative, also as text.
pub(super) fn count<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<u64>, A::Error> {
    Ok(match scalar(map)? {
        Scalar::Whole(number) => u64::try_from(number).ok(),
        Scalar::Real(number) => date::whole(number).and_then(|number| u64::try_from(number).ok()),
        Scalar::Text(text) => text.trim().parse().ok(),
        _ => None,
    })
}

/// A date in any of its forms (trap T-19), in milliseconds since 1970, UTC.
pub(super) fn instant<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<i64>, A::Error> {
    Ok(match scalar(map)? {
        Scalar::Text(text) => date::unix_ms(&text),
        Scalar::Whole(number) => i64::try_from(number).ok(),
        _ => None,
    })
}

/// A list of words, or one word.
pub(super) fn words<'de, A: MapAccess<'de>, T>(
    map: &mut A,
    parse: fn(&str) -> T,
) -> Result<Option<Vec<T>>, A::Error> {
    let As(Scalars(values)) = map.next_value()?;
    let parsed = |value: &Scalar<'_>| match value {
        Scalar::Text(text) if !text.is_empty() => Some(parse(text)),
        _ => None,
    };
    Ok(values.map(|values| values.iter().filter_map(parsed).collect()))
}

/// An object; of an array its first one (trap T-6).
pub(super) fn one<'de, A: MapAccess<'de>, T: Object<'de>>(map: &mut A) -> Result<Option<T>, A::Error> {
    let As(Many(objects)) = map.next_value()?;
    Ok(objects.into_iter().flatten().next())
}

/// Every object of an array, or the one that stands without it (trap T-6).
pub(super) fn many<'de, A: MapAccess<'de>, T: Object<'de>>(map: &mut A) -> Result<Vec<T>, A::Error> {
    let As(Many(objects)) = map.next_value()?;
    Ok(objects.into_iter().flatten().collect())
}

/// Passes over a value.
pub(super) fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(|_| ())
}

/// The object that `map` walks through.
pub(super) fn properties<'de, A: MapAccess<'de>, T: Object<'de>>(mut map: A) -> Result<T, A::Error> {
    let mut object = T::default();
    while let Some(As(name)) = map.next_key()? {
        match name {
            Scalar::Text(name) => object.property(&name, &mut map)?,
            _ => skip(&mut map)?,
        }
    }
    Ok(object)
}

// ---- the forms that a value may have

/// What becomes of a value, whatever its type.
pub(super) trait Form<'de>: Sized {
    fn scalar(value: Scalar<'de>) -> Self;
    fn map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error>;
    fn seq<A: SeqAccess<'de>>(seq: A) -> Result<Self, A::Error>;
}

/// A value that is no object and no array.
pub(super) enum Scalar<'de> {
    Text(Cow<'de, str>),
    Whole(i128),
    Real(f64),
    Truth(bool),
    Nothing,
}

/// One scalar or an array of them; `None` for null and for an object.
struct Scalars<'de>(Option<Vec<Scalar<'de>>>);

/// An object and nothing else.
struct Single<T>(Option<T>);

/// One object or an array of them. `None` stands for an element that is no object.
pub(super) struct Many<T>(pub(super) Vec<Option<T>>);

impl<'de> Form<'de> for Scalar<'de> {
    fn scalar(value: Scalar<'de>) -> Self {
        value
    }

    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nothing)
    }

    fn seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nothing)
    }
}

impl<'de> Form<'de> for Scalars<'de> {
    fn scalar(value: Scalar<'de>) -> Self {
        match value {
            Scalar::Nothing => Scalars(None),
            value => Scalars(Some(vec![value])),
        }
    }

    fn map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        Scalar::map(map).map(|_| Scalars(None))
    }

    fn seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut values = Vec::new();
        while let Some(As(value)) = seq.next_element()? {
            values.push(value);
        }
        Ok(Scalars(Some(values)))
    }
}

impl<'de, T: Object<'de>> Form<'de> for Single<T> {
    fn scalar(_: Scalar<'de>) -> Self {
        Single(None)
    }

    fn map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        properties(map).map(|object| Single(Some(object)))
    }

    fn seq<A: SeqAccess<'de>>(seq: A) -> Result<Self, A::Error> {
        Scalar::seq(seq).map(|_| Single(None))
    }
}

impl<'de, T: Object<'de>> Form<'de> for Many<T> {
    fn scalar(value: Scalar<'de>) -> Self {
        match value {
            Scalar::Nothing => Many(Vec::new()),
            _ => Many(vec![None]),
        }
    }

    fn map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        properties(map).map(|object| Many(vec![Some(object)]))
    }

    fn seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut objects = Vec::new();
        while let Some(As(Single(object))) = seq.next_element()? {
            objects.push(object);
        }
        Ok(Many(objects))
    }
}

impl<T> Default for Many<T> {
    fn default() -> Self {
        Many(Vec::new())
    }
}

/// Takes a value in one of the forms.
#[derive(Default)]
pub(super) struct As<F>(pub(super) F);

impl<'de, F: Form<'de>> Deserialize<'de> for As<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Taker(PhantomData)).map(As)
    }
}

/// The one visitor: it knows every type of JSON, so that no type is an error.
struct Taker<F>(PhantomData<F>);

impl<'de, F: Form<'de>> Visitor<'de> for Taker<F> {
    type Value = F;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<F, E> {
        Ok(F::scalar(Scalar::Text(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<F, E> {
        Ok(F::scalar(Scalar::Text(Cow::Owned(text.to_owned()))))
    }

    fn visit_i64<E>(self, number: i64) -> Result<F, E> {
        Ok(F::scalar(Scalar::Whole(number.into())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<F, E> {
        Ok(F::scalar(Scalar::Whole(number.into())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<F, E> {
        Ok(F::scalar(Scalar::Real(number)))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<F, E> {
        Ok(F::scalar(Scalar::Truth(truth)))
    }

    fn visit_unit<E>(self) -> Result<F, E> {
        Ok(F::scalar(Scalar::Nothing))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<F, A::Error> {
        F::map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<F, A::Error> {
        F::seq(seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default, Debug, PartialEq)]
    struct Sample {
        text: Option<String>,
        label: Option<String>,
        truth: Option<bool>,
        count: Option<u64>,
        words: Option<Vec<String>>,
        one: Option<Box<Sample>>,
        many: Vec<Sample>,
    }

    impl<'de> Object<'de> for Sample {
        fn property<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
            match name {
                "text" => self.text = string(map)?,
                "label" => self.label = label(map)?,
                "truth" => self.truth = truth(map)?,
                "count" => self.count = count(map)?,
                "words" => self.words = words(map, str::to_owned)?,
                "one" => self.one = one(map)?.map(Box::new),
                "many" => self.many = many(map)?,
                _ => skip(map)?,
            }
            Ok(())
        }
    }

    fn read(json: &str) -> Sample {
        document("sample", json.as_bytes()).unwrap()
    }

    #[test]
    fn null_and_wrong_types_are_absent() {
        for value in ["null", "{\"a\":[1]}", "[{}]", "[]", "-1", "1.5", "\"\""] {
            let sample = read(&format!(r#"{{"truth":{value},"count":{value},"x":{value}}}"#));
            assert_eq!(sample, Sample::default(), "{value}");
        }
        assert_eq!(read(r#"{"text":5,"label":true,"words":{},"one":5,"many":"x"}"#), Sample::default());
    }

    #[test]
    fn numbers_and_booleans_may_be_text() {
        assert_eq!(read(r#"{"truth":"True"}"#).truth, Some(true));
        assert_eq!(read(r#"{"truth":"false"}"#).truth, Some(false));
        assert_eq!(read(r#"{"count":" 7 "}"#).count, Some(7));
        assert_eq!(read(r#"{"count":7.0}"#).count, Some(7));
        assert_eq!(read(r#"{"label":7}"#).label.as_deref(), Some("7"));
    }

    #[test]
    fn t6_one_and_an_array_of_one_are_equal() {
        assert_eq!(read(r#"{"one":{"text":"a"}}"#), read(r#"{"one":[{"text":"a"}]}"#));
        assert_eq!(read(r#"{"many":{"text":"a"}}"#), read(r#"{"many":[{"text":"a"},5]}"#));
        assert_eq!(read(r#"{"words":"a"}"#), read(r#"{"words":["a",5,null,{}]}"#));
    }

    #[test]
    fn of_a_repeated_property_the_last_counts() {
        assert_eq!(read(r#"{"text":"a","text":"b"}"#).text.as_deref(), Some("b"));
    }

    #[test]
    fn t17_a_byte_order_mark_is_passed_over() {
        let sample: Sample = document("sample", b"\xEF\xBB\xBF{\"text\":\"a\"}").unwrap();
        assert_eq!(sample.text.as_deref(), Some("a"));
    }

    #[test]
    fn bytes_that_are_no_utf8_cost_one_letter() {
        let sample: Sample = document("sample", b"{\"text\":\"a\xFFb\"}").unwrap();
        assert_eq!(sample.text.as_deref(), Some("a\u{fffd}b"));
    }

    #[test]
    fn half_a_surrogate_pair_costs_one_letter() {
        let table = [
            (r"a\ud83d", "a\u{fffd}"),
            (r"\ude00b\ud83d\ude00\ud83dc", "\u{fffd}b\u{1f600}\u{fffd}c"),
            (r"\\ud83d\ud83d\n", "\\ud83d\u{fffd}\n"),
            (r"\ud83d\ud83d\ude00", "\u{fffd}\u{1f600}"),
        ];
        for (json, text) in table {
            assert_eq!(read(&format!(r#"{{"text":"{json}"}}"#)).text.as_deref(), Some(text), "{json}");
        }
    }

    #[test]
    fn deep_nesting_is_passed_over() {
        let deep = format!(r#"{{"x":{0}{1},"text":{0}{1},"count":1}}"#, "[".repeat(5000), "]".repeat(5000));
        assert_eq!(read(&deep).count, Some(1));
    }

    #[test]
    fn what_is_no_object_is_an_error_that_says_so() {
        for json in ["[]", "null", "\"secret\"", "5", "[{}]"] {
            let error = document::<Sample>("sample", json.as_bytes()).unwrap_err().to_string();
            assert_eq!(error, "sample: no JSON object");
        }
        let error = document::<Sample>("sample", b"<html>\n <b>Sign in</b>").unwrap_err();
        assert_eq!(
            error.to_string(),
            "sample: expected value at line 1 column 1, near `<html>  <b>Sign in</b>`"
        );
        let error = document::<Sample>("sample", b"{\"text\":\"a").unwrap_err();
        assert_eq!((error.line(), error.column()), (1, 10));
    }
}
