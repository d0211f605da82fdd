//! Erasing the payloads of a tenant, or all of it.

mod payloads;
mod tenants;
