//! The outside: each module owns one thing and translates between it and the [core](crate::core).
//!
//! - [`store`] DynamoDB, [`queue`] SQS, [`deployment_secret`] Secrets Manager, over the clients of
//!   [`aws`].
//! - [`sender`] the receivers' endpoints; [`receiver`] one subscription's receiver, as delivery
//!   speaks to it.
//! - [`api`] Lambda's HTTP requests, [`batch`] Lambda's SQS batches.
//! - [`env`](mod@env) the environment, [`clock`] time and chance, [`telemetry`] logs, [`metrics`] counts and
//!   times.
//! - [`version`] what stored and queued shapes say of themselves.
//! - [`cache`] keeps what was read a moment ago; [`failure`] is what fails on our side.

pub mod api;
pub mod aws;
pub mod batch;
pub mod cache;
pub mod clock;
pub mod deployment_secret;
pub mod env;
pub mod failure;
pub mod metrics;
pub mod queue;
pub mod receiver;
pub mod sender;
pub mod store;
pub mod telemetry;
mod version;
