//! `postrider up`.

use std::path::PathBuf;

use clap::Args;

use crate::stack::{Logs, Processes, Stack};

/// Run Postrider on this machine until Ctrl-C
///
/// Prints the addresses, the admin key and commands to paste. Runs the functions as deployed, with
/// stand-ins for the rest of AWS. A receiver prints each delivery and checks its signature.
#[derive(Debug, Args)]
pub struct Up {
    /// Directory for databases, keys and logs [default: .postrider]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Keep nothing: databases stay in memory, and other files are removed at the end
    #[arg(long, conflicts_with = "data")]
    pub ephemeral: bool,
    /// Port of the receiver that prints deliveries; 0 picks a free one [default: 4401 if free]
    #[arg(long, value_name = "PORT", conflicts_with = "endpoints")]
    pub receiver_port: Option<u16>,
    /// Print only the addresses, as JSON, and start no receiver
    #[arg(long)]
    pub endpoints: bool,
    /// Write the addresses, as JSON, to FILE when the stack is ready
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
    /// Accept `POST /_stack/clock` with `{"ahead_ms": N}`, which sets the stack's clock forward
    #[arg(long)]
    pub clock: bool,
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
