//! A tenant with payloads to erase, and how an erasure is asked for and awaited.

use std::time::Duration;

use serde_json::{Value, json};

use crate::timeline::Timeline;
use crate::{
    Api, Erasure, Published, Receiver, Step, Subscription, Tenant, World, fixtures, until,
};

/// Asks for an erasure of what stands at this path below the tenant.
pub async fn erase(tenant: &Tenant, rest: &str) -> Erasure {
    tenant.api.delete(&tenant.path(rest)).await.with(202).json()
}

/// Waits until it has looked once at everything, and waits for its second look.
pub async fn looked_once(tenant: &Tenant) -> Erasure {
    until("it has looked once", async || {
        let shown = tenant.erasure().await;
        if shown.look == 2 { Ok(shown) } else { Err(format!("{shown:?}")) }
    })
    .await
}

/// Lets the time pass until the erasure has looked twice.
pub async fn done(world: &World, timeline: &Timeline<'_>, tenant: &Tenant) -> Erasure {
    let waiting = looked_once(tenant).await;
    assert_eq!((waiting.status.as_str(), waiting.finished_at), ("running", None));
    timeline.settled().await;
    world.advance_to(waiting.look_at).await;
    let done = until("the erasure is done", async || {
        let shown = tenant.erasure().await;
        if shown.status == "done" { Ok(shown) } else { Err(format!("{shown:?}")) }
    })
    .await;
    let took = done.created_at.until(done.finished_at.expect("its end"));
    assert!(took >= Duration::from_mins(20), "there was no second look: {done:?}");
    done
}

/// The API with a key of the tenant's own.
pub async fn key_of(tenant: &Tenant) -> Api {
    let made: Value =
        tenant.api.post(&tenant.path("/keys"), &json!({ "name": "k" })).await.with(201).json();
    tenant.api.with_key(made["key"].as_str().expect("a key"))
}

/// A tenant with a card's number in its payloads and in its receivers' answers.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Shop {
    pub tenant: Tenant,
    pub card: &'static str,
    pub fine: Subscription,
    pub failing: Subscription,
    pub paused: Subscription,
    pub small: Published,
    pub large: Published,
}

impl Shop {
    /// Fails unless all of it is as it was made.
    pub async fn assert_untouched(&self, world: &World) {
        let card = &self.card;
        let small = self.tenant.event(&self.small.id).await;
        assert_eq!(
            small.data.map(|data| data.get().to_owned()),
            Some(format!(r#"{{"card":"{card}"}}"#))
        );
        let large = self.tenant.event(&self.large.id).await;
        assert_eq!(large.data.map(|data| data.get().to_owned()), Some(fixtures::noise(400_000, 3)));
        for event in [&self.small, &self.large] {
            for (subscription, status) in [(&self.fine, "delivered"), (&self.failing, "pending")] {
                let row = self.tenant.delivery(subscription, &event.id, status).await;
                let excerpts: Vec<_> =
                    row.attempts().iter().map(|made| made.response_excerpt.clone()).collect();
                assert_eq!(excerpts, [Some(format!("card {card}"))]);
                let echoed = row.attempts()[0]
                    .response_headers
                    .as_ref()
                    .and_then(|headers| headers.get("x-echo"));
                assert_eq!(echoed, Some(&format!("card {card}")));
            }
            self.tenant.delivery(&self.paused, &event.id, "held").await;
        }
        assert!(
            !world
                .tables()
                .rows_with("LogTable", &format!("payload#{}", self.large.id))
                .await
                .is_empty()
        );
    }
}

/// Makes it: one subscription that is fine, one that fails and one that is paused, each with a small
/// and a large event.
pub async fn shop(world: &World, receiver: &Receiver, id: &str, card: &'static str) -> Shop {
    let tenant = world.tenant(id, &["order.created"]).await;
    let path = |name: &str| format!("/{id}/{name}");
    let answer = |status| {
        Step::Answer(
            status,
            vec![("x-echo", format!("card {card}"))],
            format!("card {card}").into(),
        )
    };
    receiver.script(&path("fine"), [answer(200)]);
    receiver.script(&path("failing"), [answer(500)]);
    let fine = tenant.subscribe(receiver, &path("fine"), json!({})).await;
    let failing = tenant
        .subscribe(
            receiver,
            &path("failing"),
            json!({ "overrides": { "retry_waits_seconds": [3600], "jitter_percent": 0 } }),
        )
        .await;
    let paused = tenant.subscribe(receiver, &path("paused"), json!({})).await;
    tenant.patch(&paused, json!({ "status": "paused" })).await;
    let small = tenant.publish("order.created", &format!(r#"{{"card":"{card}"}}"#)).await;
    let large = tenant.publish("order.created", &fixtures::noise(400_000, 3)).await;
    for event in [&small, &large] {
        tenant.delivery(&fine, &event.id, "delivered").await;
        tenant
            .delivery_when(&failing, &event.id, "one attempt", |row| row.attempt_count == 1)
            .await;
        tenant.delivery(&paused, &event.id, "held").await;
    }
    Shop { tenant, card, fine, failing, paused, small, large }
}
