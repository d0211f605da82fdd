//! SQS by its public protocol: the client of the event source mappings, and the template's queues.

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::Error;
use crate::template::{ACCOUNT, Queue};

/// A client of SQS's JSON protocol.
#[derive(Debug, Clone)]
pub struct Sqs {
    client: Client<HttpConnector, Full<Bytes>>,
    endpoint: String,
    /// Whose rights its calls are held against, as a signature would say. None: everybody's and
    /// nobody's.
    authorization: Option<HeaderValue>,
}

/// Why SQS did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum SqsError {
    /// It could not be reached, or its answer could not be read.
    #[error("SQS cannot be reached: {0}")]
    Unreachable(String),
    /// It refused, in its own words.
    #[error("SQS refused: {0}")]
    Refused(String),
}

impl Sqs {
    /// A client of the SQS at an endpoint such as `http://127.0.0.1:9324`.
    #[must_use]
    pub fn new(endpoint: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { client, endpoint: endpoint.to_owned(), authorization: None }
    }

    /// The same, called in a function's name.
    #[must_use]
    pub fn calling_as(&self, function: &str) -> Self {
        let authorization =
            HeaderValue::try_from(format!("AWS4-HMAC-SHA256 Credential={function}/"));
        Self { authorization: authorization.ok(), ..self.clone() }
    }

    /// A queue's URL.
    pub fn url(&self, queue: &str) -> String {
        format!("{}/{ACCOUNT}/{queue}", self.endpoint)
    }

    /// Asks for an action, and returns the answer's JSON.
    pub async fn call(&self, action: &str, body: impl Into<Bytes>) -> Result<Bytes, SqsError> {
        let unreachable = |reason: String| SqsError::Unreachable(reason);
        let mut request = Request::post(&self.endpoint)
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("AmazonSQS.{action}"));
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let request =
            request.body(Full::new(body.into())).map_err(|error| unreachable(error.to_string()))?;
        let response =
            self.client.request(request).await.map_err(|error| unreachable(error.to_string()))?;
        let status = response.status();
        let body = response
            .into_body()
            .collect()
            .await
            .map_err(|error| unreachable(error.to_string()))?
            .to_bytes();
        if status.is_success() {
            return Ok(body);
        }
        Err(SqsError::Refused(format!("{action}: {}", String::from_utf8_lossy(&body))))
    }

    /// Makes the queues that are not there yet, and gives all of them the template's attributes.
    pub async fn ensure(&self, queues: &[Queue]) -> Result<(), Error> {
        let refused = |error: SqsError| Error::Sqs(error.to_string());
        for queue in queues {
            let exists = match self
                .call("GetQueueUrl", json!({ "QueueName": queue.name }).to_string())
                .await
            {
                Ok(_) => true,
                Err(SqsError::Refused(reason)) if reason.contains("QueueDoesNotExist") => false,
                Err(error) => return Err(refused(error)),
            };
            let (action, request) = if exists {
                let mut attributes = queue.attributes.clone();
                attributes.retain(|name, _| name != "FifoQueue");
                (
                    "SetQueueAttributes",
                    json!({ "QueueUrl": self.url(&queue.name), "Attributes": attributes }),
                )
            } else {
                ("CreateQueue", json!({ "QueueName": queue.name, "Attributes": queue.attributes }))
            };
            // SetQueueAttributes needs at least one.
            if !(exists && queue.attributes.is_empty()) {
                self.call(action, request.to_string()).await.map_err(refused)?;
            }
        }
        Ok(())
    }

    /// How many messages are visible, in flight and delayed in a queue: SQS's own three attributes.
    pub async fn tally(&self, queue: &str) -> Result<Value, SqsError> {
        let names = ["", "NotVisible", "Delayed"]
            .map(|suffix| format!("ApproximateNumberOfMessages{suffix}"));
        let request = json!({ "QueueUrl": self.url(queue), "AttributeNames": names });
        let answer = self.call("GetQueueAttributes", request.to_string()).await?;
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let number = |name: &str| {
            answer["Attributes"][name].as_str().and_then(|text| text.parse::<u64>().ok())
        };
        let [visible, in_flight, delayed] = names.each_ref().map(|name| number(name));
        Ok(json!({ "visible": visible, "in_flight": in_flight, "delayed": delayed }))
    }
}
