//! The row of a delivery. One that succeeds at once is within one write unit (1 KB).

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::{Attributes, Item, NewItem};
use super::{StoreError, keys};
use crate::delivery::{Delivery, Status};
use crate::timestamp::Timestamp;

impl Delivery {
    pub(super) fn to_item(&self, expires_at: i64) -> Result<Attributes, StoreError> {
        let shard = keys::shard(self.event);
        let item = NewItem::new(keys::deliveries(self.subscription, shard), self.event.to_string())
            .text("tenant", self.tenant.as_str())
            .text("event_type", self.event_type.as_str())
            .text("status", self.status.as_str())
            .json("attempts", &self.attempts)?
            .number("attempt_count", self.attempt_count)
            .number("scheduled_attempts", self.scheduled_attempts)
            .time("updated_at", self.updated_at)
            .number("revision", self.revision + 1)
            .number("expires_at", expires_at)
            .optional(self.reason.as_deref(), |item, reason| item.text("reason", reason))
            .optional(self.next_attempt_at, |item, at| item.time("next_attempt_at", at))
            .optional(self.carrier.as_deref(), |item, id| item.text("carrier", id))
            .optional(self.slot_at, |item, at| item.time("slot_at", at))
            .optional(self.resend, |item, id| item.text("resend", id.to_string()))
            .optional(self.resend_slot_at, |item, at| item.time("resend_slot_at", at))
            .optional(self.due_at, |item, at| item.time("due_at", at).text("due_shard", keys::due(shard)));
        let item = match &self.ending {
            Some(ending) => item.json("ending", ending)?,
            None => item,
        };
        let unsettled = (self.status != Status::Delivered && !self.is_test()).then(|| self.subscription.to_string());
        Ok(item.optional(unsettled, |item, of| item.text("unsettled_of", of)).build())
    }

    pub(super) fn from_item(item: &Item) -> Result<Self, StoreError> {
        let partition = item.text("partition")?;
        let subscription = partition.split('#').nth(1).and_then(|id| id.parse().ok());
        let corrupt = || StoreError::Corrupt(format!("partition {partition} is not a delivery's"));
        Ok(Self {
            tenant: item.parsed("tenant")?,
            subscription: subscription.ok_or_else(corrupt)?,
            event: item.parsed("sort")?,
            event_type: item.parsed("event_type")?,
            status: item.parsed("status")?,
            reason: item.optional_text("reason").map(str::to_owned),
            attempts: item.json("attempts")?,
            attempt_count: item.number("attempt_count")?,
            scheduled_attempts: item.number("scheduled_attempts")?,
            next_attempt_at: item.optional_time("next_attempt_at")?,
            carrier: item.optional_text("carrier").map(str::to_owned),
            due_at: item.optional_time("due_at")?,
            slot_at: item.optional_time("slot_at")?,
            resend: item.optional_text("resend").map(|_| item.parsed("resend")).transpose()?,
            resend_slot_at: item.optional_time("resend_slot_at")?,
            ending: item.optional_text("ending").map(|_| item.json("ending")).transpose()?,
            expires_at: item.optional_number("expires_at")?.map(|at: i64| Timestamp::from_millis(at * 1000)),
            updated_at: item.time("updated_at")?,
            revision: item.number("revision")?,
        })
    }
}

/// The value of a number attribute.
pub(super) fn number(value: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attempt::{Attempt, Millis, Outcome, Timing, Trigger};
    use crate::headers::{Headers, MASK};
    use crate::id::{EventId, SubscriptionId};
    use crate::timestamp::Timestamp;

    /// Bytes as DynamoDB counts them: names and values, a number by its digits.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
    fn size(item: &Attributes) -> usize {
        let value = |value: &AttributeValue| match value {
            AttributeValue::S(text) => text.len(),
            AttributeValue::N(digits) => digits.len().div_ceil(2) + 1,
            other => panic!("a delivery has no {other:?}"),
        };
        item.iter().map(|(name, held)| name.len() + value(held)).sum()
    }

    fn headers(all: &[(&str, &str)]) -> Headers {
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// With the longest of everything that is ordinary.
    fn delivered(excerpt: &str, sent: &[(&str, &str)]) -> Delivery {
        let now = Timestamp::from_millis(1_790_000_000_123);
        let (tenant, name) = ("t".repeat(24).parse().unwrap(), "e".repeat(40).parse().unwrap());
        let part = Some(Millis::from(9_999.9));
        let mut attempt = Attempt {
            number: 0,
            trigger: Trigger::Event,
            started_at: now,
            duration_ms: 29_999,
            outcome: Outcome::Succeeded,
            status: Some(200),
            error_class: None,
            error: None,
            response_excerpt: None,
            timing: Timing { dns_ms: part, connect_ms: part, tls_ms: part, first_byte_ms: part },
            request_headers: Some(headers(sent)),
            response_headers: None,
        };
        let many: Vec<_> = (10..99).map(|n| format!("x-{n}")).collect();
        attempt.keep_excerpt(excerpt.as_bytes());
        attempt.keep_headers(headers(&many.iter().map(|name| (name.as_str(), "12345")).collect::<Vec<_>>()));
        let mut row = Delivery::new(tenant, SubscriptionId::new(now, 1), EventId::new(now, 2), name, now);
        row.note(attempt);
        row
    }

    #[test]
    fn a_delivery_that_succeeds_at_once_is_within_one_write_unit() {
        let one = format!("v1,{}", "s".repeat(44));
        let two = format!("{one} {one}");
        let usual =
            [("content-type", "application/json"), ("user-agent", "Postrider/0.1.0"), ("webhook-signature", &one)];
        let rotated = [usual[0], usual[1], ("webhook-signature", &two), ("authorization", MASK)];
        let traceparent = ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        let traced = [usual[0], traceparent, usual[1], usual[2]];
        let both = [rotated[0], traceparent, rotated[1], rotated[2], rotated[3]];
        let long = "x".repeat(256);
        for (excerpt, sent, room) in [
            (&*long, &usual[..], true),
            (&*long, &rotated, false),
            ("ok", &rotated, true),
            (&*long, &traced, false),
            ("ok", &traced, true),
            ("ok", &both, true),
            (&*long, &both, false),
        ] {
            let row = delivered(excerpt, sent);
            let bytes = size(&row.to_item(row.updated_at.as_unix_seconds()).unwrap());
            assert!((900..=1024).contains(&bytes), "{bytes} bytes: {row:?}");
            let kept = row.attempts[0].response_headers.as_ref();
            assert_eq!(kept.is_some_and(|headers| !headers.is_empty()), room, "{row:?}");
        }
    }
}
