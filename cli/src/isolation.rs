//! `postrider isolation`.

use clap::Args;

use crate::stack::{Logs, Processes, Stack};

/// Measure how one receiver that hangs affects nine others
///
/// Publishes to ten subscriptions of ten tenants; three in ten events go to the first. Then the
/// first receiver hangs, and the table shows how much longer the other nine wait. Nothing is kept.
#[derive(Debug, Args)]
pub struct Isolation {
    /// Events per second, to all ten subscriptions together
    #[arg(long, value_name = "COUNT", default_value_t = 40,
        value_parser = clap::value_parser!(u32).range(10..=1_000))]
    pub pace: u32,
    /// Seconds to publish before the receiver hangs, and again while it hangs
    #[arg(long, value_name = "SECONDS", default_value_t = 90,
        value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub seconds: u32,
    /// `DeliveryConcurrency` of the stack: batches of deliveries that run at once
    #[arg(long, value_name = "COUNT", default_value_t = 5,
        value_parser = clap::value_parser!(u16).range(2..=1_000))]
    pub delivery_concurrency: u16,
    /// How the stack starts
    #[command(flatten)]
    pub stack: Stack,
    /// What is printed of the logs
    #[command(flatten)]
    pub logs: Logs,
    /// Processes of each function
    #[command(flatten)]
    pub processes: Processes,
}
