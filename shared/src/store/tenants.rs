//! Tenants.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, TransactWriteItem};

use super::delivery_item::number;
use super::item::{Item, NewItem, key};
use super::{ConfigStore, Saved, StoreError, keys};
use crate::erasure::What;
use crate::id::TenantId;
use crate::page::{Page, PageRequest};
use crate::profile;
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
    /// How many days its events, deliveries and attempts are kept; `None` for as long as the deployment keeps any.
    pub retention_days: Option<u16>,
    /// When it was first put.
    pub created_at: Timestamp,
    /// When it was last put.
    pub updated_at: Timestamp,
}

impl Tenant {
    /// The reserved tenant of Postrider's own events: it has no row.
    #[must_use]
    pub fn operations() -> Self {
        let epoch = Timestamp::from_millis(0);
        Self {
            id: TenantId::operations(),
            name: "Postrider's own events".to_owned(),
            default_profile: profile::DEFAULT.to_owned(),
            retention_days: None,
            created_at: epoch,
            updated_at: epoch,
        }
    }

    /// How long what happened to it is kept; `None` for as long as the deployment keeps anything.
    #[must_use]
    pub fn retention(&self) -> Option<Duration> {
        self.retention_days.map(days)
    }
}

/// Days as a duration.
#[must_use]
pub fn days(days: u16) -> Duration {
    Duration::from_hours(24 * u64::from(days))
}

impl ConfigStore {
    /// One tenant.
    pub async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, StoreError> {
        let found = self.table.get(keys::TENANTS.to_owned(), id.to_string(), true).await?;
        found.map(|item| tenant(&item)).transpose()
    }

    /// Creates or replaces a tenant; `Lost` while all of it is being erased.
    pub async fn put_tenant(&self, tenant: &Tenant) -> Result<Saved, StoreError> {
        let item = NewItem::new(keys::TENANTS, tenant.id.as_str())
            .text("name", &tenant.name)
            .text("default_profile", &tenant.default_profile)
            .optional(tenant.retention_days, |item, days| item.number("retention_days", days))
            .time("created_at", tenant.created_at)
            .time("updated_at", tenant.updated_at);
        let revision = match tenant.retention_days {
            Some(days) => {
                let set = "SET retention_days = :days ADD changes :one";
                self.update_revision(&tenant.id, set, &[(":days", number(days))])?
            }
            None => self.update_revision(&tenant.id, "REMOVE retention_days ADD changes :one", &[])?,
        };
        let free = ConditionCheck::builder()
            .table_name(&self.table.name)
            .set_key(Some(key(keys::ERASURES, tenant.id.to_string())))
            .condition_expression("attribute_not_exists(sort) OR what <> :everything")
            .expression_attribute_values(":everything", AttributeValue::S(What::Everything.as_str().to_owned()))
            .build()
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let free = TransactWriteItem::builder().condition_check(free).build();
        self.table.transact(vec![self.put_write(item.build())?, revision, free]).await
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
        retention_days: item.optional_number("retention_days")?,
        created_at: item.time("created_at")?,
        updated_at: item.time("updated_at")?,
    })
}
