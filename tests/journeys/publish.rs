//! Publishing: what is accepted, once, and what is refused.

mod catalogue;
mod flow;
mod idempotency;
mod sizes;
mod splits;
