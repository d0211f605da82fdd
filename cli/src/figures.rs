//! Subcommands whose figures stand in the documentation: `simulate`, `units`, `cost`, `starts`.

use clap::Args;

use crate::stack::{Logs, Processes, Stack};

/// Simulate a day of a million events to dead receivers
///
/// Starts no stack: runs the functions' decision code against a model of SQS and Lambda. Prints how
/// many messages are in flight, hour by hour, and how long deliveries to healthy receivers wait.
/// Every run prints the same.
#[derive(Debug, Args)]
pub struct Simulate {
    /// Write the tables into docs/in-flight.md of this source tree
    #[arg(long)]
    pub update_docs: bool,
}

/// Count DynamoDB units and SQS requests of each operation
///
/// Starts a stack of its own and keeps nothing. Prints two tables: the cost of each operation, and
/// the cost of a page as the log grows.
#[derive(Debug, Args)]
pub struct Units {
    /// Deliveries on record for each column of the second table
    #[arg(long, value_name = "COUNT,…", value_delimiter = ',',
        default_value = "1000,100000,1000000",
        value_parser = clap::value_parser!(u32).range(100..=10_000_000))]
    pub rows: Vec<u32>,
    /// How the stack starts
    #[command(flatten)]
    pub stack: Stack,
    /// What is printed of the logs
    #[command(flatten)]
    pub logs: Logs,
}

/// Calculate the AWS bill for a million deliveries
///
/// Runs four workloads on a stack of its own, counts what AWS would bill, and multiplies by
/// published prices. Keeps nothing.
#[derive(Debug, Args)]
pub struct Cost {
    /// Start no stack: print the tables from the latest counts (infra/cost/counts.json)
    #[arg(long, conflicts_with_all = ["receiver_ms", "aws_ms", "Stack", "Logs", "Processes"])]
    pub counted: bool,
    /// Milliseconds that a receiver takes to answer
    #[arg(long, value_name = "MS", default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(..10_000))]
    pub receiver_ms: u32,
    /// Milliseconds that each request of a function to SQS and DynamoDB takes
    #[arg(long, value_name = "MS", default_value_t = 10,
        value_parser = clap::value_parser!(u32).range(..1_000))]
    pub aws_ms: u32,
    /// Write the tables into README.md and the counts into infra/cost/counts.json of this source
    /// tree
    #[arg(long)]
    pub update_docs: bool,
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

/// Measure each function's start time and memory
///
/// Starts each function 20 times, on a stack of its own. Prints how long each takes until it asks
/// for work, and its memory after the last start and after an invocation. Keeps nothing.
#[derive(Debug, Args)]
pub struct Starts {
    /// Write the table into README.md of this source tree
    #[arg(long)]
    pub update_docs: bool,
    /// How the stack starts
    #[command(flatten)]
    pub stack: Stack,
}
