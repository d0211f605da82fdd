use super::*;

fn batch(bodies: &[&str]) -> SqsEvent {
    let records =
        bodies.iter().map(|body| format!(r#"{{"messageId":"id-{body}","body":"{body}"}}"#));
    let json = format!(r#"{{"Records":[{}]}}"#, records.collect::<Vec<_>>().join(","));
    serde_json::from_str(&json).expect("a batch")
}

#[tokio::test]
async fn a_panic_and_a_hang_keep_their_own_messages_only() {
    let handle = |message: Message| async move {
        match message.body.as_str() {
            "panic" => panic!("on purpose"),
            "hang" => std::future::pending().await,
            "keep" => Settle::Keep,
            _ => Settle::Delete,
        }
    };
    let bodies = ["a", "panic", "hang", "keep", "b"];
    let response = each(batch(&bodies), Duration::from_millis(50), handle).await;
    let mut kept: Vec<_> =
        response.batch_item_failures.iter().map(|kept| kept.item_identifier.as_str()).collect();
    kept.sort_unstable();
    assert_eq!(kept, ["id-hang", "id-keep", "id-panic"]);
}
