//! The functions' logs: their lines, and what in them is an error.

use std::path::Path;

use serde_json::Value;

/// Every line of the logs below `directory` that is an error: JSON of level ERROR, and whatever is
/// no JSON, such as a panic, or the stack's word that it denied a call. That a process ended is no
/// error: journeys kill some.
#[must_use]
pub fn errors(directory: &Path) -> Vec<String> {
    let files = std::fs::read_dir(directory).into_iter().flatten().flatten();
    files.flat_map(|file| errors_of(&file.path())).collect()
}

/// The lines of JSON in the log of a function, below `directory`.
#[must_use]
pub fn lines(directory: &Path, function: &str) -> Vec<Value> {
    text(&directory.join(format!("{function}.log")))
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

fn errors_of(path: &Path) -> Vec<String> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    text(path).lines().filter(|line| is_error(line)).map(|line| format!("{name}: {line}")).collect()
}

fn text(path: &Path) -> String {
    std::fs::read(path)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}

fn is_error(line: &str) -> bool {
    match serde_json::from_str::<Value>(line) {
        Ok(json) => json["level"] == "ERROR",
        Err(_) => !(line.starts_with("process ") && line.contains(" ended: ")),
    }
}

#[cfg(test)]
mod tests;
