//! The errors that were logged, by their classes: lines that differ in ids and numbers alone are
//! one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// Characters of a class at most.
const LONGEST: usize = 180;

/// How often each class was logged, with its function.
pub(super) fn logged(directory: &Path) -> BTreeMap<String, u64> {
    let mut classes = BTreeMap::new();
    for file in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = file.path();
        let function = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read(&path).unwrap_or_default();
        for class in String::from_utf8_lossy(&text).lines().filter_map(class) {
            *classes.entry(format!("{function}: {class}")).or_default() += 1;
        }
    }
    classes
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    level: String,
    #[serde(default)]
    message: String,
    failure: Option<String>,
    error: Option<String>,
}

/// The class of a line that is an error: one of that level, or one that is no JSON, such as a
/// panic. That a process ended is none.
fn class(line: &str) -> Option<String> {
    let words = match serde_json::from_str::<Line>(line) {
        Ok(Line { level, message, failure, error }) if level == "ERROR" => {
            [Some(message), failure, error].into_iter().flatten().collect::<Vec<_>>().join(": ")
        }
        Ok(_) => return None,
        Err(_) if line.starts_with("process ") && line.contains(" ended: ") => return None,
        Err(_) => line.to_owned(),
    };
    let masked = words
        .split_whitespace()
        .map(|word| if word.contains(|c: char| c.is_ascii_digit()) { "#" } else { word });
    Some(masked.collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect())
}

#[cfg(test)]
mod tests;
