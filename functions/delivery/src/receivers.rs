//! Subscriptions as delivery needs them: secrets open, policy laid out; cached, and never older than the task.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use shared::cache::Cache;
use shared::custom_headers::CustomHeaders;
use shared::endpoint::Endpoint;
use shared::id::SubscriptionId;
use shared::profile::Policy;
use shared::queue::messages::DeliveryTask;
use shared::sealing::SealingKeys;
use shared::signature::Secret;
use shared::store::{ConfigStore, Saved};
use shared::subscription::{Status, Subscription};
use shared::timestamp::Timestamp;

use crate::ROUNDS;
use crate::failure::Failure;

/// How long a first attempt may use what was read before; a task made after a change sees it at once all the same.
const LIFETIME: Duration = Duration::from_secs(5);
const CACHED: usize = 20_000;

/// A subscription, ready for attempts.
#[derive(Debug)]
pub struct Receiver {
    version: u64,
    pub status: Status,
    pub endpoint: Endpoint,
    pub policy: Policy,
    pub headers: HeaderMap,
    /// Each with the time until which it signs; the current one has none.
    secrets: Vec<(Secret, Option<Timestamp>)>,
}

impl Receiver {
    /// The secrets that sign an attempt at `now`, current first.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &Secret> {
        self.secrets.iter().filter(move |(_, until)| until.is_none_or(|until| now < until)).map(|(secret, _)| secret)
    }
}

#[derive(Debug)]
pub struct Receivers {
    store: ConfigStore,
    sealing_keys: SealingKeys,
    cache: Cache<SubscriptionId, Receiver>,
}

impl Receivers {
    pub fn new(store: ConfigStore, sealing_keys: SealingKeys) -> Self {
        Self { store, sealing_keys, cache: Cache::new(LIFETIME, CACHED) }
    }

    /// The task's subscription; `None` if it was deleted. A retry reads it anew, so that what was paused, deleted or
    /// moved since gets none; and so does one that is not active, for what is held or cancelled on its account stays so.
    pub async fn find(
        &self,
        task: &DeliveryTask,
        first: bool,
        now: Timestamp,
    ) -> Result<Option<Arc<Receiver>>, Failure> {
        let cached = self.cache.get(&task.subscription, now).filter(|_| first);
        let usable = |receiver: &Arc<Receiver>| receiver.version >= task.version && receiver.status == Status::Active;
        if let Some(receiver) = cached.filter(usable) {
            return Ok(Some(receiver));
        }
        let Some(found) = self.store.subscription(&task.tenant, task.subscription).await? else { return Ok(None) };
        let receiver = self.open(&found)?;
        Ok(Some(self.cache.put(task.subscription, receiver, now)))
    }

    /// Disables the task's subscription because its receiver answered `status`.
    pub async fn disable(&self, task: &DeliveryTask, status: u16, now: Timestamp) -> Result<(), Failure> {
        for _ in 0..ROUNDS {
            let found = self.store.subscription(&task.tenant, task.subscription).await?;
            let Some(mut subscription) = found.filter(|found| found.status != Status::Disabled) else { return Ok(()) };
            subscription.status = Status::Disabled;
            subscription.status_reason = Some(format!("the receiver answered {status} at {now}"));
            subscription.updated_at = now;
            if self.store.save_subscription(&subscription, None).await? == Saved::Saved {
                tracing::warn!(subscription = %subscription.id, status, "a subscription was disabled");
                return Ok(());
            }
        }
        Err(Failure::Contended)
    }

    fn open(&self, subscription: &Subscription) -> Result<Receiver, Failure> {
        let owner = subscription.id.to_string();
        let secret = |sealed| {
            let text = self.sealing_keys.open(&owner, sealed)?;
            text.parse::<Secret>().map_err(|_| Failure::Subscription("secret"))
        };
        let mut secrets = vec![(secret(&subscription.secrets.current)?, None)];
        if let Some((previous, until)) = &subscription.secrets.previous {
            secrets.push((secret(previous)?, Some(*until)));
        }
        let mut headers = HeaderMap::new();
        if let Some(sealed) = &subscription.headers {
            let json = self.sealing_keys.open(&owner, sealed)?;
            let custom: CustomHeaders = serde_json::from_str(&json).map_err(|_| Failure::Subscription("headers"))?;
            for (name, value) in custom.iter() {
                let name = HeaderName::try_from(name).map_err(|_| Failure::Subscription("headers"))?;
                let mut value = HeaderValue::try_from(value).map_err(|_| Failure::Subscription("headers"))?;
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        Ok(Receiver {
            version: subscription.version,
            status: subscription.status,
            endpoint: subscription.endpoint.clone(),
            policy: subscription.policy(),
            headers,
            secrets,
        })
    }
}
