//! Names that nobody can guess and that never repeat.

use std::sync::atomic::{AtomicU64, Ordering};

static FALLBACK: AtomicU64 = AtomicU64::new(0x9e37_79b9_7f4a_7c15);

/// A random number; a counter stands in when the system has no randomness, for the simulator needs difference,
/// not secrecy.
pub(crate) fn number() -> u64 {
    getrandom::u64().unwrap_or_else(|_| FALLBACK.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed))
}

/// A GUID in its usual spelling.
pub(crate) fn guid() -> String {
    let (a, b) = (number(), number());
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        (b >> 48) & 0xfff,
        b & 0xffff_ffff_ffff
    )
}

/// 32 hexadecimal digits.
pub(crate) fn thread_id() -> String {
    format!("{:016x}{:016x}", number(), number())
}

/// A conference key such as `G03W98W4`.
pub(crate) fn conference_key() -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTVWXYZ023456789";
    let mut bits = number();
    let mut key = String::new();
    for _ in 0..8 {
        key.push(LETTERS.get((bits & 31) as usize).copied().unwrap_or(b'X').into());
        bits >>= 5;
    }
    key
}
