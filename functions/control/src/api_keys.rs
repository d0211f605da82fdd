//! API keys of a tenant: shown once.

use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::core::access::api_key::ApiKey;
use shared::core::access::capability::Scope;
use shared::core::id::{KeyId, TenantId};
use shared::core::timestamp::Timestamp;
use shared::edges::api::response::{self, List};
use shared::edges::api::{ApiError, Request};
use shared::edges::clock;
use shared::edges::store::ConfigStore;
use shared::edges::store::api_keys::StoredKey;

use crate::Answer;

/// Characters of a name at most.
const MAX_NAME_LEN: usize = 200;

/// What a key is to be.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// For people.
    #[serde(default)]
    #[schemars(length(max = MAX_NAME_LEN), example = &"the shop's back office")]
    name: String,
    /// What it may do.
    #[serde(default)]
    #[schemars(example = Scope::ReadOnly)]
    scope: Scope,
}

/// A tenant's API key.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Key")]
pub struct KeyView {
    id: KeyId,
    /// For people.
    #[schemars(example = &"the shop's back office")]
    name: String,
    /// What it may do.
    #[schemars(example = Scope::ReadOnly)]
    scope: Scope,
    created_at: Timestamp,
    /// The key itself; only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// `POST …/keys`: the only answer that shows the key.
pub async fn create(config: &ConfigStore, tenant: &TenantId, request: &Request) -> Answer {
    let NewKey { name, scope } = request.json_or_default()?;
    if name.chars().count() > MAX_NAME_LEN {
        return Err(ApiError::invalid(
            "name",
            format!("at most {MAX_NAME_LEN} characters are taken"),
        ));
    }
    let now = clock::now();
    let (id, key) = (KeyId::new(now, clock::random_bits()), ApiKey::new(clock::random()));
    config.put_api_key(tenant, &StoredKey::new(id, name.clone(), scope, now, key.hash())).await?;
    let view = KeyView { id, name, scope, created_at: now, key: Some(key.reveal().to_owned()) };
    response::json(StatusCode::CREATED, &view)
}

/// `GET …/keys`: all of them, oldest first.
pub async fn list(config: &ConfigStore, tenant: &TenantId) -> Answer {
    let keys = config.api_keys(tenant).await?;
    let view = |key: StoredKey| {
        let StoredKey { id, name, scope, created_at, .. } = key;
        KeyView { id, name, scope, created_at, key: None }
    };
    response::ok(&List { items: keys.into_iter().map(view).collect(), next_cursor: None })
}

/// `DELETE …/keys/{id}`: revoked for new requests within 10 seconds.
pub async fn delete(config: &ConfigStore, tenant: &TenantId, id: KeyId) -> Answer {
    if config.delete_api_key(tenant, id).await? {
        Ok(response::no_content())
    } else {
        Err(ApiError::NotFound("key"))
    }
}
