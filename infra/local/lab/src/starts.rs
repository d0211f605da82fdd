//! The starts: how long each function takes until it asks for work, and how much memory, as a table
//! for `README.md`.
//!
//! Each process is the real binary in its own environment, and talks to the stack's Runtime API:
//! what is measured is from the spawning of the process to its first `GET …/invocation/next`, and
//! then the kernel's figures of that process.

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;
use tokio::time::{self, Instant};

use crate::bench::cpu;
use crate::client::{ApiClient, ClientError};
use crate::publishing::{EVENT_TYPE, sample_event};
use crate::readme;
use crate::receiver::{Receiver, ReceiverOptions};
use crate::units::UnitsError;
use crate::units::meter::Meter;
use aws::Stack;
use aws::lambda::Function;

/// Starts of each function.
const STARTS: usize = 20;
/// How long one may take, and how often the wait for it looks.
const LIMIT: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(1);
/// The name of the place in the README.
const PLACE: &str = "starts";

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub enum StartsError {
    /// The stack could not be used.
    #[error(transparent)]
    Units(#[from] UnitsError),
    /// A function did not ask for work.
    #[error("{0} did not ask for work within {limit} s", limit = LIMIT.as_secs())]
    Late(String),
    /// The kernel says nothing of a process.
    #[error("{0}: its process cannot be read in /proc")]
    Gone(String),
    /// The README could not be written.
    #[error("README.md: {0}")]
    Readme(#[source] std::io::Error),
}

impl From<ClientError> for StartsError {
    fn from(error: ClientError) -> Self {
        Self::Units(error.into())
    }
}

/// What was measured of a function.
#[derive(Debug)]
struct Measured {
    name: String,
    /// Of every start, sorted.
    inits: Vec<Duration>,
    /// Of the last start.
    pid: u32,
    started: Memory,
}

/// What the kernel says of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Memory {
    /// The most that was resident at a time, in KiB.
    peak: u64,
    minor_faults: u64,
    major_faults: u64,
}

/// Measures, prints the table, and puts it into the README if that is asked for. The stack must be
/// one of its own, with one process at most of each function that the API invokes.
pub async fn run(stack: &Stack, update: bool) -> Result<bool, StartsError> {
    let receiver = Receiver::start(ReceiverOptions { port: Some(0), ..ReceiverOptions::default() });
    let receiver = receiver.await.map_err(UnitsError::from)?;
    let meter = Meter::new(stack, &receiver).await?;
    let subscription = prepare(&meter.api, receiver.address()).await?;
    meter.rest().await?;
    let mut measured = Vec::new();
    for function in stack.functions() {
        measured.push(start(function).await?);
    }
    invoke_each(&meter, &subscription).await?;
    let mut worked = Vec::new();
    for function in &measured {
        worked.push(memory(&function.name, function.pid)?);
    }
    let table = table(&measured, &worked);
    print!("{table}");
    if update {
        readme::update(PLACE, &table).map_err(StartsError::Readme)?;
    }
    Ok(true)
}

/// A tenant, an event type and a subscription, whose path is the answer.
async fn prepare(api: &ApiClient, receiver: &str) -> Result<String, ClientError> {
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }
    let _: IgnoredAny = api.call(Method::PUT, "/v1/tenants/starts", r#"{"name":"Starts"}"#).await?;
    let event_type = format!("/v1/event-types/{EVENT_TYPE}");
    let _: IgnoredAny =
        api.call(Method::PUT, &event_type, r#"{"description":"An order was placed"}"#).await?;
    let subscribe =
        json!({ "url": format!("{receiver}/starts"), "event_types": ["*"] }).to_string();
    let Named { id } =
        api.call(Method::POST, "/v1/tenants/starts/subscriptions", subscribe).await?;
    Ok(format!("/v1/tenants/starts/subscriptions/{id}"))
}

/// Has each function work once: an event is published, fanned out and delivered; a subscription and
/// the record are read, and shown on the tenants' page; the scheduler runs.
async fn invoke_each(meter: &Meter<'_>, subscription: &str) -> Result<(), StartsError> {
    #[derive(Deserialize)]
    struct Link {
        token: String,
    }
    meter.get(subscription).await?;
    let event = sample_event().to_string();
    let _: IgnoredAny = meter.api.call(Method::POST, "/v1/tenants/starts/events", event).await?;
    meter.rest().await?;
    meter.get(&format!("{subscription}/deliveries")).await?;
    let Link { token } =
        meter.api.call(Method::POST, "/v1/tenants/starts/portal-links", "{}").await?;
    let page = subscription.replace("/v1/tenants/starts", "/portal");
    meter.api.open(&format!("{page}/deliveries"), &token).await?;
    meter.stack.tick().await;
    Ok(())
}

async fn start(function: &Arc<Function>) -> Result<Measured, StartsError> {
    let mut inits = Vec::with_capacity(STARTS);
    let mut last = function.latest().map_or(0, |(number, _, _)| number);
    let mut pid = 0;
    for _ in 0..STARTS {
        function.replace();
        let limit = Instant::now() + LIMIT;
        let init;
        (last, pid, init) = loop {
            match function.latest() {
                Some(found) if found.0 > last => break found,
                _ if Instant::now() > limit => {
                    return Err(StartsError::Late(function.name.clone()));
                }
                _ => time::sleep(LOOK).await,
            }
        };
        inits.push(init);
    }
    inits.sort_unstable();
    Ok(Measured { name: function.name.clone(), inits, pid, started: memory(&function.name, pid)? })
}

fn memory(function: &str, pid: u32) -> Result<Memory, StartsError> {
    let read = |file: &str| fs::read_to_string(format!("/proc/{pid}/{file}")).ok();
    let found = read("status").zip(read("stat")).and_then(|(status, stat)| parse(&status, &stat));
    found.ok_or_else(|| StartsError::Gone(function.to_owned()))
}

/// From `/proc/PID/status` and `/proc/PID/stat`: the fields 10 and 12 of the latter are the faults
/// (`proc_pid_stat(5)`).
fn parse(status: &str, stat: &str) -> Option<Memory> {
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let peak = peak.trim().strip_suffix(" kB")?.parse().ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(7);
    let minor_faults = fields.next()?.parse().ok()?;
    let major_faults = fields.nth(1)?.parse().ok()?;
    Some(Memory { peak, minor_faults, major_faults })
}

fn table(measured: &[Measured], worked: &[Memory]) -> String {
    let mut text = format!(
        "{STARTS} starts of each on {}, on {}:\n\n| function | least, ms | median, ms | most, ms | page faults, minor / major | \
         peak memory | after an invocation |\n|---|--:|--:|--:|--:|--:|--:|\n",
        cpu::model(),
        readme::today(),
    );
    for (function, worked) in measured.iter().zip(worked) {
        let middle = function.inits.get(function.inits.len() / 2);
        let [least, median, most] = [function.inits.first(), middle, function.inits.last()]
            .map(|init| init.map_or(0.0, |init| init.as_secs_f64() * 1_000.0));
        let Memory { peak, minor_faults, major_faults } = function.started;
        let _ = writeln!(
            text,
            "| {} | {least:.1} | {median:.1} | {most:.1} | {minor_faults} / {major_faults} | {} | {} |",
            function.name,
            megabytes(peak),
            megabytes(worked.peak),
        );
    }
    text
}

fn megabytes(kibibytes: u64) -> String {
    format!("{:.1} MB", u32::try_from(kibibytes).map_or(f64::MAX, f64::from) * 1_024.0 / 1e6)
}

#[cfg(test)]
mod tests;
