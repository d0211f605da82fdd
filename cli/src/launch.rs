//! The way from the parsed command line to `lab`: one build of the workspace, and exec.

use std::env;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use postrider::Profile;

/// Builds the workspace and runs `lab` with the same arguments, in place of this process: signals
/// reach it directly. Returns only if that fails, with the reason.
pub fn build_and_become_lab(profile: Profile) -> String {
    let root = workspace();
    if let Err(reason) = build(&root, profile) {
        return reason;
    }
    let directory = match profile {
        Profile::Dev => "debug",
        Profile::Release => "release",
    };
    let lab = target_directory(&root).join(directory).join("lab");
    let failure = Command::new(&lab).args(env::args_os().skip(1)).exec();
    format!("{} cannot be run: {failure}", lab.display())
}

fn build(root: &Path, profile: Profile) -> Result<(), String> {
    // The whole workspace and not only what runs: Cargo chooses features by what it is asked to
    // build, and this way the stack, the functions and the tests share one build of every
    // dependency.
    let arguments: &[&str] = match profile {
        Profile::Dev => &["build", "--workspace"],
        Profile::Release => &["build", "--workspace", "--release"],
    };
    eprintln!("Building Postrider. The first build takes some minutes.");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    // Cargo tells this program about its package in these variables. ring's build script looks at
    // the same names: with them, ring and everything above it would be built again, and once more
    // by the next `cargo build` or `cargo test`.
    for (name, _) in env::vars_os().filter(|(name, _)| is_of_a_package(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    let status = command
        .current_dir(root)
        .args(arguments)
        .status()
        .map_err(|error| format!("{} cannot be run: {error}", Path::new(&cargo).display()))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("`cargo {}` failed ({status})", arguments.join(" ")))
}

fn is_of_a_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| variable.starts_with(prefix))
}

/// The workspace's directory: the directory above this package.
fn workspace() -> PathBuf {
    // Cargo sets the variables when it runs this binary, and another package's when that started
    // it. The compiled-in value serves then, and when it is started by hand.
    let ours = env::var_os("CARGO_PKG_NAME").is_some_and(|name| name == env!("CARGO_PKG_NAME"));
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .filter(|_| ours)
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.ancestors().nth(1).map_or(package.clone(), Path::to_path_buf)
}

/// The target directory, wherever Cargo's configuration has put it: this program is
/// `<target>/<profile>/postrider`.
fn target_directory(root: &Path) -> PathBuf {
    let program = env::current_exe().ok();
    let target = program.as_deref().and_then(|program| program.ancestors().nth(2));
    target.map_or_else(|| root.join("target"), Path::to_path_buf)
}
