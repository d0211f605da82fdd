//! Secrets that a world came to know, and a look for them where they do not belong: in whatever its
//! stack has written — logs, tables, queues, environments — and in answers that are not there to
//! show them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use serde_json::Value;

use crate::finder::Finder;

/// Values of fewer bytes are no secrets, as the product has it too.
const SHORTEST: usize = 8;
/// Bytes of answers that are kept for the look: of those beyond, none is.
const MOST_KEPT: usize = 32 << 20;
/// The deployment's own secrets, each a file of the stack's data, which is there to hold it.
const DEPLOYMENT: [&str; 2] = ["AdminKey", "SealingKeys"];

/// What a world's callers sent and were shown. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Secrets(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    texts: BTreeSet<String>,
    answers: Vec<(String, Bytes)>,
    kept: usize,
}

impl Secrets {
    /// From now on this is a secret, unless it is too short for one, or a public key.
    pub fn keep(&self, text: &str) {
        if text.len() >= SHORTEST && !text.starts_with("whpk_") {
            self.known().texts.insert(text.to_owned());
        }
    }

    /// A request that was answered: what is secret in it, and in the answers that show secrets.
    /// What else there is in an answer is looked through in the end.
    pub fn note(&self, path: &str, sent: &[u8], answer: &Bytes) {
        if path.contains("/subscriptions")
            && let Ok(sent) = serde_json::from_slice::<Value>(sent)
        {
            self.keep_value(&sent["secret"]);
            for value in
                sent["headers"].as_object().into_iter().flat_map(|headers| headers.values())
            {
                self.keep_value(value);
                // What follows the name of a scheme, such as `Bearer`.
                let credentials = value.as_str().and_then(|text| text.split_once(' '));
                self.keep(credentials.map_or("", |(_, credentials)| credentials));
            }
        }
        let mut answer = answer.clone();
        if ["/secret", "/secret/rotate", "/keys", "/portal-links"]
            .iter()
            .any(|end| path.ends_with(end))
            && let Ok(mut shown) = serde_json::from_slice::<Value>(&answer)
        {
            // A link ends with its token.
            let link = shown["url"].as_str().zip(shown["token"].as_str());
            if let Some(opens) =
                link.and_then(|(url, token)| url.strip_suffix(token)).map(str::to_owned)
            {
                shown["url"] = opens.into();
            }
            for member in ["secret", "previous_secret", "key", "token"] {
                self.keep_value(&shown.get_mut(member).map_or(Value::Null, Value::take));
            }
            answer = shown.to_string().into();
        }
        let mut known = self.known();
        known.kept += answer.len();
        if known.kept <= MOST_KEPT {
            known.answers.push((path.to_owned(), answer));
        }
    }

    fn keep_value(&self, value: &Value) {
        match value {
            Value::String(text) => self.keep(text),
            Value::Number(number) => self.keep(&number.to_string()),
            _ => {}
        }
    }

    /// Where any of them stands, and where it should not: in the files below a stack's directory,
    /// and in answers.
    pub fn leaks(&self, directory: &Path) -> Vec<String> {
        for name in DEPLOYMENT {
            let text =
                std::fs::read_to_string(directory.join("data").join(name)).unwrap_or_default();
            text.split(',').for_each(|secret| self.keep(secret.trim()));
        }
        let finder = self.finder();
        let mut files = BTreeMap::new();
        read(&directory.join("data"), &mut files);
        files.retain(|name, _| !DEPLOYMENT.contains(&name.as_str()));
        files.insert("output.txt".to_owned(), output(directory));
        let in_files = files
            .iter()
            .filter_map(|(name, bytes)| Some(format!("{name}: {}", finder.find(bytes)?)));
        let known = self.known();
        let in_answers = known.answers.iter().filter_map(|(path, answer)| {
            let found = finder.find(answer)?;
            Some(format!("an answer of {path}: {found}"))
        });
        in_files.chain(in_answers).collect()
    }

    /// Finds those that are known by now.
    pub fn finder(&self) -> Finder {
        Finder::new(&self.known().texts)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().expect("no holder of this lock panics")
    }
}

/// What the stack said, without the line that tells where it is and with which key, as it is asked
/// to.
fn output(directory: &Path) -> Vec<u8> {
    let said = std::fs::read(directory.join("output.txt")).unwrap_or_default();
    said.split_inclusive(|byte| *byte == b'\n')
        .filter(|line| !line.starts_with(br#"{"api":"#))
        .flatten()
        .copied()
        .collect()
}

/// Every file of a directory and of those below it, by name.
fn read(directory: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(directory).expect("the stack's data").flatten() {
        if entry.path().is_dir() {
            read(&entry.path(), files);
        } else {
            let name = entry.file_name().to_string_lossy().into_owned();
            files.insert(name, std::fs::read(entry.path()).expect("it is there"));
        }
    }
}

#[cfg(test)]
mod tests;
