//! The one retry policy: what may be tried again, after how long, how often (PROTOCOL 10.7). A pure function.

use std::time::{Duration, SystemTime};

use super::Retry;

/// How often and how patiently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many times after the first try; 0 switches retrying off.
    pub retries: u32,
    /// The first pause; each further one is twice as long.
    pub first_pause: Duration,
    /// The longest pause. A server that asks for a longer one by `Retry-After` gets it: the request is given up and
    /// the error says when to come again.
    pub max_pause: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy {
            retries: 3,
            first_pause: Duration::from_millis(500),
            max_pause: Duration::from_secs(30),
        }
    }
}

/// How a request failed, as far as repeating it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure<'a> {
    /// No connection came about: not a byte of the request left.
    NotSent,
    /// It left, and no whole answer came, in time or at all: the server may have acted on it.
    Lost,
    /// An answer with an error.
    Status {
        status: u16,
        subcode: &'a str,
        retry_after: Option<Duration>,
    },
    /// Trying again leads to the same: refused origin, certificate, body too large.
    Final,
}

/// Statuses that pass: the server or a gateway is busy, restarting or slow (PROTOCOL 10.2, 10.7).
const PASSING: [u16; 6] = [408, 429, 500, 502, 503, 504];

impl Failure<'_> {
    /// Whether the same request may succeed later, whoever repeats it.
    pub(super) fn passes(&self) -> bool {
        match self {
            Failure::NotSent | Failure::Lost => true,
            Failure::Status { status, .. } => PASSING.contains(status) || self.was_not_processed(),
            Failure::Final => false,
        }
    }

    /// Whether the server surely did not act on the request. 429 and 503 are not in here: a gateway may send them
    /// after the server behind it has acted.
    fn was_not_processed(&self) -> bool {
        match self {
            Failure::NotSent => true,
            Failure::Status {
                status: 409, subcode, ..
            } => subcode.eq_ignore_ascii_case("AnotherOperationPending"),
            _ => false,
        }
    }
}

impl RetryPolicy {
    /// How long to wait before the next try, or `None` to give up. `tries` counts those already made (from 1); `dice`
    /// is a random number from 0 to 1, so that clients thrown out together do not come back together.
    pub(super) fn pause(
        &self,
        retry: Retry,
        tries: u32,
        failure: &Failure<'_>,
        dice: f64,
    ) -> Option<Duration> {
        let allowed = match retry {
            Retry::Safe => failure.passes(),
            Retry::Once => failure.was_not_processed(),
            Retry::Never => false,
        };
        if !allowed || tries > self.retries {
            return None;
        }
        let doubled = 2u32.saturating_pow(tries.saturating_sub(1));
        let longest = self.first_pause.saturating_mul(doubled).min(self.max_pause);
        let own = longest.mul_f64(0.5 + 0.5 * dice.clamp(0.0, 1.0));
        match failure {
            Failure::Status {
                retry_after: Some(asked),
                ..
            } if *asked > self.max_pause => None,
            Failure::Status {
                retry_after: Some(asked),
                ..
            } => Some((*asked).max(own)),
            _ => Some(own),
        }
    }
}

/// Reads `Retry-After`: seconds or an HTTP date.
pub(super) fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    Some(at.duration_since(now).unwrap_or(Duration::ZERO))
}

/// A random number from 0 to 1; the middle when the system has none to give.
pub(super) fn dice() -> f64 {
    getrandom::u32().map_or(0.5, |n| f64::from(n) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Failure<'static> {
        Failure::Status {
            status,
            subcode: "",
            retry_after: None,
        }
    }

    #[test]
    fn what_may_be_repeated() {
        let pending = Failure::Status {
            status: 409,
            subcode: "anotheroperationpending",
            retry_after: None,
        };
        let exists = Failure::Status {
            status: 409,
            subcode: "AlreadyExists",
            retry_after: None,
        };
        // failure, repeated when safe, repeated when it creates
        let table = [
            (Failure::NotSent, true, true),
            (Failure::Lost, true, false),
            (Failure::Final, false, false),
            (pending, true, true),
            (exists, false, false),
            (status(400), false, false),
            (status(401), false, false),
            (status(403), false, false),
            (status(404), false, false),
            (status(408), true, false),
            (status(410), false, false),
            (status(412), false, false),
            (status(428), false, false),
            (status(429), true, false),
            (status(500), true, false),
            (status(501), false, false),
            (status(502), true, false),
            (status(503), true, false),
            (status(504), true, false),
        ];
        let policy = RetryPolicy::default();
        for (failure, safe, once) in table {
            assert_eq!(
                policy.pause(Retry::Safe, 1, &failure, 0.5).is_some(),
                safe,
                "{failure:?} safe"
            );
            assert_eq!(
                policy.pause(Retry::Once, 1, &failure, 0.5).is_some(),
                once,
                "{failure:?} once"
            );
            assert_eq!(
                policy.pause(Retry::Never, 1, &failure, 0.5),
                None,
                "{failure:?} never"
            );
        }
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_end() {
        let policy = RetryPolicy {
            retries: 5,
            first_pause: Duration::from_secs(1),
            max_pause: Duration::from_secs(6),
        };
        let pause = |tries, dice| policy.pause(Retry::Safe, tries, &Failure::Lost, dice);
        let most: Vec<_> = (1..=6)
            .map(|tries| pause(tries, 1.0).map(|d| d.as_millis()))
            .collect();
        assert_eq!(
            most,
            [Some(1000), Some(2000), Some(4000), Some(6000), Some(6000), None]
        );
        let least: Vec<_> = (1..=6)
            .map(|tries| pause(tries, 0.0).map(|d| d.as_millis()))
            .collect();
        assert_eq!(
            least,
            [Some(500), Some(1000), Some(2000), Some(3000), Some(3000), None]
        );
        assert!(pause(1, f64::NAN).is_none_or(|d| d <= Duration::from_secs(1)));
        let endless = RetryPolicy {
            retries: u32::MAX,
            ..policy
        };
        assert_eq!(
            endless.pause(Retry::Safe, u32::MAX, &Failure::Lost, 1.0),
            Some(Duration::from_secs(6))
        );
    }

    #[test]
    fn the_wish_of_the_server_is_honoured_or_passed_on() {
        let policy = RetryPolicy::default();
        let after = |seconds| Failure::Status {
            status: 503,
            subcode: "",
            retry_after: Some(Duration::from_secs(seconds)),
        };
        assert_eq!(
            policy.pause(Retry::Safe, 1, &after(7), 1.0),
            Some(Duration::from_secs(7))
        );
        assert_eq!(
            policy.pause(Retry::Safe, 1, &after(0), 1.0),
            Some(Duration::from_millis(500))
        );
        assert_eq!(policy.pause(Retry::Safe, 1, &after(31), 1.0), None);
    }

    #[test]
    fn retry_after_in_both_forms() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777); // Sun, 06 Nov 1994 08:49:37 GMT
        let table = [
            ("120", Some(120)),
            (" 3 ", Some(3)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
            ("99999999999999999999999", None),
            ("", None),
        ];
        for (text, seconds) in table {
            assert_eq!(retry_after(text, now), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
