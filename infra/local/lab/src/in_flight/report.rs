//! What was seen in the simulation, hour by hour.

use std::fmt::Write as _;

use crate::thousands::grouped;

const HOUR_MS: i64 = 3_600_000;

/// One hour.
#[derive(Debug, Default)]
pub struct Hour {
    /// The most messages in flight at any moment.
    pub in_flight: usize,
    /// Attempts in vain, probes among them.
    pub in_vain: u64,
    /// Probes.
    pub probes: u64,
    /// How long first attempts of healthy subscriptions waited for the function, in milliseconds.
    waits: Vec<i64>,
    /// At its end.
    pub parked: usize,
    /// At its end.
    pub held: usize,
}

impl Hour {
    fn wait(&self, share: f64) -> i64 {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss
        )]
        let position = ((self.waits.len().saturating_sub(1)) as f64 * share).round() as usize;
        self.waits.get(position).copied().unwrap_or_default()
    }
}

/// All hours, from the first.
#[derive(Debug, Default)]
pub struct Hours {
    pub hours: Vec<Hour>,
    /// The first so many subscriptions are healthy.
    pub healthy: usize,
    pub delivered: u64,
    pub exhausted: u64,
}

impl Hours {
    fn at(&mut self, now: i64) -> &mut Hour {
        let hour = usize::try_from(now / HOUR_MS).unwrap_or_default();
        if self.hours.len() <= hour {
            self.hours.resize_with(hour + 1, Hour::default);
        }
        &mut self.hours[hour]
    }

    pub fn in_flight(&mut self, now: i64, in_flight: usize) {
        let hour = self.at(now);
        hour.in_flight = hour.in_flight.max(in_flight);
    }

    pub fn attempt(&mut self, now: i64, probe: bool, succeeds: bool) {
        let hour = self.at(now);
        hour.probes += u64::from(probe);
        hour.in_vain += u64::from(!succeeds);
    }

    pub fn waited(&mut self, group: usize, now: i64, millis: i64) {
        if group < self.healthy {
            self.at(now).waits.push(millis);
        }
    }

    /// How much waits at the end of the hour before `now`.
    pub fn sample(&mut self, now: i64, parked: usize, held: usize) {
        let hour = self.at(now - 1);
        (hour.parked, hour.held) = (parked, held);
        hour.waits.sort_unstable();
    }

    /// The most messages in flight at any moment.
    pub fn most_in_flight(&self) -> usize {
        self.hours.iter().map(|hour| hour.in_flight).max().unwrap_or_default()
    }

    /// Attempts in vain.
    pub fn in_vain(&self) -> u64 {
        self.hours.iter().map(|hour| hour.in_vain).sum()
    }

    /// How long first attempts of healthy subscriptions waited: the median, the 99th percentile and
    /// the longest.
    pub fn waits(&self) -> [i64; 3] {
        let mut waits: Vec<_> =
            self.hours.iter().flat_map(|hour| hour.waits.iter().copied()).collect();
        waits.sort_unstable();
        let all = Hour { waits, ..Hour::default() };
        [all.wait(0.5), all.wait(0.99), all.wait(1.0)]
    }

    /// A row for each hour.
    pub fn table(&self) -> String {
        let mut table = String::from(
            "| hour | in flight at most | parked | held | attempts in vain | of them probes | healthy first attempts waited (p99, longest) |\n\
             |--:|--:|--:|--:|--:|--:|--:|\n",
        );
        for (number, hour) in self.hours.iter().enumerate() {
            let Hour { in_flight, in_vain, probes, parked, held, .. } = hour;
            let waits = [hour.wait(0.99), hour.wait(1.0)].map(seconds).join(", ");
            let probes = (*probes).min(*in_vain);
            let number = number + 1;
            let _ = writeln!(
                table,
                "| {number} | {} | {} | {} | {} | {probes} | {waits} |",
                grouped(*in_flight),
                grouped(*parked),
                grouped(*held),
                grouped(usize::try_from(*in_vain).unwrap_or(usize::MAX)),
            );
        }
        table
    }
}

/// Milliseconds as seconds.
pub fn seconds(millis: i64) -> String {
    if millis == 0 {
        return "0 s".to_owned();
    }
    format!("{}.{:01} s", millis / 1_000, millis % 1_000 / 100)
}

#[cfg(test)]
mod tests;
