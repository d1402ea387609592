//! The forms of a date (PROTOCOL 4.3, trap T-19), as milliseconds since 1970, UTC.

/// Reads `/Date(ms)/` (with or without backslashes), ISO 8601, or plain milliseconds; `None` for anything else.
pub fn unix_ms(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.trim_matches(['\\', '/']).strip_prefix("Date(") {
        Some(ticks) => ticks_ms(ticks.strip_suffix(')')?),
        None => text.parse().ok().or_else(|| iso_ms(text)),
    }
}

/// Milliseconds, maybe followed by an offset for display ("1364327898968+0200"), which changes nothing.
fn ticks_ms(ticks: &str) -> Option<i64> {
    let digits = ticks.trim_start_matches('-');
    let end = digits.find(['+', '-']).unwrap_or(digits.len());
    let sign = ticks.len() - digits.len();
    ticks.get(..sign + end)?.parse().ok()
}

/// A number without a fraction.
pub(super) fn whole(number: f64) -> Option<i64> {
    // within these bounds every whole number is exact
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[allow(clippy::cast_possible_truncation)] // checked to fit
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

/// ISO 8601; without an offset it is UTC.
fn iso_ms(text: &str) -> Option<i64> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant.as_millisecond());
    }
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    let instant = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(instant.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t19_every_form_of_a_date() {
        let table = [
            (r"\/Date(1364327898968)\/", Some(1_364_327_898_968)),
            ("/Date(1474932024822)/", Some(1_474_932_024_822)),
            ("/Date(-5)/", Some(-5)),
            ("/Date(1364327898968+0200)/", Some(1_364_327_898_968)),
            ("/Date(-1364327898968-0800)/", Some(-1_364_327_898_968)),
            ("2013-02-07T01:17:18.000Z", Some(1_360_199_838_000)),
            ("2013-02-07T03:17:18+02:00", Some(1_360_199_838_000)),
            ("2013-02-07T01:17:18.1234567Z", Some(1_360_199_838_123)),
            ("2013-02-07T01:17:18", Some(1_360_199_838_000)),
            ("2013-02-07 01:17:18Z", Some(1_360_199_838_000)),
            ("2013-02-07", Some(1_360_195_200_000)),
            ("1360199838000", Some(1_360_199_838_000)),
            ("/Date(136...000)/", None),
            ("/Date()/", None),
            ("/Date(--5)/", None),
            ("/Date(99999999999999999999)/", None),
            ("2013-02-30T00:00:00Z", None),
            ("+999999-01-01T00:00:00Z", None),
            ("soon", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(unix_ms(text), expected, "{text}");
        }
    }

    #[test]
    fn whole_numbers_only() {
        assert_eq!(whole(5.0), Some(5));
        assert_eq!(whole(-5.0), Some(-5));
        for odd in [0.5, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(whole(odd), None);
        }
    }
}
