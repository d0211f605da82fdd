//! The local stack's program: reads the command line, starts the stack, tells what to do with it, and stops it.

mod guide;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use stack::{Error, Level, Options, Stack};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Runs Postrider on this machine: the functions as they are deployed, with stand-ins for the rest of AWS.
#[derive(Debug, Parser)]
#[command(name = "local")]
struct Arguments {
    /// The port of the HTTP API on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 4400)]
    port: u16,
    /// Where to keep databases, keys and logs
    #[arg(long, default_value = ".postrider", value_name = "DIR")]
    data: PathBuf,
    /// Keep nothing: databases in memory, everything else removed at the end
    #[arg(long, conflicts_with = "data")]
    ephemeral: bool,
    /// A value for one of the template's parameters; may be repeated
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// What to show here of the functions' logs; all of it is in DIR/logs
    #[arg(long, value_enum, default_value_t = Level::Warn)]
    logs: Level,
    /// Processes at most for each function behind the HTTP API
    #[arg(long, default_value_t = 4, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..))]
    http_concurrency: u16,
    /// The directory of the functions' binaries [default: that of this program]
    #[arg(long, value_name = "DIR")]
    functions: Option<PathBuf>,
    /// The template [default: infra/template.yaml of this source tree]
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// Write where everything listens, as JSON, to this file once the stack is ready
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// Print only where everything listens, as JSON
    #[arg(long)]
    endpoints: bool,
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

// One thread for all that only passes things on; each database has its own. Measured: with a thread per core, waking
// one another cost a third of the requests per second.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The local stack did not start: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Error> {
    // Before the start: a signal during it must not leave processes behind.
    let mut interrupts = signal(SignalKind::interrupt()).map_err(Error::Listen)?;
    let mut terminations = signal(SignalKind::terminate()).map_err(Error::Listen)?;
    let stack = tokio::select! {
        stack = Stack::start(options(&arguments)) => stack?,
        () = either(&mut interrupts, &mut terminations) => return Ok(()),
    };
    let addresses = stack.addresses();
    let json = serde_json::to_string(addresses).unwrap_or_default();
    if let Some(path) = &arguments.ready_file {
        stack::write_whole(path, &json).map_err(|error| Error::Data(path.clone(), error))?;
    }
    if arguments.endpoints {
        println!("{json}");
    } else {
        println!("{}", guide::text(addresses, &arguments.data, arguments.ephemeral));
    }
    either(&mut interrupts, &mut terminations).await;
    if !arguments.endpoints {
        eprintln!("\nStopping; once more to stop at once.");
    }
    tokio::select! {
        () = stack.stop() => {}
        () = either(&mut interrupts, &mut terminations) => {}
    }
    Ok(())
}

async fn either(interrupts: &mut Signal, terminations: &mut Signal) {
    tokio::select! {
        _ = interrupts.recv() => {}
        _ = terminations.recv() => {}
    }
}

fn options(arguments: &Arguments) -> Options {
    let defaults = Options::default();
    Options {
        template: arguments.template.clone().unwrap_or(defaults.template),
        data: arguments.data.clone(),
        ephemeral: arguments.ephemeral,
        port: arguments.port,
        functions: arguments.functions.clone(),
        parameters: arguments.parameters.clone(),
        http_concurrency: usize::from(arguments.http_concurrency),
        logs: arguments.logs,
    }
}
