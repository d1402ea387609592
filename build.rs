//! With feature `capi`: writes the C header to OUT_DIR (`make header` copies it, `make test` compares) and names the library.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    #[cfg(feature = "capi")]
    capi();
}

/// The order of the header.
#[cfg(feature = "capi")]
const NOUNS: [&str; 15] = [
    "status",
    "user_data",
    "library",
    "log",
    "config",
    "session",
    "availability",
    "reader",
    "subscription",
    "event",
    "conversation",
    "participant",
    "roster",
    "invitation",
    "meeting",
];

#[cfg(feature = "capi")]
fn capi() {
    use std::env::var;
    use std::path::PathBuf;

    println!("cargo:rerun-if-changed=cbindgen.toml");
    println!("cargo:rerun-if-changed=src/capi");
    // The number of the ABI, apart from the version. Never unloaded: threads of ours may be at their end in it.
    if var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libucwa.so.1");
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
    let root = PathBuf::from(var("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut config = match cbindgen::Config::from_file(root.join("cbindgen.toml")) {
        Ok(config) => config,
        Err(error) => fail(&format!("cbindgen.toml: {error}")),
    };
    if let Some(text) = &mut config.after_includes {
        for part in ["MAJOR", "MINOR", "PATCH"] {
            let number = var(format!("CARGO_PKG_VERSION_{part}")).unwrap_or_default();
            *text = text.replace(&format!("@{part}@"), &number);
        }
    }
    let mut builder = cbindgen::Builder::new().with_config(config);
    for noun in NOUNS {
        builder = builder.with_src(root.join(format!("src/capi/{noun}.rs")));
    }
    let header = PathBuf::from(var("OUT_DIR").unwrap_or_default()).join("ucwa.h");
    match builder.generate() {
        Ok(bindings) => {
            bindings.write_to_file(&header);
        }
        Err(error) => fail(&format!("the header: {error}")),
    }
    // Tests compare it with the committed one.
    println!("cargo:rustc-env=UCWA_HEADER={}", header.display());
}

#[cfg(feature = "capi")]
fn fail(why: &str) -> ! {
    println!("cargo:error={why}");
    std::process::exit(1)
}
