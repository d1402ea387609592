//! Every block of code in docs/C-API.md compiles, with stubs for systems that this machine has not; what it links to exists.

use std::collections::BTreeSet;
use std::fs;

use crate::tools::{Language, compiler, folder, root, succeed};

/// A block between two fences.
pub(crate) struct Block {
    /// What stands behind the first fence.
    pub(crate) tag: String,
    pub(crate) code: String,
    /// Of its first line, from 1.
    line: usize,
}

fn page() -> String {
    fs::read_to_string(root().join("docs/C-API.md")).unwrap()
}

pub(crate) fn blocks() -> Vec<Block> {
    blocks_of(&page())
}

fn blocks_of(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(tag), None) => {
                open = Some(Block { tag: tag.to_owned(), code: String::new(), line: number + 2 });
            }
            (Some(""), Some(block)) => blocks.push(block),
            (Some(tag), Some(_)) => panic!("line {}: a block opens in a block: {tag}", number + 1),
            (None, Some(mut block)) => {
                block.code.push_str(line);
                block.code.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "the last block does not end");
    blocks
}

/// The language and what it includes first. A block with any other tag would go unchecked.
fn context(block: &Block) -> Option<(Language, &'static str)> {
    Some(match block.tag.as_str() {
        "c" => (Language::C, "plain.h"),
        "c glib" => (Language::C, "glib.h"),
        "c win32" => (Language::C, "win32.h"),
        "cpp" => (Language::Cpp, "plain.hpp"),
        "cpp qt" => (Language::Cpp, "qt.hpp"),
        "sh" => return None, // carried out by the test of the installed tree
        tag => panic!("line {}: nothing checks a block of {tag:?}", block.line),
    })
}

#[test]
fn every_block_compiles() {
    let folder = folder("every_block_compiles");
    let stubs = root().join("tests/c/stubs");
    let mut tags = BTreeSet::new();
    for block in blocks() {
        tags.insert(block.tag.clone());
        let Some((language, first)) = context(&block) else { continue };
        let file = folder.join(format!("line-{}.{}", block.line, language.extension()));
        let text = format!("#include \"{first}\"\n#line {} \"docs/C-API.md\"\n{}", block.line, block.code);
        fs::write(&file, text).unwrap();
        for program in language.compilers() {
            let mut command = compiler(&program, if language == Language::C { "c99" } else { "c++17" });
            // A block defines functions for the reader to call.
            command.arg("-Wno-unused-function").arg("-I").arg(&stubs).args(["-c", "-o", "/dev/null"]);
            succeed(command.arg(&file));
        }
    }
    assert_eq!(tags.into_iter().collect::<Vec<_>>(), ["c", "c glib", "c win32", "cpp", "cpp qt", "sh"]);
}

#[test]
fn the_c_of_the_readme_compiles() {
    let folder = folder("the_c_of_the_readme_compiles");
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let written: Vec<Block> = blocks_of(&readme).into_iter().filter(|block| block.tag == "c").collect();
    assert_eq!(written.len(), 1);
    let file = folder.join("readme.c");
    fs::write(&file, &written[0].code).unwrap();
    for program in Language::C.compilers() {
        succeed(
            compiler(&program, "c99").args(["-Wno-missing-prototypes", "-c", "-o", "/dev/null"]).arg(&file),
        );
    }
}

#[test]
fn every_link_leads_somewhere() {
    let page = page();
    let anchor = |title: &str| {
        let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.collect::<String>().trim().to_lowercase().replace(' ', "-")
    };
    let titles = page.lines().filter(|line| line.starts_with('#'));
    let anchors: Vec<String> = titles.map(|line| anchor(line.trim_start_matches('#'))).collect();
    let links: Vec<&str> = page.split("](#").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() > 5);
    for link in links {
        assert!(anchors.iter().any(|anchor| anchor == link), "there is no {link} among {anchors:?}");
    }
}

/// What is named in the page as a file of this repository is one.
#[test]
fn every_file_named_is_there() {
    let page = page();
    let quoted = page.split('`').skip(1).step_by(2);
    let files: Vec<&str> = quoted
        .filter(|text| ["docs/", "examples/", "include/"].iter().any(|folder| text.starts_with(folder)))
        .collect();
    assert!(files.len() > 3, "{files:?}");
    for file in files {
        assert!(root().join(file).exists(), "there is no {file}");
    }
}
