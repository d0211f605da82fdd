//! SQS by its own protocol: to send what no function would, and to look into dead-letter queues.

use http::Method;
use serde_json::{Value, json};

use crate::http::Http;

/// The stack's SQS.
#[derive(Debug, Clone)]
pub struct Queues {
    http: Http,
    endpoint: String,
}

/// A received message.
#[derive(Debug)]
pub struct Letter {
    /// Its body.
    pub body: String,
    /// Its attribute `reason`, which says why it was put away.
    pub reason: Option<String>,
}

impl Queues {
    /// The SQS at an endpoint.
    #[must_use]
    pub fn new(http: Http, endpoint: &str) -> Self {
        Self { http, endpoint: endpoint.to_owned() }
    }

    /// A queue's URL, by its logical id.
    #[must_use]
    pub fn url(&self, queue: &str) -> String {
        format!("{}/000000000000/{queue}", self.endpoint)
    }

    /// One action of SQS.
    pub async fn call(&self, action: &str, mut body: Value, queue: &str) -> Value {
        body["QueueUrl"] = self.url(queue).into();
        let target = format!("AmazonSQS.{action}");
        let headers =
            [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", target.as_str())];
        let answer = self.http.send(Method::POST, &self.endpoint, &headers, body.to_string()).await;
        let answer = answer.expect("SQS answers").with(200);
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }

    /// Sends a body as it is.
    pub async fn send(&self, queue: &str, body: &str) {
        self.call("SendMessage", json!({ "MessageBody": body }), queue).await;
    }

    /// Sends up to ten bodies at once.
    pub async fn send_all(&self, queue: &str, bodies: &[String]) {
        let entry =
            |(id, body): (usize, &String)| json!({ "Id": id.to_string(), "MessageBody": body });
        let entries: Vec<_> = bodies.iter().enumerate().map(entry).collect();
        let answer = self.call("SendMessageBatch", json!({ "Entries": entries }), queue).await;
        assert_eq!(answer["Successful"].as_array().map(Vec::len), Some(bodies.len()), "{answer}");
    }

    /// Sets for how long a received message stays hidden, so that what a crash left comes back
    /// soon.
    pub async fn set_visibility(&self, queue: &str, seconds: u32) {
        let attributes = json!({ "Attributes": { "VisibilityTimeout": seconds.to_string() } });
        self.call("SetQueueAttributes", attributes, queue).await;
    }

    /// Receives and deletes up to ten messages.
    pub async fn take(&self, queue: &str) -> Vec<Letter> {
        let wanted = json!({ "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"] });
        let answer = self.call("ReceiveMessage", wanted, queue).await;
        let mut letters = Vec::new();
        for message in answer["Messages"].as_array().into_iter().flatten() {
            self.call("DeleteMessage", json!({ "ReceiptHandle": message["ReceiptHandle"] }), queue)
                .await;
            letters.push(Letter {
                body: message["Body"].as_str().unwrap_or_default().to_owned(),
                reason: message["MessageAttributes"]["reason"]["StringValue"]
                    .as_str()
                    .map(str::to_owned),
            });
        }
        letters
    }
}
