//! Portal links: short-lived tokens that open one tenant's page.

use std::time::Duration;

use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::core::access::capability::Capability;
use shared::core::access::portal_token::PortalToken;
use shared::core::id::TenantId;
use shared::core::timestamp::Timestamp;
use shared::edges::api::auth::Authority;
use shared::edges::api::{ApiError, Request, response};
use shared::edges::clock;
use shared::edges::store::{ConfigStore, Saved};

use crate::Answer;
use crate::tenants::unreserved;

/// How long a link opens the page when the caller does not say: an hour.
const DEFAULT_LIFETIME: u64 = 3_600;
/// The shortest and the longest life of a link: a minute, and a day.
const LIFETIMES: std::ops::RangeInclusive<u64> = 60..=86_400;
/// How far clocks of two instances may be apart: a link of before must not count as made after.
const APART: Duration = Duration::from_secs(1);

/// What a portal link is to be.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPortalLink {
    /// What may be done besides looking: `manage` and `resend`. A page publishes nothing.
    #[serde(default)]
    #[schemars(extend("items" = json!({ "enum": ["view", "manage", "resend"] })), example = [Capability::Resend])]
    capabilities: Vec<Capability>,
    /// How long it opens the page; an hour where it is not given.
    #[schemars(range(min = *LIFETIMES.start(), max = *LIFETIMES.end()), example = DEFAULT_LIFETIME)]
    lifetime_seconds: Option<u64>,
}

/// A portal link, and what it is good for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PortalLink")]
pub struct PortalLinkView {
    /// The link: whoever opens it has the token.
    #[schemars(example = &"https://api.example.com/portal?token=prt_eyJ0ZW5hbnQiOiJzaG9wLTEifQ.2dFw8jgl1t1Lna8pKdkXWFiGUyng3mkLyyVFw8Y3Rs4")]
    url: String,
    /// The bearer of it is the tenant, as far as its capabilities go.
    #[schemars(example = &"prt_eyJ0ZW5hbnQiOiJzaG9wLTEifQ.2dFw8jgl1t1Lna8pKdkXWFiGUyng3mkLyyVFw8Y3Rs4")]
    token: String,
    /// What its bearer may do.
    #[schemars(example = [Capability::View, Capability::Resend])]
    capabilities: Vec<Capability>,
    expires_at: Timestamp,
}

/// `POST …/portal-links`: nothing is kept of it.
pub async fn create(
    config: &ConfigStore,
    authority: &Authority,
    api_url: &str,
    tenant: &TenantId,
    request: &Request,
) -> Answer {
    unreserved(tenant)?;
    let (capabilities, lifetime) = request.json_or_default::<NewPortalLink>()?.checked()?;
    let now = clock::now();
    let found = config.tenant(tenant).await?.ok_or(ApiError::NotFound("tenant"))?;
    let issued_at = now.max(found.portal_links_from.after(Duration::from_millis(1)));
    let expires_at = now.after(lifetime);
    let token = PortalToken { tenant: tenant.clone(), capabilities, issued_at, expires_at };
    let text = authority.sign(&token, now).await;
    // A token has nothing that a query would have to escape.
    let url = format!("{api_url}/portal?token={text}");
    let view = PortalLinkView { url, token: text, capabilities: token.capabilities, expires_at };
    response::json(StatusCode::CREATED, &view)
}

/// `DELETE …/portal-links`: all that were made until now end within 5 seconds.
pub async fn revoke(config: &ConfigStore, tenant: &TenantId) -> Answer {
    unreserved(tenant)?;
    if config.revoke_portal_links(tenant, clock::now().after(APART)).await? == Saved::Lost {
        config.tenant(tenant).await?.ok_or(ApiError::NotFound("tenant"))?;
    }
    Ok(response::no_content())
}

impl NewPortalLink {
    /// The capabilities of the link, in order and each once, and for how long it opens the page.
    fn checked(self) -> Result<(Vec<Capability>, Duration), ApiError> {
        let Self { mut capabilities, lifetime_seconds } = self;
        if capabilities.contains(&Capability::Publish) {
            return Err(ApiError::invalid(
                "capabilities",
                "view, manage and resend are wanted: a page publishes nothing",
            ));
        }
        let lifetime = lifetime_seconds.unwrap_or(DEFAULT_LIFETIME);
        if !LIFETIMES.contains(&lifetime) {
            let wanted = format!("{} to {} seconds are wanted", LIFETIMES.start(), LIFETIMES.end());
            return Err(ApiError::invalid("lifetime_seconds", wanted));
        }
        // Whoever may do something sees what it is done to.
        capabilities.push(Capability::View);
        capabilities.sort_unstable();
        capabilities.dedup();
        Ok((capabilities, Duration::from_secs(lifetime)))
    }
}

#[cfg(test)]
mod tests;
