//! Tenants.

use super::item::{Item, NewItem};
use super::table::Query;
use super::{ConfigStore, StoreError, keys};
use crate::id::TenantId;
use crate::page::{Page, PageRequest};
use crate::timestamp::Timestamp;

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Chosen by the platform.
    pub id: TenantId,
    /// For people.
    pub name: String,
    /// The profile of its subscriptions that name none.
    pub default_profile: String,
    /// When it was first put.
    pub created_at: Timestamp,
    /// When it was last put.
    pub updated_at: Timestamp,
}

impl ConfigStore {
    /// One tenant.
    pub async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, StoreError> {
        let found = self.table.get(keys::TENANTS.to_owned(), id.to_string(), true).await?;
        found.map(|item| tenant(&item)).transpose()
    }

    /// Creates or replaces a tenant.
    pub async fn put_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        let item = NewItem::new(keys::TENANTS, tenant.id.as_str())
            .text("name", &tenant.name)
            .text("default_profile", &tenant.default_profile)
            .time("created_at", tenant.created_at)
            .time("updated_at", tenant.updated_at);
        self.table.put(item.build(), None).await.map(|_| ())
    }

    /// Removes the tenant with its keys and subscriptions, the tenant itself last, so that a delete that was cut short
    /// is done by another.
    pub async fn delete_tenant(&self, id: &TenantId) -> Result<(), StoreError> {
        for key in self.api_keys(id).await? {
            self.delete_api_key(id, key.id).await?;
        }
        let rows = self.table.query_all(Query { consistent: true, ..Query::of(keys::tenant(id)) }, usize::MAX).await?;
        // The revision stays and is counted up: should the tenant come back, nothing that fan-out has cached may hold.
        for row in rows.iter().map(|row| row.text("sort")).filter(|sort| !matches!(sort, Ok(keys::REVISION))) {
            self.table.delete(keys::tenant(id), row?.to_owned()).await?;
        }
        self.count_change(id).await?;
        self.table.delete(keys::TENANTS.to_owned(), id.to_string()).await
    }

    /// A page of all tenants, in order of their ids.
    pub async fn tenants(&self, page: &PageRequest) -> Result<Page<Tenant>, StoreError> {
        self.list(keys::TENANTS.to_owned(), None, page, tenant, |tenant| tenant.id.to_string()).await
    }
}

fn tenant(item: &Item) -> Result<Tenant, StoreError> {
    Ok(Tenant {
        id: item.parsed("sort")?,
        name: item.text("name")?.to_owned(),
        default_profile: item.text("default_profile")?.to_owned(),
        created_at: item.time("created_at")?,
        updated_at: item.time("updated_at")?,
    })
}
