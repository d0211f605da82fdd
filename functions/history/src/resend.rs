//! One delivery again, because somebody asked.

use lambda_http::http::StatusCode;
use serde::Serialize;
use shared::api::response;
use shared::api::{ApiError, object};
use shared::clock;
use shared::id::{EventId, ResendId, SubscriptionId, TenantId};
use shared::queue::Outgoing;
use shared::queue::messages::{self, DeliveryTask, VERSION};
use shared::store::Saved;
use shared::subscription::Status;

use crate::{Answer, History};

#[derive(Serialize)]
struct Asked {
    id: ResendId,
    subscription: SubscriptionId,
    event: EventId,
}

impl History {
    /// `POST …/deliveries/{event}/resend`: one more attempt, now, whatever its status. It neither uses nor moves the
    /// automatic schedule; its success ends it. 202 means that the attempt is in the queue.
    pub(crate) async fn resend(&self, tenant: &TenantId, subscription: &str, event: &str) -> Answer {
        let subscription = self.subscription(tenant, subscription).await?;
        let event: EventId = object(event, "delivery")?;
        if subscription.status == Status::Disabled {
            let detail = "The subscription is disabled. Set its status to active, then resend.";
            return Err(ApiError::Conflict(detail.to_owned()));
        }
        self.log.event(tenant, event, clock::now()).await?.ok_or(ApiError::NotFound("event"))?;
        let id = ResendId::new(clock::now(), clock::random_bits());
        if self.log.ask_resend(subscription.id, event, id).await? == Saved::Lost {
            return Err(ApiError::NotFound("delivery"));
        }
        let task = DeliveryTask {
            v: VERSION,
            tenant: tenant.clone(),
            subscription: subscription.id,
            version: subscription.version,
            event,
            content: None,
            repeat: true,
            resend: Some(id),
        };
        let body = messages::write(&task).map_err(|error| {
            tracing::error!(%error, "a task does not serialise");
            ApiError::Internal
        })?;
        self.queue.send(Outgoing { body, group: Some(subscription.id.to_string()), delay_seconds: 0 }).await?;
        response::json(StatusCode::ACCEPTED, &Asked { id, subscription: subscription.id, event })
    }
}
