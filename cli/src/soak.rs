//! `postrider soak`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::stack::Stack;

/// Publish events while faults are injected, and check that none is lost
///
/// Five subscriptions receive the events. The first tenth of them is published without faults.
/// Exits with an error if an accepted event is not delivered to each of its subscriptions.
#[derive(Debug, Args)]
pub struct Soak {
    /// Number of events
    #[arg(value_name = "EVENTS", default_value_t = 20_000,
        value_parser = clap::value_parser!(u32).range(1..))]
    pub events: u32,
    /// Fault kinds to inject, comma-separated
    #[arg(long, value_name = "KIND,…", value_enum, value_delimiter = ',', default_value = "all")]
    pub faults: Vec<Fault>,
    /// Seed that decides which requests fail; the report prints it [default: random]
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// Events per second
    #[arg(long, value_name = "COUNT", default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub pace: u32,
    /// Directory for databases, keys and logs; without it nothing is kept
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Maximum number of processes of each function behind the HTTP API
    // More than elsewhere: a process that waits for a retry must not hold up the others. AWS would
    // start more of them.
    #[arg(long, value_name = "COUNT", default_value_t = 16,
        value_parser = clap::value_parser!(u16).range(1..))]
    pub http_concurrency: u16,
    /// How the stack starts
    #[command(flatten)]
    pub stack: Stack,
}

/// A kind of fault, or a set of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Fault {
    /// Every kind except clock
    All,
    /// No faults
    None,
    /// Kill a function's process
    Kill,
    /// DynamoDB throttles
    Throttle,
    /// DynamoDB fails, before or after it has done its work
    Internal,
    /// SQS fails, accepts part of a batch, or loses its answer
    Sqs,
    /// SQS delivers a message again
    Duplicate,
    /// SQS delivers messages out of order
    Reorder,
    /// SQS and DynamoDB answer late
    Slow,
    /// A receiver refuses everything or hangs, for seconds at a time
    Outage,
    /// The clock jumps forward, and everything in flight is delivered again
    Clock,
}
