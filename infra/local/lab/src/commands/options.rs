//! Options of the stack, from the command line and from what a subcommand needs.

use std::path::PathBuf;

use aws::{Level, Options};
use postrider::stack;

/// Removes the rate limit: one tenant publishes everything, as fast as it can.
pub const UNLIMITED: (&str, &str) = ("TenantEventsPerMinute", "0");
/// Makes the scheduler's runs rare, so that they are not measured by accident.
pub const RARE_TICKS: (&str, &str) = ("TickSeconds", "60");

/// The options of a stack that keeps nothing. `own` are the subcommand's own parameters; those of
/// the command line count more.
pub fn ephemeral(stack: stack::Stack, own: &[(&str, &str)]) -> Options {
    let defaults = Options::default();
    let own = own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Options {
        ephemeral: true,
        port: stack.port,
        // The last one of a name counts.
        parameters: own.chain(stack.parameters).collect(),
        functions: stack.functions,
        template: stack.template.unwrap_or(defaults.template),
        ..defaults
    }
}

/// As [`ephemeral`], but a stack that keeps its data if there is a directory for it.
pub fn kept(data: Option<PathBuf>, stack: stack::Stack, own: &[(&str, &str)]) -> Options {
    let options = ephemeral(stack, own);
    match data {
        Some(data) => Options { ephemeral: false, data, ..options },
        None => options,
    }
}

/// What the terminal shows of the functions' logs.
pub fn level(logs: stack::Logs) -> Level {
    match logs.level {
        stack::Level::Off => Level::Off,
        stack::Level::Error => Level::Error,
        stack::Level::Warn => Level::Warn,
        stack::Level::Info => Level::Info,
        stack::Level::Debug => Level::Debug,
    }
}
