//! What was found, as a table.

use std::fmt;
use std::time::Duration;

use shared::core::subscription::profile;
use shared::edges::clock;
use tokio::time::Instant;

use super::arrivals::Arrived;
use super::publisher::Published;
use super::{Load, SUBSCRIPTIONS};
use crate::bench::Latency;
use crate::bench::cpu::machine;

/// The nine, before and after the first began to hang.
#[derive(Debug)]
pub(super) struct Report {
    load: Load,
    /// The timeout of an attempt, in seconds, by which a receiver is known to hang.
    timeout: u64,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    what: String,
    events: usize,
    missing: usize,
    latency: Latency,
}

impl Row {
    fn new<'a>(what: String, sent: impl Iterator<Item = &'a Published>, arrived: &Arrived) -> Self {
        let (mut events, mut latencies) = (0, Vec::new());
        for sent in sent.filter(|sent| sent.place > 0) {
            events += 1;
            latencies.extend(arrived.get(&sent.id).map(|at| at.saturating_duration_since(sent.at)));
        }
        Self { what, events, missing: events - latencies.len(), latency: Latency::of(latencies) }
    }
}

impl Report {
    /// Of what was sent before and after `begun`, when the first began to hang.
    pub(super) fn new(
        load: Load,
        arrived: &Arrived,
        (calm, hung): (&[Published], &[Published]),
        begun: Instant,
    ) -> Self {
        let timeout = profile::find(profile::DEFAULT)
            .map_or(0, |profile| profile.policy.timeout_seconds.into());
        let mut rows = vec![
            Row::new("all answer at once".to_owned(), calm.iter(), arrived),
            Row::new("the first hangs".to_owned(), hung.iter(), arrived),
        ];
        let spans = u64::from(load.seconds).div_ceil(timeout.max(1));
        for span in 0..spans {
            let (from, until) = (span * timeout, (span + 1) * timeout);
            let within = |sent: &&Published| {
                let after = sent.at.saturating_duration_since(begun);
                // The last ones may be published somewhat late.
                after >= Duration::from_secs(from)
                    && (span + 1 == spans || after < Duration::from_secs(until))
            };
            let what = format!("of these, published {from} to {until} s after it began");
            rows.push(Row::new(what, hung.iter().filter(within), arrived));
        }
        Self { load, timeout, rows }
    }

    /// Whether everything arrived.
    pub(super) fn is_complete(&self) -> bool {
        self.rows.iter().all(|row| row.missing == 0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Load { pace, seconds, delivery_concurrency } = self.load;
        writeln!(f, "Postrider isolation, {}\n{}", clock::now(), machine())?;
        writeln!(
            f,
            "{pace} events a second for {seconds} s to {SUBSCRIPTIONS} subscriptions of as many tenants, three of ten to the first; then \
             the same\nwhile the first hangs until the profile's timeout of {} s. DeliveryConcurrency={delivery_concurrency}. From publish to \
             arrival at the\nother {}:\n",
            self.timeout,
            SUBSCRIPTIONS - 1
        )?;
        writeln!(
            f,
            "| | events | p50 | p99 | max | p50, times | p99, times |\n|---|--:|--:|--:|--:|--:|--:|"
        )?;
        let Some(calm) = self.rows.first().map(|row| row.latency) else { return Ok(()) };
        for Row { what, events, latency, .. } in &self.rows {
            let [p50, p99, max] =
                [latency.p50, latency.p99, latency.max].map(|ms| format!("{ms:.1} ms"));
            let [times50, times99] =
                [latency.p50 / calm.p50, latency.p99 / calm.p99].map(|times| format!("{times:.1}"));
            writeln!(f, "| {what} | {events} | {p50} | {p99} | {max} | {times50} | {times99} |")?;
        }
        let missing = self.rows[1].missing + self.rows[0].missing;
        if missing > 0 { writeln!(f, "\n{missing} NEVER ARRIVED") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
