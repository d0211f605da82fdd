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
use crate::turns::Round;

/// Subscriptions removed in one step.
const REMOVED: usize = 100;
/// Rows that are written at the same time.
const CONCURRENT_WRITES: usize = 20;

/// The place where an erasure goes on within the rows of all shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Behind this row of the same shard.
    After(EventId),
    /// At the start of this shard.
    Shard(u8),
    /// Nowhere: all shards were looked through.
    End,
}

/// The part of a subscription, beside its deliveries, that an erasure removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Nothing: the subscription stays.
    Keep,
    /// What the log has of it.
    Sundries,
    /// That, and that it was ever there. Not before the second look, which has to find it.
    Everything,
}

impl Scheduler {
    /// One step of an erasure. A step that was cut short is made again, and changes nothing that it
    /// has changed already.
    pub(crate) async fn erase(&self, mut erasure: Erasure) -> Result<Round, Failure> {
        let now = clock::now();
        if !erasure.is_running() {
            self.config.end_erasure(&erasure).await?;
            return Ok(Round::Moved);
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
        Ok(Round::Moved)
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
        let events = events_meant(erasure, &step.rows);
        for some in events.chunks(CONCURRENT_WRITES) {
            try_join_all(some.iter().map(|event| self.erase_event(erasure, event))).await?;
        }
        erasure.events += events.len() as u64;
        let last = step.rows.last().map(|row| row.id);
        erasure.place = match after_rows(erasure, shard, last.filter(|_| step.more)) {
            Next::After(last) => Place::Events { shard, after: Some(last) },
            Next::Shard(shard) => Place::Events { shard, after: None },
            Next::End => Place::Subscriptions { after: None },
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
        let last = step.rows.last().copied();
        erasure.place = match after_rows(erasure, shard, last.filter(|_| step.more)) {
            Next::After(last) => Place::Deliveries { subscription, shard, after: Some(last) },
            Next::Shard(shard) => Place::Deliveries { subscription, shard, after: None },
            Next::End => {
                self.erase_rest(erasure, subscription).await?;
                Place::Subscriptions { after: Some(subscription) }
            }
        };
        Ok(())
    }

    /// Removes what is left of a subscription once its deliveries are erased.
    async fn erase_rest(
        &self,
        erasure: &Erasure,
        subscription: SubscriptionId,
    ) -> Result<(), Failure> {
        match rest(erasure) {
            Rest::Keep => {}
            Rest::Sundries => self.log.delete_sundries(subscription).await?,
            Rest::Everything => {
                self.log.delete_sundries(subscription).await?;
                self.config.forget_subscription(&erasure.tenant, subscription).await?;
            }
        }
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

/// The events of a step that the erasure is to change. An erased payload stays erased.
fn events_meant<'a>(erasure: &Erasure, rows: &'a [EventRow]) -> Vec<&'a EventRow> {
    let left = |row: &&EventRow| erasure.what == What::Everything || !row.erased;
    rows.iter().filter(|row| erasure.means(row.id)).filter(left).collect()
}

/// Decides where to go on after a step in `shard`, oldest row first. `last` is the step's last row
/// if the shard has more behind it. A row that the erasure does not mean ends the shard: those
/// behind it are younger.
fn after_rows(erasure: &Erasure, shard: u8, last: Option<EventId>) -> Next {
    match last.filter(|last| erasure.means(*last)) {
        Some(last) => Next::After(last),
        None if shard + 1 < SHARDS => Next::Shard(shard + 1),
        None => Next::End,
    }
}

fn rest(erasure: &Erasure) -> Rest {
    match (erasure.what, erasure.look) {
        (What::Payloads, _) => Rest::Keep,
        (What::Everything, ..=1) => Rest::Sundries,
        (What::Everything, 2..) => Rest::Everything,
    }
}

#[cfg(test)]
mod tests;
