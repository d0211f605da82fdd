//! The subcommands of `postrider`: each takes its arguments, starts the stack that it needs, and
//! answers with the exit code.
//!
//! [`session`] starts and stops the stack, [`options`] says how.

mod bench;
mod cost;
mod demo;
mod guide;
mod isolation;
mod options;
mod session;
mod soak;
mod starts;
mod units;
mod up;

use std::error::Error;
use std::process::ExitCode;

use postrider::Command;

use crate::in_flight;

/// The exit code, or why the subcommand broke off.
type Ended = Result<ExitCode, Box<dyn Error>>;

/// Runs a subcommand to its end.
pub async fn run(command: Command) -> Ended {
    match command {
        Command::Up(arguments) => up::run(arguments).await,
        Command::Demo(arguments) => demo::run(arguments).await,
        Command::Bench(arguments) => bench::run(arguments).await,
        Command::BenchClient(arguments) => bench::client(arguments).await,
        Command::Soak(arguments) => soak::run(arguments).await,
        Command::Isolation(arguments) => isolation::run(arguments).await,
        Command::Simulate(arguments) => Ok(code(in_flight::run(arguments.update_docs)?)),
        Command::Units(arguments) => units::run(arguments).await,
        Command::Cost(arguments) => cost::run(arguments).await,
        Command::Starts(arguments) => starts::run(arguments).await,
    }
}

/// The exit code for whether all was as it should be.
fn code(right: bool) -> ExitCode {
    if right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
