//! Subscriptions: versions, revisions, fan-out's pages, releases; and the other things of a tenant.

use shared::core::access::api_key::ApiKey;
use shared::core::access::capability::Scope;
use shared::core::endpoint::Endpoint;
use shared::core::endpoint::address::EgressRule;
use shared::core::erasure::{Erasure, What};
use shared::core::id::{EventId, KeyId, SubscriptionId};
use shared::core::page::Order;
use shared::core::sealing::Sealed;
use shared::core::subscription::breaker::Breaker;
use shared::core::subscription::release::Release;
use shared::core::subscription::{Health, Secrets, Status, Subscription};
use shared::core::tenant::Tenant;
use shared::edges::clock;
use shared::edges::store::api_keys::StoredKey;
use shared::edges::store::{ConfigStore, Saved};

use crate::{config, pages, subscription, tenant, world};

fn fresh(id: SubscriptionId) -> Subscription {
    let rule = EgressRule::parse("").expect("a rule");
    let now = clock::now();
    Subscription {
        tenant: tenant(),
        id,
        version: 0,
        endpoint: Endpoint::parse("https://example.com/hooks", &rule).expect("an endpoint"),
        filter: serde_json::from_str(r#"["order.*","SaleCreated"]"#).expect("a filter"),
        status: Status::Active,
        status_reason: Some("why".to_owned()),
        ordered: true,
        description: "é".to_owned(),
        profile: "standard".to_owned(),
        overrides: serde_json::from_str(r#"{"retry_waits_seconds":[1, 2],"body":"${data}"}"#)
            .expect("overrides"),
        headers: Some(Sealed::from_stored("1.headers".to_owned())),
        header_names: vec!["x-one".to_owned()],
        secrets: Secrets {
            current: Sealed::from_stored("1.current".to_owned()),
            previous: Some((Sealed::from_stored("1.previous".to_owned()), now)),
        },
        health: Health {
            failed_attempts: 3,
            failed_ms: 900,
            failing_since: Some(now),
            has_open_breaker: true,
        },
        created_at: now,
        updated_at: now,
    }
}

async fn save(store: &ConfigStore, subscription: &Subscription) -> Saved {
    store.save_subscription(subscription, None).await.expect("it answers")
}

async fn load(store: &ConfigStore, id: SubscriptionId) -> Option<Subscription> {
    store.subscription(&tenant(), id).await.expect("it answers")
}

async fn revision(store: &ConfigStore) -> u64 {
    store.revision(&tenant()).await.expect("it answers").changes
}

#[tokio::test]
async fn a_subscription_is_saved_over_the_version_it_was_loaded_at_and_every_change_counts() {
    let world = world().await;
    let store = config(&world);
    let new = fresh(subscription());
    assert_eq!((load(&store, new.id).await, revision(&store).await), (None, 0));
    assert_eq!(save(&store, &new).await, Saved::Saved);
    assert_eq!(save(&store, &new).await, Saved::Lost, "it is there already");
    let loaded = load(&store, new.id).await.expect("it is there");
    assert_eq!(loaded, Subscription { version: 1, ..new.clone() });
    assert_eq!(revision(&store).await, 1, "a save that is lost counts nothing");
    assert_eq!(save(&store, &loaded).await, Saved::Saved);
    assert_eq!(save(&store, &loaded).await, Saved::Lost, "it stands at the next version");
    assert_eq!(load(&store, new.id).await.map(|found| found.version), Some(2));
    assert_eq!(revision(&store).await, 2);
    store.delete_subscription(&tenant(), new.id, clock::now()).await.expect("it answers");
    assert_eq!((load(&store, new.id).await, revision(&store).await), (None, 3));
    let other = "shop-2".parse().expect("a tenant");
    assert!(store.subscription(&other, new.id).await.expect("it answers").is_none());
    world.finish().await;
}

#[tokio::test]
async fn fan_outs_pages_and_the_list_hold_every_subscription_once() {
    let world = world().await;
    let store = config(&world);
    let mut all: Vec<_> = (0..30).map(|_| subscription()).collect();
    for id in &all {
        assert_eq!(save(&store, &fresh(*id)).await, Saved::Saved);
    }
    all.sort_unstable();
    let (found, next) = store.fanout_page(&tenant(), None).await.expect("it answers");
    assert_eq!((found.iter().map(|found| found.id).collect::<Vec<_>>(), next), (all.clone(), None));
    let after = format!("subscription#{}", all[9]);
    let (found, _) = store.fanout_page(&tenant(), Some(&after)).await.expect("it answers");
    assert_eq!(
        found.iter().map(|found| found.id).collect::<Vec<_>>(),
        all[10..],
        "a cursor goes on after its entry"
    );
    for order in [Order::Ascending, Order::Descending] {
        let (mut listed, mut page) = (Vec::new(), pages(7, order));
        loop {
            let found = store.subscriptions(&tenant(), &page).await.expect("it answers");
            listed.extend(found.items.iter().map(|found| found.id));
            page.cursor = found.next;
            if page.cursor.is_none() {
                break;
            }
        }
        if order == Order::Descending {
            listed.reverse();
        }
        assert_eq!(listed, all, "{order:?}");
    }
    world.finish().await;
}

#[tokio::test]
async fn a_release_is_asked_for_with_the_change_or_not_at_all() {
    let world = world().await;
    let store = config(&world);
    let new = fresh(subscription());
    let mut release = Release::new(tenant(), new.id, clock::now());
    let save = |subscription: Subscription| {
        let (store, release) = (store.clone(), release.clone());
        async move { store.save_subscription(&subscription, Some(&release)).await.expect("it answers") }
    };
    assert_eq!(save(Subscription { version: 5, ..new.clone() }).await, Saved::Lost);
    assert!(store.releases().await.expect("it answers").is_empty());
    assert_eq!(save(new.clone()).await, Saved::Saved);
    let read = store.releases().await.expect("it answers");
    assert_eq!(read, [Release { revision: 1, ..release.clone() }]);
    let loaded = load(&store, new.id).await.expect("it is there");
    assert_eq!(loaded.health, Health::default(), "who resumes it starts it anew");
    release = read[0].clone();
    release.sent([EventId::new(clock::now(), 1)], None, clock::now());
    assert_eq!(store.save_release(&mut release).await.expect("it answers"), Saved::Saved);
    assert_eq!(store.releases().await.expect("it answers"), std::slice::from_ref(&release));
    assert_eq!(
        store.save_release(&mut read[0].clone()).await.expect("it answers"),
        Saved::Lost,
        "it was written since"
    );
    let earlier = Release { resumed_at: release.resumed_at.before(crate::DAY), ..release.clone() };
    assert_eq!(
        store.end_release(&earlier).await.expect("it answers"),
        Saved::Lost,
        "it was resumed anew"
    );
    assert_eq!(
        store.end_release(&read[0]).await.expect("it answers"),
        Saved::Lost,
        "it was written since"
    );
    assert_eq!(store.end_release(&release).await.expect("it answers"), Saved::Saved);
    assert!(store.releases().await.expect("it answers").is_empty());
    world.finish().await;
}

#[tokio::test]
async fn a_key_is_known_until_it_is_revoked_or_its_tenant_deleted() {
    let world = world().await;
    let (store, now) = (config(&world), clock::now());
    let row = Tenant {
        id: tenant(),
        name: "Shop".to_owned(),
        default_profile: "standard".to_owned(),
        created_at: now,
        retention_days: Some(7),
        events_per_minute: Some(6000),
        ordered: true,
        updated_at: now,
        portal_links_from: now,
    };
    assert_eq!(store.put_tenant(&row).await.expect("it answers"), Saved::Saved);
    assert_eq!(store.tenant(&tenant()).await.expect("it answers"), Some(row.clone()));
    assert_eq!(store.revision(&tenant()).await.expect("it answers").retention_days, Some(7));
    let revoked_at = now.after(crate::DAY);
    assert_eq!(
        store.revoke_portal_links(&tenant(), revoked_at).await.expect("it answers"),
        Saved::Saved
    );
    assert_eq!(
        store.revoke_portal_links(&tenant(), now).await.expect("it answers"),
        Saved::Lost,
        "never backwards"
    );
    let row = Tenant { retention_days: None, events_per_minute: None, ..row };
    assert_eq!(store.put_tenant(&row).await.expect("it answers"), Saved::Saved);
    let found = store.tenant(&tenant()).await.expect("it answers").expect("it is there");
    assert_eq!((found.retention_days, found.events_per_minute), (None, None));
    assert_eq!(
        found.portal_links_from, revoked_at,
        "what is put of it revokes nothing, and brings nothing back"
    );
    let mut hashes = Vec::new();
    for n in 0..3 {
        let hash = ApiKey::new([n; 32]).hash();
        let stored = StoredKey::new(
            KeyId::new(now, u128::from(n)),
            format!("key {n}"),
            Scope::ReadOnly,
            now,
            hash.clone(),
        );
        store.put_api_key(&tenant(), &stored).await.expect("it answers");
        hashes.push((stored.id, hash));
    }
    assert_eq!(
        store.owner_of_key(&hashes[0].1).await.expect("it answers"),
        Some((tenant(), Scope::ReadOnly))
    );
    assert!(store.delete_api_key(&tenant(), hashes[0].0).await.expect("it answers"));
    assert!(!store.delete_api_key(&tenant(), hashes[0].0).await.expect("it answers"));
    assert_eq!(store.owner_of_key(&hashes[0].1).await.expect("it answers"), None);
    let names: Vec<_> = store
        .api_keys(&tenant())
        .await
        .expect("it answers")
        .into_iter()
        .map(|key| key.name)
        .collect();
    assert_eq!(names, ["key 1", "key 2"]);

    assert_eq!(save(&store, &fresh(subscription())).await, Saved::Saved);
    let before = revision(&store).await;
    let erasure = Erasure::new(tenant(), What::Everything, now);
    assert_eq!(store.begin_erasure(&erasure).await.expect("it answers"), Saved::Saved);
    assert_eq!(
        store.put_tenant(&row).await.expect("it answers"),
        Saved::Lost,
        "all of it is being erased"
    );
    assert!(store.remove_keys_and_subscriptions(&tenant(), 10, now).await.expect("it answers"));
    assert_eq!(store.tenant(&tenant()).await.expect("it answers"), None);
    assert_eq!(store.revoke_portal_links(&tenant(), now).await.expect("it answers"), Saved::Lost);
    assert_eq!(store.owner_of_key(&hashes[1].1).await.expect("it answers"), None);
    assert!(store.fanout_page(&tenant(), None).await.expect("it answers").0.is_empty());
    assert!(
        revision(&store).await > before,
        "what fan-out has cached of the tenant must never hold again"
    );
    world.finish().await;
}

#[tokio::test]
async fn failures_are_counted_until_a_success_and_change_no_version() {
    let world = world().await;
    let store = config(&world);
    let new = Subscription { health: Health::default(), ..fresh(subscription()) };
    let (tenant, id, since) = (tenant(), new.id, clock::now());
    assert_eq!(
        store.count_failure(&tenant, id, 250).await.expect("it answers"),
        None,
        "there is none yet"
    );
    assert_eq!(save(&store, &new).await, Saved::Saved);
    assert_eq!(
        store.clear_failures(&tenant, id).await.expect("it answers"),
        Saved::Lost,
        "there were none"
    );
    for failed_attempts in 1..=3 {
        let counted = store.count_failure(&tenant, id, 250).await.expect("it answers");
        assert_eq!(
            counted,
            Some(Health {
                failed_attempts,
                failed_ms: u64::from(failed_attempts) * 250,
                ..Health::default()
            })
        );
    }
    assert_eq!(store.clear_failures(&tenant, id).await.expect("it answers"), Saved::Saved);
    assert_eq!(
        store.clear_failures(&tenant, id).await.expect("it answers"),
        Saved::Lost,
        "one notes it"
    );
    assert_eq!(
        load(&store, id).await.map(|loaded| (loaded.version, loaded.health)),
        Some((1, Health::default()))
    );
    assert_eq!(
        store.delete_subscription(&tenant, id, since).await.expect("it answers"),
        Saved::Saved
    );
    assert_eq!(
        store.delete_subscription(&tenant, id, since).await.expect("it answers"),
        Saved::Lost
    );
    assert_eq!(store.count_failure(&tenant, id, 250).await.expect("it answers"), None);
    assert_eq!(
        store.mark_failing(&tenant, id, since, None).await.expect("it answers"),
        Saved::Lost
    );
    assert_eq!(load(&store, id).await, None, "counting makes no subscription");
    world.finish().await;
}

#[tokio::test]
async fn a_breaker_opens_and_closes_in_one_with_its_subscription_and_is_moved_by_who_read_it_alone()
{
    let world = world().await;
    let store = config(&world);
    let new = Subscription { health: Health::default(), ..fresh(subscription()) };
    let (tenant, id, since) = (tenant(), new.id, clock::now());
    let policy = new.policy().expect("it has one");
    let breaker = Breaker::open(&tenant, id, since, &policy, 0.5).expect("it has one");
    let breakers = async || store.breakers().await.expect("it answers");
    let mark =
        async |at| store.mark_failing(&tenant, id, at, Some(&breaker)).await.expect("it answers");
    assert_eq!(
        (mark(since).await, breakers().await),
        (Saved::Lost, vec![]),
        "there is no such subscription yet"
    );
    assert_eq!(save(&store, &new).await, Saved::Saved);
    let release = Release::new(tenant.clone(), id, since);
    assert_eq!(
        store.recover(&tenant, id, Some(&release)).await.expect("it answers"),
        None,
        "it is not failing"
    );
    assert!(store.count_failure(&tenant, id, 250).await.expect("it answers").is_some());
    assert_eq!((mark(since).await, breakers().await), (Saved::Saved, vec![breaker.clone()]));
    assert_eq!(mark(since.after(crate::DAY)).await, Saved::Lost, "it is open");
    assert_eq!(
        store.clear_failures(&tenant, id).await.expect("it answers"),
        Saved::Lost,
        "it is failing"
    );
    let loaded = load(&store, id).await.expect("it is there");
    assert_eq!(
        (loaded.version, loaded.health),
        (
            1,
            Health {
                failed_attempts: 1,
                failed_ms: 250,
                failing_since: Some(since),
                has_open_breaker: true
            }
        )
    );
    let stale = Subscription { health: Health::default(), ..loaded.clone() };
    assert_eq!(save(&store, &stale).await, Saved::Lost, "it was loaded before it was failing");

    let next = breaker.probed(breaker.next_probe_at, &policy, 0.5).expect("it has one");
    assert_eq!(store.save_breaker(&breaker, &next).await.expect("it answers"), Saved::Saved);
    assert_eq!(
        store.save_breaker(&breaker, &next).await.expect("it answers"),
        Saved::Lost,
        "one sends the probe"
    );
    assert_eq!(
        store.end_breaker(&breaker).await.expect("it answers"),
        Saved::Lost,
        "it was moved since"
    );
    assert_eq!(breakers().await, std::slice::from_ref(&next));

    assert_eq!(store.recover(&tenant, id, Some(&release)).await.expect("it answers"), Some(since));
    assert_eq!(
        store.recover(&tenant, id, Some(&release)).await.expect("it answers"),
        None,
        "one notes it"
    );
    assert_eq!((breakers().await, store.releases().await.expect("it answers").len()), (vec![], 1));
    assert_eq!(save(&store, &loaded).await, Saved::Lost, "it was loaded while it was failing");
    assert_eq!(load(&store, id).await.map(|loaded| loaded.health), Some(Health::default()));
    assert_eq!(store.end_breaker(&next).await.expect("it answers"), Saved::Lost);
    world.finish().await;
}
