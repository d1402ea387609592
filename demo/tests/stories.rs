//! The demo's programs hold for any script: nothing in them knows what is going to happen.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where cargo puts the programs of this workspace.
fn built(name: &str) -> PathBuf {
    let own = Path::new(env!("CARGO_BIN_EXE_ucwa-demo"));
    own.parent().unwrap().join(name)
}

fn play(script: &str) -> (bool, String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(built("ucwa-demo"))
        .arg("--sim")
        .arg(built("ucwa-sim"))
        .arg("--script")
        .arg(root.join("stories").join(script))
        .arg("--")
        .arg(built("examples/front_desk"))
        .output()
        .expect("the demo starts; `make test` builds its programs first");
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), text)
}

#[test]
fn the_demo_s_own_story() {
    let (ok, text) = play("front_desk.json");
    assert!(ok, "{text}");
    for outcome in ["accepted", "declined", "no_answer", "busy", "unreachable"] {
        assert!(text.contains(outcome), "no {outcome} in\n{text}");
    }
}

#[test]
fn other_names_another_count_and_other_behaviours() {
    let (ok, text) = play("other.json");
    assert!(ok, "{text}");
    assert!(text.contains("invitations: 7 of 7 equal"), "{text}");
}

#[test]
fn a_script_that_makes_no_sense_fails() {
    let (ok, text) = play("no_such_story.json");
    assert!(!ok, "{text}");
}
