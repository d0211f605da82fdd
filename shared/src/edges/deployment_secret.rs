//! The deployment's own secrets, in Secrets Manager: read when a function starts, and again when
//! they may have changed.
//!
//! They are in no environment variable, for whoever may read a function's configuration reads
//! those; and they cost a start nothing but one call, made while connections to the other services
//! are opened.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use tokio::time::timeout;

use crate::core::access::api_key::AdminKeys;
use crate::core::access::portal_token::PortalToken;
use crate::core::sealing::SealingKeys;
use crate::core::subscription::Subscription;
use crate::core::timestamp::Timestamp;
use crate::edges::aws::{AwsSettings, detail};
use crate::edges::clock;

/// For so long a secret that was changed may be taken for what it was.
const LIFETIME: Duration = Duration::from_secs(30);
/// A secret that lacks what is wanted of it is read again no sooner than this.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// For so long somebody waits for it to be read again, who can do with what is known.
const PATIENCE: Duration = Duration::from_secs(2);

/// A secret of the deployment, as it was last read. `Debug` does not show it.
pub struct DeploymentSecret<T> {
    client: Client,
    id: String,
    known: Mutex<Known<T>>,
    /// Held by who reads it again: others wait for that.
    reading: tokio::sync::Mutex<()>,
}

struct Known<T> {
    value: Arc<T>,
    /// When somebody last went to read it.
    read_at: Timestamp,
}

/// A secret could not be read, or is not what it should be. Does not say what it holds.
#[derive(Debug, Clone, thiserror::Error)]
#[error("secret {id}: {reason}")]
pub struct SecretError {
    id: String,
    reason: String,
}

impl<T: FromStr<Err: fmt::Display>> DeploymentSecret<T> {
    /// Reads the secret of this ARN.
    pub async fn read(aws: &AwsSettings, id: String) -> Result<Self, SecretError> {
        let (client, now) = (aws.secrets_manager(), clock::now());
        let value = Arc::new(fetch(&client, &id).await?);
        Ok(Self {
            client,
            id,
            known: Mutex::new(Known { value, read_at: now }),
            reading: tokio::sync::Mutex::new(()),
        })
    }

    /// The secret as it was last read.
    #[must_use]
    pub fn known(&self) -> Arc<T> {
        Arc::clone(&self.known.lock().unwrap_or_else(PoisonError::into_inner).value)
    }

    /// The secret as it was half a minute ago, or later.
    pub async fn current(&self, now: Timestamp) -> Arc<T> {
        self.newer_than(LIFETIME, now).await
    }

    /// Reads it again if that was last done so long ago. Where that fails, what is known holds on.
    async fn newer_than(&self, age: Duration, now: Timestamp) -> Arc<T> {
        let _reading = self.reading.lock().await;
        {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.read_at.after(age) > now {
                return Arc::clone(&known.value);
            }
            known.read_at = now;
        }
        match timeout(PATIENCE, fetch(&self.client, &self.id)).await {
            Ok(Ok(value)) => {
                self.known.lock().unwrap_or_else(PoisonError::into_inner).value = Arc::new(value);
            }
            Ok(Err(failure)) => {
                tracing::error!(%failure, "a secret was not read again, and is taken for what it was");
            }
            Err(_) => tracing::error!(
                secret = self.id,
                "a secret is not answered, and is taken for what it was"
            ),
        }
        self.known()
    }
}

impl DeploymentSecret<SealingKeys> {
    /// The keys; read again if the subscription's secrets were sealed under one that is not among
    /// them: a new one was put in front, and another function knows it already.
    pub async fn for_subscription(
        &self,
        subscription: &Subscription,
        now: Timestamp,
    ) -> Arc<SealingKeys> {
        let keys = self.known();
        if subscription.sealed().all(|sealed| keys.knows(sealed)) {
            return keys;
        }
        self.newer_than(AGAIN_AFTER, now).await
    }
}

impl DeploymentSecret<AdminKeys> {
    /// What a portal token says; the keys are read again if none of them has signed it: a new one
    /// was put in front, and another function knows it already.
    pub async fn open(&self, token: &str, now: Timestamp) -> Option<PortalToken> {
        let opened = self.current(now).await.open(token);
        if opened.is_some() { opened } else { self.newer_than(AGAIN_AFTER, now).await.open(token) }
    }
}

impl<T> fmt::Debug for DeploymentSecret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeploymentSecret({})", self.id)
    }
}

async fn fetch<T: FromStr<Err: fmt::Display>>(client: &Client, id: &str) -> Result<T, SecretError> {
    let failed = |reason: String| SecretError { id: id.to_owned(), reason };
    let answer = client.get_secret_value().secret_id(id).send().await;
    let answer = answer.map_err(|error| failed(detail(&error)))?;
    let text = answer.secret_string().ok_or_else(|| failed("it is no text".to_owned()))?;
    text.parse().map_err(|error: T::Err| failed(error.to_string()))
}

#[cfg(test)]
mod tests;
