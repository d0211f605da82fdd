//! Bulk resends: found, sent and followed, a window at a time.

use std::time::Duration;

use futures_util::future::try_join_all;
use shared::core::bulk_resend::{BulkResend, State, Which};
use shared::core::delivery::{Delivery, Status};
use shared::core::event::Event;
use shared::core::id::EventId;
use shared::core::page::{Cursor, Order, PageRequest};
use shared::core::subscription::{self, Subscription};
use shared::core::tenant::days;
use shared::core::timestamp::Timestamp;
use shared::edges::clock;
use shared::edges::failure::Failure;
use shared::edges::queue::messages::DeliveryTask;
use shared::edges::store::Saved;
use shared::edges::store::wanted::Wanted;

use crate::Scheduler;

/// Rows that one look at many deliveries takes (`BatchGetItem`).
const LOOKED_AT: usize = 100;
/// Rows that are written at the same time.
const CONCURRENT_WRITES: usize = 20;
/// Deliveries of a page at most; and events, which come with their payloads.
const PAGE: usize = 250;
const PAGE_OF_EVENTS: usize = 50;
/// What is under way for longer is sent again: its message may have been lost. A duplicate is
/// dropped.
const SENT_AGAIN_AFTER: Duration = Duration::from_mins(30);
/// How long one that was cancelled is followed: what was in the queue is counted, but nobody waits
/// for it for ever.
const FOLLOWED_FOR: Duration = Duration::from_mins(5);
/// What went to the subscription and has no row may be in the queue for its first attempt, which is
/// left to make it for so long; and where it is not on record whether it went, only guessed, for so
/// long.
const FIRST_ATTEMPT_WITHIN: Duration = Duration::from_hours(24);
const GUESSED_WITHIN: Duration = Duration::from_hours(1);
/// In order it waits in the queue until its turn comes, as long as SQS keeps it.
const IN_ORDER_WITHIN: Duration = Duration::from_hours(14 * 24);

impl Scheduler {
    /// One step of a bulk resend; answers whether it got on.
    pub(crate) async fn resend(&self, mut resend: BulkResend) -> Result<bool, Failure> {
        let (before, now) = (resend.clone(), clock::now());
        if !resend.planned.is_empty() {
            // Another run sends it at this moment, or a crash has left it.
            if resend.claimed_at.until(now) < self.tick {
                return Ok(false);
            }
            resend.claimed_at = now;
            if self.config.save_resend(&mut resend).await? == Saved::Lost {
                return Ok(false);
            }
            self.send_planned(&mut resend).await?;
        }
        let rows = self.rows(&resend, &resend.under_way).await?;
        resend.follow(&rows);
        if resend.state == State::Running {
            match self.config.subscription(&resend.tenant, resend.subscription).await? {
                Some(found) if found.status == subscription::Status::Disabled => {
                    resend.cancel("the subscription was disabled", now);
                }
                Some(found) if !self.send_more(&mut resend, &found, now).await? => {
                    return Ok(false);
                }
                Some(_) => resend.end_if_done(now),
                None => resend.cancel("the subscription was deleted", now),
            }
        }
        let moved = resend != before;
        if moved {
            resend.updated_at = now;
            if self.config.save_resend(&mut resend).await? == Saved::Lost {
                return Ok(false);
            }
        }
        if resend
            .finished_at
            .is_some_and(|at| resend.under_way.is_empty() || at.until(now) > FOLLOWED_FOR)
        {
            self.log.put_resend(&resend).await?;
            self.config.end_resend(&resend).await?;
        }
        Ok(moved)
    }

    /// Plans as many as there is room for, writes the plan down, and sends it; `false` if somebody
    /// else changed the resend meanwhile.
    async fn send_more(
        &self,
        resend: &mut BulkResend,
        subscription: &Subscription,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        if !resend.under_way.is_empty() && resend.planned_at.until(now) > SENT_AGAIN_AFTER {
            resend.planned = std::mem::take(&mut resend.under_way);
            resend.sent -= resend.planned.len() as u64;
        } else if !resend.looked_through {
            match resend.room(subscription.policy()?.rate_limit_per_minute) {
                0 => return Ok(true),
                room => self.plan(resend, subscription, room, now).await?,
            }
        }
        if resend.planned.is_empty() {
            return Ok(true);
        }
        (resend.planned_at, resend.claimed_at) = (now, now);
        if self.config.save_resend(resend).await? == Saved::Lost {
            return Ok(false);
        }
        self.send_planned(resend).await?;
        Ok(true)
    }

    /// Looks at the next page for what is to be sent again.
    async fn plan(
        &self,
        resend: &mut BulkResend,
        subscription: &Subscription,
        limit: usize,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let retention = self.config.revision(&resend.tenant).await?.retention_days.map(days);
        let kept_since = now.before(retention.unwrap_or(self.retention).min(self.retention));
        let range = (resend.request.from.unwrap_or(kept_since).max(kept_since), resend.to);
        let cursor = resend.position.map(|event| Cursor::after(event.to_string()));
        let most = if resend.request.which == Which::Failed { PAGE } else { PAGE_OF_EVENTS };
        let limit = u16::try_from(limit.min(most)).unwrap_or(u16::MAX);
        let page = PageRequest { limit, cursor, order: Order::Ascending };
        let (found, next, last) = if resend.request.which == Which::Failed {
            let wanted = Wanted::of(&[Status::Exhausted, Status::Cancelled, Status::Pending]);
            let page = self.log.deliveries(subscription.id, &wanted, range, &page, now).await?;
            let wanted =
                |row: &&Delivery| resend.wants_type(&row.event_type) && BulkResend::is_failed(row);
            let found: Vec<_> = page.items.iter().filter(wanted).map(|row| row.event).collect();
            (found, page.next, page.items.last().map(|row| row.event))
        } else {
            let page = self.log.events(&resend.tenant, None, range, &page, now).await?;
            let found = self.chosen(resend, subscription, &page.items, now).await?;
            (found, page.next, page.items.last().map(|event| event.id))
        };
        resend.looked_through = next.is_none();
        resend.position =
            next.and_then(|next| next.sort().parse().ok()).or(last).or(resend.position);
        resend.found += found.len() as u64;
        resend.planned = found;
        Ok(())
    }

    /// Those of a page of events that a resend of missing ones, or of all, sends.
    async fn chosen(
        &self,
        resend: &BulkResend,
        subscription: &Subscription,
        events: &[Event],
        now: Timestamp,
    ) -> Result<Vec<EventId>, Failure> {
        let wanted = |event: &&Event| {
            let name = &event.event_type;
            event.payload.is_some() && subscription.filter.matches(name) && resend.wants_type(name)
        };
        let wanted: Vec<_> = events.iter().filter(wanted).collect();
        let ids: Vec<_> = wanted.iter().map(|event| event.id).collect();
        let rows = self.rows(resend, &ids).await?;
        let on_its_way = |event: &Event| {
            let (went, within) = match &event.subscriptions {
                Some(listed) => (listed.contains(&subscription.id), FIRST_ATTEMPT_WITHIN),
                None => (subscription.id.timestamp() <= event.id.timestamp(), GUESSED_WITHIN),
            };
            let within = if subscription.ordered { IN_ORDER_WITHIN } else { within };
            went && event.id.timestamp().until(now) < within
        };
        let chosen = |event: &&&Event| {
            let went = rows.iter().any(|row| row.event == event.id);
            if went { resend.request.which == Which::All } else { !on_its_way(event) }
        };
        Ok(wanted.iter().filter(chosen).map(|event| event.id).collect())
    }

    /// Sends what is planned, but for what a crash has left behind sent. Of a resend that has
    /// ended, only what is marked already: nobody else would make that attempt.
    async fn send_planned(&self, resend: &mut BulkResend) -> Result<(), Failure> {
        let mut planned = std::mem::take(&mut resend.planned);
        let rows = self.rows(resend, &planned).await?;
        let row = |event: EventId| rows.iter().find(|row| row.event == event);
        if resend.state != State::Running {
            let found = planned.len();
            planned.retain(|event| {
                row(*event).is_some_and(|row| row.resend == Some(resend.id) || resend.was_made(row))
            });
            resend.found -= (found - planned.len()) as u64;
        }
        for some in planned.chunks(CONCURRENT_WRITES) {
            let marked =
                try_join_all(some.iter().map(|event| self.mark(resend, *event, row(*event))))
                    .await?;
            let tasks = some.iter().zip(marked).filter(|(_, marked)| *marked).map(|(event, _)| {
                let (tenant, subscription) = (resend.tenant.clone(), resend.subscription);
                DeliveryTask::of_row(tenant, subscription, *event, Some(resend.id)).outgoing(0)
            });
            let tasks = tasks.collect::<Result<_, _>>()?;
            self.queue.send_all(tasks).await?;
        }
        resend.sent += planned.len() as u64;
        resend.under_way.extend(planned);
        Ok(())
    }

    /// Notes in a delivery's row that it is to be sent again, and makes a row for one that was
    /// never due; answers whether to send it.
    async fn mark(
        &self,
        resend: &BulkResend,
        event: EventId,
        row: Option<&Delivery>,
    ) -> Result<bool, Failure> {
        match row {
            Some(row) if resend.was_made(row) => Ok(false),
            // Its message waits for a slot under the rate limit.
            Some(row) if row.resend == Some(resend.id) => {
                Ok(row.resend_slot_at.is_none_or(|at| at <= clock::now()))
            }
            // It came by itself meanwhile, or is wanted no more.
            Some(row) => match resend.request.which {
                Which::Missing => Ok(false),
                Which::Failed if !BulkResend::is_failed(row) => Ok(false),
                Which::Failed | Which::All => {
                    Ok(self.log.ask_resend(resend.subscription, event, resend.id).await?
                        == Saved::Saved)
                }
            },
            None => {
                let now = clock::now();
                let Some(found) = self.log.event(&resend.tenant, event, now).await? else {
                    return Ok(false);
                };
                let mut row = found.delivery(&resend.tenant, resend.subscription, now);
                row.resend = Some(resend.id);
                Ok(self.log.save_delivery(&row).await? == Saved::Saved)
            }
        }
    }

    async fn rows(
        &self,
        resend: &BulkResend,
        events: &[EventId],
    ) -> Result<Vec<Delivery>, Failure> {
        let mut rows = Vec::with_capacity(events.len());
        for some in events.chunks(LOOKED_AT) {
            rows.extend(self.log.deliveries_to(resend.subscription, some, clock::now()).await?);
        }
        Ok(rows)
    }
}
