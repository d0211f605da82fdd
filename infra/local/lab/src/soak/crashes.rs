//! What goes wrong beyond SQS and DynamoDB: processes that die, a receiver that is out, and time
//! that passes at once.

use std::convert::Infallible;
use std::time::Duration;

use tokio::time;

use super::arrivals::{Noting, Outage};
use aws::Stack;
use aws::faults::Kind;

/// The longest time between two deaths.
const MOST_BETWEEN_MS: u64 = 1_000;
/// The longest time between two outages, and the longest outage.
const MOST_BETWEEN_OUTAGES_MS: u64 = 10_000;
const LONGEST_OUTAGE_MS: u64 = 8_000;
/// Between two jumps of the clock, and how far one goes at most.
const BETWEEN_JUMPS: Duration = Duration::from_secs(5);
const MOST_JUMP_MS: u64 = 5_000;

/// Goes on for ever.
pub(super) async fn happen(stack: &Stack, arrivals: &Noting) -> Infallible {
    let kinds = stack.faults().kinds();
    tokio::select! {
        never = kill(stack), if kinds.has(Kind::Kill) => never,
        never = go_out(stack, arrivals), if kinds.has(Kind::Outage) => never,
        never = jump(stack), if kinds.has(Kind::Clock) => never,
        else => std::future::pending().await,
    }
}

async fn kill(stack: &Stack) -> Infallible {
    let faults = stack.faults();
    loop {
        time::sleep(Duration::from_millis(faults.roll(Kind::Kill) % MOST_BETWEEN_MS)).await;
        let counts: Vec<usize> =
            stack.functions().iter().map(|function| function.status().pids.len()).collect();
        let all = u64::try_from(counts.iter().sum::<usize>()).unwrap_or(u64::MAX).max(1);
        let mut place = usize::try_from(faults.roll(Kind::Kill) % all).unwrap_or_default();
        for (function, count) in stack.functions().iter().zip(counts) {
            if place < count {
                if function.crash(place) {
                    faults.note(killed(&function.name));
                }
                break;
            }
            place -= count;
        }
    }
}

fn killed(function: &str) -> &'static str {
    match function {
        "intake" => "kill: intake",
        "fanout" => "kill: fanout",
        "delivery" => "kill: delivery",
        "scheduler" => "kill: scheduler",
        _ => "kill: others",
    }
}

async fn go_out(stack: &Stack, arrivals: &Noting) -> Infallible {
    let faults = stack.faults();
    loop {
        time::sleep(Duration::from_millis(faults.roll(Kind::Outage) % MOST_BETWEEN_OUTAGES_MS))
            .await;
        let (outage, name) = match faults.roll(Kind::Outage) % 2 {
            0 => (Outage::Refuses, "outage: refuses"),
            _ => (Outage::Hangs, "outage: hangs"),
        };
        faults.note(name);
        arrivals.go(Some(outage));
        time::sleep(Duration::from_millis(faults.roll(Kind::Outage) % LONGEST_OUTAGE_MS)).await;
        arrivals.go(None);
    }
}

async fn jump(stack: &Stack) -> Infallible {
    let faults = stack.faults();
    let mut ahead = 0;
    loop {
        time::sleep(BETWEEN_JUMPS).await;
        ahead += faults.roll(Kind::Clock) % MOST_JUMP_MS;
        if stack.run_ahead_by(Duration::from_millis(ahead)).is_ok() {
            faults.note("clock: jumped");
        }
    }
}
