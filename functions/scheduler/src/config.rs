//! What the scheduler is told by its environment.

use std::time::Duration;

use shared::edges::env::{self, EnvError, Tables};

/// Read once, at start.
#[derive(Debug)]
pub struct Config {
    pub(crate) tables: Tables,
    pub(crate) deliveries_queue: String,
    pub(crate) tick: Duration,
}

impl Config {
    /// Reads it; an error names the variable.
    pub fn from_env() -> Result<Self, EnvError> {
        Ok(Self {
            tables: Tables::from_env()?,
            deliveries_queue: env::text("DELIVERIES_QUEUE_URL")?,
            tick: Duration::from_secs(env::number("TICK_SECONDS")?),
        })
    }
}
