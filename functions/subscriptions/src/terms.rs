//! What a deployment allows its subscriptions.

use shared::core::endpoint::Endpoint;
use shared::core::endpoint::address::EgressRule;
use shared::edges::api::ApiError;

/// The terms of the deployment for subscriptions.
#[derive(Debug)]
pub struct Terms {
    /// The addresses that endpoints may have.
    pub egress: EgressRule,
    /// Whether subscriptions may be ordered.
    pub ordered_delivery: bool,
}

impl Terms {
    /// An endpoint that the deployment may send to.
    pub fn endpoint(&self, url: &str) -> Result<Endpoint, ApiError> {
        Endpoint::parse(url, &self.egress)
            .map_err(|error| ApiError::invalid("url", error.to_string()))
    }
}
