//! The programs of this folder: each checks something of ucwa.hpp and ends with 0 when all of it holds.

use std::process::Command;

use crate::tools::{Language, compiler, folder, linked, root, succeed, text};

/// Builds with every compiler and standard, and runs.
fn run(test: &str, source: &str) {
    let folder = folder(test);
    for program in Language::Cpp.compilers() {
        for standard in ["c++17", "c++20"] {
            let file = folder.join(format!("{program}-{standard}").replace('/', "-"));
            let mut command = compiler(&program, standard);
            command.arg(root().join("tests/c").join(source));
            succeed(linked(&mut command).arg("-o").arg(&file));
            succeed(&mut Command::new(&file));
        }
    }
}

#[test]
fn errors_handles_and_callbacks_of_ucwa_hpp() {
    run("errors_handles_and_callbacks_of_ucwa_hpp", "handles.cpp");
}

#[test]
fn text_of_ucwa_hpp() {
    run("text_of_ucwa_hpp", "text.cpp");
}

#[test]
fn a_check_that_does_not_hold_is_noticed() {
    let folder = folder("a_check_that_does_not_hold_is_noticed");
    let file = folder.join("expect.cpp");
    std::fs::write(&file, "#include \"expect.hpp\"\nint main() { EXPECT(1 + 1 == 3); return failures; }\n")
        .unwrap();
    let program = folder.join("expect");
    let mut command = compiler(&Language::Cpp.compilers()[0], "c++17");
    succeed(command.arg("-I").arg(root().join("tests/c")).arg(&file).arg("-o").arg(&program));
    let output = Command::new(&program).output().unwrap();
    assert!(!output.status.success());
    assert!(text(&output).contains("1 + 1 == 3"), "{}", text(&output));
}
