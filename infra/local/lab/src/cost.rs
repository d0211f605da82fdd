//! The bill: what a million deliveries cost, and a month in which nothing happens, as tables for
//! `README.md`.
//!
//! [`workload`] runs on a stack whose requests to SQS and DynamoDB take as long as they might in
//! AWS, and whose receiver takes its time; what the stand-ins and the pool of processes count
//! meanwhile is [`counts`], kept in `infra/cost/counts.json`. [`prices`] are
//! `infra/cost/prices.yaml`, [`deployment`] what the template adds; [`bill`] multiplies, [`tables`]
//! is the layout. A test says when the README has not the tables of these three.

mod bill;
mod counts;
mod deployment;
mod prices;
mod tables;
mod workload;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use counts::{Conditions, Counts};

use crate::bench::{BenchError, cpu};
use crate::client::ClientError;
use crate::readme;
use crate::receiver::{Receiver, ReceiverOptions};
use crate::units::UnitsError;
use crate::units::meter::Meter;
use aws::Stack;
use deployment::Deployment;
use prices::Prices;
use workload::Counting;

/// The counts of this source tree.
const COUNTS: &str = "infra/cost/counts.json";
const TEMPLATE: &str = "infra/template.yaml";
/// The name of the place in the README.
const PLACE: &str = "cost";

/// Why there is no bill.
#[derive(Debug, thiserror::Error)]
pub enum CostError {
    /// A workload could not be run, or not be measured.
    #[error(transparent)]
    Units(#[from] UnitsError),
    /// The CPU that a function used could not be read.
    #[error(transparent)]
    Cpu(#[from] BenchError),
    /// A file of the bill cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, String),
}

impl From<ClientError> for CostError {
    fn from(error: ClientError) -> Self {
        Self::Units(error.into())
    }
}

/// Counts what the workloads are billed for. The stack must be one of its own, with a clock that
/// can be put forward, and started with the latency that the conditions say.
pub async fn count(stack: &Stack, conditions: Conditions) -> Result<Counts, CostError> {
    let receiver = Receiver::start(ReceiverOptions { port: Some(0), ..ReceiverOptions::default() });
    let receiver = receiver.await.map_err(UnitsError::from)?;
    receiver.answer_after(Duration::from_millis(conditions.receiver_ms.into()));
    let meter = Meter::new(stack, &receiver).await?;
    let counting = Counting::new(&meter).await?;
    let workloads = counting.workloads().await?;
    // The machine's day: the stack's clock is weeks ahead by now.
    let date = readme::today();
    Ok(Counts { date, machine: cpu::model(), conditions, tick: counting.tick().clone(), workloads })
}

impl Counts {
    /// Those of this source tree.
    pub fn kept() -> Result<Self, CostError> {
        let path = readme::file(COUNTS);
        let read = std::fs::read_to_string(&path).map_err(|error| error.to_string());
        let counts =
            read.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
        counts.map_err(|reason| CostError::File(path, reason))
    }

    /// Makes them those of this source tree.
    pub fn keep(&self) -> Result<(), CostError> {
        let path = readme::file(COUNTS);
        let text = serde_json::to_string_pretty(self).unwrap_or_default() + "\n";
        std::fs::write(&path, text).map_err(|error| CostError::File(path, error.to_string()))
    }

    /// The tables, by this source tree's prices and template.
    pub fn tables(&self) -> Result<String, CostError> {
        let failed = |path: &str, reason: String| CostError::File(readme::file(path), reason);
        let prices =
            Prices::read().map_err(|error| failed("infra/cost/prices.yaml", error.to_string()))?;
        let template: &Path = &readme::file(TEMPLATE);
        let deployment = Deployment::read(template).map_err(|reason| failed(TEMPLATE, reason))?;
        Ok(tables::all(self, &prices, &deployment))
    }
}

/// Puts the tables into the README.
pub fn publish(tables: &str) -> Result<(), CostError> {
    let failed =
        |error: std::io::Error| CostError::File(readme::file("README.md"), error.to_string());
    readme::update(PLACE, tables).map_err(failed)
}

#[cfg(test)]
mod tests;
