//! The command line of `postrider`: its subcommands and their options.
//!
//! This crate depends on clap alone, so that help and errors need no build of the workspace. The
//! binary parses, builds the rest and becomes `lab`, which parses the same arguments with the same
//! types and runs them.
//!
//! [`stack`] has the options that subcommands share. Each other module has the arguments of one
//! subcommand, or of two that belong together.

pub mod demo;
pub mod figures;
pub mod isolation;
pub mod load;
pub mod soak;
pub mod stack;
pub mod up;

use clap::{Parser, Subcommand};

/// Run Postrider on one machine, and measure it
#[derive(Debug, Parser)]
#[command(
    name = "postrider",
    bin_name = "postrider",
    version,
    arg_required_else_help = true,
    after_help = "Start with `cargo postrider up`. It needs no AWS account and no Docker."
)]
pub struct CommandLine {
    /// The subcommand
    #[command(subcommand)]
    pub command: Command,
}

/// A subcommand with its arguments, where its help stands.
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "clap would show it instead of what the arguments say")]
pub enum Command {
    Up(up::Up),
    Demo(demo::Demo),
    Bench(load::Bench),
    Soak(soak::Soak),
    Isolation(isolation::Isolation),
    Simulate(figures::Simulate),
    Units(figures::Units),
    Cost(figures::Cost),
    Starts(figures::Starts),
    #[command(hide = true)]
    BenchClient(load::BenchClient),
}

/// How Cargo builds what a subcommand runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Quick to build again after a change.
    Dev,
    /// As deployed: for figures that depend on it.
    Release,
}

impl Command {
    /// The profile that this subcommand needs.
    #[must_use]
    pub fn profile(&self) -> Profile {
        match self {
            Self::Bench(_) | Self::BenchClient(_) | Self::Starts(_) => Profile::Release,
            Self::Cost(cost) if !cost.counted => Profile::Release,
            _ => Profile::Dev,
        }
    }
}

#[cfg(test)]
mod tests;
