//! A function for the stack's own tests: it does as the request says.

use std::fs::File;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(handle)).await
}

async fn handle(request: LambdaEvent<Value>) -> Result<Value, Error> {
    let payload = request.payload;
    if let Some(records) = payload["Records"].as_array() {
        if records.iter().any(|record| record["body"] == "hang") {
            return std::future::pending().await;
        }
        let failed: Vec<Value> = records
            .iter()
            .filter(|record| {
                record["body"] == "fail" && record["attributes"]["ApproximateReceiveCount"] == "1"
            })
            .map(|record| json!({ "itemIdentifier": record["messageId"] }))
            .collect();
        return Ok(json!({ "batchItemFailures": failed }));
    }
    match payload["body"].as_str().or(payload["do"].as_str()) {
        Some("fail") => Err("asked to fail".into()),
        Some("exit") => std::process::exit(7),
        Some("hang") => std::future::pending().await,
        Some("allocate") => {
            let _held = allocate();
            std::future::pending().await
        }
        Some("burst") => {
            drop(allocate());
            Ok(json!({ "statusCode": 200 }))
        }
        Some("large") => Ok(json!({ "statusCode": 200, "body": "x".repeat(7 * 1024 * 1024) })),
        Some("fill") => {
            File::create(std::env::temp_dir().join("large"))?.set_len(600 * 1024 * 1024)?;
            Ok(json!({ "statusCode": 200 }))
        }
        _ => Ok(json!({
            "statusCode": 201,
            "headers": { "content-type": "application/json" },
            "body": json!({
                "item": payload["pathParameters"]["item"],
                "orders": std::env::var("ORDERS_URL").unwrap_or_default(),
                "pid": std::process::id(),
            }).to_string(),
        })),
    }
}

/// More than the function's memory, and written to, or the kernel would not give it.
fn allocate() -> Vec<u8> {
    std::hint::black_box(vec![1; 160 * 1024 * 1024])
}
