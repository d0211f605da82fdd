//! What a stack can be told when it starts.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::faults::Faults;
use crate::logs::Level;

/// How to start a stack.
#[derive(Debug, Clone)]
pub struct Options {
    /// The template. The default is the product's, where this crate was built.
    pub template: PathBuf,
    /// Where to keep databases, keys and logs.
    pub data: PathBuf,
    /// Keep nothing: databases in memory, and a temporary directory, removed at the end, for the
    /// rest.
    pub ephemeral: bool,
    /// Of a stack that keeps nothing: its databases are files of that directory, as there is more
    /// in them than memory holds.
    pub files: bool,
    /// The API's port; 0 is any free one.
    pub port: u16,
    /// The directory of the functions' binaries. The default is that of the running program.
    pub functions: Option<PathBuf>,
    /// Values for the template's parameters.
    pub parameters: Vec<(String, String)>,
    /// Processes at most for each function that the API invokes.
    pub http_concurrency: usize,
    /// Take `POST /_stack/clock` and [`Stack::run_ahead_by`](crate::Stack::run_ahead_by), by which
    /// time can be let pass.
    pub clock: bool,
    /// How long each request to SQS and DynamoDB takes, beside the work. Here there is no network
    /// to them.
    pub latency: Duration,
    /// What may go wrong with SQS and DynamoDB, for a soak.
    pub faults: Faults,
    /// What the terminal shows of the functions' logs.
    pub logs: Level,
    /// How long running invocations may go on once the stack is asked to stop.
    pub grace: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            template: Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml"),
            data: PathBuf::from(".postrider"),
            ephemeral: false,
            files: false,
            port: 4400,
            functions: None,
            parameters: Vec::new(),
            http_concurrency: 4,
            clock: false,
            latency: Duration::ZERO,
            faults: Faults::default(),
            logs: Level::Warn,
            grace: Duration::from_secs(5),
        }
    }
}
