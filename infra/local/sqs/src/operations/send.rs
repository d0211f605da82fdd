//! `SendMessage` and `SendMessageBatch`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Answer, batch, parse};
use crate::content::{AttributeValue, Attributes, Content, Draft, LARGEST_MESSAGE};
use crate::engine::Engine;
use crate::refusal::{Kind, Refusal};
use crate::state::{Outgoing, Sent};

/// A message as its sender gives it: alone it comes with the queue's URL, in a batch with an id.
/// One struct for both, since serde copies a flattened one through a map.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    queue_url: Option<String>,
    #[serde(default)]
    id: String,
    #[serde(default, rename = "MessageBody")]
    body: String,
    #[serde(default, rename = "MessageAttributes")]
    attributes: Attributes,
    #[serde(default, rename = "MessageSystemAttributes")]
    system_attributes: BTreeMap<String, AttributeValue>,
    delay_seconds: Option<i64>,
    #[serde(rename = "MessageGroupId")]
    group: Option<String>,
    #[serde(rename = "MessageDeduplicationId")]
    deduplication: Option<String>,
}

impl Message {
    fn check(self) -> Result<Outgoing, Refusal> {
        let mut trace = None;
        for (name, value) in self.system_attributes {
            if name != "AWSTraceHeader" || value.data_type != "String" || value.string.is_none() {
                let message =
                    format!("Message system attribute name '{name}' or its value is invalid.");
                return Err(Refusal::new(Kind::InvalidParameterValue, message));
            }
            trace = value.string;
        }
        let content = Content::of(Draft {
            body: self.body,
            attributes: self.attributes,
            group: self.group,
            deduplication: self.deduplication,
            trace,
        })?;
        Ok(Outgoing { content, delay: self.delay_seconds })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch {
    queue_url: String,
    #[serde(default)]
    entries: Vec<Message>,
}

/// What the sender is told of a message.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    message_id: String,
    #[serde(rename = "MD5OfMessageBody")]
    body_md5: String,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    attributes_md5: Option<String>,
    #[serde(rename = "MD5OfMessageSystemAttributes", skip_serializing_if = "Option::is_none")]
    system_md5: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence_number: Option<String>,
}

fn tell(id: Option<String>, sent: Sent) -> Told {
    Told {
        id,
        message_id: sent.message_id,
        body_md5: sent.content.body_md5.clone(),
        attributes_md5: sent.content.attributes_md5.clone(),
        system_md5: sent.content.system_md5(),
        sequence_number: sent.sequence.map(|number| format!("{number:020}")),
    }
}

/// `SendMessage`.
pub(crate) async fn one(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let mut message: Message = parse(body)?;
    let queue_url = message.queue_url.take().ok_or_else(|| Refusal::missing("QueueUrl"))?;
    let outgoing = message.check()?;
    let bytes = outgoing.content.size;
    let mut sent =
        engine.commit(|state, now| state.send(&queue_url, vec![Ok(outgoing)], now)).await?;
    let sent = sent.pop().unwrap_or_else(|| Err(Refusal::no_queue()))?;
    Ok(Answer::of(&tell(None, sent)).carrying(1, bytes))
}

/// `SendMessageBatch`.
pub(crate) async fn many(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let Batch { queue_url, mut entries } = parse(body)?;
    let ids: Vec<String> = entries.iter_mut().map(|entry| std::mem::take(&mut entry.id)).collect();
    batch::check(&ids, "SendMessageBatchRequestEntry")?;
    let outgoing: Vec<Result<Outgoing, Refusal>> =
        entries.into_iter().map(Message::check).collect();
    let bytes = outgoing.iter().flatten().map(|outgoing| outgoing.content.size).sum();
    if bytes > LARGEST_MESSAGE {
        let message = format!(
            "Batch requests cannot be longer than {LARGEST_MESSAGE} bytes. You have sent {bytes} bytes."
        );
        return Err(Refusal::new(Kind::BatchRequestTooLong, message));
    }
    let sent = engine.commit(|state, now| state.send(&queue_url, outgoing, now)).await?;
    let count = ids.len();
    Ok(Answer::of(&batch::Outcome::of(ids, sent, |id, sent| tell(Some(id), sent)))
        .carrying(count, bytes))
}
