//! The profiles of this build.

use shared::api::ApiError;
use shared::api::response::{self, List};
use shared::profile;

use crate::Answer;

/// `GET /v1/profiles`: all of them, with every field.
pub fn list() -> Answer {
    response::ok(&List { items: profile::all().iter().collect(), next_cursor: None })
}

/// `GET /v1/profiles/{name}`.
pub fn get(name: &str) -> Answer {
    response::ok(profile::find(name).ok_or(ApiError::NotFound("profile"))?)
}
