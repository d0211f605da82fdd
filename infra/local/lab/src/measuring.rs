//! The command line's part for figures that stand in the README.

use std::time::Duration;

use aws::{Level, Stack};
use clap::{ArgGroup, Args};
use lab::cost::{Conditions, Counts, publish};
use lab::{cost, in_flight, starts};

/// What to measure for the README.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("measuring").args(["cost", "starts", "in_flight"]).conflicts_with_all(["bench", "demo", "endpoints", "data", "units"]))]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Measuring {
    /// Count what a million deliveries cost in AWS, print it in dollars by service, and stop; keeps
    /// nothing
    #[arg(long)]
    cost: bool,
    /// Count nothing: the tables of what was counted last (infra/cost/counts.json), by the prices
    /// and the template as they are
    #[arg(long, requires = "cost")]
    counted: bool,
    /// Milliseconds that a receiver takes to answer
    #[arg(long, requires = "cost", value_name = "COUNT", default_value_t = 100, value_parser = clap::value_parser!(u32).range(..10_000))]
    receiver_ms: u32,
    /// Milliseconds that each request of a function to SQS and DynamoDB takes
    #[arg(long, requires = "cost", value_name = "COUNT", default_value_t = 10, value_parser = clap::value_parser!(u32).range(..1_000))]
    aws_ms: u32,
    /// Measure each function's start and its memory, print a table, and stop; keeps nothing
    #[arg(long)]
    starts: bool,
    /// Simulate a day of a million events to dead receivers, print what is in flight hour by hour,
    /// and stop; starts nothing
    #[arg(long)]
    in_flight: bool,
    /// Put the tables into README.md (those of --in-flight into docs/in-flight.md), and what was
    /// counted into infra/cost/counts.json
    #[arg(long, requires = "measuring")]
    update: bool,
}

impl Measuring {
    /// Whether anything is to be measured.
    pub fn is_asked_for(&self) -> bool {
        self.cost || self.starts
    }

    /// Whether that needs no stack.
    pub fn needs_no_stack(&self) -> bool {
        self.counted || self.in_flight
    }

    /// How long each request to SQS and DynamoDB takes.
    pub fn latency(&self) -> Duration {
        Duration::from_millis(if self.cost { self.aws_ms.into() } else { 0 })
    }

    /// What the terminal shows of the functions' logs: of starts, not that each process is ended.
    pub fn logs(&self, wanted: Level) -> Level {
        if self.starts { wanted.min(Level::Error) } else { wanted }
    }

    /// The tables of what was counted last, or of what is simulated.
    pub fn without_stack(&self) -> Result<bool, Box<dyn std::error::Error>> {
        if self.in_flight {
            return Ok(in_flight::run(self.update)?);
        }
        Ok(self.show(&Counts::kept()?)?)
    }

    /// Measures, and prints the tables.
    pub async fn run(&self, stack: &Stack) -> Result<bool, Box<dyn std::error::Error>> {
        if self.starts {
            return Ok(starts::run(stack, self.update).await?);
        }
        let conditions = Conditions { receiver_ms: self.receiver_ms, aws_ms: self.aws_ms };
        let counts = cost::count(stack, conditions).await?;
        if self.update {
            counts.keep()?;
        }
        Ok(self.show(&counts)?)
    }

    fn show(&self, counts: &Counts) -> Result<bool, cost::CostError> {
        let tables = counts.tables()?;
        print!("{tables}");
        if self.update {
            publish(&tables)?;
        }
        Ok(true)
    }
}
