//! The command line's part for what others notice of a receiver that hangs.

use aws::Stack;
use clap::Args;
use lab::isolation::{self, IsolationError, Load};

/// What is published to whom.
#[derive(Debug, Args)]
pub struct Isolating {
    /// Measure what nine subscriptions notice of a tenth that hangs, print it, and stop; keeps
    /// nothing
    #[arg(long, conflicts_with_all = ["bench", "demo", "endpoints", "units", "cost", "starts", "soak", "data"])]
    isolation: bool,
    /// Events a second to all ten, three of ten to the one that hangs
    #[arg(long, requires = "isolation", value_name = "COUNT", default_value_t = 40, value_parser = clap::value_parser!(u32).range(10..=1_000))]
    isolation_pace: u32,
    /// How long it is published before it hangs, and again while it does
    #[arg(long, requires = "isolation", value_name = "COUNT", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    isolation_seconds: u32,
    /// `DeliveryConcurrency` of the stack: batches of deliveries at once
    #[arg(long, requires = "isolation", value_name = "COUNT", default_value_t = 5, value_parser = clap::value_parser!(u16).range(2..=1_000))]
    delivery_concurrency: u16,
}

impl Isolating {
    /// Whether it is to be measured.
    pub fn is_asked_for(&self) -> bool {
        self.isolation
    }

    /// The parameters for it.
    pub fn parameters(&self) -> Option<(String, String)> {
        self.isolation
            .then(|| ("DeliveryConcurrency".to_owned(), self.delivery_concurrency.to_string()))
    }

    /// Measures, and prints the table.
    pub async fn run(&self, stack: &Stack) -> Result<bool, IsolationError> {
        let Self { isolation_pace: pace, isolation_seconds: seconds, delivery_concurrency, .. } =
            *self;
        isolation::run(stack, Load { pace, seconds, delivery_concurrency }).await
    }
}
