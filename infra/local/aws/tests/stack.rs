//! A small stack with one function, `examples/probe.rs`, driven from outside.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
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

/// The tests' template with another text in some place, for as long as it is kept.
struct Changed(PathBuf);

impl Changed {
    fn new(name: &str, from: &str, to: &str) -> Self {
        let template = std::fs::read_to_string(options().template).unwrap();
        assert!(template.contains(from), "{from}");
        let path =
            std::env::temp_dir().join(format!("postrider-{name}-{}.yaml", std::process::id()));
        std::fs::write(&path, template.replace(from, to)).unwrap();
        Self(path)
    }

    fn options(&self) -> Options {
        Options { template: self.0.clone(), ..options() }
    }
}

impl Drop for Changed {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn invoke(stack: &Stack, what: &str) -> Value {
    let url =
        format!("{}/2015-03-31/functions/ProbeFunction/invocations", stack.addresses().invoke);
    post(&url, &[], &json!({ "do": what }).to_string()).await.2
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
    assert_eq!(stack.status().await["functions"]["probe"]["exceeded"]["deadline"], 1);
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
    let template = Changed::new("mapping", "Timeout: 1\n", "Timeout: 3\n");
    let started = Stack::start(template.options()).await;
    let reason = started.err().map(|error| error.to_string()).unwrap();
    assert!(
        reason.contains("visibility timeout: 2 seconds is less than Function timeout: 3 seconds"),
        "{reason}"
    );
}

/// Time for a slow machine: nothing here is about the deadline.
fn patient() -> Changed {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let (from, to) = ("VisibilityTimeout: 2", "VisibilityTimeout: 60");
    let template = Changed::new(&format!("patient-{number}"), from, to);
    let text = std::fs::read_to_string(&template.0).unwrap();
    std::fs::write(&template.0, text.replace("Timeout: 1\n", "Timeout: 60\n")).unwrap();
    template
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_with_more_memory_than_its_function_is_ended_while_it_works() {
    let stack = Stack::start(patient().options()).await.unwrap();
    assert_eq!(ask(&stack, "hello").await.0, StatusCode::CREATED);
    let before = stack.status().await;
    assert_eq!(before["functions"]["probe"]["memory_limit_bytes"], 128 * 1024 * 1024);
    let error = invoke(&stack, "allocate").await;
    assert_eq!(error["errorType"], "Runtime.OutOfMemory");
    let message = error["errorMessage"].as_str().unwrap();
    assert!(message.ends_with("Error: Runtime exited with error: signal: killed"), "{message}");
    until(&stack, "one is gone", |status| !pids(&before).is_subset(&pids(status))).await;
    let (status, body) = ask(&stack, "allocate").await;
    let failed = json!({ "message": "Internal Server Error" });
    assert_eq!((status, body), (StatusCode::INTERNAL_SERVER_ERROR, failed));
    assert_eq!(ask(&stack, "hello").await.0, StatusCode::CREATED);
    let after = &stack.status().await["functions"]["probe"];
    assert_eq!(after["exceeded"]["memory"], 2, "{after}");
    assert!(after["peak_memory_bytes"].as_u64() > Some(128 * 1024 * 1024), "{after}");
    assert!(!after["peak_memory_by_pid"].as_object().unwrap().is_empty(), "{after}");
    let log = std::fs::read_to_string(stack.data().path().join("logs/probe.log")).unwrap();
    let line = log.lines().find(|line| line.contains("out of memory")).expect("it is in the log");
    assert!(line.contains("probe is") && line.contains("the limit is 128 MB"), "{line}");
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_that_was_given_back_before_the_answer_counts() {
    let stack = Stack::start(patient().options()).await.unwrap();
    assert_eq!(invoke(&stack, "burst").await["errorType"], "Runtime.OutOfMemory");
    assert_eq!(ask(&stack, "hello").await.0, StatusCode::CREATED);
    assert_eq!(stack.status().await["functions"]["probe"]["exceeded"]["memory"], 1);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_too_large_fails_the_invocation() {
    let stack = Stack::start(patient().options()).await.unwrap();
    let error = invoke(&stack, "large").await;
    assert_eq!(error["errorType"], "Function.ResponseSizeTooLarge");
    let message = "Response payload size exceeded maximum allowed payload size (6291556 bytes).";
    assert_eq!(error["errorMessage"], message);
    assert_eq!(ask(&stack, "large").await.0, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(ask(&stack, "hello").await.0, StatusCode::CREATED);
    assert_eq!(stack.status().await["functions"]["probe"]["exceeded"]["answer"], 2);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_too_large_is_refused_as_lambda_and_api_gateway_do() {
    let stack = Stack::start(patient().options()).await.unwrap();
    let url =
        format!("{}/2015-03-31/functions/ProbeFunction/invocations", stack.addresses().invoke);
    let of_size = |size: usize| json!("x".repeat(size - 2)).to_string();
    for (kind, limit, accepted) in
        [("RequestResponse", 6_291_456, StatusCode::OK), ("Event", 1_048_576, StatusCode::ACCEPTED)]
    {
        let headers = [("x-amz-invocation-type", kind)];
        assert_eq!(post(&url, &headers, &of_size(limit)).await.0, accepted, "{kind}");
        let (status, headers, body) = post(&url, &headers, &of_size(limit + 1)).await;
        assert_eq!(
            (status, &headers["x-amzn-errortype"]),
            (StatusCode::PAYLOAD_TOO_LARGE, &"RequestTooLargeException".parse().unwrap())
        );
        let message =
            format!("Request must be smaller than {limit} bytes for the InvokeFunction operation");
        assert_eq!(body["Message"], message);
    }
    let large = ask(&stack, &"x".repeat(6_291_456)).await;
    let message = json!({ "message": "Request Entity Too Large" });
    assert_eq!(large, (StatusCode::PAYLOAD_TOO_LARGE, message));
    until(&stack, "all are counted", |status| {
        status["functions"]["probe"]["exceeded"]["payload"] == 3
    })
    .await;
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_process_has_a_temporary_directory_whose_size_is_bounded() {
    let stack = Stack::start(patient().options()).await.unwrap();
    let error = invoke(&stack, "fill").await;
    assert_eq!(error["errorType"], "Local.NoSpaceLeftOnDevice");
    assert_eq!(ask(&stack, "hello").await.0, StatusCode::CREATED);
    assert_eq!(stack.status().await["functions"]["probe"]["exceeded"]["temporary"], 1);
    let log = std::fs::read_to_string(stack.data().path().join("logs/probe.log")).unwrap();
    assert!(log.contains("probe left 600.0 MB") && log.contains("the limit is 512 MB"), "{log}");
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_environment_of_more_than_4_kb_is_refused_with_its_size() {
    let variables = format!("Variables: {{ LARGE: '{}', ", "x".repeat(4100));
    let template = Changed::new("environment", "Variables: { ", &variables);
    let reason = Stack::start(template.options()).await.err().map(|error| error.to_string());
    let reason = reason.expect("it is refused");
    assert!(reason.contains("ProbeFunction: its environment variables have 4"), "{reason}");
    assert!(reason.contains("bytes as JSON, and Lambda allows 4096"), "{reason}");
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
