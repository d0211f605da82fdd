//! Finds the profiles: every JSON file in `profiles/` becomes part of the build.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=profiles");
    let directory = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("Cargo sets it")).join("profiles");
    let mut files: Vec<_> = fs::read_dir(&directory)
        .expect("shared/profiles is there")
        .map(|entry| entry.expect("shared/profiles reads").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    let mut code = "const FILES: &[(&str, &str)] = &[\n".to_owned();
    for path in files {
        let name = path.file_name().expect("a file has a name");
        let _ = writeln!(code, "    ({:?}, include_str!({:?})),", name, path);
    }
    code.push_str("];\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("Cargo sets it")).join("profiles.rs");
    fs::write(out, code).expect("OUT_DIR takes files");
}
