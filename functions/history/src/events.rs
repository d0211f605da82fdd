//! Events: listed, shown, and where they went.

use serde_json::value::RawValue;
use shared::api::response::{self, List};
use shared::api::{ApiError, Request, object};
use shared::clock;
use shared::id::{EventId, SubscriptionId, TenantId};
use shared::page::{Cursor, PageRequest};
use shared::store::events::StoredEvent;

use crate::views::{self, DeliveryView, EventView};
use crate::{Answer, History};

/// Rows that one look at many deliveries takes (`BatchGetItem`).
const LOOKED_AT: usize = 100;

impl History {
    /// `GET …/events?from&to&type&limit&cursor&order`: newest first, without payloads.
    pub(crate) async fn list_events(&self, tenant: &TenantId, request: &Request) -> Answer {
        let (range, page, event_type) = (request.range()?, request.page()?, request.query_as("type")?);
        let events = self.log.events(tenant, event_type.as_ref(), range, &page, clock::now()).await?;
        response::ok(&List::from(events.map(|event| view(&event, None))))
    }

    /// `GET …/events/{event}`: with its payload.
    pub(crate) async fn get_event(&self, tenant: &TenantId, event: &str) -> Answer {
        let event = self.event(tenant, object(event, "event")?).await?;
        let data = self.data(&event).await?;
        response::ok(&view(&event, data))
    }

    /// `GET …/events/{event}/deliveries`: every subscription it went to, and how that stands. An event that went to
    /// very many is answered by the subscriptions that the tenant has now.
    pub(crate) async fn event_deliveries(&self, tenant: &TenantId, event: &str, request: &Request) -> Answer {
        let event = self.event(tenant, object(event, "event")?).await?;
        let (subscriptions, next_cursor) = match &event.subscriptions {
            Some(listed) => (listed.clone(), None),
            None => self.present_subscriptions(tenant, request.page()?).await?,
        };
        let mut found = Vec::new();
        for some in subscriptions.chunks(LOOKED_AT) {
            found.extend(self.log.deliveries_of_event(event.id, some, clock::now()).await?);
        }
        let mut items = Vec::with_capacity(subscriptions.len());
        for id in subscriptions {
            match found.iter().position(|delivery| delivery.subscription == id) {
                Some(position) => items.push(DeliveryView::new(found.swap_remove(position), false)),
                None if event.subscriptions.is_some() => items.push(DeliveryView::unrecorded(id, event.id)),
                None => {}
            }
        }
        response::ok(&List { items, next_cursor })
    }

    pub(crate) async fn event(&self, tenant: &TenantId, id: EventId) -> Result<StoredEvent, ApiError> {
        self.log.event(tenant, id, clock::now()).await?.ok_or(ApiError::NotFound("event"))
    }

    pub(crate) async fn data(&self, event: &StoredEvent) -> Result<Option<Box<RawValue>>, ApiError> {
        let Some(payload) = event.payload.clone() else { return Ok(None) };
        let packed = self.log.payload(event.id, payload).await?;
        packed.map(|packed| views::json(&packed)).transpose()
    }

    async fn present_subscriptions(
        &self,
        tenant: &TenantId,
        page: PageRequest,
    ) -> Result<(Vec<SubscriptionId>, Option<String>), ApiError> {
        let page = self.config.subscriptions(tenant, &page).await?;
        let next = page.next.as_ref().map(Cursor::to_string);
        Ok((page.items.iter().map(|subscription| subscription.id).collect(), next))
    }
}

fn view(event: &StoredEvent, data: Option<Box<RawValue>>) -> EventView {
    EventView {
        id: event.id,
        r#type: event.event_type.clone(),
        timestamp: event.id.timestamp(),
        parent: event.parent,
        matched: event.matched,
        payload_erased: event.payload.is_none(),
        data,
    }
}
