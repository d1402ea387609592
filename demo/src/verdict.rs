//! What the program saw against what was so.

use std::path::Path;

use serde::Deserialize;

use crate::Failure;
use crate::simulator::{Person, Truth};

/// What a program of `examples/` writes to the file that `--report` names.
#[derive(Deserialize)]
pub(crate) struct Report {
    roster: Vec<Person>,
    invitations: Vec<Invitation>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Invitation {
    to: Option<String>,
    operation_id: Option<String>,
    outcome: Option<String>,
    code: Option<String>,
    subcode: Option<String>,
}

impl Report {
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text =
            std::fs::read_to_string(path).map_err(|error| format!("the program left no report: {error}"))?;
        Ok(serde_json::from_str(&text)?)
    }
}

/// Compares and prints. True when everything is equal, and there was something to compare.
pub(crate) fn compare(report: &Report, truth: &Truth, user: &str) -> bool {
    let Some(room) = truth.conversations.iter().rfind(|c| c.ended && c.user.eq_ignore_ascii_case(user))
    else {
        println!("the simulator knows of no conversation that {user} was in and left");
        return false;
    };
    let asked = truth.invitations.iter().filter(|invitation| invitation.kind == "participantInvitation");
    let expected = asked.map(|invitation| Invitation {
        to: invitation.to.clone(),
        operation_id: invitation.operation_id.clone(),
        outcome: invitation.outcome.clone(),
        code: invitation.code.clone(),
        subcode: invitation.subcode.clone(),
    });
    let people = room.roster.iter().cloned().map(shown);
    let rosters = same("roster", sorted(people), sorted(report.roster.iter().cloned()));
    let invitations = same("invitations", sorted(expected), sorted(report.invitations.iter().cloned()));
    rosters && invitations
}

/// As a program shows somebody: by his address when he has no name (trap T-34).
fn shown(mut person: Person) -> Person {
    if person.name.is_empty() {
        person.name.clone_from(&person.uri);
    }
    person
}

fn sorted<T: Ord>(rows: impl Iterator<Item = T>) -> Vec<T> {
    let mut rows: Vec<T> = rows.collect();
    rows.sort();
    rows
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, truth: Vec<T>, seen: Vec<T>) -> bool {
    if truth.is_empty() {
        println!("{what}: the story holds none; there is nothing to compare");
        return false;
    }
    if truth == seen {
        println!("{what}: {} of {} equal the simulator's truth", seen.len(), truth.len());
        return true;
    }
    println!("{what}: NOT equal to the simulator's truth");
    for row in truth.iter().filter(|row| !seen.contains(row)) {
        println!("  so it was, and the program did not see it: {row:?}");
    }
    for row in seen.iter().filter(|row| !truth.contains(row)) {
        println!("  the program saw, and it was not so:        {row:?}");
    }
    false
}
