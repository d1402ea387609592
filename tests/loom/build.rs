//! `cfg(loom)` for this package alone: given to every package, as by RUSTFLAGS, it would break some of them.

fn main() {
    println!("cargo::rustc-cfg=loom");
    println!("cargo::rerun-if-changed=build.rs");
}
