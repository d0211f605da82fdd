//! Statistics of subscriptions and tenants.

mod by_subscription;
mod of_many;
mod windows;
