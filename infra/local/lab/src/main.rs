//! `lab`: runs the subcommands of `postrider`, which builds and starts it.

use std::process::ExitCode;

use clap::Parser as _;
use postrider::CommandLine;

// One thread for all that only passes things on; each database has its own. Measured: with a thread
// per core, waking one another cost a third of the requests per second.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lab::commands::run(CommandLine::parse().command).await.unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::FAILURE
    })
}
