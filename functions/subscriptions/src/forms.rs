//! Subscriptions as they are asked for, and as they are answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use shared::core::delivery::headers::MASK;
use shared::core::event::event_type::Filter;
use shared::core::id::SubscriptionId;
use shared::core::subscription::breaker::State;
use shared::core::subscription::custom_headers::CustomHeaders;
use shared::core::subscription::policy::Policy;
use shared::core::subscription::profile::{self, Overrides};
use shared::core::subscription::{Status, Subscription};
use shared::core::timestamp::Timestamp;
use shared::edges::api::ApiError;
use shared::edges::api::schemas::{self, EndpointUrl, GivenSecret, ProfileName};

/// Characters of a description at most.
const MAX_DESCRIPTION_LEN: usize = 500;

/// The kinds of Standard Webhooks secret that can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecretType {
    /// `whsec_`, which signs v1.
    Hmac,
    /// A key pair, which signs v1a: `whsk_` stays here, `whpk_` verifies.
    Ed25519,
}

/// What a subscription is to be.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSubscription {
    /// Where its deliveries go.
    #[schemars(with = "EndpointUrl")]
    pub url: String,
    pub event_types: Filter,
    /// For people.
    #[serde(default)]
    #[schemars(length(max = MAX_DESCRIPTION_LEN), example = &"the shop's stock")]
    pub description: String,
    /// The profile that it starts from; the tenant's where it is not given.
    #[schemars(with = "Option<ProfileName>")]
    pub profile: Option<String>,
    #[serde(default)]
    pub overrides: Overrides,
    /// Headers that its requests have besides. They are not shown again.
    #[serde(default)]
    #[schemars(schema_with = "schemas::new_headers")]
    pub headers: BTreeMap<String, String>,
    /// A secret that its receiver has already; made where it is not given.
    #[schemars(with = "Option<GivenSecret>", example = None::<String>)]
    pub secret: Option<String>,
    /// What kind of secret to make, where none is given.
    pub secret_type: Option<SecretType>,
    pub status: Option<Status>,
    /// Whether its deliveries are made in order: each once those before it are delivered or given
    /// up. Its tenant has to be ordered.
    #[serde(default)]
    pub ordered: bool,
}

/// A JSON Merge Patch (RFC 7396): what is absent stays, `null` goes back to the default.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PatchSubscription")]
pub struct Patch {
    #[schemars(with = "Option<EndpointUrl>")]
    pub url: Option<String>,
    pub event_types: Option<Filter>,
    #[serde(default, deserialize_with = "present")]
    #[schemars(length(max = MAX_DESCRIPTION_LEN))]
    pub description: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<ProfileName>")]
    pub profile: Option<Option<String>>,
    /// Replaces the fields that are named; one that is null goes back to the profile's.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Overrides>")]
    pub overrides: Option<Option<Overrides>>,
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schemas::patched_headers")]
    pub headers: Option<Option<BTreeMap<String, Option<String>>>>,
    pub status: Option<Status>,
    /// As it is: this does not change.
    pub ordered: Option<bool>,
}

impl NewSubscription {
    /// Whether its tenant decides anything of it: the profile, or whether it may be ordered.
    pub const fn asks_its_tenant(&self) -> bool {
        self.profile.is_none() || self.ordered
    }
}

impl Patch {
    /// Whether headers that are there stay, but for those that it names.
    pub const fn keeps_headers(&self) -> bool {
        matches!(self.headers, Some(Some(_)))
    }
}

/// A description, if it is short enough.
pub fn description(text: String) -> Result<String, ApiError> {
    if text.chars().count() > MAX_DESCRIPTION_LEN {
        return Err(ApiError::invalid(
            "description",
            format!("at most {MAX_DESCRIPTION_LEN} characters are taken"),
        ));
    }
    Ok(text)
}

/// The named profile, or the default one.
pub fn profile(name: Option<String>) -> Result<String, ApiError> {
    profile::existing(name).map_err(|error| ApiError::invalid("profile", error.to_string()))
}

/// The policy that a profile and overrides make together.
pub fn policy(profile: &str, overrides: &Overrides) -> Result<Arc<Policy>, ApiError> {
    let profile = profile::find(profile).ok_or(ApiError::Internal)?;
    overrides
        .over(profile)
        .map_err(|error| ApiError::invalid(format!("overrides.{}", error.path), error.wanted))
}

/// Headers that requests may have.
pub fn headers(headers: BTreeMap<String, String>) -> Result<CustomHeaders, ApiError> {
    CustomHeaders::try_from(headers)
        .map_err(|error| ApiError::invalid("headers", error.to_string()))
}

/// Tells `null` (`Some(None)`) from absent (`None`).
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// A tenant's standing order to have certain events delivered.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Subscription")]
pub struct SubscriptionView {
    pub id: SubscriptionId,
    /// Where its deliveries go.
    #[schemars(with = "EndpointUrl")]
    pub url: String,
    pub event_types: Filter,
    pub status: Status,
    /// Why it has that status, where it was not asked for.
    pub status_reason: Option<String>,
    /// Whether its deliveries are made in order.
    pub ordered: bool,
    /// For people.
    #[schemars(example = &"the shop's stock")]
    pub description: String,
    /// The profile that it starts from.
    #[schemars(with = "ProfileName")]
    pub profile: String,
    pub overrides: Overrides,
    /// Custom headers: their names; the values are not shown.
    #[schemars(example = BTreeMap::from([("x-api-key", MASK)]))]
    pub headers: BTreeMap<String, &'static str>,
    /// Since when it counts as failing, if it does.
    #[schemars(example = None::<Timestamp>)]
    pub failing_since: Option<Timestamp>,
    /// Whether deliveries are held on that account.
    pub breaker: State,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl From<Subscription> for SubscriptionView {
    fn from(found: Subscription) -> Self {
        // A row whose policy cannot be used is shown all the same: its deliveries tell.
        let breaker = found.policy().map_or(State::None, |policy| State::of(found.health, &policy));
        Self {
            id: found.id,
            url: found.endpoint.as_str().to_owned(),
            event_types: found.filter,
            status: found.status,
            status_reason: found.status_reason,
            ordered: found.ordered,
            description: found.description,
            profile: found.profile,
            overrides: found.overrides,
            headers: found.header_names.into_iter().map(|name| (name, MASK)).collect(),
            failing_since: found.health.failing_since,
            breaker,
            created_at: found.created_at,
            updated_at: found.updated_at,
        }
    }
}
