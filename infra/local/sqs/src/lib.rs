//! A stand-in for Amazon SQS, for the local stack and for tests: its JSON protocol on a loopback
//! port, with the rules that matter to a system built on it, in memory, kept in a `SQLite` file.
//!
//! From the outside in:
//! - `http` takes requests, names the [`Action`], and writes answers and refusals (`refusal`) as
//!   SDKs read them.
//! - `operations` reads each action's request and writes its answer.
//! - `engine` is the handle: one lock around the state, the journal behind it, the waiting of long
//!   polls (`waiters`).
//! - `state` is what each action does, given the time: it knows no clock, file or network.
//! - `queue` holds one queue's messages (`message`, `content`) and when they show; `lines` says
//!   which comes next; `settings` are its attributes; `receipt` is what a receiver holds; `seen`
//!   what a FIFO queue has had before.
//! - `journal` keeps every `change`, many requests to a transaction, and reads them back at the
//!   next start.
//! - `counts` is what it would have cost.
//!
//! What was asked is done in memory first and answered after the commit that keeps it. So another
//! request may see a message a moment before its sender is told that it was sent, as on AWS.
//!
//! Left out on purpose: signatures, policies, keys and accounts; the pauses of 60 seconds after
//! `DeleteQueue` and between two `PurgeQueue`; the lost order and the rare second copies of a
//! standard queue; throttling.

mod action;
mod change;
mod content;
mod counts;
mod engine;
mod error;
mod http;
mod identifier;
mod journal;
mod lines;
mod message;
mod operations;
mod queue;
mod receipt;
mod refusal;
mod seen;
mod settings;
mod state;
mod waiters;

pub use action::Action;
pub use counts::{Count, Counts};
pub use engine::Engine;
pub use error::Error;
pub use http::router;
