//! What may be sent: the rules for bodies, attributes and ids that need no queue.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{AttributeValue, Attributes, Draft};
use crate::refusal::{Kind, Refusal};

/// Most attributes of one message (SQS message quotas).
const MOST_ATTRIBUTES: usize = 10;

/// Checks a draft and tells how many bytes it weighs: body and attributes.
pub(super) fn size_of(draft: &Draft) -> Result<usize, Refusal> {
    if draft.body.is_empty() {
        return Err(Refusal::missing("MessageBody"));
    }
    if !is_sendable(&draft.body) {
        return Err(Refusal::new(
            Kind::InvalidMessageContents,
            "Invalid characters were found in the message body. Only #x9, #xA, #xD, #x20 to #xD7FF, #xE000 to \
             #xFFFD and #x10000 to #x10FFFF may be sent.",
        ));
    }
    check_id(draft.group.as_deref(), "MessageGroupId")?;
    check_id(draft.deduplication.as_deref(), "MessageDeduplicationId")?;
    Ok(draft.body.len() + weigh(&draft.attributes)?)
}

/// Whether SQS takes every character of this body: those of XML 1.0, section 2.2.
fn is_sendable(body: &str) -> bool {
    !body.bytes().any(|byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r'))
        && (body.is_ascii() || !body.contains(['\u{fffe}', '\u{ffff}']))
}

/// A group or deduplication id is 1 to 128 letters, digits and ASCII punctuation.
fn check_id(id: Option<&str>, parameter: &str) -> Result<(), Refusal> {
    match id {
        Some(id)
            if id.is_empty()
                || id.len() > 128
                || !id.bytes().all(|byte| byte.is_ascii_graphic()) =>
        {
            Err(Refusal::value(
                id,
                parameter,
                "It can only include alphanumeric and punctuation characters, 1 to 128 in length.",
            ))
        }
        _ => Ok(()),
    }
}

/// Checks attributes and tells how many bytes they weigh.
fn weigh(attributes: &Attributes) -> Result<usize, Refusal> {
    let count = attributes.len();
    if count > MOST_ATTRIBUTES {
        let message = format!(
            "Number of message attributes [{count}] exceeds the allowed maximum [{MOST_ATTRIBUTES}]."
        );
        return Err(Refusal::new(Kind::InvalidParameterValue, message));
    }
    let mut bytes = 0;
    for (name, value) in attributes {
        let length = check_attribute(name, value).map_err(|problem| {
            Refusal::new(
                Kind::InvalidParameterValue,
                format!("The message attribute '{name}' {problem}"),
            )
        })?;
        bytes += name.len() + value.data_type.len() + length;
    }
    Ok(bytes)
}

/// Checks one attribute and gives the length of its value, or says what is wrong with it.
fn check_attribute(name: &str, value: &AttributeValue) -> Result<usize, &'static str> {
    let known = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    if name.is_empty() || name.len() > 256 || !known {
        return Err(
            "has a name that is not 1 to 256 letters, digits, hyphens, underscores and periods.",
        );
    }
    let length = match (value.data_type.split('.').next(), &value.string, &value.binary) {
        (Some("String" | "Number"), Some(text), None) => text.len(),
        (Some("Binary"), None, Some(text)) => {
            STANDARD.decode(text).map_err(|_| "is not in base64.")?.len()
        }
        (Some("String" | "Number" | "Binary"), ..) => 0,
        _ => {
            return Err(
                "has an invalid message attribute type, the set of supported type prefixes is Binary, \
                        Number, and String.",
            );
        }
    };
    if length == 0 { Err("must contain a non-empty value of its type.") } else { Ok(length) }
}

#[cfg(test)]
mod tests;
