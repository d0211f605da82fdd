//! Version 1 of the rows. No attribute's name or form changes here, nor a word in it; another one
//! is another version of its row. Attributes that an update writes by itself (see the `SET`s of
//! [`store`](crate::edges::store)) have the names that they have here.

pub mod api_key;
pub mod breaker;
pub mod chunk;
pub mod deleted;
pub mod delivery;
pub mod erasure;
pub mod event;
pub mod event_type;
pub mod flow;
pub mod hour;
pub mod idempotency;
pub mod pace;
pub mod release;
pub mod resend;
pub mod revision;
pub mod subscription;
pub mod tenant;

#[cfg(test)]
mod tests;
