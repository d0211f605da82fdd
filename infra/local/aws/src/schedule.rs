//! EventBridge schedules: a function invoked at a fixed rate.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use time::macros::format_description;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::clock;
use crate::lambda::Function;
use crate::logs::Level;
use crate::random;
use crate::template::{ACCOUNT, REGION};

/// Invokes `function` every `period` until `stop` changes. A run that still goes on skips the ticks
/// within it.
pub async fn run(function: Arc<Function>, period: Duration, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
        tick(&function).await;
    }
}

/// Invokes `function` as its schedule does.
pub async fn tick(function: &Arc<Function>) {
    if let Err(error) = function.invoke(event(&function.name).into()).await {
        let reason = String::from_utf8_lossy(&error.payload);
        function.log.say(Level::Error, &format!("the scheduled run failed: {reason}"));
    }
}

/// The event that EventBridge sends for a schedule.
fn event(function: &str) -> Vec<u8> {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let event = json!({
        "version": "0",
        "id": random::uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": clock::now_utc().format(format).unwrap_or_default(),
        "region": REGION,
        "resources": [format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{function}")],
        "detail": {},
    });
    event.to_string().into_bytes()
}
