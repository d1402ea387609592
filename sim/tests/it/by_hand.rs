//! The steps that docs/SIMULATOR.md shows by hand are carried out as printed there.

use std::path::Path;
use std::process::Command;

use ucwa_sim::{Outcome, Settings, Simulator};

fn printed_steps() -> String {
    let doc = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/SIMULATOR.md");
    let text = std::fs::read_to_string(doc).expect("docs/SIMULATOR.md");
    let (_, section) = text.split_once("## By hand with curl").expect("the section");
    let (_, block) = section.split_once("```sh\n").expect("its block");
    block.split_once("```").expect("the block's end").0.to_owned()
}

#[test]
fn the_steps_of_the_manual_work_as_printed() {
    let simulator = Simulator::start(Settings::default()).expect("starts");
    let root = simulator.root_url();
    let output = Command::new("timeout")
        .args(["60", "bash", "-eu", "-c", &printed_steps()])
        .env("root", root.trim_end_matches('/'))
        .env("no_proxy", "*")
        .output()
        .expect("bash and curl are there");
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    assert!(said.contains("WWW-Authenticate: MsRtcOAuth"), "{said}");
    assert!(said.contains("HTTP/1.1 201 Created") && said.contains("HTTP/1.1 204"), "{said}");
    let truth = simulator.control().truth();
    let outcome = |operation| truth.invitation(operation).and_then(|invitation| invitation.outcome);
    assert_eq!((outcome("2"), outcome("3")), (Some(Outcome::Accepted), Some(Outcome::Declined)));
    assert!(truth.applications.is_empty(), "signed out");
}
