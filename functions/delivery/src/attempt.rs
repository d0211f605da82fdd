//! One attempt: the request as the receiver gets it, and what came back.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use shared::attempt::{Attempt, EXCERPT_ON_FAILURE, EXCERPT_ON_SUCCESS, Outcome, Trigger, excerpt};
use shared::delivery::Delivery;
use shared::id::ResendId;
use shared::sender::{FaultClass, OutgoingRequest, Reply, Sender};
use shared::timestamp::Timestamp;
use shared::{body, clock};

use crate::receivers::Receiver;

const AGENT: &str = concat!("Postrider/", env!("CARGO_PKG_VERSION"));

/// An attempt that was made, with what the schedule needs to know and the record does not.
#[derive(Debug)]
pub struct Made {
    /// For the record; it gets its number there.
    pub attempt: Attempt,
    /// The answer's `Retry-After`.
    pub retry_after: Option<String>,
}

impl Made {
    /// The answer's status.
    pub const fn status(&self) -> Option<u16> {
        self.attempt.status
    }
}

/// Signs and sends. Whatever the receiver does is data.
pub async fn make(
    sender: &Sender,
    receiver: &Receiver,
    delivery: &Delivery,
    resend: Option<ResendId>,
    data: &str,
) -> Made {
    let started_at = clock::now();
    let id = delivery.event.to_string();
    let body = body::standard(delivery.event, &delivery.event_type, data);
    let request = OutgoingRequest {
        endpoint: &receiver.endpoint,
        headers: headers(receiver, &id, started_at, &body),
        body: Bytes::from(body),
        timeout: receiver.policy.timeout,
    };
    let reply = sender.send(request).await;
    let trigger = if resend.is_some() { Trigger::Resend } else { Trigger::Event };
    let made = judge(reply, trigger, started_at);
    let (outcome, status, class) = (made.attempt.outcome, made.attempt.status, made.attempt.error_class.as_deref());
    if outcome == Outcome::Succeeded {
        tracing::debug!(subscription = %delivery.subscription, event = id, status, "delivered");
    } else {
        tracing::info!(subscription = %delivery.subscription, event = id, ?outcome, status, class, "not delivered");
    }
    made
}

fn headers(receiver: &Receiver, id: &str, at: Timestamp, body: &[u8]) -> HeaderMap {
    let seconds = at.as_unix_seconds();
    let signatures: Vec<_> = receiver.secrets(at).map(|secret| secret.sign(id, seconds, body)).collect();
    let mut headers = receiver.headers.clone();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    let own = [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signatures.join(" ")),
    ];
    for (name, value) in own {
        // Ids, numbers and base64 are always header values.
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}

fn judge(reply: Reply, trigger: Trigger, started_at: Timestamp) -> Made {
    let mut attempt = Attempt {
        number: 0,
        trigger,
        started_at,
        duration_ms: u32::try_from(reply.duration.as_millis()).unwrap_or(u32::MAX),
        outcome: Outcome::Succeeded,
        status: None,
        error_class: None,
        error: None,
        response_excerpt: None,
    };
    match reply.result {
        Ok(answer) => {
            let success = (200..300).contains(&answer.status);
            attempt.status = Some(answer.status);
            let limit = if success { EXCERPT_ON_SUCCESS } else { EXCERPT_ON_FAILURE };
            attempt.response_excerpt = excerpt(&answer.excerpt, limit);
            if !success {
                attempt.outcome = Outcome::Rejected;
                attempt.error_class = Some("http_status".to_owned());
                attempt.error = Some(rejection(answer.status));
            }
            Made { attempt, retry_after: answer.retry_after }
        }
        Err(fault) => {
            attempt.outcome = match fault.class {
                FaultClass::Timeout => Outcome::TimedOut,
                FaultClass::Blocked => Outcome::Blocked,
                _ => Outcome::Unreachable,
            };
            attempt.error_class = Some(fault.class.as_str().to_owned());
            attempt.error = Some(fault.detail);
            Made { attempt, retry_after: None }
        }
    }
}

fn rejection(status: u16) -> String {
    match status {
        300..400 => format!("the receiver answered {status}; redirects are not followed, so give the final URL"),
        _ => format!("the receiver answered {status}; any status from 200 to 299 is success"),
    }
}
