//! The headers under every standard and compiler: included twice, from two translation units, without a warning.

use std::fs;
use std::process::Command;

use crate::tools::{Language, compiler, folder, linked, root, succeed};

const TWO_UNITS: [(&str, &str); 2] = [
    (
        "first",
        "int second_unit(void);\nint main(void) { return second_unit() == UCWA_ABI_VERSION ? 0 : 1; }\n",
    ),
    ("second", "int second_unit(void);\nint second_unit(void) { return (int)(ucwa_abi_version()); }\n"),
];

/// Compiles two units that include the header twice each, links and runs them.
fn two_units(test: &str, header: &str, language: Language, standards: &[&str]) {
    let folder = folder(test);
    for (name, code) in TWO_UNITS {
        let text = format!("#include \"{header}\"\n#include \"{header}\"\n{code}");
        fs::write(folder.join(format!("{name}.{}", language.extension())), text).unwrap();
    }
    for program in language.compilers() {
        for standard in standards {
            let file = folder.join(format!("{program}-{standard}").replace('/', "-"));
            let mut command = compiler(&program, standard);
            for (name, _) in TWO_UNITS {
                command.arg(folder.join(format!("{name}.{}", language.extension())));
            }
            succeed(linked(&mut command).arg("-o").arg(&file));
            succeed(&mut Command::new(&file));
        }
    }
}

#[test]
fn ucwa_h_in_every_c() {
    two_units("ucwa_h_in_every_c", "ucwa.h", Language::C, &["c99", "c11", "c17"]);
}

#[test]
fn ucwa_h_in_every_cpp() {
    two_units("ucwa_h_in_every_cpp", "ucwa.h", Language::Cpp, &["c++11", "c++17", "c++20"]);
}

#[test]
fn ucwa_hpp_in_every_cpp() {
    two_units("ucwa_hpp_in_every_cpp", "ucwa.hpp", Language::Cpp, &["c++17", "c++20"]);
}

#[test]
fn every_part_of_ucwa_hpp_stands_alone() {
    let folder = folder("every_part_of_ucwa_hpp_stands_alone");
    let parts = fs::read_dir(root().join("include/ucwa")).unwrap().map(|part| part.unwrap().file_name());
    let parts: Vec<String> = parts.map(|name| name.into_string().unwrap()).collect();
    assert!(parts.len() > 5, "{parts:?}");
    let umbrella = fs::read_to_string(root().join("include/ucwa.hpp")).unwrap();
    let program = &Language::Cpp.compilers()[0];
    for part in parts {
        assert!(umbrella.contains(&format!("#include \"ucwa/{part}\"")), "ucwa.hpp leaves {part} out");
        let file = folder.join(&part).with_extension("cpp");
        fs::write(&file, format!("#include \"ucwa/{part}\"\n")).unwrap();
        succeed(compiler(program, "c++17").args(["-c", "-o", "/dev/null"]).arg(&file));
    }
}

/// With old-style casts forbidden as well, which some projects do.
#[test]
fn ucwa_hpp_has_no_old_style_cast() {
    let folder = folder("ucwa_hpp_has_no_old_style_cast");
    let file = folder.join("use.cpp");
    fs::write(&file, "#include \"ucwa.hpp\"\n").unwrap();
    for program in Language::Cpp.compilers() {
        succeed(
            compiler(&program, "c++17").arg("-Wold-style-cast").args(["-c", "-o", "/dev/null"]).arg(&file),
        );
    }
}

#[test]
fn a_header_with_a_slip_is_noticed() {
    let folder = folder("a_header_with_a_slip_is_noticed");
    let header = fs::read_to_string(root().join("include/ucwa.h")).unwrap();
    fs::write(folder.join("ucwa.h"), format!("{header}\nstatic int slip(void) {{ return 0; }}\n")).unwrap();
    for language in [Language::C, Language::Cpp] {
        let file = folder.join(format!("slip.{}", language.extension()));
        fs::write(&file, "#include \"ucwa.h\"\n").unwrap();
        for program in language.compilers() {
            let standard = if language == Language::C { "c99" } else { "c++11" };
            let output =
                compiler(&program, standard).args(["-c", "-o", "/dev/null"]).arg(&file).output().unwrap();
            assert!(!output.status.success(), "{program} says nothing about an unused static function");
        }
    }
}
