//! Payloads.

use std::fmt::Write as _;

/// JSON with what a re-serialisation would change: white space, number texts, escapes, a repeated
/// member, key order.
pub const ODD_JSON: &str = "{ \"z\" : 1.50e0,\t\"a\":\n[ 1E2, -0.0, 12345678901234567890123, 0.1000 ],\r\n  \
     \"e\":\"\\u0041\\/\\ud83d\\ude00 é 😀 \u{2028}\" , \"twice\": 1, \"twice\": 2, \"nothing\" : { } }";

/// A JSON string of exactly so many bytes, quotes included, that hardly compresses. The same seed
/// gives the same text.
#[must_use]
pub fn noise(bytes: usize, seed: u64) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut state = seed | 1;
    let mut text = String::with_capacity(bytes);
    text.push('"');
    while text.len() + 1 < bytes {
        // Marsaglia's xorshift64: good enough to leave nothing for a compressor.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.push(char::from(LETTERS[(state >> 33) as usize % 64]));
    }
    text.push('"');
    text
}

/// A JSON array of exactly so many bytes that compresses to next to nothing.
#[must_use]
pub fn monotony(bytes: usize) -> String {
    let mut text = String::from("[0");
    while text.len() + 3 < bytes {
        let _ = write!(text, ",0");
    }
    while text.len() + 1 < bytes {
        text.push(' ');
    }
    text.push(']');
    text
}

#[cfg(test)]
mod tests;
