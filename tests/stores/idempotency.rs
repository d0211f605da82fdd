//! Idempotency keys: one claim wins, for 24 hours.

use std::time::Duration;

use shared::core::tenant::Tenant;
use shared::core::timestamp::Timestamp;
use shared::edges::clock;
use shared::edges::store::idempotency::{Claim, LIFETIME, Origin};
use tokio::task::JoinSet;

use crate::{event, log, tenant, world};

/// Split where the fingerprint is "a".
fn origin(fingerprint: &str) -> Origin {
    let split = (fingerprint == "a").then(|| "/items".parse().expect("a pointer"));
    Origin { fingerprint: fingerprint.to_owned(), split }
}

/// The tenant, made at this time.
fn made(created_at: Timestamp) -> Tenant {
    Tenant { id: tenant(), created_at, ..Tenant::operations() }
}

#[tokio::test]
async fn the_first_claim_wins_and_later_ones_learn_of_it_until_it_expires() {
    let world = world().await;
    let (log, now) = (log(&world), clock::now());
    let (first, second) = (event(1), event(2));
    let claim = |key: &'static str, event, print: &'static str, at| {
        let (log, tenant) = (log.clone(), made(now));
        async move { log.claim(&tenant, key, event, &origin(print), at).await.expect("it answers") }
    };
    let taken = Claim::Taken(first, origin("a"));
    assert_eq!(claim("key", first, "a", now).await, Claim::Claimed);
    assert_eq!(claim("key", second, "b", now).await, taken);
    assert_eq!(claim("other", second, "b", now).await, Claim::Claimed);
    let other = Tenant { id: "shop-2".parse().expect("a tenant"), ..made(now) };
    assert_eq!(
        log.claim(&other, "key", second, &origin("b"), now).await.expect("it answers"),
        Claim::Claimed
    );
    let anew = made(now.after(Duration::from_secs(1)));
    assert_eq!(
        log.claim(&anew, "key", second, &origin("b"), now).await.expect("it answers"),
        Claim::Claimed
    );
    let nearly = now.after(LIFETIME).before(Duration::from_secs(2));
    assert_eq!(claim("key", second, "b", nearly).await, taken);
    let after = now.after(LIFETIME + Duration::from_secs(1));
    assert_eq!(claim("key", second, "b", after).await, Claim::Claimed, "an expired claim is free");
    assert_eq!(claim("key", first, "a", after).await, Claim::Taken(second, origin("b")));
    world.finish().await;
}

#[tokio::test]
async fn of_many_claims_at_once_one_wins_and_all_others_learn_the_same_event() {
    let world = world().await;
    let (log, now) = (log(&world), clock::now());
    let mut claims = JoinSet::new();
    for n in 0..30 {
        let log = log.clone();
        claims.spawn(async move {
            let own = event(n);
            match log.claim(&made(now), "key", own, &origin("a"), now).await.expect("it answers") {
                Claim::Claimed => (own, true),
                Claim::Taken(winner, _) => (winner, false),
            }
        });
    }
    let outcomes = claims.join_all().await;
    assert_eq!(outcomes.iter().filter(|(_, won)| *won).count(), 1);
    assert!(outcomes.iter().all(|(event, _)| *event == outcomes[0].0), "{outcomes:?}");
    world.finish().await;
}
