//! The pages, one file each.

mod deliveries;
mod delivery;
mod edit;
mod resend;
mod secret;
mod subscription;
mod subscriptions;
mod test;
