//! Figures that the documents show still hold for what was built.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tests::{Options, Receiver, Status, Tenant, World, until};

/// Events that are counted, beside the one before them for which connections are opened.
const EVENTS: u32 = 5;
/// How far what is counted may be from what is on record.
const TOLERANCE: f64 = 0.05;

fn file(path: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", path].iter().collect();
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).expect("a small number"))
}

/// What the bill is made of: requests of the API, invocations, requests to SQS, and units.
fn counted(status: &Status) -> [f64; 5] {
    let invocations: u64 = status.functions.values().map(|function| function.invocations).sum();
    let sqs: u64 = status.sqs_by_queue.values().sum();
    let [http, invocations, sqs] = [status.http.requests, invocations, sqs].map(float);
    [http, invocations, sqs, status.dynamodb.read_units, status.dynamodb.write_units]
}

/// The same of one quiet delivery, as `infra/cost/counts.json` has it.
fn kept() -> [f64; 5] {
    let counts: Value = serde_json::from_str(&file("infra/cost/counts.json")).expect("JSON");
    let workloads = counts["workloads"].as_array().expect("workloads");
    let quiet =
        |workload: &&Value| workload["name"] == "single events" && workload["traffic"] == "quiet";
    let delivery = workloads.iter().find(quiet).expect("the quiet delivery of a single event");
    let functions = delivery["functions"].as_object().expect("functions").values();
    let invocations: f64 = functions.filter_map(|function| function["invocations"].as_f64()).sum();
    let figure =
        |name: &str| delivery[name].as_f64().unwrap_or_else(|| panic!("{name}: {delivery}"));
    let [reads, writes] = [figure("read_units"), figure("write_units")];
    [figure("http_requests"), invocations, figure("sqs_requests"), reads, writes]
}

/// Publishes an event and counts what it was billed for. None if the scheduler ran meanwhile, whose
/// work that is not.
async fn count_one(world: &World, shop: &Tenant, least_sqs: f64) -> Option<[f64; 5]> {
    // As in quiet traffic: every cache is stale.
    world.advance(Duration::from_mins(1)).await;
    let before = world.status().await;
    let start = counted(&before);
    let _ = shop.publish("order.created", &json!({ "note": "x".repeat(1_000) }).to_string()).await;
    let after = until("the event is delivered and its messages are deleted", async || {
        let status = world.status().await;
        let sqs = counted(&status)[2] - start[2];
        if status.is_drained() && sqs >= least_sqs {
            Ok(status)
        } else {
            Err(format!("{sqs} requests, {status}"))
        }
    })
    .await;
    let end = counted(&after);
    let ticks = |status: &Status| status.functions["scheduler"].invocations;
    (ticks(&before) == ticks(&after))
        .then(|| std::array::from_fn(|place| end[place] - start[place]))
}

#[tokio::test]
async fn a_delivery_is_billed_for_what_the_cost_table_says() {
    let options = Options::default().with("TickSeconds", "60").with_clock().with_one_process();
    let world = World::start(options).await;
    let receiver = Receiver::start_by(&world).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let _ = shop.subscribe(&receiver, "/hooks", json!({})).await;
    let kept = kept();
    let (mut number, mut sums) = (0, [0.0; 5]);
    let first = until("an event without a tick", async || {
        count_one(&world, &shop, 1.0).await.ok_or("a tick")
    })
    .await;
    while number < EVENTS {
        if let Some(one) = count_one(&world, &shop, kept[2].floor()).await {
            sums = std::array::from_fn(|place| sums[place] + one[place]);
            number += 1;
        }
    }
    let found = sums.map(|sum| sum / f64::from(EVENTS));
    let near = found.iter().zip(kept).all(|(found, kept)| (found - kept).abs() <= TOLERANCE * kept);
    assert!(
        near,
        "found {found:?} ({first:?} at first), kept {kept:?}: run `cargo postrider cost --update-docs`"
    );
    world.finish().await;
}

#[test]
fn the_sizes_that_the_documents_show_are_those_on_record() {
    let sizes: Value = serde_json::from_str(&file("infra/sizes.json")).expect("JSON");
    let readme = file("README.md");
    let deployed = sizes.get("arm64").unwrap_or_else(|| &sizes[std::env::consts::ARCH]);
    for (name, size) in deployed.as_object().expect("functions") {
        let [binary, zipped] =
            ["binary", "zipped"].map(|what| size[what].as_f64().expect("bytes") / 1e6);
        let row = format!("| {name} | {binary:.1} MB | {zipped:.1} MB |");
        assert!(
            readme.contains(&row),
            "README.md is stale, {row} is not in it: run infra/sizes.py --update"
        );
    }
}
