//! Bulk resends: found, sent and followed, a window at a time.

mod decide;

use futures_util::future::try_join_all;
use shared::core::bulk_resend::{BulkResend, State, Which};
use shared::core::delivery::{Delivery, Status};
use shared::core::event::Event;
use shared::core::id::EventId;
use shared::core::page::{Cursor, Order, PageRequest};
use shared::core::subscription::{Status as Standing, Subscription};
use shared::core::tenant::days;
use shared::core::timestamp::Timestamp;
use shared::edges::clock;
use shared::edges::failure::Failure;
use shared::edges::queue::messages::DeliveryTask;
use shared::edges::store::Saved;
use shared::edges::store::wanted::Wanted;

use crate::Scheduler;
use crate::turns::Round;
use decide::{Mark, More, Start, Target};

/// Rows that one look at many deliveries takes (`BatchGetItem`).
const LOOKED_AT: usize = 100;
/// Rows that are written at the same time.
const CONCURRENT_WRITES: usize = 20;
/// Deliveries of a page at most; and events, which come with their payloads.
const PAGE: usize = 250;
const PAGE_OF_EVENTS: usize = 50;

impl Scheduler {
    /// One step of a bulk resend.
    pub(crate) async fn resend(&self, mut resend: BulkResend) -> Result<Round, Failure> {
        let (before, now) = (resend.clone(), clock::now());
        match decide::start(&resend, self.tick, now) {
            Start::Free => {}
            Start::Busy => return Ok(Round::Stood),
            Start::TakeOver => {
                resend.claimed_at = now;
                if self.config.save_resend(&mut resend).await? == Saved::Lost {
                    return Ok(Round::Stood);
                }
                self.send_planned(&mut resend).await?;
            }
        }
        let rows = self.rows(&resend, &resend.under_way).await?;
        resend.follow(&rows);
        if resend.state == State::Running && self.run(&mut resend, now).await? == Saved::Lost {
            return Ok(Round::Stood);
        }
        let moved = resend != before;
        if moved {
            resend.updated_at = now;
            if self.config.save_resend(&mut resend).await? == Saved::Lost {
                return Ok(Round::Stood);
            }
        }
        if decide::is_over(&resend, now) {
            self.log.put_resend(&resend).await?;
            self.config.end_resend(&resend).await?;
        }
        Ok(if moved { Round::Moved } else { Round::Stood })
    }

    /// Sends more of a running resend, or ends it: done, or for what became of the subscription.
    async fn run(&self, resend: &mut BulkResend, now: Timestamp) -> Result<Saved, Failure> {
        let found = self.config.subscription(&resend.tenant, resend.subscription).await?;
        match found {
            None => resend.cancel("the subscription was deleted", now),
            Some(found) if found.status == Standing::Disabled => {
                resend.cancel("the subscription was disabled", now);
            }
            Some(found) => {
                if self.send_more(resend, &found, now).await? == Saved::Lost {
                    return Ok(Saved::Lost);
                }
                resend.end_if_done(now);
            }
        }
        Ok(Saved::Saved)
    }

    /// Plans as many as there is room for, writes the plan down, and sends it; `Lost` if somebody
    /// else changed the resend meanwhile.
    async fn send_more(
        &self,
        resend: &mut BulkResend,
        subscription: &Subscription,
        now: Timestamp,
    ) -> Result<Saved, Failure> {
        // A resend that has looked at everything ends even if its policy does not read any more.
        let rate_limit =
            if resend.looked_through { 0 } else { subscription.policy()?.rate_limit_per_minute };
        match decide::more(resend, rate_limit, now) {
            More::Nothing => {}
            More::Again => {
                resend.planned = std::mem::take(&mut resend.under_way);
                resend.sent -= resend.planned.len() as u64;
            }
            More::Look(room) => self.plan(resend, subscription, room, now).await?,
        }
        if resend.planned.is_empty() {
            return Ok(Saved::Saved);
        }
        (resend.planned_at, resend.claimed_at) = (now, now);
        let saved = self.config.save_resend(resend).await?;
        if saved == Saved::Saved {
            self.send_planned(resend).await?;
        }
        Ok(saved)
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
        let range = decide::range(resend, retention, self.retention, now);
        let cursor = resend.position.map(|event| Cursor::after(event.to_string()));
        let most = if resend.request.which == Which::Failed { PAGE } else { PAGE_OF_EVENTS };
        let limit = u16::try_from(limit.min(most)).unwrap_or(u16::MAX);
        let page = PageRequest { limit, cursor, order: Order::Ascending };
        let (found, next, last) = if resend.request.which == Which::Failed {
            let wanted = Wanted::of(&[Status::Exhausted, Status::Cancelled, Status::Pending]);
            let page = self.log.deliveries(subscription.id, &wanted, range, &page, now).await?;
            let found = decide::failed(resend, &page.items);
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
        let Subscription { id, filter, ordered, .. } = subscription;
        let target = Target { id: *id, filter, ordered: *ordered };
        let wanted = decide::wanted(resend, &target, events);
        let ids: Vec<_> = wanted.iter().map(|event| event.id).collect();
        let rows = self.rows(resend, &ids).await?;
        Ok(decide::chosen(resend, &target, &wanted, &rows, now))
    }

    /// Sends what is planned, but for what a crash has left behind sent.
    async fn send_planned(&self, resend: &mut BulkResend) -> Result<(), Failure> {
        let found = std::mem::take(&mut resend.planned);
        let rows = self.rows(resend, &found).await?;
        let row = |event: EventId| rows.iter().find(|row| row.event == event);
        let planned = decide::still_sent(resend, &found, &rows);
        resend.found -= (found.len() - planned.len()) as u64;
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

    /// Marks a planned delivery as its row wants it; answers whether to send it.
    async fn mark(
        &self,
        resend: &BulkResend,
        event: EventId,
        row: Option<&Delivery>,
    ) -> Result<bool, Failure> {
        let now = clock::now();
        let marked = match decide::mark(resend, row, now) {
            Mark::Skip => return Ok(false),
            Mark::Send => return Ok(true),
            Mark::Ask => self.log.ask_resend(resend.subscription, event, resend.id).await?,
            Mark::Make => {
                let Some(found) = self.log.event(&resend.tenant, event, now).await? else {
                    return Ok(false);
                };
                let mut row = found.delivery(&resend.tenant, resend.subscription, now);
                row.resend = Some(resend.id);
                self.log.save_delivery(&row).await?
            }
        };
        Ok(marked == Saved::Saved)
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
