//! The HTTP API's edges: what comes in, who asks, what goes out, and every error as problem
//! details.

pub mod auth;
pub mod description;
pub mod parameters;
mod problem;
mod request;
pub mod response;
pub mod routes;
pub mod schemas;

pub use problem::{ApiError, FieldError, Problem};
pub use request::{Request, even_null, object};
