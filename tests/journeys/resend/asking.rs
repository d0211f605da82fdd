//! Asking for a bulk resend: once, twice, wrongly, as somebody else; and the list of those that
//! were asked for.

use serde_json::{Value, json};
use tests::resends::{arrivals, given_up, waits};
use tests::{Options, Receiver, Resend, Tenant, World};

#[tokio::test]
async fn asked_for_twice_at_once_and_again_it_is_one_and_another_waits_until_it_is_done() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", waits(&[])).await;
    let other = shop.subscribe(&receiver, "/other", waits(&[])).await;
    let published = given_up(&shop, &receiver, &subscription, 3).await;
    let gate = receiver.hold("/");
    let wanted = json!({ "which": "failed" });
    let ask = || shop.try_resend_many(&subscription, &wanted);
    let (one, two) = tokio::join!(ask(), ask());
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 202], "{} {}", one.text(), two.text());
    let (asked, same): (Resend, Resend) = (one.json(), two.json());
    assert_eq!(asked.id, same.id);

    receiver.wait("/", 3 + 3).await;
    let again: Resend = ask().await.with(200).json();
    assert_eq!((&again.id, again.status.as_str()), (&asked.id, "running"));
    let others = [
        json!({ "which": "all" }),
        json!({ "types": ["order.created"] }),
        json!({ "from": "2020-01-01" }),
    ];
    for wanted in others {
        let refused = shop.try_resend_many(&subscription, &wanted).await.with(409);
        assert!(refused.text().contains(&asked.id), "{wanted}: {}", refused.text());
    }
    let elsewhere = shop.resend_many(&other, json!({ "which": "all" })).await;
    assert_eq!(
        shop.resend_done(&elsewhere).await.counts(),
        [3, 3, 3, 0],
        "each subscription has its own"
    );
    gate.open();
    assert_eq!(shop.resend_done(&asked).await.counts(), [3, 3, 3, 0]);
    world.drained().await;
    let arrivals = arrivals(&receiver);
    assert!(published.iter().all(|event| arrivals[&event.id] == 2), "{arrivals:?}");
    let next = shop.resend_many(&subscription, wanted.clone()).await;
    assert_ne!(next.id, asked.id);
    assert_eq!(shop.resend_done(&next).await.counts(), [0; 4]);
    world.finish().await;
}

#[tokio::test]
async fn what_does_not_read_as_a_resend_is_refused_by_name_and_a_disabled_subscription_gets_none() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", waits(&[])).await;
    let cases = [
        (json!({ "colour": "red" }), "colour"),
        (json!({ "which": "some" }), "which"),
        (json!({ "which": 1 }), "which"),
        (json!({ "types": "order.created" }), "types"),
        (json!({ "types": ["order.created", "a..b"] }), "types"),
        (json!({ "types": [] }), "types"),
        (json!({ "from": "yesterday" }), "from"),
        (json!({ "to": 17 }), "to"),
        (json!({ "from": "2026-01-02", "to": "2026-01-01" }), "from"),
    ];
    for (wanted, path) in cases {
        let refused: Value = shop.try_resend_many(&subscription, &wanted).await.with(422).json();
        let found = refused["errors"][0]["path"].as_str().expect("a path");
        assert!(found.starts_with(path), "{wanted}: {refused}");
    }
    for (query, path) in [("limit=0", "limit"), ("cursor=%20", "cursor"), ("order=up", "order")] {
        let listed = shop.subscription_path(&subscription, &format!("/resends?{query}"));
        let refused: Value = shop.api.get(&listed).await.with(422).json();
        assert_eq!(refused["errors"][0]["path"], path, "{query}");
    }
    shop.patch(&subscription, json!({ "status": "disabled" })).await;
    let refused: Value = shop.try_resend_many(&subscription, &json!({})).await.with(409).json();
    assert!(
        refused["detail"].as_str().is_some_and(|detail| detail.contains("disabled")),
        "{refused}"
    );
    assert!(shop.api.all(&shop.subscription_path(&subscription, "/resends")).await.is_empty());
    world.finish().await;
}

#[tokio::test]
async fn resends_are_listed_newest_first_and_only_to_their_tenant() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let (shop, other) =
        (world.tenant("shop-1", &["order.created"]).await, world.tenant("shop-2", &[]).await);
    let subscription = shop.subscribe(&receiver, "/", waits(&[])).await;
    let empty = shop.subscribe(&receiver, "/empty", waits(&[])).await;
    let mut ids = Vec::new();
    for which in ["failed", "missing", "all", "failed"] {
        let asked = shop.resend_many(&subscription, json!({ "which": which })).await;
        let done = shop.resend_done(&asked).await;
        assert_eq!((done.which.as_str(), done.counts()), (which, [0; 4]));
        ids.insert(0, done.id);
    }
    for limit in [1, 3, 4, 250] {
        let path = shop.subscription_path(&subscription, &format!("/resends?limit={limit}"));
        let listed = shop.api.all(&path).await;
        let listed: Vec<_> = listed.iter().filter_map(|resend| resend["id"].as_str()).collect();
        assert_eq!(listed, ids, "by {limit}");
    }
    assert!(shop.api.all(&shop.subscription_path(&empty, "/resends")).await.is_empty());
    let key = async |tenant: &Tenant| {
        let made: Value =
            tenant.api.post(&tenant.path("/keys"), &json!({ "name": "k" })).await.with(201).json();
        tenant.api.with_key(made["key"].as_str().expect("a key"))
    };
    let (own, stranger) = (key(&shop).await, key(&other).await);
    let _ = own.get(&shop.subscription_path(&subscription, "/resends")).await.with(200);
    let _ = own.post(&shop.subscription_path(&empty, "/resend"), &json!({})).await.with(202);
    let one = format!("/resends/{}", ids[0]);
    for path in ["/resends".to_owned(), one.clone()] {
        let _ = stranger.get(&shop.subscription_path(&subscription, &path)).await.with(404);
        let _ = stranger.get(&other.subscription_path(&subscription, &path)).await.with(404);
    }
    for path in ["/resend".to_owned(), format!("{one}/cancel")] {
        let _ = stranger
            .post(&shop.subscription_path(&subscription, &path), &json!({}))
            .await
            .with(404);
        let _ = stranger
            .post(&other.subscription_path(&subscription, &path), &json!({}))
            .await
            .with(404);
    }
    // A resend of another subscription of the same tenant is no more to be found than one that
    // never was.
    let _ = shop.api.get(&shop.subscription_path(&empty, &one)).await.with(404);
    let _ = shop
        .api
        .get(&shop.subscription_path(&empty, "/resends/rsd_00000000000000000000000000"))
        .await
        .with(404);
    assert_eq!(shop.api.all(&shop.subscription_path(&subscription, "/resends")).await.len(), 4);
    world.finish().await;
}
