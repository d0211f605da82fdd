//! What was accepted, held against what arrived and what is on record.

use std::collections::HashSet;
use std::time::Duration;

use super::arrivals::Arrived;
use super::publisher::Published;
use super::record::Record;
use super::scene::Filter;

/// What became of everything.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Events accepted.
    pub(super) accepted: usize,
    /// Requests that published and were not answered 202, and were made again.
    pub(super) repeats: u64,
    /// Deliveries that these had to make.
    pub(super) due: usize,
    /// Those that the receiver got and that are on record as delivered.
    pub(super) delivered: usize,
    /// The others, each with what is known of it.
    pub(super) lost: Vec<String>,
    /// Requests beyond the first that the receiver accepted.
    pub(super) duplicates: u64,
    /// What arrived and was never published.
    pub(super) unknown: usize,
    /// Attempts on record beyond the requests that arrived.
    pub(super) unmade: u64,
    /// Of every event.
    pub(super) waits: Vec<Waits>,
}

/// How long one event took.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Waits {
    /// Its place among all events.
    pub(super) number: usize,
    /// From publishing it to the answer.
    pub(super) accepted: Duration,
    /// From that answer to the first attempt, at each subscription.
    pub(super) attempted: Vec<Duration>,
    /// From that answer to the attempt that was accepted, at each subscription.
    pub(super) delivered: Vec<Duration>,
}

impl Tally {
    /// Holds one against the other.
    pub(super) fn of(
        filters: &[Filter],
        published: &[Published],
        arrived: &Arrived,
        record: &Record,
    ) -> Self {
        let mut tally = Self { accepted: published.len(), ..Self::default() };
        for event in published {
            tally.add(filters, event, arrived, record);
        }
        let ids: HashSet<&str> = published.iter().map(|event| event.id.as_str()).collect();
        tally.accepted = ids.len();
        tally.unknown = arrived.keys().filter(|(_, id)| !ids.contains(id.as_str())).count();
        for arrival in arrived.values() {
            tally.duplicates += u64::from(arrival.times_taken.saturating_sub(1));
        }
        for (key, delivery) in record {
            let made = arrived.get(key).map_or(0, |arrival| arrival.requests);
            tally.unmade += u64::from(delivery.attempt_count.saturating_sub(made));
        }
        tally
    }

    fn add(&mut self, filters: &[Filter], event: &Published, arrived: &Arrived, record: &Record) {
        self.repeats += u64::from(event.repeats);
        let accepted = event.accepted.saturating_duration_since(event.begun);
        let mut waits =
            Waits { number: event.number, accepted, attempted: Vec::new(), delivered: Vec::new() };
        for (place, _) in
            filters.iter().enumerate().filter(|(_, filter)| filter.matches(event.kind))
        {
            let key = (place, event.id.clone());
            let (arrival, status) =
                (arrived.get(&key), record.get(&key).map(|delivery| delivery.status.as_str()));
            self.due += 1;
            waits
                .attempted
                .extend(arrival.map(|made| made.first.saturating_duration_since(event.accepted)));
            let taken = arrival.and_then(|made| made.taken);
            waits
                .delivered
                .extend(taken.map(|taken| taken.saturating_duration_since(event.accepted)));
            if taken.is_some() && status == Some("delivered") {
                self.delivered += 1;
                continue;
            }
            let requests = arrival.map_or(0, |made| made.requests);
            self.lost.push(format!(
                "{} (number {}) at subscription {place}: {} on record, {requests} requests arrived, accepted: {}",
                event.id,
                event.number,
                status.unwrap_or("nothing"),
                taken.is_some()
            ));
        }
        self.waits.push(waits);
    }

    /// Whether nothing is lost, and nothing is there that should not be.
    pub(super) fn is_sound(&self) -> bool {
        self.lost.is_empty() && self.unknown == 0
    }
}

#[cfg(test)]
mod tests;
