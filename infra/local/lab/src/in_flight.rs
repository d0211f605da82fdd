//! The in-flight budget, simulated: a day of events to dead receivers beside a day of events to
//! healthy ones, as Postrider is and as it would be without what bounds the messages in flight.
//!
//! SQS counts a hidden message as in flight, and a standard queue with 120,000 of them hands out
//! none, to nobody. What `docs/in-flight.md` says of it is arithmetic; this shows it at work, with
//! the code that decides in the functions.

mod queue;
mod receivers;
mod report;
mod scheduler;
mod world;

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use shared::core::id::SubscriptionId;
use shared::core::subscription::policy::Policy;
use shared::core::subscription::profile;
use shared::core::timestamp::Timestamp;

use crate::readme;
use crate::thousands::grouped;
use receivers::{ANSWERED_MS, Subscription};
use report::{Hours, seconds};
use world::{START, Waiting, What, World};

const HOUR_MS: i64 = 3_600_000;
/// The hide limit of the template.
const HIDE_LIMIT: Duration = Duration::from_mins(15);
/// How long it is looked whether all is delivered, after the receivers are back.
const AFTERWARDS_HOURS: i64 = 12;
/// The document with the tables.
const DOCUMENT: &str = "docs/in-flight.md";

/// What happens in it.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Events to dead receivers, and as many to healthy ones.
    pub events: u32,
    /// Dead receivers.
    pub dead: usize,
    /// Healthy ones.
    pub healthy: usize,
    /// How long the dead ones are dead, and events are published.
    pub hours: i64,
}

impl Default for Load {
    fn default() -> Self {
        Self { events: 1_000_000, dead: 100, healthy: 20, hours: 24 }
    }
}

/// One way of waiting.
#[derive(Debug, Clone, Copy)]
struct Variant {
    name: &'static str,
    /// Invocations of delivery at once, 10 deliveries each.
    concurrency: usize,
    has_breaker: bool,
    waiting: Waiting,
    /// Whether dead receivers hang until the timeout; otherwise they refuse at once.
    hangs: bool,
}

const AS_IT_IS: Variant = Variant {
    name: "as it is",
    concurrency: 100,
    has_breaker: true,
    waiting: Waiting { hide_limit: HIDE_LIMIT, is_bounded: true },
    hangs: true,
};
const VARIANTS: [Variant; 6] = [
    AS_IT_IS,
    Variant {
        name: "as it is, 5 invocations at once, as in a new account",
        concurrency: 5,
        ..AS_IT_IS
    },
    Variant { name: "without breakers", has_breaker: false, ..AS_IT_IS },
    Variant { hangs: false, ..AS_IT_IS },
    Variant { name: "without breakers", has_breaker: false, hangs: false, ..AS_IT_IS },
    Variant {
        name: "without breakers, and every wait hidden in the queue",
        has_breaker: false,
        waiting: Waiting { hide_limit: Duration::from_hours(12), is_bounded: false },
        hangs: false,
        ..AS_IT_IS
    },
];

/// What came of a variant.
#[derive(Debug)]
struct Outcome {
    hours: Hours,
    /// When the last delivery was made, after the receivers were back; `None` if it was not within
    /// the time looked at.
    done_after_ms: Option<i64>,
}

/// Runs every variant, prints the tables, and puts them into the document if that is wanted.
pub fn run(update: bool) -> io::Result<bool> {
    let load = Load::default();
    let mut summary = String::from(
        "| the dead | | in flight at most | attempts in vain | healthy first attempts waited (median, p99, longest) | all delivered after |\n\
         |---|---|--:|--:|--:|--:|\n",
    );
    let mut hours = None;
    for variant in VARIANTS {
        eprintln!("{} …", variant.name);
        let Outcome { hours: seen, done_after_ms } = simulate(load, variant);
        let done = done_after_ms.map_or_else(
            || format!("not within {AFTERWARDS_HOURS} hours"),
            |millis| format!("{} min", (millis + 59_999) / 60_000),
        );
        let _ = writeln!(
            summary,
            "| {} | {} | {} | {} | {} | {done} |",
            if variant.hangs { "hang" } else { "refuse" },
            variant.name,
            grouped(seen.most_in_flight()),
            grouped(usize::try_from(seen.in_vain()).unwrap_or(usize::MAX)),
            seen.waits().map(seconds).join(", "),
        );
        hours.get_or_insert(seen);
    }
    let hours = hours.map(|hours| hours.table()).unwrap_or_default();
    let text = format!(
        "{} events to {} receivers that are dead, and hang until each attempt's timeout or refuse at once, and as many to {} \
         healthy ones, over {} hours; then the dead are back. Up to 100 invocations of delivery run at once where nothing else is \
         said.\n\n{summary}\nThe first row, hour by hour:\n\n{hours}",
        grouped(load.events as usize),
        load.dead,
        load.healthy,
        load.hours,
    );
    println!("{text}");
    if update {
        readme::update_in(DOCUMENT, "in-flight", &text)?;
    }
    Ok(true)
}

fn simulate(load: Load, variant: Variant) -> Outcome {
    let standard = profile::find(profile::DEFAULT).map(|found| found.policy.as_ref().clone());
    let mut policy = standard.expect("there is a default profile");
    if !variant.has_breaker {
        policy = Policy { probe_waits_seconds: Vec::new(), ..policy };
    }
    let (policy, start) = (Arc::new(policy), Timestamp::from_millis(START));
    let back = load.hours * HOUR_MS;
    let subscription = |number: usize| {
        let dead_until =
            if number < load.healthy { start } else { Timestamp::from_millis(START + back) };
        let dead_ms =
            if variant.hangs { i64::from(policy.timeout_seconds) * 1_000 } else { ANSWERED_MS };
        Subscription::new(
            SubscriptionId::new(start, number as u128),
            &policy,
            (dead_until, dead_ms),
        )
    };
    let subscriptions: Vec<_> = (0..load.healthy + load.dead).map(subscription).collect();
    let mut world = World::new(subscriptions, variant.concurrency, variant.waiting);
    world.hours.healthy = load.healthy;
    world.schedule(0, What::Tick);
    let total = u64::from(load.events) * 2;
    let mut sampled = 0;
    for number in 0..load.events {
        let at = back * i64::from(number) / i64::from(load.events);
        while sampled + HOUR_MS <= at {
            sampled += HOUR_MS;
            world.run_until(sampled);
            world.sample();
        }
        world.run_until(at);
        let number = number as usize;
        world.publish(number % load.healthy);
        world.publish(load.healthy + number % load.dead);
    }
    let end = back + AFTERWARDS_HOURS * HOUR_MS;
    let (mut now, mut done_after_ms) = (back, None);
    while now < end && done_after_ms.is_none() {
        world.run_until(now);
        if now % HOUR_MS == 0 {
            world.sample();
        }
        let ended = world.hours.delivered + world.hours.exhausted == total;
        done_after_ms = (ended && now >= back).then_some(now - back);
        now += 1_000;
    }
    world.run_until(now);
    world.sample();
    Outcome { hours: world.hours, done_after_ms }
}

#[cfg(test)]
mod tests;
