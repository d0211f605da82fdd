//! The subscription and the deployment that the tests of this function's decisions start from.

use shared::core::endpoint::address::EgressRule;
use shared::core::sealing::Sealed;
use shared::core::signature::{Kind, Secret};
use shared::core::subscription::profile::Overrides;
use shared::core::subscription::{Health, Secrets, Status, Subscription};
use shared::core::timestamp::Timestamp;
use shared::edges::api::ApiError;

use crate::SubscriptionId;
use crate::terms::Terms;

pub const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// A deployment that sends to public addresses, and delivers in order where that is asked.
pub fn terms() -> Terms {
    Terms { egress: EgressRule::default(), ordered_delivery: true }
}

pub fn secret() -> Secret {
    Secret::new(Kind::Hmac, [1; 32])
}

pub fn sealed(text: &str) -> Sealed {
    Sealed::from_stored(format!("sealed {text}"))
}

/// An active one of the standard profile, whose receiver answers.
pub fn subscription() -> Subscription {
    Subscription {
        tenant: "shop-1".parse().expect("an id"),
        id: SubscriptionId::new(NOW, 1),
        version: 3,
        endpoint: terms().endpoint("https://example.com/hooks").expect("an endpoint"),
        filter: serde_json::from_str(r#"["*"]"#).expect("a filter"),
        status: Status::Active,
        status_reason: None,
        ordered: false,
        description: "the shop's stock".to_owned(),
        profile: "standard".to_owned(),
        overrides: Overrides::default(),
        headers: Some(sealed("headers")),
        header_names: vec!["x-api-key".to_owned()],
        secrets: Secrets { current: sealed("secret"), previous: None },
        health: Health::default(),
        created_at: NOW,
        updated_at: NOW,
    }
}

/// The place of the one fault.
pub fn fault<T>(result: Result<T, ApiError>) -> String {
    match result.map(|_| ()) {
        Err(ApiError::Invalid(faults)) => faults[0].path.clone(),
        other => panic!("{other:?}"),
    }
}
