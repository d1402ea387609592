//! Compilers, and where things are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// All warnings that a careful project has, as errors.
pub(crate) const WARNINGS: [&str; 6] =
    ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"];

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where cargo puts what it builds: libraries, programs, examples.
pub(crate) fn built() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.parent().and_then(Path::parent).unwrap().to_owned()
}

/// An empty folder of a test's own.
pub(crate) fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Language {
    C,
    Cpp,
}

impl Language {
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Language::C => "c",
            Language::Cpp => "cpp",
        }
    }

    /// The compiler that the user prefers, and clang when it is there.
    pub(crate) fn compilers(self) -> Vec<String> {
        let (variable, usual, clang) = match self {
            Language::C => ("CC", "cc", "clang"),
            Language::Cpp => ("CXX", "c++", "clang++"),
        };
        let preferred = std::env::var(variable).unwrap_or_else(|_| usual.to_owned());
        assert!(works(&preferred), "{preferred} does not run: apt-get install gcc g++");
        let mut found = vec![preferred];
        if works(clang) {
            found.push(clang.to_owned());
        }
        found
    }
}

fn works(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// What a program said, in one text.
pub(crate) fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// `make` of the project, as if nobody had started it.
pub(crate) fn make() -> Command {
    let mut command = Command::new("make");
    command.current_dir(root()).env_remove("MAKEFLAGS").env_remove("MAKELEVEL");
    command
}

/// Runs to the end and succeeds.
pub(crate) fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = text(&output);
    assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
    said
}

/// A compiler that finds our headers and knows no mercy.
pub(crate) fn compiler(program: &str, standard: &str) -> Command {
    let mut command = Command::new(program);
    command.arg(format!("-std={standard}")).args(WARNINGS).arg("-I").arg(root().join("include"));
    if standard.starts_with('c') && !standard.starts_with("c++") {
        command.arg("-D_POSIX_C_SOURCE=200809L").arg("-Wstrict-prototypes");
    }
    command
}

/// Adds what a program needs to be linked with the library and to find it when it runs.
pub(crate) fn linked(command: &mut Command) -> &mut Command {
    let built = built();
    // The name that programs ask for. Another test may make it at the same time.
    let _ = std::os::unix::fs::symlink("libucwa.so", built.join("libucwa.so.1"));
    command.arg("-L").arg(&built).arg("-lucwa").arg("-pthread").arg(format!("-Wl,-rpath,{}", built.display()))
}
