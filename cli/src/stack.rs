//! Options of every subcommand that starts a local stack.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// How to start the stack.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Stack options")]
pub struct Stack {
    /// Port of the HTTP API on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 4400)]
    pub port: u16,
    /// Set a parameter of the template; may be repeated
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    pub parameters: Vec<(String, String)>,
    /// Directory of the functions' binaries [default: this build's target directory]
    #[arg(long, value_name = "DIR")]
    pub functions: Option<PathBuf>,
    /// Template to run [default: infra/template.yaml]
    #[arg(long, value_name = "FILE")]
    pub template: Option<PathBuf>,
}

/// How much of the functions' logs to print.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Stack options")]
pub struct Logs {
    /// Least severe log level to print; the data directory has all lines in logs/
    #[arg(long = "logs", value_name = "LEVEL", value_enum, default_value_t = Level::Warn)]
    pub level: Level,
}

/// A log level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Print nothing
    Off,
    /// Errors, panics, and other output on standard error
    Error,
    /// Warnings as well
    Warn,
    /// Information as well
    Info,
    /// Everything
    Debug,
}

/// How many processes a function may have.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Stack options")]
pub struct Processes {
    /// Maximum number of processes of each function behind the HTTP API
    #[arg(long, value_name = "COUNT", default_value_t = 4,
        value_parser = clap::value_parser!(u16).range(1..))]
    pub http_concurrency: u16,
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
