//! What Postrider's functions share, in two halves.
//!
//! [`core`] decides: pure rules over plain values, without async, AWS, HTTP, a clock, the
//! environment or logs. [`edges`] does: each module owns one outside thing and translates between
//! it and the core. The core imports nothing of the edges: `tests/borders` reads the imports.

pub mod core;
pub mod edges;

#[cfg(test)]
mod tests;
