//! What fan-out is told by its environment.

use shared::edges::env::{self, EnvError, Tables};

/// Read once, at start.
#[derive(Debug)]
pub struct Config {
    pub(crate) tables: Tables,
    pub(crate) events_queue: String,
    pub(crate) deliveries_queue: String,
    /// Where ordered subscriptions' tasks go, if there may be any.
    pub(crate) ordered_queue: Option<String>,
    pub(crate) dead_letters: String,
}

impl Config {
    /// Reads it; an error names the variable.
    pub fn from_env() -> Result<Self, EnvError> {
        Ok(Self {
            tables: Tables::from_env()?,
            events_queue: env::text("EVENTS_QUEUE_URL")?,
            deliveries_queue: env::text("DELIVERIES_QUEUE_URL")?,
            ordered_queue: env::optional("DELIVERIES_ORDERED_QUEUE_URL"),
            dead_letters: env::text("EVENTS_DEAD_LETTER_QUEUE_URL")?,
        })
    }
}
