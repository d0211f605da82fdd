//! The report of a soak.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::tally::{Tally, Waits};
use crate::bench::Latency;

/// Lost deliveries that are told one by one.
const TOLD: usize = 20;

/// What was found.
#[derive(Debug)]
pub(super) struct Report {
    /// What became of the events.
    pub(super) tally: Tally,
    /// The first so many events were published without faults.
    pub(super) calm: usize,
    /// How often what was done.
    pub(super) faults: BTreeMap<&'static str, u64>,
    /// How often what was logged.
    pub(super) errors: BTreeMap<String, u64>,
    /// Messages that are left in the queues.
    pub(super) left: u64,
}

impl Report {
    /// Whether nothing is lost or stuck.
    pub(super) fn is_sound(&self) -> bool {
        self.tally.is_sound() && self.left == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tally = &self.tally;
        writeln!(
            f,
            "\naccepted    {:>8} events, {} requests repeated for it",
            tally.accepted, tally.repeats
        )?;
        writeln!(f, "delivered   {:>8} of {} deliveries", tally.delivered, tally.due)?;
        writeln!(f, "lost        {:>8}", tally.lost.len())?;
        writeln!(f, "duplicates  {:>8}", tally.duplicates)?;
        for (what, count) in [
            ("messages are LEFT in the queues", self.left),
            ("deliveries arrived that NOBODY PUBLISHED", tally.unknown as u64),
            ("attempts are on record that did not arrive", tally.unmade),
        ] {
            if count > 0 {
                writeln!(f, "{count:>20} {what}")?;
            }
        }
        for lost in tally.lost.iter().take(TOLD) {
            writeln!(f, "LOST {lost}")?;
        }
        let (calm, stormy): (Vec<_>, Vec<_>) =
            tally.waits.iter().partition(|waits| waits.number < self.calm);
        write!(f, "\n{:<30}{:>10}{:>10}{:>10}{:>10}", "milliseconds", "p50", "p95", "p99", "max")?;
        let before = phases(f, "without faults", &calm)?;
        if !stormy.is_empty() {
            let after = phases(f, "with faults", &stormy)?;
            ratios(f, &before, &after)?;
        }
        writeln!(f)?;
        list(f, "faults", self.faults.iter().map(|(what, count)| (*what, *count)))?;
        list(f, "errors logged", self.errors.iter().map(|(what, count)| (what.as_str(), *count)))
    }
}

const PHASES: [&str; 3] =
    ["publish → accepted", "accepted → first attempt", "accepted → delivered"];

fn phases(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    waits: &[&Waits],
) -> Result<[Latency; 3], fmt::Error> {
    let accepted: Vec<Duration> = waits.iter().map(|waits| waits.accepted).collect();
    let attempted = waits.iter().flat_map(|waits| &waits.attempted).copied().collect();
    let delivered = waits.iter().flat_map(|waits| &waits.delivered).copied().collect();
    let latencies = [accepted, attempted, delivered].map(Latency::of);
    writeln!(f, "\n{title}, {} events", waits.len())?;
    for (phase, latency) in PHASES.iter().zip(&latencies) {
        let Latency { p50, p95, p99, max, .. } = latency;
        writeln!(f, "  {phase:<28}{p50:>10.1}{p95:>10.1}{p99:>10.1}{max:>10.1}")?;
    }
    Ok(latencies)
}

fn ratios(f: &mut fmt::Formatter<'_>, before: &[Latency; 3], after: &[Latency; 3]) -> fmt::Result {
    writeln!(f, "\nwith faults, times without")?;
    for (phase, (before, after)) in PHASES.iter().zip(before.iter().zip(after)) {
        let [p50, p95, p99, max] = [
            (before.p50, after.p50),
            (before.p95, after.p95),
            (before.p99, after.p99),
            (before.max, after.max),
        ]
        .map(|(before, after)| if before > 0.0 { after / before } else { 0.0 });
        writeln!(f, "  {phase:<28}{p50:>10.1}{p95:>10.1}{p99:>10.1}{max:>10.1}")?;
    }
    Ok(())
}

fn list<'a>(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    counts: impl Iterator<Item = (&'a str, u64)>,
) -> fmt::Result {
    let counts: Vec<_> = counts.collect();
    let all: u64 = counts.iter().map(|(_, count)| count).sum();
    writeln!(f, "{title}: {all}")?;
    for (what, count) in counts {
        writeln!(f, "  {count:>8}  {what}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
