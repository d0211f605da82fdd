use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const SENT: &str = r#"{"MessageId":"id-1","MD5OfMessageBody":"x"}"#;

/// An AWS of one socket: it answers the n-th request of all connections with the n-th answer, and
/// hangs up where there is none.
pub(crate) struct FakeAws {
    pub(crate) url: String,
    connections: Arc<AtomicUsize>,
    pub(crate) requests: Arc<Mutex<Vec<String>>>,
}

pub(crate) async fn fake_aws(answers: &'static [(u16, &'static str)]) -> FakeAws {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let requests = Arc::new(Mutex::new(Vec::new()));
    let aws = FakeAws { url, connections: connections.clone(), requests: requests.clone() };
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            connections.fetch_add(1, Ordering::SeqCst);
            while let Some(request) = read_request(&mut stream).await {
                let count = {
                    let mut seen = requests.lock().unwrap();
                    seen.push(request);
                    seen.len()
                };
                let Some((status, body)) = answers.get(count - 1) else {
                    break;
                };
                let answer = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.0\r\n\
                     content-length: {}\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    });
    aws
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await.ok()?;
        if read == 0 {
            return None;
        }
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok())
            .unwrap_or(0);
        if body.len() == length {
            return Some(text);
        }
    }
}

pub(crate) fn settings(endpoint: &str) -> AwsSettings {
    AwsSettings {
        region: "eu-north-1".to_owned(),
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "very-secret".to_owned(),
        session_token: Some("token-secret".to_owned()),
        dynamodb_endpoint: Some(endpoint.to_owned()),
        sqs_endpoint: Some(endpoint.to_owned()),
        secrets_manager_endpoint: Some(endpoint.to_owned()),
        http: AwsHttpClient::new(),
    }
}

async fn send(
    aws: &FakeAws,
) -> Result<
    aws_sdk_sqs::operation::send_message::SendMessageOutput,
    aws_sdk_sqs::error::SdkError<aws_sdk_sqs::operation::send_message::SendMessageError>,
> {
    let queue = format!("{}/000000000000/events", aws.url);
    settings(&aws.url).sqs().send_message().queue_url(queue).message_body("hello").send().await
}

#[tokio::test]
async fn a_message_is_sent_signed_and_its_answer_read() {
    let aws = fake_aws(&[(200, SENT)]).await;
    assert_eq!(send(&aws).await.unwrap().message_id(), Some("id-1"));
    let request = aws.requests.lock().unwrap()[0].to_lowercase();
    for part in [
        "post / http/1.1\r\n",
        "x-amz-target: amazonsqs.sendmessage\r\n",
        "authorization: aws4-hmac-sha256 credential=akidexample/",
        "x-amz-security-token: token-secret\r\n",
        r#""messagebody":"hello""#,
    ] {
        assert!(request.contains(part), "{part} in {request}");
    }
    // An in-memory body has a known length and is not sent in chunks.
    assert!(!request.contains("transfer-encoding"), "{request}");
}

#[tokio::test]
async fn an_unavailable_service_is_tried_again_on_the_same_connection() {
    let aws = fake_aws(&[(503, "{}"), (200, SENT)]).await;
    assert!(send(&aws).await.is_ok());
    assert_eq!(aws.requests.lock().unwrap().len(), 2);
    assert_eq!(aws.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_connection_closed_without_an_answer_is_tried_again_and_then_reported() {
    let aws = fake_aws(&[]).await;
    let error = send(&aws).await.unwrap_err();
    let aws_sdk_sqs::error::SdkError::DispatchFailure(failure) = error else { panic!("{error:?}") };
    assert!(failure.is_io(), "{failure:?}");
    assert_eq!(aws.requests.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_refused_connection_is_a_retryable_dispatch_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = settings(&url).dynamodb().list_tables().send().await.unwrap_err();
    let aws_sdk_dynamodb::error::SdkError::DispatchFailure(failure) = error else {
        panic!("{error:?}")
    };
    assert!(failure.is_io(), "{failure:?}");
}

#[tokio::test]
async fn a_modelled_error_is_not_tried_again() {
    let aws = fake_aws(&[(
        400,
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}"#,
    )])
    .await;
    let table = settings(&aws.url).dynamodb().describe_table().table_name("t").send().await;
    assert!(table.unwrap_err().into_service_error().is_resource_not_found_exception());
    assert_eq!(aws.requests.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_silent_service_is_a_timeout_after_the_calls_read_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = settings(&format!("http://{}", listener.local_addr().unwrap()));
    let impatient = aws_sdk_dynamodb::Config::builder()
        .timeout_config(TimeoutConfig::builder().read_timeout(Duration::from_millis(50)).build())
        .retry_config(RetryConfig::disabled());
    let call = settings.dynamodb().list_tables().customize().config_override(impatient);
    let error = call.send().await.unwrap_err();
    let aws_sdk_dynamodb::error::SdkError::DispatchFailure(failure) = error else {
        panic!("{error:?}")
    };
    assert!(failure.is_timeout(), "{failure:?}");
}

#[tokio::test]
async fn both_clients_share_one_connection() {
    let aws = fake_aws(&[(200, SENT), (200, r#"{"TableNames":["log"]}"#)]).await;
    let settings = settings(&aws.url);
    let sent = settings.sqs().send_message().queue_url(&aws.url).message_body("x").send().await;
    assert!(sent.is_ok(), "{sent:?}");
    let tables = settings.dynamodb().list_tables().send().await.unwrap();
    assert_eq!(tables.table_names(), ["log"]);
    assert_eq!(aws.connections.load(Ordering::SeqCst), 1);
}

#[test]
fn debug_shows_no_secret() {
    let text = format!("{:?}", settings("http://127.0.0.1:1"));
    assert!(!text.contains("secret") && !text.contains("AKID"), "{text}");
}

#[tokio::test]
async fn connections_are_opened_where_the_sdk_would_and_calls_use_them() {
    let far = |region: &str| AwsSettings {
        region: region.to_owned(),
        dynamodb_endpoint: None,
        ..settings("x")
    };
    for (region, url) in [
        ("eu-north-1", "https://dynamodb.eu-north-1.amazonaws.com"),
        ("cn-north-1", "https://dynamodb.cn-north-1.amazonaws.com.cn"),
    ] {
        assert_eq!(far(region).dynamodb_url().await.as_deref(), Some(url));
    }
    let aws = fake_aws(&[(404, ""), (200, SENT)]).await;
    let settings = settings(&aws.url);
    settings.connect(None).await;
    settings.sqs().send_message().queue_url("q").message_body("x").send().await.unwrap();
    assert_eq!(aws.connections.load(Ordering::SeqCst), 1);
}
