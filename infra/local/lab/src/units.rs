//! The units: what each operation asks of DynamoDB and SQS, and what a page costs as the log grows,
//! as two tables for `ARCHITECTURE.md`.
//!
//! [`operations`] are done on a running stack through its HTTP API, [`background`] are those that
//! go on after the answer, [`portal`] those of the tenants' page; [`meter`] measures them by the
//! stand-ins' own counts. [`rows`] fills the log with copies of rows that the functions wrote, and
//! [`pages`] reads it. [`tables`] is the layout.

mod background;
pub(crate) mod cost;
pub(crate) mod meter;
mod operations;
mod pages;
mod portal;
mod rows;
pub(crate) mod scene;
mod tables;

use crate::client::ClientError;
use crate::receiver::{Receiver, ReceiverOptions};
use aws::{ClockError, Error, Stack};
use meter::Meter;

/// Why there are no tables.
#[derive(Debug, thiserror::Error)]
pub enum UnitsError {
    /// The receiver could not be started, or the log not be filled.
    #[error(transparent)]
    Stack(#[from] Error),
    /// The API refused something.
    #[error(transparent)]
    Api(#[from] ClientError),
    /// The stack's clock could not be put forward.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// What was waited for did not come.
    #[error("still not done after a minute, or a thousand requests: {0}")]
    Restless(String),
    /// A row that the functions wrote is not where it is looked for, or copies of it do not read as
    /// it does.
    #[error("the log could not be filled: {0}")]
    Rows(String),
}

/// Measures, and prints the tables: the second one with a column for each of `sizes`, the
/// deliveries on record. The stack must be one of its own, with a clock that can be put forward.
pub async fn run(stack: &Stack, sizes: &[usize]) -> Result<bool, UnitsError> {
    let receiver =
        Receiver::start(ReceiverOptions { port: Some(0), ..ReceiverOptions::default() }).await?;
    let meter = Meter::new(stack, &receiver).await?;
    let mut costs = operations::costs(&meter).await?;
    costs.extend(background::costs(&meter).await?);
    costs.extend(portal::costs(&meter).await?);
    print!("{}", tables::operations(&costs));
    let mut logs = Vec::new();
    for size in sizes {
        logs.push(pages::costs(&meter, *size).await?);
    }
    print!("\n{}", tables::pages(&logs));
    Ok(true)
}
