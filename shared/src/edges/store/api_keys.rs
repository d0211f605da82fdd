//! API keys of tenants. The row by hash is what a request finds; the row under the tenant is what a
//! list shows.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};

use super::item::{Attributes, key};
use super::rows::{self, v1};
use super::stored::Owner;
pub use super::stored::StoredKey;
use super::table::Query;
use super::{ConfigStore, StoreError, keys};
use crate::core::access::api_key::KeyHash;
use crate::core::access::capability::Scope;
use crate::core::id::{KeyId, TenantId};
use aws_sdk_dynamodb::types::AttributeValue;

impl ConfigStore {
    /// Whose key has this hash, and what it is for.
    pub async fn owner_of_key(
        &self,
        hash: &KeyHash,
    ) -> Result<Option<(TenantId, Scope)>, StoreError> {
        let found = self.table.get(keys::key_by_hash(hash), keys::KEY.to_owned(), true).await?;
        let owner = found.map(rows::read::<Owner>).transpose()?;
        Ok(owner.map(|Owner { tenant, scope }| (tenant, scope)))
    }

    /// Makes a key known.
    pub async fn put_api_key(
        &self,
        tenant: &TenantId,
        stored: &StoredKey,
    ) -> Result<(), StoreError> {
        let listed = rows::write(&v1::api_key::Listed::new(tenant, stored))?;
        let by_hash = rows::write(&v1::api_key::ByHash::new(tenant, stored))?;
        let writes = vec![self.put_write(listed)?, self.put_write(by_hash)?];
        self.table.transact_unconditionally(writes).await
    }

    /// All keys of a tenant, oldest first.
    pub async fn api_keys(&self, tenant: &TenantId) -> Result<Vec<StoredKey>, StoreError> {
        let (first, last) = (keys::KEY_PREFIX.to_owned(), format!("{}~", keys::KEY_PREFIX));
        let between = Some(("sort", AttributeValue::S(first), AttributeValue::S(last)));
        let query = Query { between, consistent: true, ..Query::of(keys::tenant(tenant)) };
        self.table.query_all(query, usize::MAX).await?.into_iter().map(rows::read).collect()
    }

    /// Revokes a key; `false` if there is none of that id.
    pub async fn delete_api_key(&self, tenant: &TenantId, id: KeyId) -> Result<bool, StoreError> {
        let found = self.table.get(keys::tenant(tenant), keys::key(id), true).await?;
        let Some(stored) = found.map(rows::read::<StoredKey>).transpose()? else {
            return Ok(false);
        };
        let rows = [
            key(keys::key_by_hash(&stored.hash), keys::KEY),
            key(keys::tenant(tenant), keys::key(id)),
        ];
        let delete = |row| {
            let delete = Delete::builder().table_name(&self.table.name).set_key(Some(row)).build();
            let delete = delete.map_err(|error| StoreError::Corrupt(error.to_string()))?;
            Ok(TransactWriteItem::builder().delete(delete).build())
        };
        let writes = rows.into_iter().map(delete).collect::<Result<Vec<_>, StoreError>>()?;
        self.table.transact_unconditionally(writes).await.map(|()| true)
    }

    pub(super) fn put_write(&self, item: Attributes) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.table.name).set_item(Some(item)).build();
        let put = put.map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}
