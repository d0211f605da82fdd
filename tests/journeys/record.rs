//! The record: events, deliveries and attempts, listed, traced and kept for as long as promised.

mod attempts;
mod log_filters;
mod paging;
mod polling;
mod retention;
mod tracing;
