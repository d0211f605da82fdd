//! Egress: addresses that deliveries must not reach.

mod addresses;
#[cfg(target_os = "linux")]
mod rebinding;
