//! The environment of this function.

use shared::edges::aws::AwsSettings;
use shared::edges::env::{self, EnvError};

use crate::tenants::Terms;

/// Read once, at start.
#[derive(Debug)]
pub struct Config {
    pub(crate) aws: AwsSettings,
    pub(crate) config_table: String,
    pub(crate) admin_key_secret: String,
    pub(crate) terms: Terms,
    /// The address of the API, for links to the tenants' page.
    pub(crate) api_url: String,
}

impl Config {
    /// Reads it; an error names the variable.
    pub fn from_env() -> Result<Self, EnvError> {
        Ok(Self {
            aws: env::aws()?,
            config_table: env::text("CONFIG_TABLE")?,
            admin_key_secret: env::text("ADMIN_KEY_SECRET")?,
            terms: Terms {
                retention: env::retention()?,
                events_per_minute: env::number("TENANT_EVENTS_PER_MINUTE")?,
                ordered_delivery: env::text("ORDERED_DELIVERY")? == "true",
            },
            api_url: env::text("API_URL")?,
        })
    }
}
