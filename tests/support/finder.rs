//! Finds secrets in bytes, in every form in which they might stand there.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Bytes of a form at least: what is shorter is found everywhere.
const SHORTEST: usize = 8;
/// Bytes before and after a finding that are told with it.
const AROUND: usize = 80;

/// Looks for all secrets at once.
#[derive(Debug)]
pub struct Finder {
    forms: AhoCorasick,
    /// Of which secret each form is.
    secrets: Vec<String>,
}

impl Finder {
    /// Knows the forms of these secrets.
    #[must_use]
    pub fn new(secrets: &BTreeSet<String>) -> Self {
        let of_each = |secret: &String| {
            forms(secret).into_iter().map(|form| (form, secret.clone())).collect::<Vec<_>>()
        };
        let (forms, secrets): (Vec<_>, Vec<_>) = secrets.iter().flat_map(of_each).unzip();
        Self { forms: AhoCorasick::new(forms).expect("not too many"), secrets }
    }

    /// The first secret that stands there, with what is around it.
    #[must_use]
    pub fn find(&self, bytes: &[u8]) -> Option<String> {
        let found = self.forms.find(bytes)?;
        let around =
            &bytes[found.start().saturating_sub(AROUND)..bytes.len().min(found.end() + AROUND)];
        let secret = &self.secrets[found.pattern().as_usize()];
        Some(format!("{secret} stands in …{}…", String::from_utf8_lossy(around)))
    }
}

/// A secret as text and, where the text is base64 of a key, as that key's bytes; each as it is, in
/// hex, in base64 wherever in a longer text it starts, and as JSON escapes it.
fn forms(secret: &str) -> BTreeSet<Vec<u8>> {
    let decoded =
        |encoded: &str| STANDARD_NO_PAD.decode(encoded.trim_end_matches('=')).unwrap_or_default();
    let (text, key) = match (secret.strip_prefix("whsec_"), secret.strip_prefix("whsk_")) {
        (Some(encoded), _) => (encoded.trim_end_matches('='), decoded(encoded)),
        // The first half is the private key; the second is public.
        (_, Some(encoded)) => {
            (&encoded[..encoded.len().min(42)], decoded(encoded).into_iter().take(32).collect())
        }
        _ => (secret, Vec::new()),
    };
    let mut forms = BTreeSet::new();
    for bytes in [text.as_bytes(), &key] {
        forms.insert(bytes.to_vec());
        forms.insert(hex::encode(bytes).into_bytes());
        forms.insert(hex::encode_upper(bytes).into_bytes());
        for offset in 0..3 {
            forms.insert(inside_base64(&STANDARD_NO_PAD, bytes, offset));
            forms.insert(inside_base64(&URL_SAFE_NO_PAD, bytes, offset));
        }
    }
    let escaped = serde_json::Value::from(text).to_string();
    forms.insert(escaped.as_bytes()[1..escaped.len() - 1].to_vec());
    forms.retain(|form| form.len() >= SHORTEST);
    forms
}

/// What of the base64 of a longer text follows from these bytes alone, which start at an offset of
/// three.
fn inside_base64(base64: &impl Engine, bytes: &[u8], offset: usize) -> Vec<u8> {
    let encoded = base64.encode([&vec![0; offset], bytes].concat());
    let (first, end) = ((offset * 8).div_ceil(6), (offset + bytes.len()) * 8 / 6);
    encoded.as_bytes().get(first..end).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests;
