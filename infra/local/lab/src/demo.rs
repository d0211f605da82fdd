//! The demo: an event of each of four systems through a running stack, told as it goes. Where a
//! delivery waits, the stack's clock is set forward, so that quarter hours pass at once.
//!
//! [`cases`] are the systems, [`play`] takes one of them from the first call to the settled
//! deliveries, [`summary`] compares what came of it with what should have. [`shop`] has a day
//! behind it, and a page to look at.

mod cases;
mod play;
mod shop;
mod summary;

use std::time::Duration;

use crate::client::{ApiClient, ClientError};
use crate::receiver::Receiver;
use aws::{ClockError, Stack};
use cases::CASES;
use play::Play;
use serde_json::Value;

/// Why the demo broke off.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The API refused something.
    #[error("the demo broke off: {0}")]
    Api(#[from] ClientError),
    /// Deliveries were not settled in time: whose they are, and how they stood.
    #[error("{0}: the deliveries took too long; they are {1}")]
    Unsettled(&'static str, String),
    /// A catalogue of this build does not read.
    #[error("the catalogue of {0} does not read: {1}")]
    Catalogue(&'static str, #[source] serde_json::Error),
    /// A catalogue of this build has no example of an event type.
    #[error("the catalogue of {0} has no {1}")]
    NoExample(&'static str, &'static str),
    /// The clock could not be set forward.
    #[error("the stack's clock could not be set forward: {0}")]
    Clock(#[source] ClockError),
}

/// Plays the demo on a stack, and prints what came of it. The receiver must keep what it gets; it
/// stops to do so. Answers whether all was as it should be.
pub async fn run(stack: &Stack, receiver: &Receiver) -> Result<bool, DemoError> {
    let api = ApiClient::new(stack.addresses());
    println!(
        "\nDemo: four systems whose receivers already exist. Each has a profile, shared/profiles/NAME.json, by which"
    );
    println!(
        "they get what they always got. Where a delivery waits, the stack's clock is set forward."
    );
    let mut ends = Vec::new();
    for case in &CASES {
        println!("\n{}: {}\n", case.profile, case.story);
        let play = Play::prepare(&api, stack, receiver, case).await?;
        ends.push(play.run().await?);
    }
    let received = receiver.stop_keeping();
    let rows: Vec<_> = ends.iter().map(|end| summary::Row::new(end, &received)).collect();
    print!("\n{}", summary::text(&rows));
    println!(
        "\nA shop's day, hour by hour, for its page: one of its receivers fails for a while, and one is gone at the end."
    );
    receiver.print(false);
    let page = shop::open(&api, stack, receiver).await?;
    receiver.print(true);
    println!(
        "\nThe shop's page, as its own people see it, for as long as this stack runs:\n  {page}"
    );
    Ok(rows.iter().all(summary::Row::is_right))
}

/// Lets time pass, unless a function is busy: one that is about to hide a message hides it from the
/// present on. Answers whether it passed.
async fn pass(stack: &Stack, time: Duration) -> Result<bool, DemoError> {
    let status = stack.status().await;
    let busy = |function: &Value| function["busy"].as_u64() != Some(0);
    if status["functions"].as_object().is_some_and(|functions| functions.values().any(busy)) {
        return Ok(false);
    }
    let ahead = status["ahead_ms"].as_u64().unwrap_or_default();
    stack.run_ahead_by(Duration::from_millis(ahead) + time).map_err(DemoError::Clock)?;
    Ok(true)
}
