//! `ReceiveMessage`.

use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::{Answer, parse, within};
use crate::content::{AttributeValue, digest};
use crate::engine::Engine;
use crate::message::Delivery;
use crate::refusal::Refusal;
use crate::state::Wish;

/// Most messages of one receive, and the longest wait in seconds (`ReceiveMessage`).
const MOST_MESSAGES: u64 = 10;
const LONGEST_WAIT: u64 = 20;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    queue_url: String,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    /// The older name of the same.
    #[serde(default)]
    attribute_names: Vec<String>,
}

/// The attributes that a receiver asked for.
struct Wanted {
    system: Vec<String>,
    own: Vec<String>,
}

impl Wanted {
    fn system(&self, name: &str) -> bool {
        self.system.iter().any(|wanted| wanted == name || wanted == "All")
    }

    fn all_own(&self) -> bool {
        self.own.iter().any(|wanted| wanted == "All" || wanted == ".*")
    }

    /// A name that ends in `.*` asks for all that begin with what is before that.
    fn own(&self, name: &str) -> bool {
        self.own.iter().any(|wanted| match wanted.strip_suffix(".*") {
            Some(prefix) => name.starts_with(prefix),
            None => wanted == name,
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Messages<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Message<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Message<'a> {
    #[serde(rename = "MessageId")]
    id: &'a str,
    receipt_handle: String,
    #[serde(rename = "MD5OfBody")]
    body_md5: &'a str,
    body: &'a str,
    #[serde(skip_serializing_if = "SystemAttributes::is_empty")]
    attributes: SystemAttributes<'a>,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    attributes_md5: Option<String>,
    #[serde(rename = "MessageAttributes", skip_serializing_if = "BTreeMap::is_empty")]
    own_attributes: BTreeMap<&'a String, &'a AttributeValue>,
}

/// The system attributes of a message that its receiver asked for, written without making a map of
/// them first.
struct SystemAttributes<'a> {
    delivery: &'a Delivery,
    wanted: &'a Wanted,
}

impl SystemAttributes<'_> {
    fn is_empty(&self) -> bool {
        self.wanted.system.is_empty()
    }
}

impl Serialize for SystemAttributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Delivery { content, sent_at, receives, first_received, source, receipt, fifo } =
            self.delivery;
        let mut map = serializer.serialize_map(None)?;
        let text = |number: u64| number.to_string();
        // The sender is always this account.
        if self.wanted.system("SenderId") {
            map.serialize_entry("SenderId", "000000000000")?;
        }
        if self.wanted.system("SentTimestamp") {
            map.serialize_entry("SentTimestamp", &text(*sent_at))?;
        }
        if self.wanted.system("ApproximateReceiveCount") {
            map.serialize_entry("ApproximateReceiveCount", &text(u64::from(*receives)))?;
        }
        if self.wanted.system("ApproximateFirstReceiveTimestamp") {
            map.serialize_entry("ApproximateFirstReceiveTimestamp", &text(*first_received))?;
        }
        let sequence = fifo.then(|| format!("{:020}", receipt.sequence));
        for (name, value) in [
            ("MessageGroupId", content.group.as_deref()),
            ("MessageDeduplicationId", content.deduplication.as_deref()),
            ("SequenceNumber", sequence.as_deref()),
            ("AWSTraceHeader", content.trace.as_deref()),
            ("DeadLetterQueueSourceArn", source.as_deref()),
        ] {
            if let Some(value) = value
                && self.wanted.system(name)
            {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

fn tell<'a>(delivery: &'a Delivery, wanted: &'a Wanted) -> Message<'a> {
    let content = &delivery.content;
    let (all, has_any) =
        (wanted.all_own(), !content.attributes.is_empty() && !wanted.own.is_empty());
    let own_attributes: BTreeMap<_, _> = if has_any {
        content.attributes.iter().filter(|(name, _)| all || wanted.own(name)).collect()
    } else {
        BTreeMap::new()
    };
    // The digest covers what is returned.
    let attributes_md5 = if own_attributes.len() == content.attributes.len() {
        content.attributes_md5.clone()
    } else {
        (!own_attributes.is_empty())
            .then(|| digest(own_attributes.iter().map(|(name, value)| (*name, *value))))
    };
    Message {
        id: &content.id,
        receipt_handle: delivery.receipt.to_text(),
        body_md5: &content.body_md5,
        body: &content.body,
        attributes: SystemAttributes { delivery, wanted },
        attributes_md5,
        own_attributes,
    }
}

/// `ReceiveMessage`. `ReceiveRequestAttemptId` is accepted and has no effect.
pub(crate) async fn receive(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let request: Request = parse(body)?;
    let most = within(request.max_number_of_messages, "MaxNumberOfMessages", 1, MOST_MESSAGES)?
        .unwrap_or(1);
    let timeout = within(request.visibility_timeout, "VisibilityTimeout", 0, 43_200)?;
    let wait = within(request.wait_time_seconds, "WaitTimeSeconds", 0, LONGEST_WAIT)?;
    let wish = Wish {
        most: usize::try_from(most).unwrap_or(1),
        timeout: timeout.map(|seconds| seconds * 1000),
        wait: wait.map(|seconds| seconds * 1000),
        since: 0,
    };
    let deliveries = engine.receive(&request.queue_url, wish).await?;
    let mut system = request.message_system_attribute_names;
    system.extend(request.attribute_names);
    let wanted = Wanted { system, own: request.message_attribute_names };
    let messages = deliveries.iter().map(|delivery| tell(delivery, &wanted)).collect();
    let bytes = deliveries.iter().map(|delivery| delivery.content.size).sum();
    Ok(Answer::of(&Messages { messages }).carrying(deliveries.len(), bytes))
}
