//! One run: publish, wait until all has arrived and the queues are empty, and take stock.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde::Serialize;
use tokio::time::{self, Instant};

use super::BenchError;
use super::arrivals::Arrived;
use super::cpu::Cpu;
use super::publisher::Publisher;
use crate::arrivals::{Arrival, Arrivals};
use crate::asked::{Asked, Status};
use crate::client::ApiClient;
use crate::publishing::Sent;
use aws::Addresses;

/// How long nothing may arrive before the rest counts as lost.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long the queues may take to become empty after the last arrival.
const REST_LIMIT: Duration = Duration::from_mins(1);
/// How often a wait for that looks.
const LOOK: Duration = Duration::from_millis(20);

/// What is published, and how.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(tag = "pattern", rename_all = "snake_case")]
pub(super) enum Pattern {
    /// As fast as it goes.
    Saturated { events: usize, batch: usize, connections: usize },
    /// One event at a time, at a pace.
    Paced { per_second: usize, seconds: usize },
}

/// A run's result.
#[derive(Debug, Serialize)]
pub(super) struct Run {
    #[serde(flatten)]
    pub(super) pattern: Pattern,
    /// Events that the API accepted.
    pub(super) accepted: usize,
    /// From the first publish to the last answer.
    pub(super) accepted_per_second: f64,
    /// From the first publish to the last arrival.
    pub(super) deliveries_per_second: f64,
    /// From the start of an event's publish request to its arrival at the receiver.
    pub(super) latency_ms: Latency,
    pub(super) missing: usize,
    pub(super) duplicates: usize,
    /// Arrivals that nobody published.
    pub(super) unknown: usize,
    /// Milliseconds of CPU per delivery.
    pub(super) cpu_ms: BTreeMap<String, f64>,
    #[serde(flatten)]
    pub(super) asked: Asked,
}

/// Percentiles in milliseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Latency {
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

/// The bench: where the stack is, and what publishes and receives.
#[derive(Debug)]
pub(super) struct Bench {
    addresses: Addresses,
    api: ApiClient,
    publisher: Publisher,
    arrivals: Arrivals<Arrived>,
}

impl Bench {
    /// Puts the parts together.
    pub(super) fn new(
        addresses: Addresses,
        api: ApiClient,
        publisher: Publisher,
        arrivals: Arrivals<Arrived>,
    ) -> Self {
        Self { addresses, api, publisher, arrivals }
    }

    /// Publishes without measuring.
    pub(super) async fn warm_up(
        &self,
        events: usize,
        connections: usize,
    ) -> Result<(), BenchError> {
        self.publisher.saturate(events, 1, connections).await?;
        self.arrivals.noted().wait(events, PATIENCE).await;
        self.rest().await.map(drop)
    }

    /// Measures one run.
    pub(super) async fn measure(&self, pattern: Pattern) -> Result<Run, BenchError> {
        self.arrivals.noted().clear();
        let before = self.rest().await?;
        let cpu_before = cpu(&before)?;
        let sent = match pattern {
            Pattern::Saturated { events, batch, connections } => {
                self.publisher.saturate(events, batch, connections).await?
            }
            Pattern::Paced { per_second, seconds } => {
                self.publisher.pace(per_second, per_second * seconds).await?
            }
        };
        let accepted = sent.iter().map(|sent| sent.ids.len()).sum();
        self.arrivals.noted().wait(accepted, PATIENCE).await;
        let after = self.rest().await?;
        let used = cpu(&after)?.since(&cpu_before);
        // Read only now: a duplicate would have come before the queues were empty.
        let arrived = self.arrivals.noted().all();
        Ok(result(pattern, &sent, &arrived, used, after.since(&before)))
    }

    /// Waits until nothing is in any queue.
    async fn rest(&self) -> Result<Status, BenchError> {
        let limit = Instant::now() + REST_LIMIT;
        loop {
            let status: Status =
                self.api.read(&format!("{}/_stack", self.addresses.invoke)).await?;
            if status.is_at_rest() {
                return Ok(status);
            }
            if Instant::now() > limit {
                return Err(BenchError::Restless(format!("{:?}", status.queues)));
            }
            time::sleep(LOOK).await;
        }
    }
}

/// What everything has used so far.
fn cpu(status: &Status) -> Result<Cpu, BenchError> {
    let mut cpu = Cpu::default();
    cpu.add_threads("stack", status.pid, "runner")?;
    for (name, function) in &status.functions {
        for pid in &function.pids {
            cpu.add_process(name, *pid)?;
        }
    }
    cpu.add_threads("bench", std::process::id(), "publisher")?;
    Ok(cpu)
}

fn result(
    pattern: Pattern,
    sent: &[Sent],
    arrived: &[Arrival],
    used: BTreeMap<String, Duration>,
    asked: Asked,
) -> Run {
    let begun: HashMap<&str, Instant> =
        sent.iter().flat_map(|sent| sent.ids.iter().map(|id| (id.as_str(), sent.at))).collect();
    let accepted = begun.len();
    let mut times: HashMap<&str, usize> = HashMap::new();
    let (mut latencies, mut unknown) = (Vec::with_capacity(arrived.len()), 0);
    for arrival in arrived {
        let Some(at) = begun.get(arrival.id.as_str()) else {
            unknown += 1;
            continue;
        };
        let count = times.entry(&arrival.id).or_default();
        *count += 1;
        // Only the first arrival delivers.
        if *count == 1 {
            latencies.push(arrival.at.saturating_duration_since(*at));
        }
    }
    let delivered = times.len();
    let first = sent.iter().map(|sent| sent.at).min();
    let until = |last: Option<Instant>| {
        first.zip(last).map_or(Duration::ZERO, |(first, last)| last - first)
    };
    let cpu_ms =
        used.into_iter().map(|(name, time)| (name, per(time.as_secs_f64() * 1000.0, delivered)));
    Run {
        pattern,
        accepted,
        accepted_per_second: rate(accepted, until(sent.iter().map(|sent| sent.answered).max())),
        deliveries_per_second: rate(
            delivered,
            until(arrived.iter().map(|arrival| arrival.at).max()),
        ),
        latency_ms: Latency::of(latencies),
        missing: accepted - delivered,
        duplicates: times.values().map(|count| count - 1).sum(),
        unknown,
        cpu_ms: cpu_ms.filter(|(_, ms)| *ms > 0.0).collect(),
        asked,
    }
}

impl Run {
    /// Whether every event arrived exactly once.
    pub(super) fn is_complete(&self) -> bool {
        self.missing == 0 && self.duplicates == 0 && self.unknown == 0
    }
}

impl Latency {
    pub(crate) fn of(mut latencies: Vec<Duration>) -> Self {
        latencies.sort_unstable();
        // The nearest rank: the smallest value that so many percent do not exceed.
        let percentile = |percent: usize| {
            let rank = (latencies.len() * percent).div_ceil(100).max(1);
            latencies.get(rank - 1).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
        };
        let [p50, p90, p95, p99, max] = [50, 90, 95, 99, 100].map(percentile);
        Self { p50, p90, p95, p99, max }
    }
}

fn rate(count: usize, time: Duration) -> f64 {
    if time.is_zero() { 0.0 } else { float(count) / time.as_secs_f64() }
}

/// A figure per delivery.
pub(super) fn per(figure: f64, deliveries: usize) -> f64 {
    if deliveries == 0 { 0.0 } else { figure / float(deliveries) }
}

fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests;
