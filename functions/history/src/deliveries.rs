//! Deliveries of a subscription: the log.

use shared::api::response::{self, List};
use shared::api::{ApiError, Request, object};
use shared::clock;
use shared::id::TenantId;
use shared::store::deliveries::Wanted;

use crate::views::DeliveryView;
use crate::{Answer, History};

impl History {
    /// `GET …/subscriptions/{id}/deliveries?from&to&success&include_payload&include_attempts&limit&cursor&order`.
    /// `success=false` reads only what was not delivered.
    pub(crate) async fn list_deliveries(&self, tenant: &TenantId, subscription: &str, request: &Request) -> Answer {
        let subscription = self.subscription(tenant, subscription).await?;
        let wanted = match request.query_flag("success")? {
            None => Wanted::All,
            Some(true) => Wanted::Delivered,
            Some(false) => Wanted::NotDelivered,
        };
        let include_attempts = request.query_flag("include_attempts")?.unwrap_or(false);
        let include_payload = request.query_flag("include_payload")?.unwrap_or(false);
        let (range, page) = (request.range()?, request.page()?);
        let found = self.log.deliveries(subscription.id, wanted, range, &page, clock::now()).await?;
        let mut found = found.map(|delivery| DeliveryView::new(delivery, include_attempts));
        if include_payload {
            self.add_payloads(tenant, &mut found.items).await?;
        }
        response::ok(&List::from(found))
    }

    /// `GET …/subscriptions/{id}/deliveries/{event}`: one, with its attempts and the payload.
    pub(crate) async fn get_delivery(&self, tenant: &TenantId, subscription: &str, event: &str) -> Answer {
        let subscription = self.subscription(tenant, subscription).await?;
        let event = object(event, "delivery")?;
        let found = self.log.delivery(subscription.id, event, clock::now()).await?;
        let mut views = [DeliveryView::new(found.ok_or(ApiError::NotFound("delivery"))?, true)];
        self.add_payloads(tenant, &mut views).await?;
        response::ok(&views[0])
    }

    /// An event that is no longer on record leaves its delivery without a payload.
    async fn add_payloads(&self, tenant: &TenantId, views: &mut [DeliveryView]) -> Result<(), ApiError> {
        for view in views {
            if let Some(event) = self.log.event(tenant, view.event, clock::now()).await? {
                view.data = self.data(&event).await?;
            }
        }
        Ok(())
    }
}
