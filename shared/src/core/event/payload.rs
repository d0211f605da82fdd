//! An event's data as the producer's exact bytes, and the form in which they travel and rest.

use std::borrow::Cow;
use std::cell::RefCell;
use std::{fmt, io};

use serde_json::value::RawValue;
use zstd::bulk::Compressor;

/// The largest payload, in bytes: 1 MiB.
pub const MAX_BYTES: usize = 1 << 20;
/// The largest packed payload that travels inside a message; a larger one travels by reference to
/// the log. With the rest of the message it stays within one billing chunk of 64 KB of SQS.
pub const MAX_INLINE_BYTES: usize = 48 * 1024;
/// Below this many bytes compression saves no write unit and is left out.
const COMPRESS_FROM: usize = 512;
const LEVEL: i32 = 3;

/// A payload packed for a queue or a table: the JSON text itself, or its zstd frame where that is
/// smaller.
#[derive(Debug, Clone)]
pub enum Packed {
    /// The exact JSON text.
    Json(Box<RawValue>),
    /// The exact JSON text as a zstd frame.
    Zstd(Vec<u8>),
}

/// A payload that travels with its event, or where it is instead.
#[derive(Debug, Clone)]
pub enum Payload {
    /// The exact JSON text.
    Json(Box<RawValue>),
    /// The exact JSON text as a zstd frame.
    Zstd(Vec<u8>),
    /// In the log, in this many chunks.
    Log {
        /// How many.
        chunks: u32,
        /// Whether they are a zstd frame, or the JSON text.
        zstd: bool,
    },
}

impl From<Packed> for Payload {
    fn from(packed: Packed) -> Self {
        match packed {
            Packed::Json(json) => Self::Json(json),
            Packed::Zstd(frame) => Self::Zstd(frame),
        }
    }
}

/// A packed payload that does not unpack: damaged, or not what this code packs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged;

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the packed payload does not unpack")
    }
}

impl std::error::Error for Damaged {}

impl Packed {
    /// Packs the text of one JSON value.
    #[must_use]
    pub fn new(json: Box<RawValue>) -> Self {
        let text = json.get();
        let must = !fits_a_message(text);
        if text.len() < COMPRESS_FROM && !must {
            return Self::Json(json);
        }
        match compress(text) {
            Ok(frame) if must || base64_len(frame.len()) < text.len() => Self::Zstd(frame),
            _ => Self::Json(json),
        }
    }

    /// The exact JSON text again.
    pub fn json(&self) -> Result<Cow<'_, str>, Damaged> {
        match self {
            Self::Json(json) => Ok(Cow::Borrowed(json.get())),
            Self::Zstd(frame) => {
                let bytes = zstd::bulk::decompress(frame, MAX_BYTES).map_err(|_| Damaged)?;
                String::from_utf8(bytes).map(Cow::Owned).map_err(|_| Damaged)
            }
        }
    }

    /// Bytes it takes in a message.
    #[must_use]
    pub fn message_len(&self) -> usize {
        match self {
            Self::Json(json) => json.get().len(),
            Self::Zstd(frame) => base64_len(frame.len()),
        }
    }
}

/// Compresses with a context that is made once: making one takes longer than compressing a small
/// payload with it.
fn compress(text: &str) -> io::Result<Vec<u8>> {
    thread_local! {
        static COMPRESSOR: io::Result<RefCell<Compressor<'static>>> = Compressor::new(LEVEL).map(RefCell::new);
    }
    COMPRESSOR.with(|made| match made {
        Ok(compressor) => compressor.borrow_mut().compress(text.as_bytes()),
        Err(_) => zstd::bulk::compress(text.as_bytes(), LEVEL),
    })
}

/// SQS takes the characters of XML 1.0; of those that JSON text may hold it refuses U+FFFE and
/// U+FFFF.
fn fits_a_message(text: &str) -> bool {
    !text.contains(['\u{fffe}', '\u{ffff}'])
}

const fn base64_len(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

#[cfg(test)]
mod tests;
