//! The local stack's program: reads the command line, starts the stack, tells what to do with it,
//! and stops it.

mod guide;
mod isolating;
mod measuring;
mod soaking;

use std::fmt::Display;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use aws::{Addresses, Error, Level, Options, Stack};
use clap::Parser;
use isolating::Isolating;
use lab::receiver::{Receiver, ReceiverOptions};
use lab::{bench, demo, units};
use measuring::Measuring;
use soaking::Soaking;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Runs Postrider on this machine: the functions as they are deployed, with stand-ins for the rest
/// of AWS.
#[derive(Debug, Parser)]
#[command(name = "local")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct Arguments {
    /// The port of the HTTP API on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 4400)]
    port: u16,
    /// Where to keep databases, keys and logs [default: .postrider]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
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
    /// Take `POST /_stack/clock` with `{"ahead_ms": N}`, by which time can be let pass
    #[arg(long)]
    clock: bool,
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
    /// The port of the receiver, which prints what is delivered to it; 0 takes any free one
    /// [default: 4401 if free]
    #[arg(long, value_name = "PORT")]
    receiver_port: Option<u16>,
    /// Play one event of each of four platforms and a shop's day, show what arrives, and print a
    /// link to the shop's page; keeps nothing unless --data is given
    #[arg(long, conflicts_with_all = ["bench", "endpoints"])]
    demo: bool,
    /// Run on after the demo even if standard input is no terminal
    #[arg(long, requires = "demo")]
    keep: bool,
    /// Measure with COUNT events, print what was found, and stop; keeps nothing unless --data is
    /// given
    #[arg(long, value_name = "COUNT", conflicts_with = "endpoints", value_parser = clap::value_parser!(u32).range(1..))]
    bench: Option<u32>,
    /// Write the bench's figures to this file as well
    #[arg(long, value_name = "FILE", requires = "bench")]
    json: Option<PathBuf>,
    /// Measure what each operation asks of DynamoDB and SQS, print two tables, and stop; keeps
    /// nothing
    #[arg(long, conflicts_with_all = ["bench", "demo", "endpoints", "data"])]
    units: bool,
    /// Deliveries on record for each column of the second table
    #[arg(long, requires = "units", value_name = "COUNT,…", value_delimiter = ',', default_values_t = [1_000, 100_000, 1_000_000],
        value_parser = clap::value_parser!(u32).range(100..=10_000_000))]
    units_rows: Vec<u32>,
    #[command(flatten)]
    measuring: Measuring,
    #[command(flatten)]
    soaking: Soaking,
    #[command(flatten)]
    isolating: Isolating,
    /// The process in which the bench publishes and receives
    #[arg(long, hide = true, requires = "bench")]
    bench_client: bool,
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

// One thread for all that only passes things on; each database has its own. Measured: with a thread
// per core, waking one another cost a third of the requests per second.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.bench_client {
        let events = usize::try_from(arguments.bench.unwrap_or_default()).unwrap_or(usize::MAX);
        return exit_code(
            bench::client(events, arguments.json.as_deref(), arguments.data.is_some()).await,
        );
    }
    if arguments.measuring.needs_no_stack() {
        return exit_code(arguments.measuring.without_stack());
    }
    match run(arguments).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("The local stack did not start: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode, Error> {
    // Before the start: a signal during it must not leave processes behind.
    let mut signals = Signals::new()?;
    let stack = tokio::select! {
        stack = Stack::start(options(&arguments)) => stack?,
        () = signals.next() => return Ok(ExitCode::SUCCESS),
    };
    let receiver = receiver(&arguments).await?;
    announce(&arguments, stack.addresses())?;
    let code = tokio::select! {
        code = work(&arguments, &stack, receiver.as_ref()) => code,
        () = signals.next() => ExitCode::SUCCESS,
    };
    if !arguments.endpoints && runs_on(&arguments) {
        eprintln!("\nStopping; once more to stop at once.");
    }
    tokio::select! {
        () = stop(stack, receiver) => {}
        () = signals.next() => {}
    }
    Ok(code)
}

/// What the stack was started for; without end, if that is to run.
async fn work(arguments: &Arguments, stack: &Stack, receiver: Option<&Receiver>) -> ExitCode {
    let addresses = stack.addresses();
    if let Some(events) = arguments.bench {
        let mut own = vec!["--bench".to_owned(), events.to_string()];
        if let Some(path) = &arguments.json {
            own.extend(["--json".to_owned(), path.display().to_string()]);
        }
        if let Some(path) = &arguments.data {
            own.extend(["--data".to_owned(), path.display().to_string()]);
        }
        return exit_code(bench::in_own_process(addresses, &own).await);
    }
    if arguments.units {
        let sizes: Vec<_> =
            arguments.units_rows.iter().filter_map(|size| usize::try_from(*size).ok()).collect();
        return exit_code(units::run(stack, &sizes).await);
    }
    if arguments.measuring.is_asked_for() {
        return exit_code(arguments.measuring.run(stack).await);
    }
    if arguments.soaking.is_asked_for() {
        return exit_code(arguments.soaking.run(stack).await);
    }
    if arguments.isolating.is_asked_for() {
        return exit_code(arguments.isolating.run(stack).await);
    }
    if let Some(receiver) = receiver {
        if arguments.demo {
            let code = exit_code(demo::run(stack, receiver).await);
            if !runs_on(arguments) {
                return code;
            }
        }
        println!("{}", guide::text(addresses, receiver.address(), kept(arguments).as_deref()));
    }
    std::future::pending().await
}

/// Whether it measures on a stack that nobody else uses, and keeps nothing.
fn measures(arguments: &Arguments) -> bool {
    arguments.units || arguments.measuring.is_asked_for()
}

/// Whether it does one thing and stops.
fn finds_out(arguments: &Arguments) -> bool {
    let others = [arguments.soaking.is_asked_for(), arguments.isolating.is_asked_for()];
    arguments.bench.is_some() || measures(arguments) || others.contains(&true)
}

/// Whether it runs until it is told to stop.
fn runs_on(arguments: &Arguments) -> bool {
    !finds_out(arguments) && (!arguments.demo || arguments.keep || std::io::stdin().is_terminal())
}

fn exit_code<E: Display>(right: Result<bool, E>) -> ExitCode {
    match right {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Says where everything is to programs that asked.
fn announce(arguments: &Arguments, addresses: &Addresses) -> Result<(), Error> {
    let json = serde_json::to_string(addresses).unwrap_or_default();
    if let Some(path) = &arguments.ready_file {
        aws::write_whole(path, &json).map_err(|error| Error::Data(path.clone(), error))?;
    }
    if arguments.endpoints {
        println!("{json}");
    }
    Ok(())
}

/// The receiver, where there is somebody to read what it prints.
async fn receiver(arguments: &Arguments) -> Result<Option<Receiver>, Error> {
    if arguments.endpoints || finds_out(arguments) {
        return Ok(None);
    }
    let options =
        ReceiverOptions { port: arguments.receiver_port, prints: true, keeps: arguments.demo };
    Receiver::start(options).await.map(Some)
}

async fn stop(stack: Stack, receiver: Option<Receiver>) {
    stack.stop().await;
    if let Some(receiver) = receiver {
        receiver.stop().await;
    }
}

/// Ctrl-C and the polite request to end.
struct Signals {
    interrupts: Signal,
    terminations: Signal,
}

impl Signals {
    fn new() -> Result<Self, Error> {
        let interrupts = signal(SignalKind::interrupt()).map_err(Error::Listen)?;
        let terminations = signal(SignalKind::terminate()).map_err(Error::Listen)?;
        Ok(Self { interrupts, terminations })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupts.recv() => {}
            _ = self.terminations.recv() => {}
        }
    }
}

/// The data directory; None if nothing is to be kept.
fn kept(arguments: &Arguments) -> Option<PathBuf> {
    let passing = arguments.ephemeral || arguments.demo || finds_out(arguments);
    arguments.data.clone().or_else(|| (!passing).then(|| Options::default().data))
}

fn options(arguments: &Arguments) -> Options {
    let defaults = Options::default();
    let kept = kept(arguments);
    // The last one of a name counts.
    let own = arguments.soaking.parameters().chain(arguments.isolating.parameters());
    let mut parameters: Vec<_> = own.chain(arguments.parameters.clone()).collect();
    if finds_out(arguments) {
        // All of it is published by one tenant, as fast as it goes.
        parameters.insert(0, ("TenantEventsPerMinute".to_owned(), "0".to_owned()));
    }
    let mut http_concurrency =
        arguments.soaking.http_concurrency(arguments.http_concurrency.into());
    if measures(arguments) {
        // Ticks keep out of the way, and each function behind the API has one process, whose caches
        // are filled.
        parameters.insert(0, ("TickSeconds".to_owned(), "60".to_owned()));
        http_concurrency =
            if arguments.measuring.latency().is_zero() { 1 } else { http_concurrency };
    }
    Options {
        template: arguments.template.clone().unwrap_or(defaults.template),
        ephemeral: kept.is_none(),
        files: arguments.units || arguments.soaking.is_asked_for(),
        data: kept.unwrap_or(defaults.data),
        port: arguments.port,
        functions: arguments.functions.clone(),
        parameters,
        http_concurrency,
        clock: arguments.clock
            || arguments.demo
            || measures(arguments)
            || arguments.soaking.has_clock(),
        latency: arguments.measuring.latency(),
        faults: arguments.soaking.faults(),
        logs: arguments.soaking.logs(arguments.measuring.logs(arguments.logs)),
    }
}
