//! A queue's attributes: what may be set, its bounds and defaults, as `CreateQueue` and
//! `SetQueueAttributes` document.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::content::LARGEST_MESSAGE;
use crate::refusal::{Kind, Refusal};

/// Milliseconds, of a span or since the Unix epoch.
pub(crate) type Millis = u64;

/// Attribute names and their values as the API carries them.
pub(crate) type Texts = BTreeMap<String, String>;

/// Where messages go that were received too often, and what that means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redrive {
    /// The dead-letter queue's name.
    pub(crate) queue: String,
    /// How many receives a message has before it is moved, 1 to 1,000.
    pub(crate) receives: u32,
}

/// A queue's settings: the texts as set, and those that the engine acts on, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Every attribute that was set or has a default, by its name in the API.
    pub(crate) texts: Texts,
    pub(crate) visibility: Millis,
    pub(crate) delay: Millis,
    pub(crate) wait: Millis,
    pub(crate) retention: Millis,
    /// Bytes, message attributes included.
    pub(crate) largest: usize,
    pub(crate) redrive: Option<Redrive>,
    pub(crate) fifo: bool,
    /// On a FIFO queue: a message without a deduplication id gets the SHA-256 of its body.
    pub(crate) content_based: bool,
    /// On a FIFO queue: a deduplication id counts within its message group, not in the whole queue.
    pub(crate) scoped_by_group: bool,
}

/// Numeric attributes: name, least, most, default.
const NUMBERS: [(&str, u64, u64, u64); 5] = [
    ("VisibilityTimeout", 0, 43_200, 30),
    ("DelaySeconds", 0, 900, 0),
    ("ReceiveMessageWaitTimeSeconds", 0, 20, 0),
    ("MessageRetentionPeriod", 60, 1_209_600, 345_600),
    ("MaximumMessageSize", 1_024, LARGEST_MESSAGE as u64, LARGEST_MESSAGE as u64),
];

/// Attributes that are kept and told, and otherwise change nothing here: no keys, no policies, no
/// accounts.
const KEPT: [&str; 6] = [
    "Policy",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "FifoThroughputLimit",
    "RedriveAllowPolicy",
    "SqsManagedSseEnabled",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedriveText {
    dead_letter_target_arn: String,
    max_receive_count: serde_json::Value,
}

impl Settings {
    /// Settings of a new queue of this name: defaults, overlaid by what was asked for.
    pub(crate) fn of_new(name: &str, asked: &Texts) -> Result<Settings, Refusal> {
        let fifo = asked.get("FifoQueue").is_some_and(|text| text == "true");
        if fifo != name.strip_suffix(".fifo").is_some() {
            return Err(Refusal::new(
                Kind::InvalidParameterValue,
                "The name of a FIFO queue must end with the .fifo suffix, and no other queue's may.",
            ));
        }
        let mut texts: Texts = NUMBERS
            .iter()
            .map(|(name, _, _, default)| ((*name).to_owned(), default.to_string()))
            .collect();
        texts.insert("SqsManagedSseEnabled".to_owned(), "true".to_owned());
        if fifo {
            texts.insert("FifoQueue".to_owned(), "true".to_owned());
            for (name, default) in [
                ("ContentBasedDeduplication", "false"),
                ("DeduplicationScope", "queue"),
                ("FifoThroughputLimit", "perQueue"),
            ] {
                texts.insert(name.to_owned(), default.to_owned());
            }
        }
        Settings::read(overlay(texts, asked)?)
    }

    /// These settings, overlaid by what was asked for. Whether a queue is FIFO never changes.
    pub(crate) fn changed(&self, asked: &Texts) -> Result<Settings, Refusal> {
        if asked
            .get("FifoQueue")
            .is_some_and(|text| text != if self.fifo { "true" } else { "false" })
        {
            return Err(Refusal::new(
                Kind::InvalidAttributeName,
                "You can specify FifoQueue only at queue creation.",
            ));
        }
        Settings::read(overlay(self.texts.clone(), asked)?)
    }

    /// Reads the texts of a queue, each within its bounds.
    pub(crate) fn read(texts: Texts) -> Result<Settings, Refusal> {
        let mut numbers = [0; NUMBERS.len()];
        for (number, (name, least, most, default)) in numbers.iter_mut().zip(NUMBERS) {
            *number = match texts.get(name) {
                None => default,
                Some(text) => text
                    .parse()
                    .ok()
                    .filter(|value| (least..=most).contains(value))
                    .ok_or_else(|| invalid(name))?,
            };
        }
        let [visibility, delay, wait, retention, largest] = numbers;
        let says = |name: &str, text: &str| texts.get(name).is_some_and(|value| value == text);
        Ok(Settings {
            visibility: visibility * 1000,
            delay: delay * 1000,
            wait: wait * 1000,
            retention: retention * 1000,
            largest: usize::try_from(largest).unwrap_or(LARGEST_MESSAGE),
            redrive: texts.get("RedrivePolicy").map(|text| redrive(text)).transpose()?,
            fifo: says("FifoQueue", "true"),
            content_based: says("ContentBasedDeduplication", "true"),
            scoped_by_group: says("DeduplicationScope", "messageGroup"),
            texts,
        })
    }
}

/// Whether the API knows an attribute of this name that can be set.
fn is_settable(name: &str, fifo: bool) -> bool {
    NUMBERS.iter().any(|(known, ..)| *known == name)
        || KEPT.contains(&name)
        || matches!(name, "RedrivePolicy" | "FifoQueue")
        || (fifo && matches!(name, "ContentBasedDeduplication" | "DeduplicationScope"))
}

/// Puts what was asked for over what there is; an empty text removes an attribute, as on AWS.
fn overlay(mut texts: Texts, asked: &Texts) -> Result<Texts, Refusal> {
    let fifo = texts.contains_key("FifoQueue");
    for (name, value) in asked {
        if !is_settable(name, fifo) {
            return Err(Refusal::new(
                Kind::InvalidAttributeName,
                format!("Unknown Attribute {name}."),
            ));
        }
        if value.is_empty() {
            texts.remove(name);
        } else if name != "FifoQueue" || fifo {
            texts.insert(name.clone(), value.clone());
        }
    }
    Ok(texts)
}

fn invalid(name: &str) -> Refusal {
    Refusal::new(Kind::InvalidAttributeValue, format!("Invalid value for the parameter {name}."))
}

fn redrive(text: &str) -> Result<Redrive, Refusal> {
    let read: RedriveText = serde_json::from_str(text).map_err(|_| invalid("RedrivePolicy"))?;
    // Templates and SDKs write the count as a number or as a string; AWS takes both.
    let receives = match &read.max_receive_count {
        serde_json::Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    };
    let receives = receives
        .and_then(|count| u32::try_from(count).ok())
        .filter(|count| (1..=1000).contains(count));
    let queue = name_of_arn(&read.dead_letter_target_arn);
    match (receives, queue) {
        (Some(receives), Some(queue)) => Ok(Redrive { queue: queue.to_owned(), receives }),
        _ => Err(invalid("RedrivePolicy")),
    }
}

/// Account and region of every queue here.
const ARN_PREFIX: &str = "arn:aws:sqs:us-east-1:000000000000:";

/// The ARN of the queue of this name.
pub(crate) fn arn_of(name: &str) -> String {
    format!("{ARN_PREFIX}{name}")
}

/// The queue's name in an ARN of this account and region.
pub(crate) fn name_of_arn(arn: &str) -> Option<&str> {
    arn.strip_prefix(ARN_PREFIX)
}

#[cfg(test)]
mod tests;
