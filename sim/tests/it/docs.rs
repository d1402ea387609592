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

/// Every effect that can be left out, every error that can be had, every action of a story.
#[test]
fn the_page_names_every_effect_error_and_action() {
    let page = read("../docs/SIMULATOR.md");
    for name in ucwa_sim::effects().into_keys().chain(ucwa_sim::error_names()) {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
    let table = page.split("| actions | effect |").nth(1).expect("the actions");
    let table = table.split("\n\n").next().expect("an end");
    let known = serde_json::from_value::<ucwa_sim::StoryAction>("x".into()).expect_err("none").to_string();
    let known: Vec<&str> = known.split('`').skip(3).step_by(2).collect();
    assert!(known.len() > 40 && known.contains(&"join"), "{known:?}");
    for action in known {
        assert!(table.contains(&format!("`{action}`")), "{action}");
    }
}
