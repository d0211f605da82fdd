//! An API key, twice: as a request finds it, and as a list of its tenant shows it.

use serde::{Deserialize, Serialize};

use super::super::values::{At, words};
use crate::core::access::api_key::KeyHash;
use crate::core::access::capability;
use crate::core::id::TenantId;
use crate::edges::store::stored::{Owner, StoredKey};
use crate::edges::store::{StoreError, keys};
use crate::edges::version::Version;

words!(Scope(capability::Scope):
    Full = "full",
    ReadOnly = "read_only",
    PublishOnly = "publish_only",
);

#[derive(Serialize, Deserialize)]
pub struct ByHash {
    v: Version<1>,
    partition: String,
    sort: String,
    tenant: TenantId,
    scope: Scope,
}

#[derive(Serialize, Deserialize)]
pub struct Listed {
    v: Version<1>,
    partition: String,
    sort: String,
    name: String,
    scope: Scope,
    hash: String,
    created_at: At,
}

impl ByHash {
    pub fn new(tenant: &TenantId, stored: &StoredKey) -> Self {
        Self {
            v: Version,
            partition: keys::key_by_hash(stored.hash()),
            sort: keys::KEY.to_owned(),
            tenant: tenant.clone(),
            scope: Scope(stored.scope),
        }
    }
}

impl Listed {
    pub fn new(tenant: &TenantId, stored: &StoredKey) -> Self {
        Self {
            v: Version,
            partition: keys::tenant(tenant),
            sort: keys::key(stored.id),
            name: stored.name.clone(),
            scope: Scope(stored.scope),
            hash: stored.hash().as_str().to_owned(),
            created_at: stored.created_at.into(),
        }
    }
}

impl TryFrom<ByHash> for Owner {
    type Error = StoreError;

    fn try_from(row: ByHash) -> Result<Self, StoreError> {
        Ok(Self { tenant: row.tenant, scope: row.scope.0 })
    }
}

impl TryFrom<Listed> for StoredKey {
    type Error = StoreError;

    fn try_from(row: Listed) -> Result<Self, StoreError> {
        let id = row.sort.strip_prefix(keys::KEY_PREFIX).and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| StoreError::Corrupt("sort".to_owned()))?;
        let hash = KeyHash::from_stored(row.hash);
        Ok(Self::new(id, row.name, row.scope.0, row.created_at.into(), hash))
    }
}
