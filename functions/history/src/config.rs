//! What history is told by its environment.

use shared::edges::env::{self, EnvError, Tables};

/// Read once, at start.
#[derive(Debug)]
pub struct Config {
    pub(crate) tables: Tables,
    pub(crate) deliveries_queue: String,
    pub(crate) admin_key_secret: String,
}

impl Config {
    /// Reads it; an error names the variable.
    pub fn from_env() -> Result<Self, EnvError> {
        Ok(Self {
            tables: Tables::from_env()?,
            deliveries_queue: env::text("DELIVERIES_QUEUE_URL")?,
            admin_key_secret: env::text("ADMIN_KEY_SECRET")?,
        })
    }
}
