//! A part of a payload that lies in the log by itself.

use serde::Serialize;

use super::super::values::{Bytes, Seconds};
use crate::core::id::EventId;
use crate::edges::store::keys;
use crate::edges::version::Version;

#[derive(Serialize)]
pub struct Chunk {
    v: Version<1>,
    partition: String,
    sort: String,
    bytes: Bytes,
    expires_at: Seconds,
}

impl Chunk {
    pub fn new(event: EventId, number: usize, bytes: &[u8], expires_at: i64) -> Self {
        Self {
            v: Version,
            partition: keys::payload(event),
            sort: keys::payload_chunk(number),
            bytes: Bytes(bytes.to_vec()),
            expires_at: Seconds(expires_at),
        }
    }
}
