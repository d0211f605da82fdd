//! The profiles of this build.

use shared::core::subscription::profile;
use shared::edges::api::ApiError;
use shared::edges::api::response::{self, List};

use crate::Answer;

/// `GET /v1/profiles`: all of them, with every field.
pub fn list() -> Answer {
    response::ok(&List { items: profile::all().iter().collect(), next_cursor: None })
}

/// `GET /v1/profiles/{name}`.
pub fn get(name: &str) -> Answer {
    response::ok(profile::find(name).ok_or(ApiError::NotFound("profile"))?)
}
