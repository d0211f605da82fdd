//! The command line's part for the soak.

use aws::faults::{Faults, Kind, Kinds};
use aws::{Level, Stack};
use clap::Args;
use lab::soak::{self, Load, SoakError};
use shared::edges::clock;

/// How much is published while what goes wrong.
#[derive(Debug, Args)]
pub struct Soaking {
    /// Publish COUNT events while faults are injected, print what became of them, and stop; keeps
    /// nothing unless --data is given
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["bench", "demo", "endpoints", "units", "cost", "starts"],
        value_parser = clap::value_parser!(u32).range(1..))]
    soak: Option<u32>,
    /// Which: kill, throttle, internal, sqs, duplicate, reorder, slow, outage, clock; all is all
    /// but clock, none is none
    #[arg(long, requires = "soak", value_name = "KIND,…", default_value = "all")]
    faults: Kinds,
    /// What decides which requests are struck; printed, so that it can be given again [default: a
    /// random number]
    #[arg(long, requires = "soak", value_name = "NUMBER")]
    seed: Option<u64>,
    /// Events a second
    #[arg(long, requires = "soak", value_name = "COUNT", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pace: u32,
}

impl Soaking {
    /// Whether there is to be a soak.
    pub fn is_asked_for(&self) -> bool {
        self.soak.is_some()
    }

    /// Whether it puts the clock forward.
    pub fn has_clock(&self) -> bool {
        self.is_asked_for() && self.faults.has(Kind::Clock)
    }

    /// What the stack may be struck by.
    pub fn faults(&self) -> Faults {
        if !self.is_asked_for() {
            return Faults::default();
        }
        let random = || u64::from(u32::from_ne_bytes(clock::random()));
        Faults::new(self.faults.clone(), self.seed.unwrap_or_else(random))
    }

    /// The parameters for it.
    pub fn parameters(&self) -> impl Iterator<Item = (String, String)> {
        let parameters = soak::PARAMETERS.into_iter().filter(|_| self.is_asked_for());
        parameters.map(|(name, value)| (name.to_owned(), value.to_owned()))
    }

    /// Processes at most for each function behind the API: those that are wanted, or more.
    pub fn http_concurrency(&self, wanted: usize) -> usize {
        if self.is_asked_for() { wanted.max(soak::HTTP_CONCURRENCY) } else { wanted }
    }

    /// What the terminal shows of the functions' logs: in a soak nothing, for the report has the
    /// errors.
    pub fn logs(&self, wanted: Level) -> Level {
        if self.is_asked_for() { Level::Off } else { wanted }
    }

    /// Soaks, and prints the report.
    pub async fn run(&self, stack: &Stack) -> Result<bool, SoakError> {
        let events = usize::try_from(self.soak.unwrap_or_default()).unwrap_or(usize::MAX);
        soak::run(stack, Load { events, pace: self.pace }).await
    }
}
