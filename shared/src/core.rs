//! The rules: pure, no async, no AWS, no HTTP client, no clock, no environment, no logging. Time
//! and chance are arguments.
//!
//! - A [`tenant`] publishes [`event`]s; a [`subscription`] asks for some of them at an
//!   [`endpoint`].
//! - A [`delivery`] brings one event to one subscription: its row, its attempts, when the next one
//!   is due.
//! - A request's [`body`] and [`signature`]; secrets are [`sealing`] at rest.
//! - [`access`] is who may call the API and do what there.
//! - [`bulk_resend`], [`erasure`] and [`statistics`] are what is done with the record.
//! - [`id`], [`timestamp`], [`page`] and [`trace_context`] are the values that all of them use.

pub mod access;
pub mod body;
pub mod bulk_resend;
pub mod delivery;
pub mod endpoint;
pub mod erasure;
pub mod event;
pub mod id;
pub mod page;
pub mod sealing;
pub mod signature;
pub mod statistics;
pub mod subscription;
pub mod tenant;
pub mod timestamp;
pub mod trace_context;
