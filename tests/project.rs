//! The rules of the house that a compiler does not check.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(rust_files(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.push(entry);
        }
    }
    found
}

fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

fn packages(metadata: &Value) -> &Vec<Value> {
    metadata["packages"].as_array().expect("packages")
}

/// The rooms that a room may use; `crate::Error` is everybody's.
const ARROWS: [(&str, &[&str]); 5] = [
    ("wire", &[]),
    ("model", &["wire"]),
    ("http", &["wire"]),
    ("delivery", &["model", "wire"]),
    ("session", &["delivery", "http", "model", "wire"]),
];

#[test]
fn the_arrows_of_use_go_one_way() {
    let mut files = 0;
    for (room, allowed) in ARROWS {
        for file in rust_files(&root().join("src").join(room)) {
            files += 1;
            let text = fs::read_to_string(&file).unwrap();
            for (other, _) in
                ARROWS.into_iter().filter(|(other, _)| *other != room && !allowed.contains(other))
            {
                for (number, line) in text.lines().enumerate() {
                    let uses = line.contains(&format!("crate::{other}"));
                    assert!(!uses, "{}:{}: {room} must not use {other}", file.display(), number + 1);
                }
            }
        }
    }
    assert!(files > 40, "only {files} files looked at");
}

#[test]
fn unsafe_stands_in_its_two_places_only() {
    for file in rust_files(&root().join("src")) {
        let inside = file.strip_prefix(root()).unwrap();
        let allowed = inside.starts_with("src/capi") || inside == Path::new("src/delivery/os.rs");
        let text = fs::read_to_string(&file).unwrap();
        let found = text.lines().any(|line| line.contains("unsafe {") || line.contains("unsafe fn"));
        assert!(allowed || !found, "{} holds unsafe code", inside.display());
    }
}

#[test]
fn the_python_extension_holds_no_unsafe_code() {
    let files = rust_files(&root().join("bindings/python/src"));
    assert!(files.len() > 5, "only {} files looked at", files.len());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        assert!(!text.contains("unsafe"), "{} holds unsafe code", file.display());
    }
}

/// With the C ABI in it, the extension would export it a second time.
#[test]
fn the_python_extension_uses_the_engine_without_the_c_abi() {
    let metadata = metadata();
    let extension =
        packages(&metadata).iter().find(|package| package["name"] == "ucwa-python").expect("ucwa-python");
    let dependencies = extension["dependencies"].as_array().expect("dependencies");
    let engine = dependencies.iter().find(|dependency| dependency["name"] == "ucwa").expect("the engine");
    assert_eq!(engine["uses_default_features"], false);
    assert_eq!(engine["features"], serde_json::json!([]));
}

#[test]
fn the_simulator_shares_nothing_with_the_engine() {
    let metadata = metadata();
    let simulator =
        packages(&metadata).iter().find(|package| package["name"] == "ucwa-sim").expect("ucwa-sim");
    let dependencies = simulator["dependencies"].as_array().expect("dependencies");
    assert!(!dependencies.is_empty());
    assert!(dependencies.iter().all(|dependency| dependency["name"] != "ucwa"));
}

#[test]
fn every_dependency_builds_with_the_oldest_rust_that_we_promise() {
    let metadata = metadata();
    let number = |text: &str| {
        let mut parts = text.split('.').map(|part| part.parse::<u32>().unwrap());
        [(); 3].map(|()| parts.next().unwrap_or(0))
    };
    let own = packages(&metadata).iter().find(|package| package["name"] == "ucwa").expect("ucwa");
    let promised = own["rust_version"].as_str().expect("a rust-version");
    for package in packages(&metadata) {
        if let Some(needed) = package["rust_version"].as_str() {
            assert!(number(needed) <= number(promised), "{} needs Rust {needed}", package["name"]);
        }
    }
}
