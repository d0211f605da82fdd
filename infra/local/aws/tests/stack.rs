//! A small stack with one function, `examples/probe.rs`, driven from outside.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use aws::{Error, Level, Options, Stack};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

/// Cargo builds examples beside the tests: `release/deps/…` is this test, `release/examples/probe`
/// the function.
fn functions() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("examples")
}

fn options() -> Options {
    Options {
        template: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/template.yaml"),
        ephemeral: true,
        port: 0,
        functions: Some(functions()),
        http_concurrency: 2,
        logs: Level::Off,
        ..Options::default()
    }
}

async fn post(
    url: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (StatusCode, http::HeaderMap, Value) {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let mut request = Request::post(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(bytes::Bytes::from(body.to_owned()))).unwrap();
    let (parts, body) = client.request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, serde_json::from_slice(&body).unwrap_or_default())
}

async fn ask(stack: &Stack, body: &str) -> (StatusCode, Value) {
    let url = format!("{}/items/a%20b", stack.addresses().api);
    let (status, _, body) = post(&url, &[("content-type", "text/plain")], body).await;
    (status, body)
}

async fn send(stack: &Stack, body: &str) {
    let url = format!("{}/000000000000/Orders", stack.addresses().sqs);
    let headers =
        [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", "AmazonSQS.SendMessage")];
    let request = json!({ "QueueUrl": url, "MessageBody": body }).to_string();
    let (status, _, _) = post(&stack.addresses().sqs, &headers, &request).await;
    assert_eq!(status, StatusCode::OK);
}

/// Waits until `/_stack` satisfies a condition.
async fn until(stack: &Stack, what: &str, condition: impl Fn(&Value) -> bool) -> Value {
    let start = Instant::now();
    loop {
        let status = stack.status().await;
        if condition(&status) {
            return status;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "never {what}: {status}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The processes of the function.
fn pids(status: &Value) -> BTreeSet<u64> {
    let pids = status["functions"]["probe"]["pids"].as_array().expect("a list");
    pids.iter().filter_map(Value::as_u64).collect()
}

fn is_drained(status: &Value) -> bool {
    status["queues"]["Orders"] == json!({ "visible": 0, "in_flight": 0, "delayed": 0 })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_reaches_the_function_and_its_answer_comes_back() {
    let stack = Stack::start(options()).await.unwrap();
    let (status, body) = ask(&stack, "hello").await;
    assert_eq!((status, &body["item"]), (StatusCode::CREATED, &json!("a b")));
    assert_eq!(body["orders"], format!("{}/000000000000/Orders", stack.addresses().sqs));
    let (status, body) = ask(&stack, "fail").await;
    assert_eq!(
        (status, body),
        (StatusCode::INTERNAL_SERVER_ERROR, json!({ "message": "Internal Server Error" }))
    );
    let (status, _, body) = post(&format!("{}/other", stack.addresses().api), &[], "").await;
    assert_eq!((status, body), (StatusCode::NOT_FOUND, json!({ "message": "Not Found" })));
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_exits_or_hangs_is_replaced_and_its_caller_told() {
    let stack = Stack::start(options()).await.unwrap();
    let invoke =
        format!("{}/2015-03-31/functions/ProbeFunction/invocations", stack.addresses().invoke);
    assert_eq!(ask(&stack, "hello").await.0, StatusCode::CREATED);
    let before = pids(&stack.status().await);
    let (status, headers, error) = post(&invoke, &[], r#"{"do":"exit"}"#).await;
    assert_eq!(
        (status, &headers["x-amz-function-error"]),
        (StatusCode::OK, &http::HeaderValue::from_static("Unhandled"))
    );
    assert_eq!(error["errorType"], "Runtime.ExitError");
    // Whichever process took it: there may be more than one.
    until(&stack, "one is gone", |status| !before.is_subset(&pids(status))).await;
    assert_eq!(ask(&stack, "hello").await.0, StatusCode::CREATED);
    let (_, _, error) = post(&invoke, &[], r#"{"do":"hang"}"#).await;
    assert_eq!(error["errorType"], "Sandbox.Timedout");
    assert_eq!(ask(&stack, "hello").await.0, StatusCode::CREATED);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_deleted_unless_the_function_says_that_they_failed() {
    let stack = Stack::start(options()).await.unwrap();
    send(&stack, "ok").await;
    until(&stack, "drained", is_drained).await;
    send(&stack, "fail").await;
    let held = |status: &Value| {
        status["queues"]["Orders"]["in_flight"] == 1
            && status["functions"]["probe"]["invocations"] == 2
    };
    until(&stack, "hidden after its failure", held).await;
    // The queue's visibility timeout is two seconds; the second attempt succeeds. Counts are read
    // before queues.
    until(&stack, "drained again", is_drained).await;
    assert_eq!(stack.status().await["functions"]["probe"]["invocations"], 3);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_may_ask_for_what_its_role_grants_and_others_for_everything() {
    let stack = Stack::start(options()).await.unwrap();
    let (sqs, dynamodb) = (stack.addresses().sqs.clone(), stack.addresses().dynamodb.clone());
    let ask = async |endpoint: &str, target: &str, who: &str, body: Value| {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={who}/20260101/us-east-1/any/aws4_request, Signature=0"
        );
        let headers = [("x-amz-target", target), ("authorization", authorization.as_str())];
        post(endpoint, &headers, &body.to_string()).await
    };
    let orders = json!({ "QueueUrl": format!("{sqs}/000000000000/Orders"), "MessageBody": "ok" });
    let values = json!({ ":p": { "S": "a" } });
    let query = json!({ "TableName": "Table", "KeyConditionExpression": "#p = :p",
        "ExpressionAttributeNames": { "#p": "partition" }, "ExpressionAttributeValues": values });
    let user = "User: arn:aws:sts::000000000000:assumed-role/ProbeRole/probe is not authorized to perform:";

    let (status, headers, body) = ask(&sqs, "AmazonSQS.SendMessage", "probe", orders.clone()).await;
    assert_eq!(
        (status, &headers["x-amzn-query-error"]),
        (StatusCode::FORBIDDEN, &"AccessDenied;Sender".parse().unwrap())
    );
    let queue = "arn:aws:sqs:us-east-1:000000000000:Orders";
    let reason = "because no identity-based policy allows the";
    assert_eq!(
        body["message"],
        format!("{user} sqs:sendmessage on resource: {queue} {reason} sqs:sendmessage action")
    );
    let scan = json!({ "TableName": "Table" });
    let (status, _, body) = ask(&dynamodb, "DynamoDB_20120810.Scan", "probe", scan.clone()).await;
    assert_eq!(
        (status, &body["__type"]),
        (StatusCode::BAD_REQUEST, &json!("com.amazon.coral.service#AccessDeniedException"))
    );
    let table = "arn:aws:dynamodb:us-east-1:000000000000:table/Table";
    assert_eq!(
        body["message"],
        format!("{user} dynamodb:Scan on resource: {table} {reason} dynamodb:Scan action")
    );

    assert_eq!(ask(&dynamodb, "DynamoDB_20120810.Query", "probe", query).await.0, StatusCode::OK);
    assert_eq!(ask(&dynamodb, "DynamoDB_20120810.Scan", "somebody", scan).await.0, StatusCode::OK);
    assert_eq!(ask(&sqs, "AmazonSQS.SendMessage", "somebody", orders).await.0, StatusCode::OK);
    until(&stack, "polled and deleted under the function's name", is_drained).await;
    let rights = &stack.rights()["probe"];
    let denied: Vec<_> =
        rights.denied.iter().map(|right| (right.action.as_str(), right.times)).collect();
    assert_eq!(denied, [("dynamodb:Scan", 1), ("sqs:SendMessage", 1)]);
    assert!(rights.granted.iter().all(|right| right.times > 0), "{rights:?}");
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_whose_messages_show_again_too_soon_is_refused_as_an_event_source() {
    let template = std::fs::read_to_string(options().template).unwrap();
    let path = std::env::temp_dir().join(format!("postrider-mapping-{}.yaml", std::process::id()));
    std::fs::write(&path, template.replace("Timeout: 1\n", "Timeout: 3\n")).unwrap();
    let started = Stack::start(Options { template: path.clone(), ..options() }).await;
    let reason = started.err().map(|error| error.to_string()).unwrap();
    assert!(
        reason.contains("visibility timeout: 2 seconds is less than Function timeout: 3 seconds"),
        "{reason}"
    );
    std::fs::remove_file(path).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_tables_and_queues_are_found_again_and_a_second_stack_is_refused() {
    let data = std::env::temp_dir().join(format!("postrider-test-{}", std::process::id()));
    let kept = || Options { ephemeral: false, data: data.clone(), ..options() };
    let first = Stack::start(kept()).await.unwrap();
    let key = first.addresses().admin_key.clone();
    assert!(matches!(Stack::start(kept()).await, Err(Error::DataInUse(_))));
    first.stop().await;
    let second = Stack::start(kept()).await.unwrap();
    assert_eq!(second.addresses().admin_key, key);
    let taken = second.addresses().api.rsplit(':').next().unwrap().parse().unwrap();
    assert!(matches!(
        Stack::start(Options { port: taken, ..options() }).await,
        Err(Error::PortInUse(_))
    ));
    second.stop().await;
    std::fs::remove_dir_all(data).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_what_still_runs_quietly_and_its_message_stays_in_the_queue() {
    let directory =
        std::env::temp_dir().join(format!("postrider-stack-stop-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let template = std::fs::read_to_string(options().template).unwrap();
    let template =
        template.replace("Timeout: 1\n", "Timeout: 20\n").replace("Timeout: 2 ", "Timeout: 20 ");
    std::fs::write(directory.join("template.yaml"), template).unwrap();
    let options = Options {
        template: directory.join("template.yaml"),
        ephemeral: false,
        data: directory.join("data"),
        grace: Duration::from_millis(100),
        ..options()
    };
    let stack = Stack::start(options.clone()).await.unwrap();
    send(&stack, "hang").await;
    until(&stack, "busy", |status| status["functions"]["probe"]["busy"] == 1).await;
    assert_eq!(stack.running(), [("probe", 1)].into());
    stack.stop().await;
    let log = std::fs::read_to_string(directory.join("data/logs/probe.log")).unwrap();
    assert_eq!(log, "", "the end of the invocation is reported as a failure");

    let stack = Stack::start(options).await.unwrap();
    let status = stack.status().await;
    assert!(!is_drained(&status), "the message is lost: {status}");
    stack.stop().await;
    std::fs::remove_dir_all(&directory).unwrap();
}
