//! The environment of this function.

use shared::edges::env::{self, EnvError, Tables};

use crate::terms::Terms;

/// Read once, at start.
#[derive(Debug)]
pub struct Config {
    pub(crate) tables: Tables,
    pub(crate) admin_key_secret: String,
    pub(crate) sealing_keys_secret: String,
    pub(crate) terms: Terms,
}

impl Config {
    /// Reads it; an error names the variable.
    pub fn from_env() -> Result<Self, EnvError> {
        Ok(Self {
            tables: Tables::from_env()?,
            admin_key_secret: env::text("ADMIN_KEY_SECRET")?,
            sealing_keys_secret: env::text("SEALING_KEYS_SECRET")?,
            terms: Terms {
                egress: env::egress_rule()?,
                ordered_delivery: env::text("ORDERED_DELIVERY")? == "true",
            },
        })
    }
}
