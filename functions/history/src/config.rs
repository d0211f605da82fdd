//! What history is told by its environment.

use std::time::Duration;

use shared::edges::aws::AwsSettings;
use shared::edges::env::{self, EnvError};

/// Read once, at start.
#[derive(Debug)]
pub struct Config {
    pub(crate) aws: AwsSettings,
    pub(crate) config_table: String,
    pub(crate) log_table: String,
    pub(crate) deliveries_queue: String,
    pub(crate) admin_key_secret: String,
    pub(crate) retention: Duration,
}

impl Config {
    /// Reads it; an error names the variable.
    pub fn from_env() -> Result<Self, EnvError> {
        Ok(Self {
            aws: env::aws()?,
            config_table: env::text("CONFIG_TABLE")?,
            log_table: env::text("LOG_TABLE")?,
            deliveries_queue: env::text("DELIVERIES_QUEUE_URL")?,
            admin_key_secret: env::text("ADMIN_KEY_SECRET")?,
            retention: env::retention()?,
        })
    }
}
