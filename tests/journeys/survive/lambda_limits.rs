//! Lambda's limits on a function, which the local stack enforces.

use tests::{Options, World};

#[tokio::test]
async fn a_function_that_runs_out_of_memory_fails_its_request_and_is_told_at_the_end() {
    // Less than any process needs to start.
    let options = Options::default().with_property("HistoryFunction", "MemorySize", "1");
    let words = ["history is out of memory: its process ", "Runtime.OutOfMemory"];
    let world = World::start(options.exceeding_limits().expecting_errors(&words)).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let _ = shop.api.get(&shop.path("/events")).await.with(500);
    let history = &world.status().await.functions["history"];
    assert_eq!((history.memory_limit_bytes, history.exceeded.memory), (1 << 20, 1));
    assert!(history.peak_memory_bytes > history.memory_limit_bytes, "{history:?}");
    world.finish().await;
}

#[tokio::test]
async fn the_memory_of_every_function_is_within_half_of_its_limit() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let receiver = tests::Receiver::start().await;
    let subscription = shop.subscribe(&receiver, "/", serde_json::json!({})).await;
    let published = shop.publish("order.created", "1").await;
    shop.delivery(&subscription, &published.id, "delivered").await;
    for (name, function) in world.status().await.functions {
        let (peak, limit) = (function.peak_memory_bytes, function.memory_limit_bytes);
        assert!(peak > 0 && peak <= limit / 2, "{name}: {peak} of {limit} bytes");
    }
    world.finish().await;
}
