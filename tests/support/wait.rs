//! Waiting for a condition, with a bound.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// How long a journey waits for what should come at once, on a slow machine with others at work on
/// it.
pub const PATIENCE: Duration = Duration::from_mins(1);
/// Between two looks.
const STEP: Duration = Duration::from_millis(15);

/// Looks again and again until there is an answer, and fails after [`PATIENCE`] with what was seen
/// last.
pub async fn until<T, S: Display>(what: &str, mut look: impl AsyncFnMut() -> Result<T, S>) -> T {
    let start = Instant::now();
    loop {
        match look().await {
            Ok(found) => return found,
            Err(seen) => {
                assert!(start.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}, but {seen}");
            }
        }
        tokio::time::sleep(STEP).await;
    }
}
