//! Subscriptions as delivery needs them: cached, and never older than the task.

use std::sync::Arc;
use std::time::Duration;

use shared::core::id::SubscriptionId;
use shared::core::sealing::SealingKeys;
use shared::core::subscription::Status;
use shared::core::timestamp::Timestamp;
use shared::edges::cache::Cache;
use shared::edges::deployment_secret::DeploymentSecret;
use shared::edges::queue::messages::DeliveryTask;
use shared::edges::receiver::Receiver;
use shared::edges::store::ConfigStore;

use shared::edges::failure::Failure;

/// How long a first attempt may use what was read before; a task made after a change sees it at
/// once all the same.
const LIFETIME: Duration = Duration::from_secs(5);
const CACHED: usize = 20_000;

#[derive(Debug)]
pub struct Receivers {
    store: ConfigStore,
    sealing_keys: DeploymentSecret<SealingKeys>,
    cache: Cache<SubscriptionId, Receiver>,
}

impl Receivers {
    pub fn new(store: ConfigStore, sealing_keys: DeploymentSecret<SealingKeys>) -> Self {
        Self { store, sealing_keys, cache: Cache::new(LIFETIME, CACHED) }
    }

    /// The task's subscription; `None` if it was deleted. A retry reads it anew, so that what was
    /// paused, deleted or moved since gets none; and so does one that is not active, or fails, for
    /// what is held or cancelled on its account stays so.
    pub async fn find(
        &self,
        task: &DeliveryTask,
        first: bool,
        now: Timestamp,
    ) -> Result<Option<Arc<Receiver>>, Failure> {
        let cached = self.cache.get(&task.subscription, now).filter(|_| first);
        let usable = |receiver: &Arc<Receiver>| {
            receiver.version >= task.version
                && receiver.status == Status::Active
                && !receiver.is_failing()
        };
        if let Some(receiver) = cached.filter(usable) {
            return Ok(Some(receiver));
        }
        let Some(found) = self.store.subscription(&task.tenant, task.subscription).await? else {
            return Ok(None);
        };
        let keys = self.sealing_keys.for_subscription(&found, now).await;
        let receiver = Receiver::open(&found, &keys)?;
        Ok(Some(self.cache.put(task.subscription, receiver, now)))
    }

    /// What is known of the subscription is no longer so: the next attempt reads it anew.
    pub fn forget(&self, subscription: SubscriptionId) {
        self.cache.remove(&subscription);
    }
}
