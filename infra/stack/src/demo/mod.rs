//! The demo: four platforms' events through a running stack, told as they go.
//!
//! [`cases`] are the platforms, [`play`] takes one of them from the first call to the settled delivery, [`summary`]
//! compares what came of it with what should have.

mod cases;
mod play;
mod summary;

use std::fmt;

use futures_util::future::try_join_all;

use crate::Addresses;
use crate::client::{ApiClient, ClientError};
use crate::receiver::Receiver;
use cases::CASES;
use play::Play;

/// Why the demo broke off.
#[derive(Debug)]
pub enum DemoError {
    /// The API refused something.
    Api(ClientError),
    /// A delivery was not settled in time: whose it is, and how it stood.
    Unsettled(&'static str, String),
    /// A sample of this build does not read.
    Sample(&'static str, serde_json::Error),
}

impl fmt::Display for DemoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Unsettled(tenant, state) => write!(f, "{tenant}: the delivery took too long; it is {state}"),
            Self::Sample(tenant, error) => write!(f, "the sample of {tenant} does not read: {error}"),
        }
    }
}

impl std::error::Error for DemoError {}

impl From<ClientError> for DemoError {
    fn from(error: ClientError) -> Self {
        Self::Api(error)
    }
}

/// Plays the demo against a stack, and prints what came of it. The receiver must keep what it gets; it stops to do so.
/// Answers whether all was as it should be.
pub async fn run(addresses: &Addresses, receiver: &Receiver) -> Result<bool, DemoError> {
    let api = ApiClient::new(addresses);
    println!("\nDemo: one event of each of four platforms, from its publish to its delivery.\n");
    for case in &CASES {
        println!("  {:<14} {:<15} {}", case.tenant, case.path, case.story);
    }
    println!("\nAll under the profile \"standard\". What arrives at the receiver, {}:\n", receiver.address());
    let mut plays = Vec::new();
    for case in &CASES {
        plays.push(Play::prepare(&api, receiver, case).await?);
    }
    let ends = try_join_all(plays.iter().map(Play::run)).await?;
    let received = receiver.stop_keeping();
    let results: Vec<_> = ends.iter().map(|end| summary::Row::new(end, &received)).collect();
    print!("\n{}", summary::text(&results));
    Ok(results.iter().all(summary::Row::is_right))
}
