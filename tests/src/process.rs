//! Processes that the tests start: the build, the stack, and how they end.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::OnceCell;

/// What is built before the first stack starts, so that no journey runs yesterday's code.
const PACKAGES: [&str; 7] = ["stack", "subscriptions", "intake", "fanout", "delivery", "history", "scheduler"];
/// How long a process that was asked to end may take.
const GRACE: Duration = Duration::from_secs(10);

static BINARIES: OnceCell<PathBuf> = OnceCell::const_new();

/// The directory of the binaries, built anew once a run. `POSTRIDER_BINARIES` names one to use as it is instead.
pub async fn binaries() -> &'static Path {
    let build = || async { tokio::task::spawn_blocking(build).await.expect("the build does not panic") };
    BINARIES.get_or_init(build).await
}

fn build() -> PathBuf {
    if let Some(directory) = shared::env::optional("POSTRIDER_BINARIES") {
        return PathBuf::from(directory);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root).args(["build", "--release", "--quiet"]);
    for package in PACKAGES {
        cargo.args(["-p", package]);
    }
    let status = cargo.status().expect("cargo runs");
    assert!(status.success(), "the functions do not build: {status}");
    // This test is `<target>/<profile>/deps/<name>`.
    let test = std::env::current_exe().expect("this test's path");
    test.ancestors().nth(3).expect("a target directory").join("release")
}

/// Signals a process that the tests started; one that has ended already is no failure.
pub fn signal(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process id");
    let _ = kill_process(pid, signal);
}

/// Ends a child: with `how` first, and by force when that takes too long. Returns whether force was needed.
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
