//! What the journeys stand on.
//!
//! A journey drives the front door of a real local stack ([`World`]), through a small client
//! ([`Api`], [`Tenant`]), and looks at two things: what a receiver on a real socket saw
//! ([`Receiver`], [`rude`]), and what the history API says. Receivers check every signature with
//! the `standardwebhooks` crate, which shares no code with ours. Nothing sleeps: [`until`] waits
//! for a condition, with a bound, and a world [`with_clock`](Options::with_clock) lets minutes or
//! days pass at once ([`World::advance`]). A world ends with [`World::finish`], which fails on
//! messages left in a queue, on dead letters and on errors in the functions' logs, calls that their
//! rights do not cover among them, and on any secret of which the journey's client came to know,
//! wherever it stands and does not belong.

#![allow(clippy::missing_panics_doc, reason = "a panic is how a test fails")]

mod api;
pub mod catalogues;
mod clock;
pub mod erasing;
mod finder;
pub mod fixtures;
mod http;
pub mod keys;
mod late;
mod limit;
mod logs;
pub mod operations;
mod options;
pub mod ordered;
pub mod portal;
mod process;
mod queues;
mod receiver;
pub mod resends;
mod rights;
pub mod rude;
mod secrets;
mod signature;
mod status;
mod tables;
mod tenant;
pub mod timeline;
mod views;
mod wait;
mod wire;
mod world;

pub use api::{Api, PAGES};
pub use finder::Finder;
pub use http::{Answer, Http};
pub use late::fan_out;
pub use limit::assert_limit;
pub use options::Options;
pub use process::binaries;
pub use queues::{Letter, Queues};
pub use receiver::{Gate, Received, Receiver, Step};
pub use rights::{FunctionRights, Usage};
pub use signature::hex_hmac;
pub use status::{Status, Tally};
pub use tables::Tables;
pub use tenant::{Subscription, Tenant};
pub use views::{
    Attempt, AttemptCounts, Delivery, DeliveryCounts, Erasure, Event, Hour, List, Percentiles,
    Published, Resend, Stats, Timing,
};
pub use wait::{PATIENCE, until};
pub use wire::Wire;
pub use world::{Span, World};
