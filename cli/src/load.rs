//! `postrider bench`, and the process in which it publishes and receives.

use std::path::PathBuf;

use clap::Args;

use crate::stack::{Logs, Processes, Stack};

/// Measure throughput, latency, CPU and AWS requests per delivery
///
/// Three runs: as many events as fit, one per request; the same in batches of ten; and 100 events a
/// second. Exits with an error unless every event arrives exactly once.
#[derive(Debug, Args)]
pub struct Bench {
    /// Number of events in each run
    #[arg(value_name = "EVENTS", default_value_t = 5_000,
        value_parser = clap::value_parser!(u32).range(1..))]
    pub events: u32,
    /// Write the figures to FILE as well, as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Directory for databases, keys and logs; without it databases stay in memory
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
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

/// Publishes and receives for the bench. Reads the stack's addresses from standard input.
#[derive(Debug, Args)]
pub struct BenchClient {
    /// Number of events in each run
    pub events: u32,
    /// Write the figures to FILE as well, as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// The stack's databases are files
    #[arg(long)]
    pub databases_in_files: bool,
}
