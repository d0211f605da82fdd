//! Messages as SQS answers with them, and as Lambda passes them on. Bodies and handles are copied
//! as they stand, never unescaped and escaped again.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::template::REGION;

/// The most entries in one `DeleteMessageBatch` (SQS).
const DELETE_LIMIT: usize = 10;

#[derive(Deserialize)]
struct Received<'a> {
    #[serde(rename = "Messages", borrow)]
    messages: Option<Vec<Message<'a>>>,
}

/// A message, as `ReceiveMessage` answers with it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Message<'a> {
    /// A UUID: nothing in it is ever escaped.
    #[serde(rename = "MessageId")]
    pub(super) id: &'a str,
    #[serde(borrow)]
    receipt_handle: &'a RawValue,
    #[serde(borrow)]
    body: &'a RawValue,
    #[serde(rename = "MD5OfBody", borrow)]
    md5_of_body: &'a RawValue,
    #[serde(borrow)]
    attributes: Option<&'a RawValue>,
    #[serde(borrow)]
    #[serde(rename = "MessageAttributes")]
    own_attributes: Option<BTreeMap<Cow<'a, str>, ReceivedAttribute<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceivedAttribute<'a> {
    #[serde(borrow)]
    string_value: Option<&'a RawValue>,
    #[serde(borrow)]
    binary_value: Option<&'a RawValue>,
    #[serde(borrow)]
    data_type: &'a RawValue,
}

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "Records")]
    records: Vec<Record<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    message_id: &'a str,
    receipt_handle: &'a RawValue,
    body: &'a RawValue,
    attributes: &'a RawValue,
    message_attributes: BTreeMap<&'a str, Attribute<'a>>,
    md5_of_body: &'a RawValue,
    event_source: &'static str,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: &'a str,
    aws_region: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attribute<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<&'a RawValue>,
    /// Reserved by SQS: always empty.
    string_list_values: [(); 0],
    binary_list_values: [(); 0],
    data_type: &'a RawValue,
}

/// The messages of a `ReceiveMessage` answer.
pub(super) fn read(answer: &[u8]) -> Result<Vec<Message<'_>>, serde_json::Error> {
    Ok(serde_json::from_slice::<Received>(answer)?.messages.unwrap_or_default())
}

impl Message<'_> {
    /// The bytes of its record, from above: what it carries, and room for the names around it.
    fn size(&self) -> usize {
        let attributes = self.own_attributes.iter().flatten().map(|(name, attribute)| {
            let values = [attribute.string_value, attribute.binary_value].into_iter().flatten();
            name.len() + values.map(|value| value.get().len()).sum::<usize>() + 200
        });
        let system = self.attributes.map_or(0, |attributes| attributes.get().len());
        self.body.get().len()
            + self.receipt_handle.get().len()
            + system
            + attributes.sum::<usize>()
            + 500
    }
}

/// Cuts messages into runs whose events stay within `limit` bytes. A message alone is always a run.
pub(super) fn split<'a, 'b>(messages: &'b [Message<'a>], limit: usize) -> Vec<&'b [Message<'a>]> {
    let mut runs = Vec::new();
    let (mut start, mut size) = (0, 0);
    for (at, message) in messages.iter().enumerate() {
        if at > start && size + message.size() > limit {
            runs.push(&messages[start..at]);
            (start, size) = (at, 0);
        }
        size += message.size();
    }
    if start < messages.len() {
        runs.push(&messages[start..]);
    }
    runs
}

/// The event that a function is invoked with.
pub(super) fn event(messages: &[Message<'_>], arn: &str) -> Vec<u8> {
    let records = messages.iter().map(|message| Record {
        message_id: message.id,
        receipt_handle: message.receipt_handle,
        body: message.body,
        attributes: message.attributes.unwrap_or(RawValue::NULL),
        message_attributes: message.own_attributes.iter().flatten().map(attribute).collect(),
        md5_of_body: message.md5_of_body,
        event_source: "aws:sqs",
        event_source_arn: arn,
        aws_region: REGION,
    });
    // Strings and JSON that was parsed before: serialisation cannot fail.
    serde_json::to_vec(&Event { records: records.collect() }).unwrap_or_default()
}

fn attribute<'a>(
    (name, attribute): (&'a Cow<'a, str>, &ReceivedAttribute<'a>),
) -> (&'a str, Attribute<'a>) {
    let attribute = Attribute {
        string_value: attribute.string_value,
        binary_value: attribute.binary_value,
        string_list_values: [],
        binary_list_values: [],
        data_type: attribute.data_type,
    };
    (name, attribute)
}

/// `DeleteMessageBatch` requests for these messages.
pub(super) fn deletions(messages: &[&Message<'_>], url: &str) -> Vec<String> {
    let request = |messages: &[&Message<'_>]| {
        let mut request = format!(r#"{{"QueueUrl":"{url}","Entries":["#);
        for (at, message) in messages.iter().enumerate() {
            let separator = if at == 0 { "" } else { "," };
            let _ = write!(
                request,
                r#"{separator}{{"Id":"{at}","ReceiptHandle":{}}}"#,
                message.receipt_handle.get()
            );
        }
        request.push_str("]}");
        request
    };
    messages.chunks(DELETE_LIMIT).map(request).collect()
}

/// What a `DeleteMessageBatch` answer says of entries that failed, if any did.
pub(super) fn failed_deletions(answer: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Deleted<'a> {
        #[serde(rename = "Failed", borrow, default)]
        failed: Vec<&'a RawValue>,
    }
    match serde_json::from_slice::<Deleted>(answer) {
        Ok(deleted) if deleted.failed.is_empty() => None,
        Ok(deleted) => {
            Some(deleted.failed.iter().map(|entry| entry.get()).collect::<Vec<_>>().join(", "))
        }
        Err(error) => Some(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
