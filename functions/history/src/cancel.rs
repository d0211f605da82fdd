//! No more of it: a delivery cancelled, a payload erased.

use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::Serialize;
use shared::core::delivery::Delivery;
use shared::core::delivery::reason::Reason;
use shared::core::id::{EventId, SubscriptionId, TenantId};
use shared::core::page::{Order, PageRequest};
use shared::edges::api::response;
use shared::edges::api::{ApiError, object};
use shared::edges::clock;
use shared::edges::store::deliveries::Change;
use shared::edges::store::events::StoredEvent;
use shared::edges::store::tenants::Tenant;

use crate::views::DeliveryView;
use crate::{Answer, History, contended};

/// Rows that one look at many deliveries takes (`BatchGetItem`), and subscriptions of a page.
const LOOKED_AT: u16 = 100;

/// Deliveries that one request cancels at most, and how many of them at the same time.
const CANCELLED_AT_ONCE: usize = 1_000;
const CONCURRENT_WRITES: usize = 20;

/// What was cancelled at once.
#[derive(Serialize, JsonSchema)]
pub struct Cancelled {
    /// Deliveries.
    #[schemars(example = 12)]
    cancelled: usize,
    /// Whether there may be more: then call again.
    more: bool,
}

impl History {
    /// `POST …/deliveries/{event}/cancel`: no attempt follows. One that is being made is not called
    /// back, and its success counts. What is settled already stays as it is.
    pub(crate) async fn cancel(&self, tenant: &Tenant, subscription: &str, event: &str) -> Answer {
        let subscription = self.subscription(&tenant.id, subscription).await?;
        let event = self.kept(tenant, object(event, "delivery")?, "delivery")?;
        let row = match self.log.delivery(subscription.id, event, clock::now()).await? {
            Some(row) => row,
            None => self.unrecorded(tenant, subscription.id, event).await?,
        };
        let (row, _) = self.change(row, |row| row.cancel(Reason::OnRequest, clock::now())).await?;
        response::ok(&DeliveryView::new(row, true))
    }

    /// `POST …/subscriptions/{id}/cancel`: cancels what waits for an attempt, 1,000 deliveries a
    /// call; `more` says whether to call again. Those whose first attempt is not on record yet are
    /// not among them.
    pub(crate) async fn cancel_all(&self, tenant: &TenantId, subscription: &str) -> Answer {
        let subscription = self.subscription(tenant, subscription).await?;
        let waiting = self.log.waiting(subscription.id, CANCELLED_AT_ONCE + 1).await?;
        let mut cancelled = 0;
        for some in waiting[..waiting.len().min(CANCELLED_AT_ONCE)].chunks(CONCURRENT_WRITES) {
            let cancel = |row: &mut Delivery| {
                !row.status.is_settled() && row.cancel(Reason::OnRequest, clock::now())
            };
            let writes = some.iter().map(|row| self.change(row.clone(), cancel));
            cancelled +=
                try_join_all(writes).await?.into_iter().filter(|(_, changed)| *changed).count();
        }
        response::ok(&Cancelled { cancelled, more: waiting.len() > CANCELLED_AT_ONCE })
    }

    /// Changes a row as it then stands; answers it, and whether it was changed.
    async fn change(
        &self,
        row: Delivery,
        change: impl Fn(&mut Delivery) -> bool,
    ) -> Result<(Delivery, bool), ApiError> {
        match self.log.change_delivery(row, clock::now(), change).await? {
            Change::Changed(row) => Ok((row, true)),
            Change::AsItWas(row) => Ok((row, false)),
            Change::Gone => Err(ApiError::NotFound("delivery")),
            Change::Contended => Err(contended()),
        }
    }

    /// `DELETE …/events/{event}/payload`: the payload is gone, and what receivers answered to it;
    /// the record stays. What was still to be delivered is cancelled. A first attempt that is in
    /// the queue or under way is not called back.
    pub(crate) async fn erase_payload(&self, tenant: &Tenant, event: &str) -> Answer {
        let event = self.event(tenant, object(event, "event")?).await?;
        let tenant = &tenant.id;
        // First, so that nothing reads it any more; then what carries it in a queue.
        self.log.erase_payload(tenant, event.id).await?;
        if let Some(listed) = &event.subscriptions {
            self.erase_from(tenant, &event, listed).await?;
            return Ok(response::no_content());
        }
        let mut page = PageRequest { limit: LOOKED_AT, cursor: None, order: Order::Ascending };
        loop {
            let subscriptions = self.config.subscriptions(tenant, &page).await?;
            let ids: Vec<_> =
                subscriptions.items.iter().map(|subscription| subscription.id).collect();
            self.erase_from(tenant, &event, &ids).await?;
            page.cursor = subscriptions.next;
            if page.cursor.is_none() {
                return Ok(response::no_content());
            }
        }
    }

    async fn erase_from(
        &self,
        tenant: &TenantId,
        event: &StoredEvent,
        subscriptions: &[SubscriptionId],
    ) -> Result<(), ApiError> {
        for some in subscriptions.chunks(usize::from(LOOKED_AT)) {
            let mut rows = self.log.deliveries_of_event(event.id, some, clock::now()).await?;
            // Where the event is known to have gone, a row is made: it ends what a first attempt
            // would start.
            let listed = some.iter().filter(|_| event.subscriptions.is_some());
            let missing: Vec<_> =
                listed.filter(|id| rows.iter().all(|row| row.subscription != **id)).collect();
            rows.extend(missing.into_iter().map(|id| event.delivery(tenant, *id, clock::now())));
            for row in rows {
                self.change(row, |row| row.erase(clock::now())).await?;
            }
        }
        Ok(())
    }

    /// A delivery whose first attempt is not on record yet; not found if the event did not go to
    /// the subscription.
    async fn unrecorded(
        &self,
        tenant: &Tenant,
        subscription: SubscriptionId,
        event: EventId,
    ) -> Result<Delivery, ApiError> {
        let event = self.event(tenant, event).await?;
        if event.subscriptions.as_ref().is_some_and(|listed| !listed.contains(&subscription)) {
            return Err(ApiError::NotFound("delivery"));
        }
        Ok(event.delivery(&tenant.id, subscription, clock::now()))
    }
}
