//! The laboratory: the demo, and what measures and tries the local stack.
//!
//! The binary runs [`commands`], the subcommands of `postrider`.
//!
//! Everything here uses the stack through its HTTP API, as anybody would: a [`receiver`] that
//! prints what it gets, the [`demo`], the [`bench`](mod@bench), the [`soak`] under faults, what others notice
//! of a receiver that hangs ([`isolation`]), a meter of units ([`units`]), the bill ([`cost`]), the
//! [`starts`] of the functions, and a simulated day ([`in_flight`]).

mod arrivals;
mod asked;
pub mod bench;
mod client;
pub mod commands;
pub mod cost;
pub mod demo;
pub mod in_flight;
pub mod isolation;
mod publishing;
mod readme;
pub mod receiver;
pub mod soak;
pub mod starts;
mod thousands;
pub mod units;
