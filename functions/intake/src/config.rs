//! What intake is told by its environment.

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
    /// Where ordered tenants' events go, if there may be any.
    pub(crate) ordered_queue: Option<String>,
    pub(crate) admin_key_secret: String,
    pub(crate) retention: Duration,
    pub(crate) events_per_minute: u32,
}

impl Config {
    /// Reads it; an error names the variable.
    pub fn from_env() -> Result<Self, EnvError> {
        Ok(Self {
            aws: env::aws()?,
            config_table: env::text("CONFIG_TABLE")?,
            log_table: env::text("LOG_TABLE")?,
            events_queue: env::text("EVENTS_QUEUE_URL")?,
            ordered_queue: env::optional("EVENTS_ORDERED_QUEUE_URL"),
            admin_key_secret: env::text("ADMIN_KEY_SECRET")?,
            retention: env::retention()?,
            events_per_minute: env::number("TENANT_EVENTS_PER_MINUTE")?,
        })
    }
}
