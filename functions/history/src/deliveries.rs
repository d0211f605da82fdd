//! Deliveries of a subscription: the log.

use futures_util::future::try_join_all;
use shared::api::response::{self, List};
use shared::api::{ApiError, Request, object};
use shared::clock;
use shared::delivery::Status;
use shared::id::TenantId;
use shared::store::deliveries::Wanted;
use shared::store::tenants::Tenant;

use crate::views::DeliveryView;
use crate::{Answer, History};

/// Events that are read at the same time.
const CONCURRENT_READS: usize = 25;

impl History {
    /// `GET …/subscriptions/{id}/deliveries?from&to&success&status&response&include_payload&include_attempts&limit&cursor
    /// &order`. Where delivered ones are not wanted, none of them is read.
    pub(crate) async fn list_deliveries(&self, tenant: &Tenant, subscription: &str, request: &Request) -> Answer {
        let subscription = self.subscription(&tenant.id, subscription).await?;
        let wanted = Wanted { statuses: statuses(request)?, responses: request.query_list("response")? };
        let include_attempts = request.query_flag("include_attempts")?.unwrap_or(false);
        let include_payload = request.query_flag("include_payload")?.unwrap_or(false);
        let (range, page) = (self.range(tenant, request)?, request.page()?);
        let found = self.log.deliveries(subscription.id, &wanted, range, &page, clock::now()).await?;
        let mut found = found.map(|delivery| DeliveryView::new(delivery, include_attempts));
        if include_payload {
            self.add_payloads(&tenant.id, &mut found.items).await?;
        }
        response::ok(&List::from(found))
    }

    /// `GET …/subscriptions/{id}/deliveries/{event}`: one, with its attempts and the payload.
    pub(crate) async fn get_delivery(&self, tenant: &Tenant, subscription: &str, event: &str) -> Answer {
        let subscription = self.subscription(&tenant.id, subscription).await?;
        let event = self.kept(tenant, object(event, "delivery")?, "delivery")?;
        let found = self.log.delivery(subscription.id, event, clock::now()).await?;
        let mut views = [DeliveryView::new(found.ok_or(ApiError::NotFound("delivery"))?, true)];
        self.add_payloads(&tenant.id, &mut views).await?;
        response::ok(&views[0])
    }

    /// An event that is no longer on record leaves its delivery without a payload.
    async fn add_payloads(&self, tenant: &TenantId, views: &mut [DeliveryView]) -> Result<(), ApiError> {
        for some in views.chunks_mut(CONCURRENT_READS) {
            let payloads = some.iter().map(|view| async {
                match self.log.event(tenant, view.event, clock::now()).await? {
                    Some(event) => self.data(&event).await,
                    None => Ok(None),
                }
            });
            let payloads = try_join_all(payloads).await?;
            for (view, data) in some.iter_mut().zip(payloads) {
                view.data = data;
            }
        }
        Ok(())
    }
}

/// What `success` and `status` ask for together.
fn statuses(request: &Request) -> Result<Vec<Status>, ApiError> {
    let named: Vec<Status> = request.query_list("status")?;
    let wanted: Vec<Status> = match request.query_flag("success")? {
        None => return Ok(named),
        Some(success) => Status::ALL.into_iter().filter(|status| (*status == Status::Delivered) == success).collect(),
    };
    if named.is_empty() {
        return Ok(wanted);
    }
    let both: Vec<_> = wanted.into_iter().filter(|status| named.contains(status)).collect();
    if both.is_empty() {
        return Err(ApiError::invalid("status", "no delivery has this status and this success"));
    }
    Ok(both)
}
