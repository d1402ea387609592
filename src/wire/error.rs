//! What could not be read, and where.

use std::fmt;

/// A document that could not be read. Its text says what was read, where it broke, and what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireError {
    what: &'static str,
    problem: String,
    line: usize,
    column: usize,
    excerpt: String,
}

impl WireError {
    /// JSON that is broken. `text` is what was read; pass an empty one when it may hold a secret.
    pub(super) fn broken(what: &'static str, text: &str, error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let place = format!(" at line {line} column {column}");
        WireError {
            what,
            problem: error.to_string().trim_end_matches(&place).to_owned(),
            line,
            column,
            excerpt: excerpt(text, line, column),
        }
    }

    /// A document that is well formed but lacks something.
    pub(super) fn lacks(what: &'static str, problem: impl Into<String>) -> Self {
        WireError { what, problem: problem.into(), line: 0, column: 0, excerpt: String::new() }
    }

    /// What was read ("event page").
    pub fn what(&self) -> &'static str {
        self.what
    }

    /// The line at which reading stopped, from 1; 0 when the document as a whole is wrong.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column (in bytes) at which reading stopped.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The text around that place, at most 60 characters; long words, which may be keys, are left out.
    pub fn excerpt(&self) -> &str {
        &self.excerpt
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.problem)?;
        if self.line > 0 {
            write!(f, " at line {} column {}", self.line, self.column)?;
        }
        if !self.excerpt.is_empty() {
            write!(f, ", near `{}`", self.excerpt)?;
        }
        Ok(())
    }
}

impl std::error::Error for WireError {}

/// Words from this length on may be keys and are not shown.
const LONG_WORD: usize = 16;
/// How many bytes are looked at on each side of the place.
const AROUND: usize = 120;
/// How many characters are shown on each side of it.
const SHOWN: usize = 30;

/// What stands around a place in a text. A word that is long, or cut by the edge of what is looked at, becomes `…`.
fn excerpt(text: &str, line: usize, column: usize) -> String {
    let above: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let place = above.saturating_add(column).min(text.len());
    let (from, to) = (place.saturating_sub(AROUND), place.saturating_add(AROUND).min(text.len()));
    let window = String::from_utf8_lossy(text.as_bytes().get(from..to).unwrap_or_default());

    let (mut left, mut right) = (String::new(), String::new());
    let mut end = from;
    for piece in window.split_inclusive(|letter| !is_word(letter)) {
        let word = piece.trim_end_matches(|letter| !is_word(letter));
        let cut = end == from && from > 0 || end + piece.len() >= to && to < text.len();
        end += piece.len();
        let side = if end <= place { &mut left } else { &mut right };
        side.push_str(if word.len() >= LONG_WORD || cut && !word.is_empty() { "…" } else { word });
        side.extend(piece.chars().skip_while(|letter| is_word(*letter)).map(printable));
    }
    let skip = left.chars().count().saturating_sub(SHOWN);
    left.chars().skip(skip).chain(right.chars().take(SHOWN)).collect()
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || "+/_=~-.%\\@".contains(letter)
}

fn printable(letter: char) -> char {
    if letter.is_control() { ' ' } else { letter }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_shows_the_place_and_no_long_word() {
        let text = "{\"a\": 1,\n \"token\": cwt=AAEBHAEFAAAAAAAFFQAAAA, \"b\": <html> }";
        let column = text.lines().nth(1).unwrap().find("<html>").unwrap();
        let shown = excerpt(text, 2, column);
        assert!(shown.contains("\"b\": <html> }"), "{shown}");
        assert!(!shown.contains("AAEB"), "{shown}");
    }

    #[test]
    fn a_word_cut_by_the_edge_is_not_shown() {
        let others = format!(" {}", "x".repeat(20)).repeat(20);
        let text = format!("{others} {} {others}", "secret-".repeat(20));
        for column in 0..text.len() {
            let shown = excerpt(&text, 1, column);
            assert!(!shown.contains(|letter| "secrt".contains(letter)), "{column}: {shown}");
        }
    }

    #[test]
    fn any_place_in_any_text() {
        for text in ["", "é", "\n\n", "{\u{0}}"] {
            for line in 0..4 {
                for column in 0..4 {
                    assert!(excerpt(text, line, column).chars().count() <= 2 * SHOWN);
                }
            }
        }
    }
}
