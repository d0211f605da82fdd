//! AWS on one machine: what stands in for it under Postrider's functions, without an AWS account.
//!
//! [`Stack::start`] reads the template ([`template`]), opens the databases in the data directory
//! ([`data`]), serves DynamoDB ([`dynamodb`]) and SQS (the `sqs` crate), runs the real function
//! binaries through Lambda's Runtime API ([`lambda`]), and connects them as AWS would: API Gateway
//! in front ([`api`]), event source mappings behind the queues ([`mapping`]), EventBridge's
//! schedule ([`schedule`]). The functions know nothing of it: they get endpoints and credentials in
//! their environment, as in AWS, and have the rights that the template gives them ([`rights`]).
//!
//! A stack that was started for it lets time pass at once ([`Stack::run_ahead_by`], or `POST
//! /_stack/clock` with `{"ahead_ms": N}`): functions, queues and the stack itself then go by the
//! machine's clock and what was added to it ([`clock`]). `ahead_ms` counts from the machine's clock
//! and only grows; a stack that is started anew is at the machine's time again.
//!
//! Everything listens on 127.0.0.1 alone.

pub mod api;
mod clock;
mod control;
mod data;
pub mod dynamodb;
mod error;
pub mod faults;
mod functions;
pub mod lambda;
mod logs;
mod mapping;
mod options;
pub mod queues;
mod random;
mod rights;
mod schedule;
mod secrets;
pub mod server;
mod stack;
pub mod template;

pub use clock::ClockError;
pub use data::write_whole;
pub use dynamodb::OperationCounts;
pub use error::Error;
pub use lambda::FunctionStatus;
pub use logs::Level;
pub use options::Options;
pub use rights::{FunctionRights, Usage};
pub use stack::{Addresses, Stack};
