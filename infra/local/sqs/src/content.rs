//! What a message is made of, fixed when it is sent: body, attributes, their digests, size.

mod checks;

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::identifier;
use crate::refusal::Refusal;

/// Most bytes of a message and of a whole batch: 1 MiB, attributes included (SQS message quotas).
pub(crate) const LARGEST_MESSAGE: usize = 1_048_576;

/// A message group, or none: what fair scheduling and FIFO order go by.
pub(crate) type Group = Option<Arc<str>>;

/// Message attributes by name; the digest is defined over them in this order.
pub(crate) type Attributes = BTreeMap<String, AttributeValue>;

/// A message attribute as the API carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AttributeValue {
    /// `String`, `Number` or `Binary`, and perhaps a label of the sender's after a dot.
    #[serde(rename = "DataType", default)]
    pub(crate) data_type: String,
    #[serde(rename = "StringValue", default, skip_serializing_if = "Option::is_none")]
    pub(crate) string: Option<String>,
    /// In base64.
    #[serde(rename = "BinaryValue", default, skip_serializing_if = "Option::is_none")]
    pub(crate) binary: Option<String>,
}

/// What a sender gave, checked as far as no queue is needed for it.
#[derive(Debug)]
pub(crate) struct Content {
    /// The message id.
    pub(crate) id: String,
    pub(crate) body: String,
    /// 32 hexadecimal digits.
    pub(crate) body_md5: String,
    pub(crate) attributes: Attributes,
    /// 32 hexadecimal digits; none without attributes.
    pub(crate) attributes_md5: Option<String>,
    pub(crate) group: Group,
    /// On FIFO queues, what tells a repeat of this message.
    pub(crate) deduplication: Option<String>,
    /// The system attribute `AWSTraceHeader`.
    pub(crate) trace: Option<String>,
    /// Bytes of body and attributes.
    pub(crate) size: usize,
}

/// What a sender gives, unchecked.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) body: String,
    pub(crate) attributes: Attributes,
    pub(crate) group: Option<String>,
    pub(crate) deduplication: Option<String>,
    pub(crate) trace: Option<String>,
}

impl Content {
    /// Checks a draft and gives it an id. The refusals are worded as SQS words them.
    pub(crate) fn of(draft: Draft) -> Result<Content, Refusal> {
        let size = checks::size_of(&draft)?;
        Ok(Content::restored(identifier::fresh(), draft, size))
    }

    /// The content of a message that was checked when it was sent.
    pub(crate) fn restored(id: String, draft: Draft, size: usize) -> Content {
        Content {
            id,
            body_md5: hex(md5::compute(&draft.body)),
            attributes_md5: (!draft.attributes.is_empty()).then(|| digest(draft.attributes.iter())),
            body: draft.body,
            attributes: draft.attributes,
            group: draft.group.map(Arc::from),
            deduplication: draft.deduplication,
            trace: draft.trace,
            size,
        }
    }

    /// The digest of the system attributes, which the sender's SDK may verify.
    pub(crate) fn system_md5(&self) -> Option<String> {
        let value = AttributeValue {
            data_type: "String".to_owned(),
            string: self.trace.clone(),
            binary: None,
        };
        self.trace.is_some().then(|| digest([(&"AWSTraceHeader".to_owned(), &value)].into_iter()))
    }
}

/// The MD5 of attributes, as the developer guide defines it ("Calculating the MD5 message digest
/// for message attributes"): in order of their names; name, type and value each after their length
/// in 4 bytes; between type and value a byte that is 1 for text and 2 for binary.
pub(crate) fn digest<'a>(
    attributes: impl Iterator<Item = (&'a String, &'a AttributeValue)>,
) -> String {
    let mut context = md5::Context::new();
    let feed = |context: &mut md5::Context, bytes: &[u8]| {
        context.consume(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        context.consume(bytes);
    };
    for (name, value) in attributes {
        feed(&mut context, name.as_bytes());
        feed(&mut context, value.data_type.as_bytes());
        if let Some(binary) = &value.binary {
            context.consume([2]);
            feed(&mut context, &STANDARD.decode(binary).unwrap_or_default());
        } else {
            context.consume([1]);
            feed(&mut context, value.string.as_deref().unwrap_or_default().as_bytes());
        }
    }
    hex(context.compute())
}

fn hex(digest: md5::Digest) -> String {
    format!("{digest:x}")
}

#[cfg(test)]
mod tests;
