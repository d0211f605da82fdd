//! Slots for subscriptions with a rate limit, handed out once in the whole deployment: each is one conditional write.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use shared::id::SubscriptionId;
use shared::store::paces::StoredPace;
use shared::store::{LogStore, Saved};
use shared::timestamp::Timestamp;

use crate::failure::Failure;

/// Tries against other processes that take slots of the same subscription. Within a process they stand in line.
const ROUNDS: usize = 20;
/// Subscriptions whose pace is remembered; a full memory starts over.
const CAPACITY: usize = 5_000;

type Remembered = Arc<tokio::sync::Mutex<Option<StoredPace>>>;

#[derive(Debug)]
pub struct Pacer {
    log: LogStore,
    paces: Mutex<HashMap<SubscriptionId, Remembered>>,
}

impl Pacer {
    pub fn new(log: LogStore) -> Self {
        Self { log, paces: Mutex::new(HashMap::new()) }
    }

    /// The next slot of a subscription, `now` or later. A slot that is not used is lost, and delays others a little.
    pub async fn take(&self, subscription: SubscriptionId, limit: u32, now: Timestamp) -> Result<Timestamp, Failure> {
        let remembered = self.remembered(subscription);
        // Held across the write: who comes next goes on from it, instead of losing against it.
        let mut latest = remembered.lock().await;
        for _ in 0..ROUNDS {
            let mut stored = match latest.take() {
                Some(known) => known,
                None => self.log.pace(subscription).await?,
            };
            let slot = stored.pace.take(limit, now);
            if self.log.save_pace(subscription, &mut stored).await? == Saved::Saved {
                *latest = Some(stored);
                return Ok(slot);
            }
        }
        Err(Failure::Contended)
    }

    fn remembered(&self, subscription: SubscriptionId) -> Remembered {
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        if paces.len() >= CAPACITY {
            paces.clear();
        }
        Arc::clone(paces.entry(subscription).or_default())
    }
}
