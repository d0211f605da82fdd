//! What delivery is told by its environment.

use std::time::Duration;

use shared::core::endpoint::address::EgressRule;
use shared::edges::env::{self, EnvError, Tables};

/// Read once, at start.
#[derive(Debug)]
pub struct Config {
    pub(crate) tables: Tables,
    pub(crate) events_queue: String,
    pub(crate) deliveries_queue: String,
    /// Where ordered subscriptions' tasks come from, if there may be any.
    pub(crate) ordered_queue: Option<String>,
    pub(crate) dead_letters: String,
    pub(crate) sealing_keys_secret: String,
    pub(crate) egress: EgressRule,
    pub(crate) hide_limit: Duration,
    pub(crate) deployment: String,
}

impl Config {
    /// Reads it; an error names the variable.
    pub fn from_env() -> Result<Self, EnvError> {
        Ok(Self {
            tables: Tables::from_env()?,
            events_queue: env::text("EVENTS_QUEUE_URL")?,
            deliveries_queue: env::text("DELIVERIES_QUEUE_URL")?,
            ordered_queue: env::optional("DELIVERIES_ORDERED_QUEUE_URL"),
            dead_letters: env::text("DELIVERIES_DEAD_LETTER_QUEUE_URL")?,
            sealing_keys_secret: env::text("SEALING_KEYS_SECRET")?,
            egress: env::egress_rule()?,
            hide_limit: Duration::from_secs(env::number("HIDE_LIMIT_SECONDS")?),
            deployment: env::text("DEPLOYMENT")?,
        })
    }
}
