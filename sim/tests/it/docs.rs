//! What the documentation shows is true.

use std::path::Path;

use serde_json::Value;
use ucwa_sim::{Script, Settings, Simulator, Switches};

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a page")
}

/// The JSON blocks of a page.
fn blocks(page: &str) -> Vec<String> {
    let mut blocks = page.split("```json\n").skip(1);
    let mut found = Vec::new();
    for block in &mut blocks {
        found.push(block.split("```").next().expect("an end").to_owned());
    }
    found
}

#[test]
fn the_scripts_of_the_pages_can_be_played() {
    for path in ["../docs/SIMULATOR.md", "README.md"] {
        let scripts: Vec<_> =
            blocks(&read(path)).into_iter().filter(|block| block.contains("\"users\"")).collect();
        assert_eq!(scripts.len(), 1, "{path}");
        let script = Script::read(&scripts[0]).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(!script.story.is_empty() && !script.people.is_empty());
        Simulator::start(script.settings()).expect("it starts");
    }
}

#[test]
fn the_page_names_every_switch() {
    let page = read("../docs/SIMULATOR.md");
    let switches = serde_json::to_value(Switches::default()).expect("JSON");
    for name in switches.as_object().expect("an object").keys() {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

/// The shape of the truth that the page shows is that of the real one.
#[test]
fn the_truth_of_the_page_has_the_real_shape() {
    let page = read("../docs/SIMULATOR.md");
    let shown = blocks(&page).into_iter().find(|block| block.contains("\"story_done\"")).expect("the truth");
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    let truth: ucwa_sim::Truth = serde_json::from_value(shown.clone()).expect("the real shape");
    assert_eq!(
        serde_json::to_value(truth).expect("JSON"),
        shown,
        "nothing is missing and nothing is left over"
    );
}

#[test]
fn the_default_world_is_the_one_on_the_page() {
    let page = read("../docs/SIMULATOR.md");
    for person in Settings::default().people {
        let account = person.uri.trim_start_matches("sip:").split('@').next().expect("a name").to_owned();
        assert!(page.contains(&account), "{account}");
    }
}
