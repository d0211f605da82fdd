//! The environment: the only module that reads it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::core::endpoint::address::{EgressRule, Ports};
use crate::edges::aws::{AwsHttpClient, AwsSettings};
use crate::edges::store::{ConfigStore, LogStore};

/// A variable that is missing or does not read. Names it and says what is wanted, never what it
/// holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("environment variable {name}: {wanted}")]
pub struct EnvError {
    name: &'static str,
    wanted: String,
}

/// A variable that must be there.
pub fn text(name: &'static str) -> Result<String, EnvError> {
    optional(name).ok_or_else(|| EnvError { name, wanted: "must be set".to_owned() })
}

/// A variable that may be absent; empty counts as absent.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is where the environment enters")]
pub fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A whole number.
pub fn number<T: FromStr>(name: &'static str) -> Result<T, EnvError> {
    text(name)?
        .parse()
        .map_err(|_| EnvError { name, wanted: "a whole number is wanted".to_owned() })
}

/// `RETENTION_DAYS`.
pub fn retention() -> Result<Duration, EnvError> {
    Ok(Duration::from_hours(24 * number::<u64>("RETENTION_DAYS")?))
}

/// `EGRESS_ALLOW`, absent for the public Internet alone; `EGRESS_PORTS`, absent for 443 alone.
pub fn egress_rule() -> Result<EgressRule, EnvError> {
    let rule = parsed("EGRESS_ALLOW", EgressRule::parse)?.unwrap_or_default();
    Ok(rule.with_ports(parsed("EGRESS_PORTS", Ports::parse)?.unwrap_or_default()))
}

/// A variable that may be absent, and reads in a way of its own.
pub fn parsed<T, E: fmt::Display>(
    name: &'static str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, EnvError> {
    let value = optional(name).map(|text| parse(&text)).transpose();
    value.map_err(|error| EnvError { name, wanted: error.to_string() })
}

/// The variables of every function that works on the record: AWS, the two tables, and how long the
/// log keeps its rows.
#[derive(Debug)]
pub struct Tables {
    /// The settings of all AWS clients.
    pub aws: AwsSettings,
    /// `RETENTION_DAYS`.
    pub retention: Duration,
    config: String,
    log: String,
}

impl Tables {
    /// Reads them; an error names the variable.
    pub fn from_env() -> Result<Self, EnvError> {
        Ok(Self {
            aws: aws()?,
            retention: retention()?,
            config: text("CONFIG_TABLE")?,
            log: text("LOG_TABLE")?,
        })
    }

    /// The two stores, over one client.
    #[must_use]
    pub fn open(&self) -> (ConfigStore, LogStore) {
        let dynamodb = self.aws.dynamodb();
        let log = LogStore::new(dynamodb.clone(), self.log.clone(), self.retention);
        (ConfigStore::new(dynamodb, self.config.clone()), log)
    }
}

/// What the AWS clients need: the region and credentials that Lambda gives, and the endpoints of a
/// local stack.
pub fn aws() -> Result<AwsSettings, EnvError> {
    let shared = optional("AWS_ENDPOINT_URL");
    Ok(AwsSettings {
        region: text("AWS_REGION")?,
        access_key_id: text("AWS_ACCESS_KEY_ID")?,
        secret_access_key: text("AWS_SECRET_ACCESS_KEY")?,
        session_token: optional("AWS_SESSION_TOKEN"),
        dynamodb_endpoint: optional("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| shared.clone()),
        sqs_endpoint: optional("AWS_ENDPOINT_URL_SQS").or_else(|| shared.clone()),
        secrets_manager_endpoint: optional("AWS_ENDPOINT_URL_SECRETS_MANAGER").or(shared),
        http: AwsHttpClient::new(),
    })
}

#[cfg(test)]
mod tests;
