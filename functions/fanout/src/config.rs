//! What fan-out is told by its environment.

use std::time::Duration;

use shared::edges::aws::AwsSettings;
use shared::edges::env::{self, EnvError};

/// Read once, at start.
#[derive(Debug)]
pub struct Config {
    pub(crate) aws: AwsSettings,
    pub(crate) config_table: String,
    pub(crate) log_table: String,
    pub(crate) events_queue: String,
    pub(crate) deliveries_queue: String,
    /// Where ordered subscriptions' tasks go, if there may be any.
    pub(crate) ordered_queue: Option<String>,
    pub(crate) dead_letters: String,
    pub(crate) retention: Duration,
}

impl Config {
    /// Reads it; an error names the variable.
    pub fn from_env() -> Result<Self, EnvError> {
        Ok(Self {
            aws: env::aws()?,
            config_table: env::text("CONFIG_TABLE")?,
            log_table: env::text("LOG_TABLE")?,
            events_queue: env::text("EVENTS_QUEUE_URL")?,
            deliveries_queue: env::text("DELIVERIES_QUEUE_URL")?,
            ordered_queue: env::optional("DELIVERIES_ORDERED_QUEUE_URL"),
            dead_letters: env::text("EVENTS_DEAD_LETTER_QUEUE_URL")?,
            retention: env::retention()?,
        })
    }
}
