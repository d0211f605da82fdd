//! SQS that takes half of what it is given, fails, delivers twice, and in another order.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use serde_json::{Value, json};

use super::{Faults, Kind};
use crate::random;
use crate::template::FIFO_SUFFIX;

/// More than a request or an answer has.
const BODY_LIMIT: usize = 17 * 1024 * 1024;
/// How late a message is that others pass, at most, and how late its second delivery.
const MOST_DELAY_SECONDS: u64 = 3;
const MOST_AGAIN_MS: u64 = 5_000;
/// The longest delay that SQS knows.
const LONGEST_DELAY_SECONDS: u64 = 900;

/// Messages that will be delivered again, by the URL of their queue, and from when.
#[derive(Debug, Default)]
pub(super) struct Again(Mutex<HashMap<String, Vec<(Instant, Value)>>>);

impl Again {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<(Instant, Value)>>> {
        self.0.lock().expect("no holder of this lock panics")
    }

    fn keep(&self, queue: &str, due: Instant, message: Value) {
        self.lock().entry(queue.to_owned()).or_default().push((due, message));
    }

    /// One that is due.
    fn take(&self, queue: &str, now: Instant) -> Option<Value> {
        let mut kept = self.lock();
        let kept = kept.get_mut(queue)?;
        let place = kept.iter().position(|(due, _)| *due <= now)?;
        Some(kept.swap_remove(place).1)
    }
}

/// A request on its way, with its body read.
struct Call {
    parts: Parts,
    body: Bytes,
    next: Next,
}

impl Call {
    async fn run(self) -> Response {
        self.next.run(Request::from_parts(self.parts, Body::from(self.body))).await
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether it is of a FIFO queue: SQS keeps its order, and delivers no message a second time
    /// while it is in flight, nor one that was deleted.
    fn is_fifo(&self) -> bool {
        self.json()["QueueUrl"].as_str().is_some_and(|url| url.ends_with(FIFO_SUFFIX))
    }

    fn replace(&mut self, json: &Value) {
        self.body = json.to_string().into();
        self.parts.headers.remove(http::header::CONTENT_LENGTH);
    }
}

/// Lets a request through, as it is, changed, or not at all.
pub(super) async fn pass(
    faults: &Faults,
    operation: &str,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_LIMIT).await.unwrap_or_default();
    let call = Call { parts, body, next };
    match operation {
        "SendMessage" | "SendMessageBatch" | "ChangeMessageVisibility" => {
            ask(faults, operation, call).await
        }
        "DeleteMessageBatch" | "ReceiveMessage" if call.is_fifo() => call.run().await,
        "DeleteMessageBatch" => delete(faults, call).await,
        "ReceiveMessage" => receive(faults, call).await,
        _ => call.run().await,
    }
}

async fn ask(faults: &Faults, operation: &str, mut call: Call) -> Response {
    if let Some(roll) = faults.strikes(Kind::Sqs) {
        match roll % 3 {
            0 if operation == "SendMessageBatch" => {
                faults.note("sqs: a part of a batch was not taken");
                let failed =
                    |id: &Value| json!({ "Id": id, "SenderFault": false, "Code": "InternalError" });
                return withhold(call, roll / 3, "Failed", failed).await;
            }
            1 => faults.note("sqs: failed"),
            _ => {
                let _ = call.run().await;
                faults.note("sqs: failed after it was done");
            }
        }
        return unavailable();
    }
    if operation != "ChangeMessageVisibility"
        && !call.is_fifo()
        && let Some(roll) = faults.strikes(Kind::Reorder)
    {
        let mut request = call.json();
        put_off(&mut request, roll);
        call.replace(&request);
        faults.note("reorder: sent late");
    }
    call.run().await
}

/// Says that all messages are deleted, and deletes some: "on rare occasions, … you might get that
/// copy of the message again" (SQS, Developer guide, "Standard queue at-least-once delivery").
async fn delete(faults: &Faults, call: Call) -> Response {
    let Some(roll) = faults.strikes(Kind::Duplicate) else { return call.run().await };
    faults.note("duplicate: comes back although deleted");
    withhold(call, roll, "Successful", |id| json!({ "Id": id })).await
}

/// Delivers a message a second time, just as the first time: to somebody else, while the first
/// works on it or after.
async fn receive(faults: &Faults, call: Call) -> Response {
    let request = call.json();
    let queue = request["QueueUrl"].as_str().unwrap_or_default().to_owned();
    let most = request["MaxNumberOfMessages"]
        .as_u64()
        .and_then(|most| usize::try_from(most).ok())
        .unwrap_or(1);
    let response = call.run().await;
    let (strike, due) =
        (faults.strikes(Kind::Duplicate), faults.0.again.take(&queue, Instant::now()));
    if strike.is_none() && due.is_none() {
        return response;
    }
    edit(response, |answer| {
        if !answer["Messages"].is_array() {
            answer["Messages"] = json!([]);
        }
        let Some(messages) = answer["Messages"].as_array_mut() else { return };
        if let (Some(roll), Some(message)) = (strike, messages.first()) {
            let due = Instant::now() + Duration::from_millis(roll % MOST_AGAIN_MS);
            faults.0.again.keep(&queue, due, message.clone());
        }
        if let Some(message) = due {
            // A batch has a message once.
            if messages.len() < most
                && messages.iter().all(|other| other["MessageId"] != message["MessageId"])
            {
                messages.push(message);
                faults.note("duplicate: delivered twice");
            } else {
                faults.0.again.keep(&queue, Instant::now(), message);
            }
        }
    })
    .await
}

/// Keeps some entries of a batch back, and tells of them in this list of the answer.
async fn withhold(
    mut call: Call,
    roll: u64,
    list: &str,
    told: impl Fn(&Value) -> Value,
) -> Response {
    let mut request = call.json();
    let withheld = take_entries(&mut request, roll);
    let is_empty = request["Entries"].as_array().is_none_or(Vec::is_empty);
    call.replace(&request);
    let response = if is_empty {
        answer(&json!({ "Successful": [], "Failed": [] }))
    } else {
        call.run().await
    };
    edit(response, |answer| {
        if let Some(list) = answer[list].as_array_mut() {
            list.extend(withheld.iter().map(told));
        }
    })
    .await
}

/// Takes some entries out of a batch, at least one, and answers with their ids.
fn take_entries(request: &mut Value, roll: u64) -> Vec<Value> {
    let mut taken = Vec::new();
    let Some(entries) = request["Entries"].as_array_mut() else { return taken };
    let certain = usize::try_from(roll >> 32).unwrap_or_default() % entries.len().max(1);
    let mut place = 0;
    entries.retain(|entry| {
        let goes = place == certain || roll >> place & 1 == 1;
        place += 1;
        if goes {
            taken.push(entry["Id"].clone());
        }
        !goes
    });
    taken
}

/// Delays a message, or some of a batch, by a few seconds more.
fn put_off(request: &mut Value, roll: u64) {
    let later = |message: &mut Value| {
        let delay =
            message["DelaySeconds"].as_u64().unwrap_or_default() + 1 + roll % MOST_DELAY_SECONDS;
        message["DelaySeconds"] = json!(delay.min(LONGEST_DELAY_SECONDS));
    };
    match request["Entries"].as_array_mut() {
        Some(entries) => {
            let chosen =
                entries.iter_mut().enumerate().filter(|(place, _)| roll >> (8 + place) & 1 == 1);
            chosen.for_each(|(_, entry)| later(entry));
        }
        None => later(request),
    }
}

async fn edit(response: Response, change: impl FnOnce(&mut Value)) -> Response {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, BODY_LIMIT).await.unwrap_or_default();
    match serde_json::from_slice::<Value>(&body) {
        Ok(mut json) if parts.status == StatusCode::OK => {
            change(&mut json);
            answer(&json)
        }
        _ => Response::from_parts(parts, Body::from(body)),
    }
}

fn unavailable() -> Response {
    let shape = json!({ "__type": "com.amazonaws.sqs#ServiceUnavailable", "message": "Service is unavailable" });
    let mut response = answer(&shape);
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response.headers_mut().insert(
        "x-amzn-query-error",
        http::HeaderValue::from_static("ServiceUnavailable;Receiver"),
    );
    response
}

fn answer(json: &Value) -> Response {
    Response::builder()
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amzn-requestid", random::hex())
        .body(Body::from(json.to_string()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
