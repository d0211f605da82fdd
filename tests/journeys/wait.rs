//! Deliveries that wait: parked, paused, held by the breaker; and those that are cancelled.

mod breaker;
mod cancelling;
mod parking;
mod pausing;
