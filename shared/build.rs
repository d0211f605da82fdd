//! Finds the profiles: every JSON file in `profiles/` becomes part of the build.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=profiles");
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    let mut files: Vec<_> = fs::read_dir(&directory)
        .expect("shared/profiles is there")
        .map(|entry| entry.expect("shared/profiles reads").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    let mut code = "const FILES: &[(&str, &str)] = &[\n".to_owned();
    for path in files {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a profile's file has a plain name");
        // Where the crate is when it is compiled: the tree may have moved since this ran.
        let place = format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/profiles/\", {name:?})");
        let _ = writeln!(code, "    ({name:?}, include_str!({place})),");
    }
    code.push_str("];\n");
    #[expect(
        clippy::disallowed_methods,
        reason = "Cargo tells build scripts by the environment where to write"
    )]
    let out = std::env::var("OUT_DIR").expect("Cargo sets it");
    fs::write(Path::new(&out).join("profiles.rs"), code).expect("OUT_DIR takes files");
}
