//! What this function is told by its environment.

use std::time::Duration;

use shared::core::endpoint::address::EgressRule;
use shared::edges::aws::AwsSettings;
use shared::edges::env::{self, EnvError};

/// Read once, at start.
#[derive(Debug)]
pub struct Config {
    pub(crate) aws: AwsSettings,
    pub(crate) config_table: String,
    pub(crate) log_table: String,
    pub(crate) admin_key_secret: String,
    pub(crate) sealing_keys_secret: String,
    pub(crate) egress: EgressRule,
    pub(crate) retention: Duration,
    pub(crate) events_per_minute: u32,
    /// Whether tenants may be ordered.
    pub(crate) ordered_delivery: bool,
    pub(crate) api_url: String,
}

impl Config {
    /// Reads it; an error names the variable.
    pub fn from_env() -> Result<Self, EnvError> {
        Ok(Self {
            aws: env::aws()?,
            config_table: env::text("CONFIG_TABLE")?,
            log_table: env::text("LOG_TABLE")?,
            admin_key_secret: env::text("ADMIN_KEY_SECRET")?,
            sealing_keys_secret: env::text("SEALING_KEYS_SECRET")?,
            egress: env::egress_rule()?,
            retention: env::retention()?,
            events_per_minute: env::number("TENANT_EVENTS_PER_MINUTE")?,
            ordered_delivery: env::text("ORDERED_DELIVERY")? == "true",
            api_url: env::text("API_URL")?,
        })
    }
}
