//! The bench: how fast events go through a running stack, and what each of them costs.
//!
//! It runs in a process of its own, so that the CPU of what publishes and receives ([`publisher`],
//! [`arrivals`]) is told apart from the stack's. Around each run it reads the CPU that every
//! process has used ([`cpu`]) and what was asked of the stand-ins for AWS ([`crate::asked`]);
//! [`report`] tells it.

mod arrivals;
pub(crate) mod cpu;
mod publisher;
mod report;
mod run;

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::arrivals::Arrivals;
use crate::client::{ApiClient, ClientError};
use crate::publishing::EVENT_TYPE;
use arrivals::Arrived;
use aws::{Addresses, Error};
use postrider::load::BenchClient;
use publisher::{Publisher, TENANT};
use report::Report;
pub(crate) use run::Latency;
use run::{Bench, Pattern};

/// Events before the first measurement: processes are started, connections opened, caches filled.
const WARM_UP: usize = 200;
/// Connections that publish at the same time where the bench saturates the stack.
const CONNECTIONS: usize = 16;
/// Events of a batch in the run that publishes batches.
const BATCH: usize = 10;
/// Events a second in the paced run, and how long it lasts at most.
const PACE: usize = 100;
const PACED_AT_MOST: Duration = Duration::from_secs(30);

/// Why the bench has no result.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The receiver or the bench's own process could not be started.
    #[error("the bench did not start: {0}")]
    Start(String),
    /// The API refused something.
    #[error(transparent)]
    Api(#[from] ClientError),
    /// A file of `/proc`, or the one for the figures.
    #[error("{0}: {1}")]
    File(PathBuf, #[source] std::io::Error),
    /// The stack did not come to rest.
    #[error("the queues are still not empty after a minute: {0}")]
    Restless(String),
}

impl From<Error> for BenchError {
    fn from(error: Error) -> Self {
        Self::Start(error.to_string())
    }
}

/// Runs the bench against a stack in a process of its own: this program, started as `bench-client`.
/// Answers whether every event arrived exactly once.
pub async fn in_own_process(
    addresses: &Addresses,
    arguments: &BenchClient,
) -> Result<bool, BenchError> {
    let start = |error: std::io::Error| BenchError::Start(error.to_string());
    let program = std::env::current_exe().map_err(start)?;
    let mut command = Command::new(program);
    command.arg("bench-client").arg(arguments.events.to_string());
    if let Some(path) = &arguments.json {
        command.arg("--json").arg(path);
    }
    command.args(arguments.databases_in_files.then_some("--databases-in-files"));
    command.stdin(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(start)?;
    if let Some(mut stdin) = child.stdin.take() {
        // Not on the command line, which every user of the machine can read.
        let json = serde_json::to_vec(addresses).unwrap_or_default();
        stdin.write_all(&json).await.map_err(start)?;
    }
    Ok(child.wait().await.map_err(start)?.success())
}

/// The bench's process: reads the stack's addresses from standard input, measures, and prints the
/// report. Answers whether every event arrived exactly once.
pub async fn client(arguments: &BenchClient) -> Result<bool, BenchError> {
    let count = usize::try_from(arguments.events).unwrap_or(usize::MAX);
    let addresses: Addresses = serde_json::from_reader(std::io::stdin()).map_err(|error| {
        BenchError::Start(format!("the stack's addresses do not read: {error}"))
    })?;
    let api = ApiClient::new(&addresses);
    let arrivals = Arrivals::start(Arrived::default()).await?;
    prepare(&api, arrivals.url()).await?;
    let bench = Bench::new(addresses, api.clone(), Publisher::new(api), arrivals);
    bench.warm_up(WARM_UP, CONNECTIONS).await?;

    let mut report = Report::new(count, arguments.databases_in_files);
    report.print_head();
    let pace = Pattern::Paced { per_second: PACE, seconds: paced_seconds(count) };
    for pattern in [
        Pattern::Saturated { events: count, batch: 1, connections: CONNECTIONS },
        Pattern::Saturated { events: count, batch: BATCH, connections: CONNECTIONS },
        pace,
    ] {
        report.add(bench.measure(pattern).await?);
    }
    if let Some(path) = &arguments.json {
        std::fs::write(path, report.json())
            .map_err(|error| BenchError::File(path.clone(), error))?;
    }
    Ok(report.is_complete())
}

/// As long as the events last at the pace, and a second at least.
fn paced_seconds(count: usize) -> usize {
    (count / PACE).clamp(1, usize::try_from(PACED_AT_MOST.as_secs()).unwrap_or(usize::MAX))
}

/// A tenant with one subscription to one type of event.
async fn prepare(api: &ApiClient, url: &str) -> Result<(), ClientError> {
    let tenant = format!("/v1/tenants/{TENANT}");
    let named = json!({ "name": "Bench" }).to_string();
    let _: Value = api.call(Method::PUT, &tenant, named).await?;
    let described = json!({ "description": "An order was placed" }).to_string();
    let _: Value =
        api.call(Method::PUT, &format!("/v1/event-types/{EVENT_TYPE}"), described).await?;
    let subscription = json!({ "url": url, "event_types": [EVENT_TYPE] }).to_string();
    let _: Value = api.call(Method::POST, &format!("{tenant}/subscriptions"), subscription).await?;
    Ok(())
}
