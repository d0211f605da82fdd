//! Processes that the tests start: the build, the stack, and how they end.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::OnceCell;

/// What is built before the first stack starts, so that no journey runs yesterday's code. The whole
/// workspace, as `cargo test --workspace` and `cargo postrider up` build it, so that nothing is
/// built twice.
const BUILD: [&str; 3] = ["build", "--workspace", "--quiet"];
/// The directory of that build in the target directory.
const PROFILE: &str = "debug";
/// How long a process that was asked to end may take.
const GRACE: Duration = Duration::from_secs(10);

static BINARIES: OnceCell<Result<PathBuf, String>> = OnceCell::const_new();

/// The directory of the binaries, built anew once a run. `POSTRIDER_BINARIES` names one to use as
/// it is instead.
pub async fn binaries() -> &'static Path {
    let build =
        || async { tokio::task::spawn_blocking(build).await.expect("the build does not panic") };
    BINARIES.get_or_init(build).await.as_ref().expect("the functions build")
}

fn build() -> Result<PathBuf, String> {
    if let Some(directory) = shared::edges::env::optional("POSTRIDER_BINARIES") {
        return Ok(PathBuf::from(directory));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // The one that runs the tests, where they are run by it: another might build everything anew.
    let mut cargo = Command::new(
        shared::edges::env::optional("CARGO").unwrap_or_else(|| env!("CARGO").to_owned()),
    );
    cargo.current_dir(root).args(BUILD);
    // What Cargo tells this test of its package: ring's build script looks at the same names, and
    // would have ring and all that stands on it built anew, and anew again by the next build
    // outside of a test.
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| is_of_a_package(&name.to_string_lossy()))
    {
        cargo.env_remove(name);
    }
    let status = cargo.status().map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(status.to_string());
    }
    // This test is `<target>/<profile>/deps/<name>`.
    let test = std::env::current_exe().map_err(|error| error.to_string())?;
    test.ancestors()
        .nth(3)
        .map(|target| target.join(PROFILE))
        .ok_or_else(|| "no target directory".to_owned())
}

fn is_of_a_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| variable.starts_with(prefix))
}

/// Signals a process that the tests started; one that has ended already is no failure.
pub fn signal(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process id");
    let _ = kill_process(pid, signal);
}

/// Ends a child: with `how` first, and by force when that takes too long. Returns whether force was
/// needed.
pub fn end(mut child: Child, how: Signal) -> bool {
    let pid = child.id();
    signal(pid, how);
    let (ended, wait) = mpsc::channel();
    std::thread::spawn(move || {
        let _ = child.wait();
        let _ = ended.send(());
    });
    let forced = wait.recv_timeout(GRACE).is_err();
    if forced {
        signal(pid, Signal::KILL);
        let _ = wait.recv_timeout(GRACE);
    }
    forced
}
