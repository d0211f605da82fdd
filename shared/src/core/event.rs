//! Events: their types and schemas, their payloads, and how one is split.

pub mod event_type;
pub mod members;
pub mod payload;
pub mod schema;
pub mod split;
