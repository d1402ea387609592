//! `make install`, and a program of somebody else built against the installed tree with pkg-config.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::documentation::blocks;
use crate::tools::{built, folder, make, root, succeed, text};

const FILES: [&str; 4] = ["lib/libucwa.a", "include/ucwa.h", "include/ucwa.hpp", "lib/pkgconfig/ucwa.pc"];

/// What the tests' own build left, put into its places. `make install` builds for release first.
fn install(prefix: &str, destination: &str) {
    succeed(
        make()
            .args(["install-files", "PROFILE=dev"])
            .arg(format!("BUILT={}", built().display()))
            .arg(format!("PREFIX={prefix}"))
            .arg(format!("DESTDIR={destination}")),
    );
}

fn out_of_tree(folder: &Path, prefix: &str, goal: &str) -> String {
    for file in ["Makefile", "hello.c"] {
        fs::copy(root().join("tests/c/out_of_tree").join(file), folder.join(file)).unwrap();
    }
    succeed(make().arg(goal).current_dir(folder).env("PKG_CONFIG_PATH", format!("{prefix}/lib/pkgconfig")));
    let program = folder.join(goal);
    let said = succeed(Command::new(&program).env("LD_LIBRARY_PATH", format!("{prefix}/lib")));
    assert_eq!(said.trim(), env!("CARGO_PKG_VERSION"));
    succeed(Command::new("ldd").arg(&program).env("LD_LIBRARY_PATH", format!("{prefix}/lib")))
}

#[test]
fn a_program_out_of_the_tree() {
    let folder = folder("a_program_out_of_the_tree");
    let prefix = folder.join("usr").display().to_string();
    install(&prefix, "");
    for file in FILES {
        assert!(Path::new(&prefix).join(file).is_file(), "{file} is missing");
    }
    let shared = out_of_tree(&folder, &prefix, "hello");
    assert!(shared.contains(&format!("libucwa.so.1 => {prefix}/lib/libucwa.so.1")), "{shared}");
    let fixed = out_of_tree(&folder, &prefix, "hello-static");
    assert!(!fixed.contains("libucwa"), "{fixed}");
}

#[test]
fn the_library_stands_under_three_names() {
    let folder = folder("the_library_stands_under_three_names");
    install("/opt/ucwa", &folder.display().to_string());
    let lib = folder.join("opt/ucwa/lib");
    let whole = format!("libucwa.so.{}", env!("CARGO_PKG_VERSION"));
    assert!(fs::symlink_metadata(lib.join(&whole)).unwrap().is_file());
    assert_eq!(fs::read_link(lib.join("libucwa.so.1")).unwrap(), Path::new(&whole));
    assert_eq!(fs::read_link(lib.join("libucwa.so")).unwrap(), Path::new("libucwa.so.1"));
    let description = fs::read_to_string(lib.join("pkgconfig/ucwa.pc")).unwrap();
    assert!(description.contains("prefix=/opt/ucwa\n"), "{description}");
    assert!(
        !description.contains('@') && !description.contains(&folder.display().to_string()),
        "{description}"
    );
}

#[test]
fn a_missing_tool_is_named_with_its_package() {
    for (goal, variable, package) in [("c-compiler", "CC", "gcc"), ("cxx-compiler", "CXX", "g++")] {
        let output = make().args([goal, &format!("{variable}=no-such-compiler")]).output().unwrap();
        let said = text(&output);
        assert!(!output.status.success(), "{said}");
        assert!(
            said.contains("no-such-compiler is missing: apt-get install") && said.contains(package),
            "{said}"
        );
    }
}

/// The command that docs/C-API.md gives, as it stands there.
#[test]
fn the_documented_command_compiles_a_program() {
    let folder = folder("the_documented_command_compiles_a_program");
    let prefix = folder.join("usr").display().to_string();
    install(&prefix, "");
    fs::copy(root().join("tests/c/out_of_tree/hello.c"), folder.join("program.c")).unwrap();
    let commands: Vec<String> =
        blocks().into_iter().filter(|block| block.tag == "sh").map(|block| block.code).collect();
    assert_eq!(commands.len(), 1);
    for command in commands {
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", &command]).current_dir(&folder);
        succeed(shell.env("PKG_CONFIG_PATH", format!("{prefix}/lib/pkgconfig")));
    }
    succeed(Command::new(folder.join("program")).env("LD_LIBRARY_PATH", format!("{prefix}/lib")));
}
