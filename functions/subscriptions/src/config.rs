//! What this function is told by its environment.

use std::time::Duration;

use shared::address::EgressRule;
use shared::api_key::KeyHash;
use shared::aws::AwsSettings;
use shared::env::{self, EnvError};
use shared::sealing::SealingKeys;

/// Read once, at start.
#[derive(Debug)]
pub struct Config {
    pub(crate) aws: AwsSettings,
    pub(crate) config_table: String,
    pub(crate) log_table: String,
    pub(crate) admin_key: KeyHash,
    pub(crate) sealing_keys: SealingKeys,
    pub(crate) egress: EgressRule,
    pub(crate) retention: Duration,
}

impl Config {
    /// Reads it; an error names the variable.
    pub fn from_env() -> Result<Self, EnvError> {
        Ok(Self {
            aws: env::aws()?,
            config_table: env::text("CONFIG_TABLE")?,
            log_table: env::text("LOG_TABLE")?,
            admin_key: env::admin_key()?,
            sealing_keys: env::sealing_keys()?,
            egress: env::egress_rule()?,
            retention: env::retention()?,
        })
    }
}
