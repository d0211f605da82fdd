//! The actions: requests read from JSON, answers written to it. The texts of requests and answers
//! are those of the SQS API reference; what a queue does is in [`crate::state`].

pub(crate) mod batch;
pub(crate) mod moves;
pub(crate) mod queues;
pub(crate) mod receive;
pub(crate) mod send;
pub(crate) mod settle;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::refusal::{Kind, Refusal};

/// An action's answer, and what it counts for.
pub(crate) struct Answer {
    /// JSON.
    pub(crate) body: Vec<u8>,
    /// Messages or entries that the request or the answer carries.
    pub(crate) messages: usize,
    /// Bytes of those messages.
    pub(crate) payload: usize,
}

impl Answer {
    /// An answer without fields, as most actions have.
    fn empty() -> Answer {
        Answer { body: b"{}".to_vec(), messages: 0, payload: 0 }
    }

    /// An answer with these fields.
    fn of(fields: &impl Serialize) -> Answer {
        Answer {
            body: serde_json::to_vec(fields).expect("answers are JSON"),
            messages: 0,
            payload: 0,
        }
    }

    /// The same, counted as so many messages with so many bytes.
    fn carrying(self, messages: usize, payload: usize) -> Answer {
        Answer { messages, payload, ..self }
    }
}

/// Reads a request.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| match error.to_string() {
        text if text.starts_with("missing field") => {
            Refusal::missing(text.split('`').nth(1).unwrap_or_default())
        }
        text => Refusal::new(Kind::Serialization, text),
    })
}

/// A number within bounds, or none; the refusal is worded as SQS words it.
fn within(
    value: Option<i64>,
    parameter: &str,
    least: u64,
    most: u64,
) -> Result<Option<u64>, Refusal> {
    let Some(value) = value else { return Ok(None) };
    match u64::try_from(value) {
        Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
        _ => Err(Refusal::value(
            value,
            parameter,
            &format!("Must be between {least} and {most}, if provided."),
        )),
    }
}
