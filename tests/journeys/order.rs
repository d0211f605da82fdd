//! Ordered delivery.

mod sequence;
mod waiting;
