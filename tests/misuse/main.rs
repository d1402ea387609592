//! The misuse matrix: a program in C (matrix.c and its neighbours) calls every exported function in every wrong way, and
//! writes docs/MISUSE.md. This builds it, gives it a simulator, and compares the document. The same under valgrind and under
//! AddressSanitizer: `make misuse-memcheck`, `make misuse-asan`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ucwa_sim::{Settings, Simulator};

/// All of it takes some seconds, and a minute under valgrind.
const PATIENCE: Duration = Duration::from_secs(600);
const DOCUMENT: &str = "docs/MISUSE.md";

/// How often what is done often is done: rounds of each thread, steps of the walk.
const FULL: (u32, u32) = (25, 5000);
/// For what takes ten times as long.
const LESS: (u32, u32) = (3, 1000);

#[test]
fn every_function_gives_what_is_documented() {
    let built = build("plain", &[], &library(), &[]);
    compare(&run(Command::new(built), &library(), FULL));
}

#[test]
fn every_exported_function_has_a_row() {
    let document = fs::read_to_string(DOCUMENT).unwrap();
    let matrix = document.split("## Bad input").next().unwrap();
    let rows: Vec<&str> =
        matrix.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let names: BTreeSet<&str> = rows.iter().copied().collect();
    assert_eq!(names.len(), rows.len(), "a row twice");
    let table = output(Command::new("nm").args(["-D", "--defined-only"]).arg(library().join("libucwa.so")));
    let exported: BTreeSet<&str> = table.lines().filter_map(|line| line.split(' ').next_back()).collect();
    assert_eq!(names, exported);
}

#[test]
#[ignore = "make misuse-memcheck"]
fn under_memcheck() {
    let built = build("memcheck", &[], &library(), &[]);
    let mut valgrind = Command::new("valgrind");
    valgrind.args([
        "--num-callers=40",
        "--error-exitcode=9",
        "--leak-check=full",
        "--child-silent-after-fork=yes",
    ]);
    valgrind.args(["--show-leak-kinds=definite,indirect,possible"]);
    valgrind.args(["--errors-for-leak-kinds=definite,indirect,possible"]);
    valgrind.arg("--suppressions=tests/c/valgrind.supp").arg(built);
    compare(&run(valgrind, &library(), LESS));
}

/// The sanitizer's runtime has to be in the program, and one for both: objects of the C compiler and a library of rustc's, linked
/// with the runtime that rustc ships.
#[test]
#[ignore = "make misuse-asan"]
fn under_address_sanitizer() {
    let Some(runtime) = sanitizer_runtime() else {
        let why = "SKIPPED: this Rust ships no AddressSanitizer, so nothing was looked at under it\n";
        std::io::stderr().write_all(why.as_bytes()).unwrap();
        return;
    };
    let library = sanitized_library();
    let mut whole = OsString::from("-Wl,--whole-archive,");
    whole.push(&runtime);
    let link = [whole, "-Wl,--no-whole-archive".into(), "-Wl,--export-dynamic".into()];
    let built = build("asan", &["-fsanitize=address", "-fno-omit-frame-pointer"], &library, &link);
    for (file, symbols) in [(library.join("libucwa.so"), "-D"), (built.clone(), "-g")] {
        let table = output(Command::new("nm").arg(symbols).arg(&file));
        for symbol in ["__asan_init", "__asan_report_load8"] {
            assert!(table.contains(symbol), "no {symbol} in {}", file.display());
        }
    }
    let mut program = Command::new(built);
    program.env("ASAN_OPTIONS", "detect_leaks=1:detect_stack_use_after_return=1:exitcode=9");
    compare(&run(program, &library, LESS));
}

/// Where cargo puts the library that this test is built with.
fn library() -> PathBuf {
    let place = env::current_exe().unwrap().parent().unwrap().to_owned();
    assert!(place.join("libucwa.so").exists(), "no libucwa.so in {}", place.display());
    place
}

/// Builds the program in C. `extra` goes to the compiler, `link` to the linker.
fn build(name: &str, extra: &[&str], library: &Path, link: &[OsString]) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("misuse-{name}"));
    fs::create_dir_all(&place).unwrap();
    // The name that a program asks for.
    let soname = place.join("libucwa.so.1");
    let _ = fs::remove_file(&soname);
    std::os::unix::fs::symlink(library.join("libucwa.so"), &soname).unwrap();
    let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
    let mut objects = Vec::new();
    for source in fs::read_dir("tests/misuse").unwrap().map(|entry| entry.unwrap().path()) {
        if source.extension().is_none_or(|extension| extension != "c") {
            continue;
        }
        let object = place.join(source.file_name().unwrap()).with_extension("o");
        let mut compile = Command::new(&compiler);
        compile.args(["-std=c99", "-D_POSIX_C_SOURCE=200809L", "-g", "-O1", "-Iinclude", "-c"]);
        compile.args(["-Wall", "-Wextra", "-Wpedantic", "-Werror"]).args(extra);
        output(compile.arg(&source).arg("-o").arg(&object));
        objects.push(object);
    }
    let program = place.join("matrix");
    let mut rpath = OsString::from("-Wl,-rpath,");
    rpath.push(&place);
    let mut all = Command::new(&compiler);
    all.args(&objects).args(link).arg(&soname).arg(rpath).args(["-pthread", "-ldl", "-lm", "-lrt"]);
    output(all.arg("-o").arg(&program));
    program
}

/// The archive that rustc links into a program under AddressSanitizer.
fn sanitizer_runtime() -> Option<PathBuf> {
    let libraries = output(Command::new("rustc").args(["--print", "target-libdir"]));
    let is_runtime = |path: &PathBuf| path.to_string_lossy().ends_with("_rt.asan.a");
    fs::read_dir(libraries.trim()).ok()?.filter_map(|entry| Some(entry.ok()?.path())).find(is_runtime)
}

/// Builds the library under AddressSanitizer, apart from the other build.
fn sanitized_library() -> PathBuf {
    let version = output(Command::new("rustc").arg("-vV"));
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("asan");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=address");
    cargo.args([
        "build",
        "--locked",
        "--quiet",
        "--package",
        "ucwa",
        "--lib",
        "--target",
        host,
        "--target-dir",
    ]);
    output(cargo.arg(&target));
    target.join(host).join("debug")
}

/// What a program prints. It has to succeed.
fn output(command: &mut Command) -> String {
    let done = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// Runs the matrix with a simulator. What it finds wrong stands on standard error.
fn run(mut program: Command, library: &Path, (rounds, steps): (u32, u32)) -> String {
    let mut settings = Settings::default();
    settings.switches.answer_timeout_ms = 3_600_000;
    settings.switches.min_timeout_ms = Some(300);
    let simulator = Simulator::start(settings).expect("the simulator starts");
    let seed = env::var("SEED").unwrap_or_else(|_| "1".to_owned());
    program.arg(simulator.root_url()).args([rounds.to_string(), steps.to_string(), seed]);
    // cargo's would come before the place that the program was linked for.
    program.env_remove("LD_LIBRARY_PATH");
    let started = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = Running(started.unwrap_or_else(|error| panic!("{program:?}: {error}")));
    let document = child.0.stdout.take().map(read).unwrap();
    let told = child.0.stderr.take().map(read).unwrap();
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.0.try_wait().unwrap() {
            break Some(status);
        }
        if Instant::now() > deadline {
            break None;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    drop(child);
    let told = told.join().unwrap();
    let status = status.unwrap_or_else(|| panic!("{program:?} came to no end:\n{told}"));
    assert!(status.success(), "{program:?}: {status}\n{told}");
    let loaded = fs::canonicalize(library.join("libucwa.so")).unwrap();
    assert!(told.contains(&format!("library {}\n", loaded.display())), "another library was loaded:\n{told}");
    // How long it took.
    std::io::stderr().write_all(told.as_bytes()).unwrap();
    document.join().unwrap()
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn read(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// With the committed document; `make misuse-doc` writes it.
fn compare(written: &str) {
    if env::var_os("UCWA_MISUSE_WRITE").is_some() {
        fs::write(DOCUMENT, written).unwrap();
    }
    let committed = fs::read_to_string(DOCUMENT).unwrap_or_default();
    let differs = written.lines().zip(committed.lines()).find(|(new, old)| new != old);
    assert!(
        written == committed,
        "{DOCUMENT} is not what the program writes now; make misuse-doc writes it anew: {differs:?}"
    );
}
