//! Delivering: who gets an event, how it arrives, and what follows when it does not.

mod arrival;
mod faults;
mod filters;
mod many;
mod retries;
mod shares;
mod test_push;
mod wire;
