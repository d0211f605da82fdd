//! The four systems: whose sample event goes where, how its receiver behaves, and what must come of
//! it.

use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::DemoError;

/// A system whose receivers notice no difference.
#[derive(Debug)]
pub(super) struct Case {
    /// The profile that reproduces its contract.
    pub(super) profile: &'static str,
    /// The tenant that the event belongs to.
    pub(super) tenant: &'static str,
    /// The receiver's path.
    pub(super) path: &'static str,
    /// What happens, in a line.
    pub(super) story: &'static str,
    /// Its event types, as their import takes them.
    pub(super) catalogue: &'static str,
    /// The type of the event; the event is the catalogue's example.
    pub(super) event_type: &'static str,
    /// What its subscription has otherwise than its profile, as JSON.
    pub(super) overrides: &'static str,
    /// How the receiver refuses.
    pub(super) refusal: Refusal,
    /// How many deliveries it makes.
    pub(super) deliveries: usize,
    /// How many attempts each takes.
    pub(super) attempts: u32,
    /// The waits before the second attempt and those after it: each with its bounds, in seconds.
    pub(super) waits: &'static [(f64, f64)],
    /// How every attempt is proved to the receiver.
    pub(super) proof: &'static str,
    /// How every body starts; empty where it is the data, byte for byte.
    pub(super) body: &'static str,
}

/// How a receiver refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It answers so many attempts of each event with this.
    First(u32, u16),
    /// It answers with this until it is repaired.
    UntilRepaired(u16),
}

/// A catalogue, as far as the demo reads it.
#[derive(Deserialize)]
struct Catalogue {
    event_types: Vec<EventType>,
}

#[derive(Deserialize)]
struct EventType {
    name: String,
    example: Box<RawValue>,
}

impl Case {
    /// The data of its event, byte for byte.
    pub(super) fn data(&self) -> Result<Box<RawValue>, DemoError> {
        let catalogue: Catalogue = serde_json::from_str(self.catalogue)
            .map_err(|error| DemoError::Catalogue(self.profile, error))?;
        let found =
            catalogue.event_types.into_iter().find(|event_type| event_type.name == self.event_type);
        found.map(|found| found.example).ok_or(DemoError::NoExample(self.profile, self.event_type))
    }

    /// The status that its receiver refuses with.
    pub(super) fn refuses_with(&self) -> StatusCode {
        let (Refusal::First(_, status) | Refusal::UntilRepaired(status)) = self.refusal;
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// A wait of so many seconds, without jitter: a wait that is hidden in the queue ends within a
/// second after it.
const fn exactly(seconds: f64) -> (f64, f64) {
    (seconds, seconds + 1.0)
}

/// All of them.
pub(super) const CASES: [Case; 4] = [
    Case {
        profile: "locally",
        tenant: "locally",
        path: "/locally",
        story: "a cart of three items is three events; each is refused three times and accepted within a minute",
        catalogue: include_str!("../../../../../catalogues/locally.json"),
        event_type: "cart.item_confirmed",
        overrides: "{}",
        refusal: Refusal::First(3, 500),
        deliveries: 3,
        attempts: 4,
        waits: &[exactly(5.0), exactly(10.0), exactly(15.0)],
        proof: "the token in locally-webhook-token",
        body: r#"{"upc":"#,
    },
    Case {
        profile: "locallygrown",
        tenant: "market_123",
        path: "/locallygrown",
        story: "refused twice; the waits grow fivefold, give or take a tenth",
        catalogue: include_str!("../../../../../catalogues/locallygrown.json"),
        event_type: "order.created",
        overrides: "{}",
        refusal: Refusal::First(2, 503),
        deliveries: 1,
        attempts: 3,
        waits: &[(54.0, 67.0), (270.0, 331.0)],
        proof: "the hex HMAC in x-locallygrown-signature",
        body: r#"{"id":"evt_"#,
    },
    Case {
        profile: "front-systems",
        tenant: "front-systems",
        path: "/front-systems",
        story: "answered 404, and there are no retries; the receiver is repaired, and the event resent on request",
        catalogue: include_str!("../../../../../catalogues/front-systems.json"),
        event_type: "StockCountReconciled",
        overrides: "{}",
        refusal: Refusal::UntilRepaired(404),
        deliveries: 1,
        attempts: 2,
        waits: &[(0.0, 60.0)],
        proof: "v1",
        body: "",
    },
    Case {
        profile: "cloudcart",
        tenant: "cloudcart",
        path: "/cloudcart",
        story: "as XML; 201 is no success there: refused five times, accepted at the last attempt, 15 minutes later",
        catalogue: include_str!("../../../../../catalogues/cloudcart.json"),
        event_type: "order.created",
        overrides: r#"{"body_format":"xml"}"#,
        refusal: Refusal::First(5, 201),
        deliveries: 1,
        attempts: 6,
        waits: &[exactly(60.0), exactly(120.0), exactly(180.0), exactly(240.0), exactly(300.0)],
        proof: "v1",
        body: r#"<?xml version="1.0" encoding="UTF-8"?><data><id type="number">1001</id>"#,
    },
];

#[cfg(test)]
mod tests;
