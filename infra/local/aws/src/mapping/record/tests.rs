use serde_json::{Value, json};

use super::*;

const ANSWER: &str = r#"{"Messages":[{"MessageId":"m-1","ReceiptHandle":"h\"1","MD5OfBody":"0c","Body":"{\"n\":1.0}",
    "Attributes":{"ApproximateReceiveCount":"2"},
    "MessageAttributes":{"why":{"StringValue":"x","DataType":"String"},"raw":{"BinaryValue":"AA==","DataType":"Binary"}}}]}"#;

#[test]
fn a_message_becomes_a_record_with_its_bytes_unchanged() {
    let messages = read(ANSWER.as_bytes()).unwrap();
    let event: Value = serde_json::from_slice(&event(&messages, "arn:q")).unwrap();
    let expected = json!({
        "messageId": "m-1",
        "receiptHandle": "h\"1",
        "body": "{\"n\":1.0}",
        "attributes": {"ApproximateReceiveCount": "2"},
        "messageAttributes": {
            "why": {"stringValue": "x", "stringListValues": [], "binaryListValues": [], "dataType": "String"},
            "raw": {"binaryValue": "AA==", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"},
        },
        "md5OfBody": "0c",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:q",
        "awsRegion": "us-east-1",
    });
    assert_eq!(event, json!({ "Records": [expected] }));
}

#[test]
fn an_empty_receive_has_no_messages() {
    assert!(read(b"{}").unwrap().is_empty());
    assert!(read(br#"{"Messages":[]}"#).unwrap().is_empty());
}

#[test]
fn deletions_name_the_handles_ten_at_a_time() {
    let answer = format!(r#"{{"Messages":[{}]}}"#, [&ANSWER[13..ANSWER.len() - 2]; 11].join(","));
    let messages = read(answer.as_bytes()).unwrap();
    let requests = deletions(&messages.iter().collect::<Vec<_>>(), "http://q");
    let sizes: Vec<usize> = requests
        .iter()
        .map(|request| {
            serde_json::from_str::<Value>(request).unwrap()["Entries"].as_array().unwrap().len()
        })
        .collect();
    assert_eq!(sizes, [10, 1]);
    assert!(requests[1].contains(r#""ReceiptHandle":"h\"1""#), "{}", requests[1]);
}

#[test]
fn a_batch_is_split_where_the_payload_would_be_too_large() {
    let answer = format!(r#"{{"Messages":[{}]}}"#, [&ANSWER[13..ANSWER.len() - 2]; 5].join(","));
    let messages = read(answer.as_bytes()).unwrap();
    let size = messages[0].size();
    assert!(event(&messages[..1], "arn:q").len() < size + 20);
    let lengths: Vec<usize> = split(&messages, 2 * size).iter().map(|run| run.len()).collect();
    assert_eq!(lengths, [2, 2, 1]);
    assert_eq!(split(&messages, 1).len(), 5);
}

#[test]
fn failed_deletions_are_told() {
    assert_eq!(failed_deletions(br#"{"Successful":[{"Id":"0"}],"Failed":[]}"#), None);
    assert_eq!(failed_deletions(br#"{"Successful":[{"Id":"0"}]}"#), None);
    assert!(
        failed_deletions(br#"{"Failed":[{"Id":"0","Code":"X"}]}"#)
            .unwrap()
            .contains(r#""Code":"X""#)
    );
}
