//! The examples in C and C++ are programs for any story, and say so when something is wrong.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::tools::{Language, WARNINGS, built, compiler, folder, linked, make, root, succeed, text};

const COMMON: [&str; 4] = ["desk.c", "options.c", "report.c", "room.c"];

/// Builds an example with every compiler; the program of the last one.
fn build(test: &str, name: &str, language: Language) -> PathBuf {
    let folder = folder(test);
    let source = root().join("examples").join(language.extension());
    let program = folder.join(name);
    for compiler_name in language.compilers() {
        let mut command = compiler(&compiler_name, if language == Language::C { "c99" } else { "c++17" });
        command.arg(source.join(name).with_extension(language.extension()));
        if language == Language::C {
            command.args(COMMON.map(|file| source.join(file)));
        }
        succeed(linked(&mut command).arg("-o").arg(&program));
    }
    program
}

fn play(program: &PathBuf) {
    let said = succeed(
        Command::new(built().join("ucwa-demo"))
            .arg("--sim")
            .arg(built().join("ucwa-sim"))
            .arg("--script")
            .arg(root().join("demo/stories/other.json"))
            .args(["--patience", "120", "--"])
            .arg(program),
    );
    assert!(said.contains("invitations: 7 of 7 equal"), "{said}");
}

#[test]
fn front_desk_in_c() {
    play(&build("front_desk_in_c", "front_desk", Language::C));
}

#[test]
fn poll_loop_in_c() {
    play(&build("poll_loop_in_c", "poll_loop", Language::C));
}

#[test]
fn front_desk_in_cpp() {
    play(&build("front_desk_in_cpp", "front_desk", Language::Cpp));
}

/// What a program says, and its exit code, when it is started as given. It has to end by itself although its input is open.
fn said(program: &PathBuf, arguments: &[&str], log: PathBuf) -> (Option<i32>, String) {
    let out = File::create(&log).unwrap();
    let mut command = Command::new(program);
    for variable in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(variable);
    }
    let mut child = command
        .args(arguments)
        .env("DESK_PASSWORD", "wrong")
        .stdin(Stdio::piped())
        .stdout(out.try_clone().unwrap())
        .stderr(out)
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if Instant::now() > deadline => {
                child.kill().unwrap();
                panic!("{program:?} {arguments:?} does not end");
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    (status.code(), io::read_to_string(File::open(log).unwrap()).unwrap())
}

#[test]
fn what_is_wrong_is_said() {
    let simulator = ucwa_sim::Simulator::start(ucwa_sim::Settings::default()).unwrap();
    let root_url = simulator.root_url();
    let sign_in = [
        "--root-url",
        root_url.as_str(),
        "--set",
        "allow_http=true",
        "--username",
        "lene@contoso.com",
        "--password-env",
        "DESK_PASSWORD",
    ];
    let programs = [("front_desk", Language::C), ("poll_loop", Language::C), ("front_desk", Language::Cpp)];
    for (number, (name, language)) in programs.into_iter().enumerate() {
        let test = format!("what_is_wrong_is_said-{number}");
        let program = build(&test, name, language);
        let log = program.with_extension("log");
        for (arguments, expected) in [
            (&["--user"][..], "a value is missing"),
            (&["--colour", "blue"], "option"),
            (&["--set", "no_such_key=1"], "UCWA_E_NOT_FOUND"),
            (&["--user", "nobody at all"], "UCWA_E_INVALID_ARG"),
            (&["--password-env", "NO_SUCH_VARIABLE"], "NO_SUCH_VARIABLE"),
            (&["--ca", "/no/such/file"], "/no/such/file"),
            (&[], "UCWA_E_INVALID_ARG"),
            (&sign_in, "UCWA_E_AUTH"),
        ] {
            let (code, said) = said(&program, arguments, log.clone());
            assert_eq!(code, Some(1), "{name} {arguments:?}: {said}");
            assert!(said.contains(expected), "{name} {arguments:?} says: {said}");
        }
        let (code, said) = said(&program, &["--help"], log);
        assert!(code == Some(0) && said.starts_with("usage: "), "{said}");
    }
}

/// What the Makefile builds them with is no looser than what is built with here.
#[test]
fn the_makefile_asks_for_the_same_warnings() {
    let printed = text(&make().args(["--dry-run", "--always-make", "examples"]).output().unwrap());
    let compiled: Vec<&str> = printed.lines().filter(|line| line.contains(" -Iinclude ")).collect();
    assert!(compiled.len() >= 3, "{printed}");
    for warning in WARNINGS {
        assert!(compiled.iter().all(|line| line.contains(warning)), "{warning} is missing in\n{compiled:#?}");
    }
}

/// As `make memcheck` runs it, on a program with one loss and on one with one read of what was never written.
#[test]
fn memcheck_notices_what_is_wrong() {
    let printed = text(&make().args(["--dry-run", "memcheck"]).output().unwrap());
    let line =
        printed.lines().find(|line| line.contains("--error-exitcode=")).expect("make memcheck runs valgrind");
    let words: Vec<&str> = line.split_whitespace().skip_while(|word| *word != "valgrind").collect();
    let valgrind = &words[..words.len() - 1];
    let folder = folder("memcheck_notices_what_is_wrong");
    for (name, code, expected) in [
        ("sound", "free(malloc(1)); return ucwa_shutdown(1000);", 0),
        ("loss", "static volatile void *lost; lost = malloc(7); lost = NULL; return lost != NULL;", 9),
        (
            "unwritten",
            "volatile int *cell = malloc(sizeof *cell); if (*cell == 7) puts(\"7\"); free((void *)cell); return 0;",
            9,
        ),
    ] {
        let source = folder.join(format!("{name}.c"));
        let includes = "#include <stdio.h>\n#include <stdlib.h>\n#include \"ucwa.h\"\n";
        std::fs::write(&source, format!("{includes}int main(void) {{ {code} }}\n")).unwrap();
        let program = folder.join(name);
        let mut command = compiler("cc", "c99");
        succeed(
            linked(
                command.args(["-O0", "-g", "-Wno-maybe-uninitialized", "-Wno-uninitialized"]).arg(&source),
            )
            .arg("-o")
            .arg(&program),
        );
        let output = Command::new(valgrind[0])
            .args(&valgrind[1..])
            .arg(&program)
            .current_dir(root())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(expected), "{name}: {}", text(&output));
    }
}
