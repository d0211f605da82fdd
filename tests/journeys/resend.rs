//! Resending: one delivery, or many at once.

mod asking;
mod bulk;
mod one;
mod under_way;
