//! Which rows of the log a list is to have.

use std::str::FromStr;

use crate::core::delivery::{Delivery, Status};
use crate::core::event::event_type::EventTypeName;
use crate::core::subscription::status_rule::StatusRule;

/// Which deliveries of a subscription are wanted: those of any of these statuses whose latest
/// attempt had any of these responses, of events of this type; an empty list wants all, and so does
/// no type. Where delivered ones are not wanted, no row of one is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// How they stand.
    pub statuses: Vec<Status>,
    /// What the latest attempt's receiver answered.
    pub responses: Vec<Response>,
    /// What their events are.
    pub event_type: Option<EventTypeName>,
}

/// What a receiver answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Response {
    /// One of these statuses.
    Status(StatusRule),
    /// There was no answer, or no attempt.
    None,
}

/// Text that is no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a status such as 404, a class from 2xx to 5xx, or none is wanted")]
pub struct InvalidResponse;

impl FromStr for Response {
    type Err = InvalidResponse;

    fn from_str(text: &str) -> Result<Self, InvalidResponse> {
        match text {
            "none" => Ok(Self::None),
            rule => rule.parse().map(Self::Status).map_err(|_| InvalidResponse),
        }
    }
}

impl Wanted {
    /// Those of these statuses.
    #[must_use]
    pub fn of(statuses: &[Status]) -> Self {
        Self { statuses: statuses.to_vec(), ..Self::default() }
    }

    /// Whether this is one of them.
    pub(super) fn wants(&self, delivery: &Delivery) -> bool {
        let answered = delivery.attempts.last().and_then(|latest| latest.status);
        let response = |response: &Response| match response {
            Response::Status(rule) => answered.is_some_and(|status| rule.covers(status)),
            Response::None => answered.is_none(),
        };
        (self.statuses.is_empty() || self.statuses.contains(&delivery.status))
            && (self.responses.is_empty() || self.responses.iter().any(response))
            && self.event_type.as_ref().is_none_or(|wanted| *wanted == delivery.event_type)
    }

    /// Whether every row wanted is in the index of those not delivered.
    pub(super) fn is_unsettled(&self) -> bool {
        !self.statuses.is_empty() && !self.statuses.contains(&Status::Delivered)
    }
}
