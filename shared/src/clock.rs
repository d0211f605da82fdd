//! Time and chance, where they enter: everything else takes them as arguments.

use std::time::SystemTime;

use crate::timestamp::Timestamp;

/// The present.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is where time enters")]
pub fn now() -> Timestamp {
    Timestamp::from_system(SystemTime::now())
}

/// Random bytes from the operating system, fit for keys.
///
/// # Panics
///
/// If the operating system has none, which Linux has from its first second on.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has random bytes");
    bytes
}

/// 128 random bits, for an id.
#[must_use]
pub fn random_bits() -> u128 {
    u128::from_ne_bytes(random())
}

/// A random share in 0..1, for jitter.
#[must_use]
pub fn random_share() -> f64 {
    f64::from(u32::from_ne_bytes(random())) / (f64::from(u32::MAX) + 1.0)
}
