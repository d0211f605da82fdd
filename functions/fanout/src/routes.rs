//! Which subscriptions a tenant has: cached, and never older than the event that asks.
//!
//! Every change of a tenant's subscriptions counts up its revision. Each batch reads the revision
//! of each tenant in it once, after the batch was received and so after its events were accepted:
//! what is cached for that revision holds for every one of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use shared::core::event::event_type::Filter;
use shared::core::id::{SubscriptionId, TenantId};
use shared::core::subscription::{Status, Subscription};
use shared::edges::store::subscriptions::Revision;
use shared::edges::store::{ConfigStore, StoreError};
use tokio::sync::OnceCell;

/// Subscriptions kept at most, of all tenants; some 300 bytes each.
const CAPACITY: usize = 50_000;

/// A subscription as fan-out needs it.
#[derive(Debug, PartialEq, Eq)]
pub struct Route {
    pub id: SubscriptionId,
    pub version: u64,
    pub filter: Filter,
    pub ordered: bool,
}

/// A page of a tenant's subscriptions that get events, how the tenant stands, and where the next
/// page starts.
#[derive(Debug)]
pub struct RoutePage {
    pub revision: Revision,
    pub routes: Vec<Route>,
    pub next: Option<String>,
}

/// The revisions that one batch has read.
#[derive(Debug, Default)]
pub struct Revisions(Mutex<HashMap<TenantId, Arc<OnceCell<Revision>>>>);

impl Revisions {
    async fn of(&self, tenant: &TenantId, store: &ConfigStore) -> Result<Revision, StoreError> {
        let cell = {
            let mut revisions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(revisions.entry(tenant.clone()).or_default())
        };
        cell.get_or_try_init(|| store.revision(tenant)).await.copied()
    }
}

type Key = (TenantId, Option<String>);

/// The cache.
#[derive(Debug)]
pub struct Routes {
    store: ConfigStore,
    pages: Mutex<HashMap<Key, Arc<RoutePage>>>,
}

impl Routes {
    pub fn new(store: ConfigStore) -> Self {
        Self { store, pages: Mutex::new(HashMap::new()) }
    }

    /// The page of a tenant's subscriptions that starts after `cursor`.
    pub async fn page(
        &self,
        tenant: &TenantId,
        cursor: Option<&str>,
        revisions: &Revisions,
    ) -> Result<Arc<RoutePage>, StoreError> {
        let revision = revisions.of(tenant, &self.store).await?;
        let key = (tenant.clone(), cursor.map(str::to_owned));
        let cached = self.pages.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(page) = cached.filter(|page| page.revision == revision) {
            return Ok(page);
        }
        let (subscriptions, next) = self.store.fanout_page(tenant, cursor).await?;
        let routes = subscriptions.into_iter().filter_map(route).collect();
        let page = Arc::new(RoutePage { revision, routes, next });
        self.keep(key, Arc::clone(&page));
        Ok(page)
    }

    fn keep(&self, key: Key, page: Arc<RoutePage>) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let kept: usize = pages.values().map(|page| page.routes.len() + 1).sum();
        if kept + page.routes.len() > CAPACITY {
            pages.clear();
        }
        pages.insert(key, page);
    }
}

/// Paused subscriptions get tasks, which delivery holds; disabled ones get none.
fn route(subscription: Subscription) -> Option<Route> {
    let Subscription { id, version, filter, status, ordered, .. } = subscription;
    (status != Status::Disabled).then_some(Route { id, version, filter, ordered })
}
