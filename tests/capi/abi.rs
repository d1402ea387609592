//! What must not change unnoticed: the exported functions, the layout of structs, the header.

use std::fmt::Write;
use std::mem::offset_of;
use std::path::{Path, PathBuf};
use std::process::Command;

use ucwa::capi::*;

use crate::host::text;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The built library beside the tests.
fn library() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let profile = tests.ancestors().nth(2).unwrap();
    profile.join("libucwa.so")
}

fn scratch(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn exactly_these_functions_are_exported() {
    let symbols = run(Command::new("nm").args(["-D", "--defined-only"]).arg(library()));
    let mut exported: Vec<&str> = symbols.lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
    exported.sort_unstable();
    let committed = include_str!("symbols.txt");
    assert_eq!(exported.join("\n"), committed.trim_end(), "tests/capi/symbols.txt");
    // The header promises the same.
    let header = std::fs::read_to_string(root().join("include/ucwa.h")).unwrap();
    for symbol in exported {
        assert!(header.contains(&format!("{symbol}(")), "{symbol} is not in the header");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_library_is_named_and_never_unloaded() {
    let dynamic = run(Command::new("readelf").args(["-d", "-W"]).arg(library()));
    assert!(dynamic.contains("Library soname: [libucwa.so.1]"), "{dynamic}");
    assert!(dynamic.contains("NODELETE"), "{dynamic}");
    assert_eq!(ucwa_abi_version(), UCWA_ABI_VERSION);
}

#[test]
fn the_committed_header_is_the_one_that_the_build_writes() {
    let built = std::fs::read_to_string(env!("UCWA_HEADER")).unwrap();
    let committed = std::fs::read_to_string(root().join("include/ucwa.h")).unwrap();
    assert!(built == committed, "run `make header` and look at what changed");
    let longest = committed.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(120), "a line of {longest:?} characters");
}

/// Every struct of the header with its fields.
macro_rules! layout {
    ($($name:ident { $($field:ident),+ $(,)? })+) => {{
        let mut table = String::new();
        $(
            writeln!(table, "{} {} {}", stringify!($name), size_of::<$name>(), align_of::<$name>()).unwrap();
            $(
                let field = stringify!($field).trim_start_matches("r#");
                writeln!(table, "  {field} {}", offset_of!($name, $field)).unwrap();
            )+
        )+
        table
    }};
}

fn layout() -> String {
    layout! {
        ucwa_counts { struct_size, configs, sessions, readers, subscriptions, events, rosters, threads }
        ucwa_error {
            struct_size, status, http_status, retryable, may_have_worked, reserved, retry_after_ms, code, subcode,
            message, server_message, diagnostics
        }
        ucwa_op_event { struct_size, status, op, result_id }
        ucwa_state_event { struct_size, old_state, new_state, attempt, retry_in_ms }
        ucwa_credentials_event {
            struct_size, kind, request_id, attempt, reserved, resource, authority, client_id
        }
        ucwa_overflow_event { struct_size, reserved, conversation, revision }
        ucwa_participant {
            struct_size, flags, id, role, modalities, can, reserved, uri, name, role_text, source_network,
            modalities_text, work_phone, other_phone, audio_direction, video_direction, panoramic_video_direction,
            application_sharing_direction, audio_source_id, video_source_id, panoramic_video_source_id,
            application_sharing_source_id, contact, contact_photo, contact_presence
        }
        ucwa_participant_event { struct_size, phase, conversation, revision, changed, reserved, participant }
        ucwa_invitation_event {
            struct_size, phase, id, conversation, kind, incoming, outcome, flags, state, status_text, from_uri,
            from_name, to_uri, on_behalf_of, subject, message_text, meeting_uri, importance, thread_id,
            operation_id, accepted_by, accepted_by_count, participant, custom_content, custom_content_type,
            available_modalities_text, phone_number, anonymous_display_name
        }
        ucwa_conversation_event {
            struct_size, phase, id, participant_count, modalities, flags, state, subject, importance, thread_id,
            modalities_text, audience_mute, audience_messaging, meeting_uri, join_url, meeting_id, meeting_subject,
            access_level, organizer_uri, organizer_name
        }
        ucwa_event_body { any, op, state, credentials, overflow, invitation, conversation, participant }
        ucwa_event { struct_size, r#type, seq, unix_ms, session_tag, error, u }
        ucwa_roster { struct_size, complete, revision, conversation, count }
        ucwa_join_options { struct_size, reserved, subject, importance }
        ucwa_add_participant_options { struct_size, modalities, operation_id, subject, on_behalf_of }
        ucwa_conversation_options { struct_size, reserved, subject, importance, message }
        ucwa_availability_options {
            struct_size, modalities, sign_in_as, message_formats, audio_preference, phone_number
        }
    }
}

#[test]
#[cfg(target_pointer_width = "64")]
fn the_layout_of_structs_is_the_committed_one() {
    assert_eq!(layout(), include_str!("layout.txt"), "tests/capi/layout.txt");
    // Every struct of the header and each of its fields stands in the table.
    let header = std::fs::read_to_string(root().join("include/ucwa.h")).unwrap();
    let table = layout();
    let mut inside = None;
    for line in header.lines().map(str::trim) {
        let opened = ["typedef struct ", "typedef union "].iter().find_map(|word| line.strip_prefix(word));
        if let Some(name) = opened.and_then(|rest| rest.strip_suffix(" {")) {
            assert!(table.contains(&format!("{name} ")), "{name} is not in the table");
            inside = Some(name);
        } else if line.starts_with('}') {
            inside = None;
        } else if let (Some(name), Some(field)) = (inside, line.strip_suffix(';')) {
            let field = field.rsplit([' ', '*']).next().unwrap();
            let own = table.split(&format!("{name} ")).nth(1).unwrap();
            let own: Vec<_> = own.lines().skip(1).take_while(|line| line.starts_with("  ")).collect();
            assert!(own.iter().any(|line| line.starts_with(&format!("  {field} "))), "{name}.{field}");
        }
    }
}

/// The table as a C program that compiles only if the header agrees.
fn assertions() -> String {
    let mut code = String::from(
        "#include \"ucwa.h\"\n#ifndef __cplusplus\n#define static_assert _Static_assert\n#endif\n",
    );
    let mut current = "";
    for line in include_str!("layout.txt").lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [name, size, align] => {
                current = name;
                writeln!(code, "static_assert(sizeof({name}) == {size}, \"{name}\");").unwrap();
                let aligned = format!("struct align_{name} {{ char c; {name} it; }};");
                writeln!(code, "{aligned}").unwrap();
                writeln!(
                    code,
                    "static_assert(offsetof(struct align_{name}, it) == {align}, \"alignment of {name}\");"
                )
                .unwrap();
            }
            [field, offset] => {
                writeln!(
                    code,
                    "static_assert(offsetof({current}, {field}) == {offset}, \"{current}.{field}\");"
                )
                .unwrap();
            }
            _ => panic!("layout.txt: {line}"),
        }
    }
    code
}

/// A program that uses every macro.
const MACROS: &str = r#"
#include "ucwa.h"
#define NAMED(x) (void)(x)
int main(void) {
  ucwa_join_options join = UCWA_JOIN_OPTIONS_INIT;
  ucwa_add_participant_options add = UCWA_ADD_PARTICIPANT_OPTIONS_INIT;
  ucwa_conversation_options call = UCWA_CONVERSATION_OPTIONS_INIT;
  ucwa_availability_options available = UCWA_AVAILABILITY_OPTIONS_INIT;
  ucwa_counts counts = UCWA_COUNTS_INIT;
  uint64_t mask = UCWA_MASK(UCWA_EVENT_INVITATION) | UCWA_MASK(UCWA_EVENT_RAW);
  uint32_t other = UCWA_MODALITY_OTHER;
  ucwa_status status = UCWA_E_AUTH;
  NAMED(join.subject); NAMED(add.modalities); NAMED(call.message); NAMED(counts.threads); NAMED(mask & UCWA_MASK_ALL); NAMED(other); NAMED(available);
  return status == UCWA_OK || UCWA_NUL_TERMINATED == 0 || UCWA_VERSION_NUMBER == 0 || UCWA_ABI_VERSION != 1;
}
"#;

/// Compiles without a warning, as each standard, with each compiler that is there.
fn compiles(name: &str, code: &str, compilers: &[&str], language: &str, standards: &[&str]) {
    let file = scratch(&format!("{name}.{language}"));
    std::fs::write(&file, code).unwrap();
    let mut compiled = 0;
    for compiler in compilers {
        if Command::new(compiler).arg("--version").output().is_err() {
            continue;
        }
        for standard in standards {
            let mut command = Command::new(compiler);
            command.args(["-Wall", "-Wextra", "-Wpedantic", "-Wundef", "-Werror", "-fsyntax-only"]);
            run(command.arg(format!("-std={standard}")).arg("-I").arg(root().join("include")).arg(&file));
            compiled += 1;
        }
    }
    assert!(compiled > 0, "none of {compilers:?} is there");
}

#[test]
fn the_header_is_clean_c_and_cxx() {
    compiles("macros", MACROS, &["gcc", "clang"], "c", &["c99", "c11", "c17"]);
    compiles("macros", MACROS, &["g++", "clang++"], "cc", &["c++11", "c++17", "c++20"]);
}

#[test]
#[cfg(target_pointer_width = "64")]
fn c_and_cxx_see_the_same_layout() {
    compiles("layout", &assertions(), &["gcc", "clang"], "c", &["c11", "c17"]);
    compiles("layout", &assertions(), &["g++", "clang++"], "cc", &["c++11", "c++20"]);
}

#[test]
fn every_status_has_its_name() {
    let header = std::fs::read_to_string(root().join("include/ucwa.h")).unwrap();
    let mut named = 0;
    for line in header.lines() {
        let parts = line.trim().strip_suffix(',').and_then(|line| line.split_once(" = "));
        if let Some((name, value)) = parts.filter(|(name, _)| name.starts_with("UCWA_")) {
            assert_eq!(text(ucwa_status_name(value.parse().unwrap())), name);
            named += 1;
        }
    }
    assert_eq!(named, 24);
    for unknown in [2, -16, -99, -107, i32::MIN, i32::MAX] {
        assert_eq!(text(ucwa_status_name(unknown)), "UCWA_E_UNKNOWN");
    }
}

#[test]
fn the_version_is_told_three_times() {
    let told = text(ucwa_version_string());
    assert_eq!(told, env!("CARGO_PKG_VERSION"));
    let numbers: Vec<u32> = told.split('.').map(|part| part.parse().unwrap()).collect();
    let [major, minor, patch] = numbers[..] else { panic!("{told}") };
    assert_eq!(ucwa_version(), major << 16 | minor << 8 | patch);
    let header = std::fs::read_to_string(root().join("include/ucwa.h")).unwrap();
    for (name, number) in [("MAJOR", major), ("MINOR", minor), ("PATCH", patch)] {
        assert!(header.contains(&format!("#define UCWA_VERSION_{name} {number}\n")));
    }
}
