//! One delivery again, because somebody asked.

use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use shared::core::event::Event;
use shared::core::id::{EventId, ResendId, SubscriptionId};
use shared::core::subscription::{Status, Subscription};
use shared::edges::api::{ApiError, response};
use shared::edges::clock;
use shared::edges::queue::Queue;
use shared::edges::queue::messages::DeliveryTask;
use shared::edges::store::{LogStore, Saved};

use crate::owner::Owner;
use crate::{Answer, contended, events};

/// A resend that was asked for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Resend")]
pub struct Asked {
    id: ResendId,
    subscription: SubscriptionId,
    event: EventId,
}

/// The clients that one more attempt is asked for with.
pub struct OneMore<'a> {
    pub log: &'a LogStore,
    pub queue: &'a Queue,
}

impl OneMore<'_> {
    /// `POST …/deliveries/{event}/resend`: one more attempt, now, whatever its status. It neither
    /// uses nor moves the automatic schedule; its success ends it. An event that never went to the
    /// subscription, such as one from before it, goes to it then. 202 means that the attempt is in
    /// the queue.
    pub async fn ask(&self, owner: &Owner, subscription: &Subscription, event: EventId) -> Answer {
        if subscription.status == Status::Disabled {
            let detail = "The subscription is disabled. Set its status to active, then resend.";
            return Err(ApiError::Conflict(detail.to_owned()));
        }
        let event = events::find(self.log, owner, event).await?;
        if event.payload.is_none() {
            return Err(ApiError::Conflict(
                "The event's payload was erased: there is nothing to send.".to_owned(),
            ));
        }
        let id = ResendId::new(clock::now(), clock::random_bits());
        if self.log.ask_resend(subscription.id, event.id, id).await? == Saved::Lost {
            self.start_resend(subscription, &event, id).await?;
        }
        let event = event.id;
        let task = DeliveryTask {
            version: subscription.version,
            ..DeliveryTask::of_row(owner.id().clone(), subscription.id, event, Some(id))
        };
        let outgoing = task.outgoing(0).map_err(|error| {
            tracing::error!(tenant = %owner.id(), subscription = %subscription.id, %event, %error, "a task does not serialise");
            ApiError::Internal
        })?;
        self.queue.send(outgoing).await?;
        response::json(StatusCode::ACCEPTED, &Asked { id, subscription: subscription.id, event })
    }

    /// Makes the row of a delivery that was never due, for the resend alone. One that was due, and
    /// whose first attempt is not on record yet, has none to be repeated.
    async fn start_resend(
        &self,
        subscription: &Subscription,
        event: &Event,
        id: ResendId,
    ) -> Result<(), ApiError> {
        let was_due = match &event.subscriptions {
            Some(listed) => listed.contains(&subscription.id),
            None => subscription.id.timestamp() <= event.id.timestamp(),
        };
        if was_due {
            return Err(ApiError::NotFound("delivery"));
        }
        let mut row = event.delivery(&subscription.tenant, subscription.id, clock::now());
        row.resend = Some(id);
        match self.log.save_delivery(&row).await? {
            Saved::Saved => Ok(()),
            // Somebody else asked for the same at the same time.
            Saved::Lost
                if self.log.ask_resend(subscription.id, event.id, id).await? == Saved::Saved =>
            {
                Ok(())
            }
            Saved::Lost => Err(contended()),
        }
    }
}
