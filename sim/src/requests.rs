//! The log of requests.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// How many requests are remembered.
const LIMIT: usize = 20_000;
/// How much of a body is kept.
const BODY: usize = 16 * 1024;
/// How much of an Authorization header is shown.
const SHOWN: usize = 16;

/// A request that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenRequest {
    /// Its number, from 1 in the order of arrival.
    pub number: u64,
    /// When it came, in milliseconds since 1970.
    pub unix_ms: u64,
    /// Scheme and host that it was sent to.
    pub origin: String,
    /// Method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers in their order; Authorization is shortened.
    pub headers: Vec<(String, String)>,
    /// The beginning of the body as text. Empty for the token endpoint, where passwords are.
    pub body: String,
    /// It was a part of a batch.
    pub in_batch: bool,
    /// Status of the answer; none while it waits, or when the connection was dropped.
    pub status: Option<u16>,
}

/// The requests in the order of their arrival.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    seen: VecDeque<SeenRequest>,
    count: u64,
}

impl RequestLog {
    /// Notes a request and gives its number.
    pub(crate) fn note(&mut self, mut request: SeenRequest) -> u64 {
        self.count += 1;
        request.number = self.count;
        for (name, value) in &mut request.headers {
            if name.eq_ignore_ascii_case("authorization") && value.chars().count() > SHOWN {
                *value = value.chars().take(SHOWN).chain("...".chars()).collect();
            }
        }
        if let Some((end, _)) = request.body.char_indices().nth(BODY) {
            request.body.truncate(end);
        }
        if self.seen.len() == LIMIT {
            self.seen.pop_front();
        }
        self.seen.push_back(request);
        self.count
    }

    pub(crate) fn answered(&mut self, number: u64, status: u16) {
        if let Some(request) = self.seen.iter_mut().rev().find(|request| request.number == number) {
            request.status = Some(status);
        }
    }

    pub(crate) fn list(&self) -> Vec<SeenRequest> {
        self.seen.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.seen.clear();
    }
}
