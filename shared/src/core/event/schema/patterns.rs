//! A schema's patterns: how large they are when they are compiled, and so how long they take.

use std::collections::HashMap;

use serde_json::json;

use super::{InvalidSchema, build};

/// Characters of a pattern at most.
const MAX_LEN: usize = 1_000;
/// Bytes that a pattern may have when it is compiled, by size. For each 64 of them it takes a step
/// at every byte of a string, in the worst case: the engine follows all the states that it can be
/// in.
const SIZES: [usize; 8] =
    [4 << 10, 8 << 10, 16 << 10, 32 << 10, 64 << 10, 128 << 10, 256 << 10, MAX_BYTES];
/// The largest of them.
pub const MAX_BYTES: usize = 512 << 10;
/// Bytes that a schema's patterns may have together.
const MAX_TOGETHER: usize = 4 << 20;

/// The patterns that were met so far.
#[derive(Debug, Default)]
pub struct Patterns<'a> {
    steps: HashMap<&'a str, u64>,
    bytes: usize,
}

impl<'a> Patterns<'a> {
    /// The steps that a pattern takes for each byte it is matched with: by its size, which is found
    /// by trying.
    pub fn steps(&mut self, pattern: &'a str) -> Result<u64, InvalidSchema> {
        if let Some(steps) = self.steps.get(pattern) {
            return Ok(*steps);
        }
        if pattern.chars().count() > MAX_LEN {
            return Err(InvalidSchema(format!("a pattern has more than {MAX_LEN} characters")));
        }
        let schema = json!({ "pattern": pattern });
        let size =
            SIZES.into_iter().find(|bytes| build(&schema, *bytes).is_ok()).ok_or_else(|| {
                let limit = format!("larger than {MAX_BYTES} bytes when compiled");
                InvalidSchema(format!("the pattern '{pattern}' is none, or {limit}"))
            })?;
        self.bytes += size;
        if self.bytes > MAX_TOGETHER {
            let limit = format!("larger than {MAX_TOGETHER} bytes when compiled");
            return Err(InvalidSchema(format!("its patterns are together {limit}")));
        }
        let steps = size as u64 / 64;
        self.steps.insert(pattern, steps);
        Ok(steps)
    }
}
