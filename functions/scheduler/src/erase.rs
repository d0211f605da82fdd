//! Erasures: everything of a tenant looked at twice, a hundred rows a step, what is to go removed.

use futures_util::future::try_join_all;
use shared::core::erasure::{Erasure, Place, What};
use shared::core::id::{EventId, SubscriptionId};
use shared::edges::clock;
use shared::edges::failure::Failure;
use shared::edges::store::deliveries::Change;
use shared::edges::store::events::EventRow;
use shared::edges::store::{SHARDS, Saved};

use crate::Scheduler;

/// Subscriptions removed in one step.
const REMOVED: usize = 100;
/// Rows that are written at the same time.
const CONCURRENT_WRITES: usize = 20;

impl Scheduler {
    /// One step of an erasure; answers whether it got on. A step that was cut short is made again,
    /// and changes nothing that it has changed already.
    pub(crate) async fn erase(&self, mut erasure: Erasure) -> Result<bool, Failure> {
        let now = clock::now();
        if !erasure.is_running() {
            self.config.end_erasure(&erasure).await?;
            return Ok(true);
        }
        match erasure.place {
            Place::Setup => self.set_up(&mut erasure).await?,
            Place::Events { shard, after } => self.erase_events(&mut erasure, shard, after).await?,
            Place::Subscriptions { after } => {
                match self.config.next_subscription(&erasure.tenant, after).await? {
                    Some(subscription) => {
                        erasure.subscriptions += 1;
                        erasure.place = Place::Deliveries { subscription, shard: 0, after: None };
                    }
                    None => erasure.end_look(now),
                }
            }
            Place::Deliveries { subscription, shard, after } => {
                self.erase_deliveries(&mut erasure, subscription, shard, after).await?;
            }
        }
        erasure.updated_at = now;
        if self.config.save_erasure(&mut erasure).await? == Saved::Saved && !erasure.is_running() {
            self.config.end_erasure(&erasure).await?;
        }
        Ok(true)
    }

    /// Where everything goes, keys and subscriptions go first.
    async fn set_up(&self, erasure: &mut Erasure) -> Result<(), Failure> {
        let kept_until = clock::now().after(self.retention);
        let removed = erasure.what == What::Payloads
            || self
                .config
                .remove_keys_and_subscriptions(&erasure.tenant, REMOVED, kept_until)
                .await?;
        if removed {
            erasure.place = Place::Events { shard: 0, after: None };
        }
        Ok(())
    }

    async fn erase_events(
        &self,
        erasure: &mut Erasure,
        shard: u8,
        after: Option<EventId>,
    ) -> Result<(), Failure> {
        let step = self.log.event_rows(&erasure.tenant, shard, after).await?;
        let left = |event: &&EventRow| erasure.what == What::Everything || !event.erased;
        let meant = step.rows.iter().filter(|event| erasure.means(event.id));
        let events: Vec<_> = meant.filter(left).collect();
        for some in events.chunks(CONCURRENT_WRITES) {
            try_join_all(some.iter().map(|event| self.erase_event(erasure, event))).await?;
        }
        erasure.events += events.len() as u64;
        erasure.place = match step.rows.last() {
            Some(last) if step.more && erasure.means(last.id) => {
                Place::Events { shard, after: Some(last.id) }
            }
            _ if shard + 1 < SHARDS => Place::Events { shard: shard + 1, after: None },
            _ => Place::Subscriptions { after: None },
        };
        Ok(())
    }

    async fn erase_event(&self, erasure: &Erasure, event: &EventRow) -> Result<(), Failure> {
        match erasure.what {
            What::Everything => self.log.delete_event(&erasure.tenant, event).await?,
            What::Payloads => self.log.erase_payload(&erasure.tenant, event.id).await.map(drop)?,
        }
        Ok(())
    }

    async fn erase_deliveries(
        &self,
        erasure: &mut Erasure,
        subscription: SubscriptionId,
        shard: u8,
        after: Option<EventId>,
    ) -> Result<(), Failure> {
        let step = self.log.delivery_rows(subscription, shard, after).await?;
        let meant: Vec<_> =
            step.rows.iter().copied().filter(|event| erasure.means(*event)).collect();
        for some in meant.chunks(CONCURRENT_WRITES) {
            let erased = try_join_all(
                some.iter().map(|event| self.erase_delivery(erasure, subscription, *event)),
            )
            .await?;
            erasure.deliveries += erased.into_iter().filter(|erased| *erased).count() as u64;
        }
        erasure.place = match step.rows.last() {
            Some(last) if step.more && erasure.means(*last) => {
                Place::Deliveries { subscription, shard, after: Some(*last) }
            }
            _ if shard + 1 < SHARDS => {
                Place::Deliveries { subscription, shard: shard + 1, after: None }
            }
            _ => {
                if erasure.what == What::Everything {
                    self.log.delete_sundries(subscription).await?;
                    if erasure.look > 1 {
                        self.config.forget_subscription(&erasure.tenant, subscription).await?;
                    }
                }
                Place::Subscriptions { after: Some(subscription) }
            }
        };
        Ok(())
    }

    async fn erase_delivery(
        &self,
        erasure: &Erasure,
        subscription: SubscriptionId,
        event: EventId,
    ) -> Result<bool, Failure> {
        if erasure.what == What::Everything {
            self.log.delete_delivery(subscription, event).await?;
            return Ok(true);
        }
        let now = clock::now();
        let Some(row) = self.log.delivery(subscription, event, now).await? else {
            return Ok(false);
        };
        match self.log.change_delivery(row, now, |row| row.erase(now)).await? {
            Change::Changed(_) => Ok(true),
            Change::AsItWas(_) | Change::Gone => Ok(false),
            Change::Contended => Err(Failure::Contended),
        }
    }
}
