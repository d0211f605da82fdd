//! No more of it: a delivery cancelled, a payload erased.

use futures_util::future::try_join_all;
use serde_json::json;
use shared::api::response;
use shared::api::{ApiError, object};
use shared::clock;
use shared::delivery::Delivery;
use shared::id::{EventId, SubscriptionId, TenantId};
use shared::page::{Order, PageRequest};
use shared::store::Saved;
use shared::store::events::StoredEvent;

use crate::views::DeliveryView;
use crate::{Answer, History, ROUNDS, contended};

/// Rows that one look at many deliveries takes (`BatchGetItem`), and subscriptions of a page.
const LOOKED_AT: u16 = 100;

/// Deliveries that one request cancels at most, and how many of them at the same time.
const CANCELLED_AT_ONCE: usize = 1_000;
const CONCURRENT_WRITES: usize = 20;
const ON_REQUEST: &str = "it was cancelled on request";

impl History {
    /// `POST …/deliveries/{event}/cancel`: no attempt follows. One that is being made is not called back, and its
    /// success counts. What is settled already stays as it is.
    pub(crate) async fn cancel(&self, tenant: &TenantId, subscription: &str, event: &str) -> Answer {
        let subscription = self.subscription(tenant, subscription).await?;
        let event: EventId = object(event, "delivery")?;
        for _ in 0..ROUNDS {
            let found = self.log.delivery(subscription.id, event, clock::now()).await?;
            let mut row = match found {
                Some(row) => row,
                None => self.unrecorded(tenant, subscription.id, event).await?,
            };
            if !row.cancel(ON_REQUEST, clock::now()) || self.log.save_delivery(&row).await? == Saved::Saved {
                return response::ok(&DeliveryView::new(row, true));
            }
        }
        Err(contended())
    }

    /// `POST …/subscriptions/{id}/cancel`: cancels what waits for an attempt, 1,000 deliveries a call; `more` says whether
    /// to call again. Those whose first attempt is not on record yet are not among them.
    pub(crate) async fn cancel_all(&self, tenant: &TenantId, subscription: &str) -> Answer {
        let subscription = self.subscription(tenant, subscription).await?;
        let waiting = self.log.waiting(subscription.id, CANCELLED_AT_ONCE + 1).await?;
        let mut cancelled = 0;
        for some in waiting[..waiting.len().min(CANCELLED_AT_ONCE)].chunks(CONCURRENT_WRITES) {
            let writes = some.iter().map(|row| self.cancel_waiting(row.clone()));
            cancelled += try_join_all(writes).await?.into_iter().filter(|changed| *changed).count();
        }
        response::ok(&json!({ "cancelled": cancelled, "more": waiting.len() > CANCELLED_AT_ONCE }))
    }

    /// Whether the delivery still waited.
    async fn cancel_waiting(&self, mut row: Delivery) -> Result<bool, ApiError> {
        for _ in 0..ROUNDS {
            if row.status.is_settled() {
                return Ok(false);
            }
            row.cancel(ON_REQUEST, clock::now());
            if self.log.save_delivery(&row).await? == Saved::Saved {
                return Ok(true);
            }
            match self.log.delivery(row.subscription, row.event, clock::now()).await? {
                Some(fresh) => row = fresh,
                None => return Ok(false),
            }
        }
        Err(contended())
    }

    /// `DELETE …/events/{event}/payload`: the payload is gone, and what receivers answered to it; the record stays. What
    /// was still to be delivered is cancelled.
    pub(crate) async fn erase_payload(&self, tenant: &TenantId, event: &str) -> Answer {
        let event = self.event(tenant, object(event, "event")?).await?;
        // First, so that nothing reads it any more; then what carries it in a queue.
        self.log.erase_payload(tenant, event.id).await?;
        if let Some(listed) = &event.subscriptions {
            self.erase_from(event.id, listed).await?;
            return Ok(response::no_content());
        }
        let mut page = PageRequest { limit: LOOKED_AT, cursor: None, order: Order::Ascending };
        loop {
            let subscriptions = self.config.subscriptions(tenant, &page).await?;
            let ids: Vec<_> = subscriptions.items.iter().map(|subscription| subscription.id).collect();
            self.erase_from(event.id, &ids).await?;
            page.cursor = subscriptions.next;
            if page.cursor.is_none() {
                return Ok(response::no_content());
            }
        }
    }

    async fn erase_from(&self, event: EventId, subscriptions: &[SubscriptionId]) -> Result<(), ApiError> {
        for some in subscriptions.chunks(usize::from(LOOKED_AT)) {
            for mut row in self.log.deliveries_of_event(event, some, clock::now()).await? {
                let mut rounds = 0..ROUNDS;
                // Both, whatever the first says.
                while row.erase_excerpts() | row.cancel("the payload was erased", clock::now()) {
                    if self.log.save_delivery(&row).await? == Saved::Saved {
                        break;
                    }
                    rounds.next().ok_or_else(contended)?;
                    match self.log.delivery(row.subscription, event, clock::now()).await? {
                        Some(fresh) => row = fresh,
                        None => break,
                    }
                }
            }
        }
        Ok(())
    }

    /// A delivery whose first attempt is not on record yet; not found if the event did not go to the subscription.
    async fn unrecorded(
        &self,
        tenant: &TenantId,
        subscription: SubscriptionId,
        event: EventId,
    ) -> Result<Delivery, ApiError> {
        let StoredEvent { event_type, subscriptions, .. } = self.event(tenant, event).await?;
        if subscriptions.is_some_and(|listed| !listed.contains(&subscription)) {
            return Err(ApiError::NotFound("delivery"));
        }
        Ok(Delivery::new(tenant.clone(), subscription, event, event_type, clock::now()))
    }
}
