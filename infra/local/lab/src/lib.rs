//! The laboratory: the demo, and what measures and tries the local stack.
//!
//! The binary runs [`commands`], the subcommands of `postrider`.
//!
//! Everything here uses the stack through its HTTP API, as anybody would: a [`receiver`] that
//! prints what it gets, the [`demo`], the [`bench`], the [`soak`] under faults, what others notice
//! of a receiver that hangs ([`isolation`]), a meter of units ([`units`]), the bill ([`cost`]), the
//! [`starts`] of the functions, and a simulated day ([`in_flight`]).

mod asked;
pub mod bench;
mod client;
pub mod commands;
pub mod cost;
pub mod demo;
pub mod in_flight;
pub mod isolation;
mod readme;
pub mod receiver;
pub mod soak;
pub mod starts;
pub mod units;
