//! What intake is told by its environment.

use shared::edges::env::{self, EnvError, Tables};

/// Read once, at start.
#[derive(Debug)]
pub struct Config {
    pub(crate) tables: Tables,
    pub(crate) events_queue: String,
    /// Where ordered tenants' events go, if there may be any.
    pub(crate) ordered_queue: Option<String>,
    pub(crate) admin_key_secret: String,
    pub(crate) events_per_minute: u32,
}

impl Config {
    /// Reads it; an error names the variable.
    pub fn from_env() -> Result<Self, EnvError> {
        Ok(Self {
            tables: Tables::from_env()?,
            events_queue: env::text("EVENTS_QUEUE_URL")?,
            ordered_queue: env::optional("EVENTS_ORDERED_QUEUE_URL"),
            admin_key_secret: env::text("ADMIN_KEY_SECRET")?,
            events_per_minute: env::number("TENANT_EVENTS_PER_MINUTE")?,
        })
    }
}
