//! Slots for subscriptions with a rate limit, handed out once in the whole deployment: by
//! conditional writes, each for all that stand in line for one in this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::core::id::SubscriptionId;
use shared::core::timestamp::Timestamp;
use shared::edges::clock;
use shared::edges::store::paces::StoredPace;
use shared::edges::store::{LogStore, Saved};
use tokio::sync::oneshot;

use shared::edges::failure::Failure;

/// Tries against other processes that take slots of the same subscription.
const ROUNDS: u32 = 12;
/// The longest pause after a lost try; the pauses grow, and chance parts those that lost together.
const LONGEST_PAUSE: Duration = Duration::from_millis(200);
/// Subscriptions whose pace is remembered; a full memory starts over.
const CAPACITY: usize = 5_000;

#[derive(Debug)]
pub struct Pacer {
    log: LogStore,
    lines: Mutex<HashMap<SubscriptionId, Arc<Line>>>,
}

/// Who waits for a slot of one subscription.
#[derive(Debug, Default)]
struct Line {
    waiting: Mutex<Vec<oneshot::Sender<Timestamp>>>,
    /// The pace as this process last wrote it; whoever holds it takes the slots.
    latest: tokio::sync::Mutex<Option<StoredPace>>,
}

impl Pacer {
    pub fn new(log: LogStore) -> Self {
        Self { log, lines: Mutex::new(HashMap::new()) }
    }

    /// The next slot of a subscription; `None` if others took slots each time that one was to be
    /// taken here. A slot that is not used is lost, and delays others a little.
    pub async fn take(
        &self,
        subscription: SubscriptionId,
        limit: u32,
    ) -> Result<Option<Timestamp>, Failure> {
        let line = self.line(subscription);
        let (give, mut get) = oneshot::channel();
        lock(&line.waiting).push(give);
        let mut latest = line.latest.lock().await;
        match get.try_recv() {
            Err(oneshot::error::TryRecvError::Empty) => {}
            // Who was in front took a slot for this one as well, or tried in vain.
            taken => return Ok(taken.ok()),
        }
        let waiting = std::mem::take(&mut *lock(&line.waiting));
        for round in 0..ROUNDS {
            let mut stored = match latest.take() {
                Some(known) => known,
                None => self.log.pace(subscription).await?,
            };
            let now = clock::now();
            let slots: Vec<_> = waiting.iter().map(|_| stored.pace.take(limit, now)).collect();
            if self.log.save_pace(subscription, &mut stored).await? == Saved::Saved {
                *latest = Some(stored);
                for (waiting, slot) in waiting.into_iter().zip(slots) {
                    // One that is gone leaves its slot unused.
                    let _ = waiting.send(slot);
                }
                return Ok(get.try_recv().ok());
            }
            let pause = Duration::from_millis(4).saturating_mul(1 << round).min(LONGEST_PAUSE);
            tokio::time::sleep(pause.mul_f64(clock::random_share())).await;
        }
        Ok(None)
    }

    fn line(&self, subscription: SubscriptionId) -> Arc<Line> {
        let mut lines = lock(&self.lines);
        if lines.len() >= CAPACITY {
            lines.clear();
        }
        Arc::clone(lines.entry(subscription).or_default())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
