//! One attempt: the request as the receiver gets it, and what came back.

use shared::core::body::Subject;
use shared::core::body::xml::Unrenderable;
use shared::core::delivery::Delivery;
use shared::core::delivery::attempt::{Made, Outcome, Trigger};
use shared::core::trace_context::TraceContext;
use shared::edges::clock;
use shared::edges::receiver::Receiver;
use shared::edges::sender::Sender;
use tracing::field::display;

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub struct Matter<'a> {
    /// The event's data, byte for byte.
    pub data: &'a str,
    /// The trace that its publisher has named.
    pub trace: Option<&'a TraceContext>,
}

/// Signs and sends. Whatever the receiver does is data. Each attempt is a span of its own in the
/// publisher's trace.
pub async fn make(
    sender: &Sender,
    receiver: &Receiver,
    delivery: &Delivery,
    trigger: Trigger,
    Matter { data, trace }: Matter<'_>,
) -> Result<Made, Unrenderable> {
    let started_at = clock::now();
    let Delivery { event, event_type, tenant, .. } = delivery;
    let mut request =
        receiver.request(&Subject { event: *event, event_type, tenant, data }, started_at)?;
    if let Some(trace) = trace {
        trace.write(u64::from_ne_bytes(clock::random()), &mut request.headers);
    }
    let reply = sender.send(&request).await;
    let made = receiver.judge(&request, &reply, trigger, started_at);
    let (outcome, status, class) =
        (made.attempt.outcome, made.attempt.status, made.attempt.error_class);
    let (subscription, trace_id) =
        (&delivery.subscription, trace.map(TraceContext::trace_id).map(display));
    // What goes well is on record and in the metrics: a line for each would cost 0.15 dollars a
    // million.
    if outcome == Outcome::Succeeded {
        tracing::debug!(%tenant, %subscription, %event, trace_id, status, "delivered");
    } else {
        tracing::info!(%tenant, %subscription, %event, trace_id, %outcome, status, class = class.map(display), "not delivered");
    }
    Ok(made)
}
