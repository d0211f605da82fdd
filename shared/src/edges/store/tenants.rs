//! Tenants.

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, TransactWriteItem, Update};

use super::item::{key, number};
use super::rows;
use super::table::Expression;
use super::{ConfigStore, Saved, StoreError, keys};
use crate::core::erasure::What;
use crate::core::id::TenantId;
use crate::core::page::{Page, PageRequest};
use crate::core::tenant::Tenant;
use crate::core::timestamp::Timestamp;

impl ConfigStore {
    /// One tenant.
    pub async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, StoreError> {
        let found = self.table.get(keys::TENANTS.to_owned(), id.to_string(), true).await?;
        found.map(rows::read).transpose()
    }

    /// Creates or replaces a tenant, but for since when its portal links open; `Lost` while all of
    /// it is being erased.
    pub async fn put_tenant(&self, tenant: &Tenant) -> Result<Saved, StoreError> {
        let (set, values) = match tenant.retention_days {
            Some(days) => (
                "SET v = :v, retention_days = :days ADD changes :one",
                vec![(":days", number(days))],
            ),
            None => ("SET v = :v REMOVE retention_days ADD changes :one", Vec::new()),
        };
        let revision = self.update_revision(&tenant.id, set, &values)?;
        let free = ConditionCheck::builder()
            .table_name(&self.table.name)
            .set_key(Some(key(keys::ERASURES, tenant.id.to_string())))
            .condition_expression("attribute_not_exists(sort) OR what <> :everything")
            .expression_attribute_values(
                ":everything",
                AttributeValue::S(What::Everything.as_str().to_owned()),
            )
            .build()
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let free = TransactWriteItem::builder().condition_check(free).build();
        self.table.transact(vec![self.tenant_update(tenant)?, revision, free]).await
    }

    fn tenant_update(&self, tenant: &Tenant) -> Result<TransactWriteItem, StoreError> {
        let set = "SET v = :v, #name = :name, default_profile = :profile, ordered = :ordered, created_at = :created, \
                   updated_at = :updated";
        let (mut set, mut remove) = (set.to_owned(), Vec::new());
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let mut update = Update::builder()
            .table_name(&self.table.name)
            .set_key(Some(key(keys::TENANTS, tenant.id.as_str())))
            .expression_attribute_names("#name", "name")
            .expression_attribute_values(":v", number(1))
            .expression_attribute_values(":name", text(&tenant.name))
            .expression_attribute_values(":profile", text(&tenant.default_profile))
            .expression_attribute_values(":ordered", AttributeValue::Bool(tenant.ordered))
            .expression_attribute_values(":created", number(tenant.created_at.as_millis()))
            .expression_attribute_values(":updated", number(tenant.updated_at.as_millis()));
        let optional = [
            ("retention_days", tenant.retention_days.map(number)),
            ("events_per_minute", tenant.events_per_minute.map(number)),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                set.extend([", ", name, " = :", name]);
                update = update.expression_attribute_values(format!(":{name}"), value);
            } else {
                remove.push(name);
            }
        }
        if !remove.is_empty() {
            set.extend([" REMOVE ", &remove.join(", ")]);
        }
        let update = update
            .update_expression(set)
            .build()
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Ends all portal links that were made until then; `Lost` if they were already, or if there is
    /// no such tenant.
    pub async fn revoke_portal_links(
        &self,
        tenant: &TenantId,
        until: Timestamp,
    ) -> Result<Saved, StoreError> {
        let set = Expression::new("SET portal_links_from = :until")
            .value(":until", number(until.as_millis()));
        let row = key(keys::TENANTS, tenant.as_str());
        let forwards = "attribute_exists(sort) AND (attribute_not_exists(portal_links_from) OR portal_links_from < :until)";
        self.table.update(row, set, Some(forwards)).await
    }

    /// A page of all tenants, in order of their ids.
    pub async fn tenants(&self, page: &PageRequest) -> Result<Page<Tenant>, StoreError> {
        self.list(keys::TENANTS.to_owned(), None, page, rows::read, |tenant: &Tenant| {
            tenant.id.to_string()
        })
        .await
    }
}
