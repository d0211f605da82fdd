//! The local stack: Postrider as its template describes it, on one machine, without an AWS account.
//!
//! [`Stack::start`] reads the template ([`template`]), opens the databases in the data directory ([`data`]), serves
//! DynamoDB ([`dynamodb`]) and SQS (the `sqs` crate), runs the real function binaries through Lambda's Runtime API
//! ([`lambda`]), and connects them as AWS would: API Gateway in front ([`api`]), event source mappings behind the
//! queues ([`mapping`]), EventBridge's schedule ([`schedule`]). The functions know nothing of it: they get endpoints
//! and credentials in their environment, as in AWS, and have the rights that the template gives them (the module `rights`).
//!
//! A stack that was started for it lets time pass at once ([`Stack::run_ahead_by`], or `POST /_stack/clock` with
//! `{"ahead_ms": N}`): functions, queues and the stack itself then go by the machine's clock and what was added to it
//! (the module `clock`). `ahead_ms` counts from the machine's clock and only grows; a stack that is started anew is at
//! the machine's time again.
//!
//! To try it out there are a receiver that prints what it gets ([`receiver`]), a demo ([`demo`]), a bench
//! ([`bench`]), a soak under faults ([`soak`], [`faults`]), a meter of units ([`units`]), the bill ([`cost`]) and the starts of the
//! functions ([`starts`]); they use the stack through its HTTP API, as anybody would.
//!
//! Everything listens on 127.0.0.1 alone.

mod api;
mod asked;
pub mod bench;
mod client;
mod clock;
mod control;
pub mod cost;
mod data;
pub mod demo;
mod dynamodb;
mod error;
pub mod faults;
mod functions;
pub mod in_flight;
mod lambda;
mod logs;
mod mapping;
mod options;
mod queues;
mod random;
mod readme;
pub mod receiver;
mod rights;
mod schedule;
mod secrets;
mod server;
pub mod soak;
mod stack;
pub mod starts;
pub mod template;
pub mod units;

pub use clock::ClockError;
pub use data::write_whole;
pub use dynamodb::OperationCounts;
pub use error::Error;
pub use lambda::FunctionStatus;
pub use logs::Level;
pub use options::Options;
pub use rights::{FunctionRights, Usage};
pub use stack::{Addresses, Stack};
