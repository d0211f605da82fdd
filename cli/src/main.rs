//! `cargo run -p local`: builds everything once, in release, and becomes the stack.
//!
//! Everything after the name is passed on: `cargo run -p local -- --help` shows the stack's own
//! options. This package has no dependencies, so that what Cargo compiles before the real build
//! starts is one small file.

use std::env;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The whole workspace and not only what runs: Cargo chooses features by what it is asked to build,
/// and this way the stack, the functions and the tests share one build of every dependency.
const BUILD: [&str; 2] = ["build", "--workspace"];

fn main() -> ExitCode {
    let root = workspace();
    if let Err(reason) = build(&root) {
        eprintln!("The local stack was not started: {reason}");
        return ExitCode::FAILURE;
    }
    let stack = target_directory(&root).join("debug/lab");
    // exec returns only when it failed: otherwise this process is the stack, and signals reach it
    // directly.
    let failure = Command::new(&stack).args(env::args_os().skip(1)).exec();
    eprintln!("The local stack was not started: {} cannot be run: {failure}", stack.display());
    ExitCode::FAILURE
}

fn build(root: &Path) -> Result<(), String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    // What Cargo tells this program of its package: ring's build script looks at the same names,
    // and would have ring and all that stands on it built anew, and anew again by the next `cargo
    // build` or `cargo test`.
    for (name, _) in env::vars_os().filter(|(name, _)| is_of_a_package(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    let status = command
        .current_dir(root)
        .args(BUILD)
        .status()
        .map_err(|error| format!("{} cannot be run: {error}", Path::new(&cargo).display()))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("`cargo {}` failed ({status})", BUILD.join(" ")))
}

fn is_of_a_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| variable.starts_with(prefix))
}

/// The workspace's directory: the directory above this package.
fn workspace() -> PathBuf {
    // Cargo sets the variable when it runs the binary; the compiled-in value serves when it is
    // started by hand.
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.ancestors().nth(1).map_or(package.clone(), Path::to_path_buf)
}

fn target_directory(root: &Path) -> PathBuf {
    // A relative CARGO_TARGET_DIR counts from where Cargo runs, which is the workspace's root
    // above.
    env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("target"), |directory| root.join(directory))
}
