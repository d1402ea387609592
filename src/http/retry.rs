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
pub(super) enum Failure {
    /// No connection came about: not a byte of the request left.
    NotSent,
    /// It left, and no whole answer came, in time or at all: the server may have acted on it.
    Lost,
    /// An answer with an error.
    Status {
        status: u16,
        retry_after: Option<Duration>,
        /// The server said that another operation has to end first.
        pending: bool,
    },
    /// Trying again leads to the same: refused origin, certificate, body too large.
    Final,
}

/// Statuses that pass: the server or a gateway is busy, restarting or slow (PROTOCOL 10.2, 10.7).
const PASSING: [u16; 6] = [408, 429, 500, 502, 503, 504];

impl Failure {
    /// An answer with an error; `subcode` is the server's, else empty.
    pub(super) fn status(status: u16, subcode: &str, retry_after: Option<Duration>) -> Self {
        let pending = status == 409 && subcode.eq_ignore_ascii_case("AnotherOperationPending");
        Failure::Status { status, retry_after, pending }
    }

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
        matches!(self, Failure::NotSent | Failure::Status { pending: true, .. })
    }
}

impl RetryPolicy {
    /// How long to wait before the next try, or `None` to give up. `tries` counts those already made (from 1); `dice`
    /// is a random number, so that clients thrown out together do not come back together.
    pub(super) fn pause(&self, retry: Retry, tries: u32, failure: &Failure, dice: u16) -> Option<Duration> {
        let allowed = match retry {
            Retry::Safe => failure.passes(),
            Retry::Once => failure.was_not_processed(),
            Retry::Never => false,
        };
        if !allowed || tries > self.retries {
            return None;
        }
        let own = self.own_pause(tries, dice);
        match failure {
            Failure::Status { retry_after: Some(asked), .. } if *asked > self.max_pause => None,
            Failure::Status { retry_after: Some(asked), .. } => Some((*asked).max(own)),
            _ => Some(own),
        }
    }

    /// The pause before the next try when the server asks for none: doubled each time, and half of it by chance.
    pub(super) fn own_pause(&self, tries: u32, dice: u16) -> Duration {
        let doubled = 2u32.saturating_pow(tries.saturating_sub(1));
        let longest = self.first_pause.saturating_mul(doubled).min(self.max_pause);
        let half = longest / 2;
        half.saturating_add(half.saturating_mul(u32::from(dice)) / u32::from(u16::MAX))
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

/// A random number; the middle when the system has none to give.
pub(super) fn dice() -> u16 {
    let mut bytes = [0x80, 0];
    let _ = getrandom::fill(&mut bytes);
    u16::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Failure {
        Failure::status(status, "", None)
    }

    #[test]
    fn what_may_be_repeated() {
        let pending = Failure::status(409, "anotheroperationpending", None);
        let exists = Failure::status(409, "AlreadyExists", None);
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
            assert_eq!(policy.pause(Retry::Safe, 1, &failure, 0).is_some(), safe, "{failure:?} safe");
            assert_eq!(policy.pause(Retry::Once, 1, &failure, 0).is_some(), once, "{failure:?} once");
            assert_eq!(policy.pause(Retry::Never, 1, &failure, 0), None, "{failure:?} never");
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
        let most: Vec<_> = (1..=6).map(|tries| pause(tries, u16::MAX).map(|d| d.as_millis())).collect();
        assert_eq!(most, [Some(1000), Some(2000), Some(4000), Some(6000), Some(6000), None]);
        let least: Vec<_> = (1..=6).map(|tries| pause(tries, 0).map(|d| d.as_millis())).collect();
        assert_eq!(least, [Some(500), Some(1000), Some(2000), Some(3000), Some(3000), None]);
        let endless = RetryPolicy { retries: u32::MAX, ..policy };
        assert_eq!(
            endless.pause(Retry::Safe, u32::MAX, &Failure::Lost, u16::MAX),
            Some(Duration::from_secs(6))
        );
    }

    #[test]
    fn the_wish_of_the_server_is_honoured_or_passed_on() {
        let policy = RetryPolicy::default();
        let after = |seconds| Failure::status(503, "", Some(Duration::from_secs(seconds)));
        assert_eq!(policy.pause(Retry::Safe, 1, &after(7), 9), Some(Duration::from_secs(7)));
        assert_eq!(policy.pause(Retry::Safe, 1, &after(0), u16::MAX), Some(Duration::from_millis(500)));
        assert_eq!(policy.pause(Retry::Safe, 1, &after(31), 9), None);
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
