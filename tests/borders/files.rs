//! The repository's files, as the rules see them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::code::{Code, read};

/// The top of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("a repository")
}

/// A path as failures name it: from the top of the repository.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The folders of a folder, in order.
pub fn folders(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        entries(path).into_iter().filter(|path| path.join("Cargo.toml").is_file()).collect();
    found.sort();
    found
}

/// A file of a crate, with its place in the tree of modules; the crate's own is empty.
pub struct Module {
    /// From the top of the repository.
    pub file: String,
    /// Its place below the crate.
    pub path: Vec<String>,
    /// What it names.
    pub code: Code,
}

/// The modules of a crate by their paths. The `main.rs` beside a `lib.rs` is another crate, which
/// has no modules.
pub fn modules(krate: &Path) -> BTreeMap<Vec<String>, Module> {
    let source = krate.join("src");
    let has_library = source.join("lib.rs").is_file();
    let mut found = BTreeMap::new();
    for file in sources(&source) {
        let below = file.strip_prefix(&source).expect("a file of the crate").with_extension("");
        let mut path: Vec<String> =
            below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if path == ["main"] && has_library {
            continue;
        }
        if path == ["main"] || path == ["lib"] {
            path.clear();
        }
        let text = fs::read_to_string(&file).expect("a source file");
        let module = Module { file: shown(&file), path: path.clone(), code: read(&text) };
        found.insert(path, module);
    }
    assert!(!found.is_empty(), "{} has no sources", shown(krate));
    found
}

/// All Rust files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in entries(folder) {
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", shown(folder)));
    read.map(|entry| entry.expect("an entry").path()).collect()
}
