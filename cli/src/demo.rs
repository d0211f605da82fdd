//! `postrider demo`.

use std::path::PathBuf;

use clap::Args;

use crate::stack::{Logs, Processes, Stack};

/// Play four existing systems and a shop's day, and print a link to the shop's page
///
/// Publishes an event of each of four existing systems by its profile, and prints what arrives.
/// Hours pass in seconds: the stack's clock is set forward where a delivery waits. Then the demo
/// plays a shop's day and prints a link to the shop's page.
///
/// In a terminal the stack runs until Ctrl-C. Otherwise it stops after the demo, unless --keep is
/// given.
#[derive(Debug, Args)]
pub struct Demo {
    /// Keep the stack running after the demo even if standard input is not a terminal
    #[arg(long)]
    pub keep: bool,
    /// Directory for databases, keys and logs; without it nothing is kept
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Port of the receiver that prints deliveries; 0 picks a free one [default: 4401 if free]
    #[arg(long, value_name = "PORT")]
    pub receiver_port: Option<u16>,
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
