//! One attempt: the request as the receiver gets it, and what came back.

use shared::attempt::{Outcome, Trigger};
use shared::body::Subject;
use shared::clock;
use shared::delivery::Delivery;
use shared::id::ResendId;
use shared::receiver::{Made, Receiver};
use shared::sender::Sender;
use shared::xml::Unrenderable;

/// Signs and sends. Whatever the receiver does is data.
pub async fn make(
    sender: &Sender,
    receiver: &Receiver,
    delivery: &Delivery,
    resend: Option<ResendId>,
    data: &str,
) -> Result<Made, Unrenderable> {
    let started_at = clock::now();
    let Delivery { event, event_type, tenant, .. } = delivery;
    let request = receiver.request(&Subject { event: *event, event_type, tenant, data }, started_at)?;
    let reply = sender.send(&request).await;
    let trigger = if resend.is_some() { Trigger::Resend } else { Trigger::Event };
    let made = receiver.judge(&request, &reply, trigger, started_at);
    let (outcome, status, class) = (made.attempt.outcome, made.attempt.status, made.attempt.error_class.as_deref());
    if outcome == Outcome::Succeeded {
        tracing::debug!(subscription = %delivery.subscription, %event, status, "delivered");
    } else {
        tracing::info!(subscription = %delivery.subscription, %event, ?outcome, status, class, "not delivered");
    }
    Ok(made)
}
