//! What a check would do, counted before it is made.
//!
//! A step is one look at one thing: a keyword of the schema at a value, a property or element of
//! it, a byte of a string. Every subschema that could be applied is counted as if it were, so that
//! a check never does more than was counted; the count itself ends as soon as it has more than is
//! allowed.

use serde_json::Value;

use super::outline::{Outline, Part, Place};

/// Steps that every check may take; they take some nanoseconds each.
const ALLOWED: u64 = 4_000_000;
/// Steps more for each byte of data.
const ALLOWED_BY_BYTE: u64 = 64;
/// Subschemas that are applied within each other at most: each takes some of the stack.
const MAX_DEPTH: usize = 512;

/// The steps that a check of so many bytes of data may take: in proportion to them, whatever the
/// schema.
#[must_use]
pub const fn allowed(bytes: usize) -> u64 {
    ALLOWED + ALLOWED_BY_BYTE * bytes as u64
}

/// What a check would do.
#[derive(Debug, Default)]
pub struct Work {
    /// Steps at most.
    pub steps: u64,
    /// Subschemas applied to values at most.
    pub applied: u64,
}

/// Why a check is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unchecked {
    /// It would take more steps than are allowed.
    #[error(
        "checking it against its event type's schema would take too long; a simpler schema is wanted, or one that is not enforced"
    )]
    TooLong,
    /// It would apply more than [`MAX_DEPTH`] subschemas within each other.
    #[error(
        "it is nested too deep for its event type's schema; a simpler schema is wanted, or one that is not enforced"
    )]
    TooDeep,
}

/// Counts what a check of `data` would do, if it is no more than `allowed`.
pub fn count(outline: &Outline, data: &Value, allowed: u64) -> Result<Work, Unchecked> {
    let mut count = Count { outline, allowed, work: Work::default() };
    count.apply(0, data, 0)?;
    Ok(count.work)
}

struct Count<'a> {
    outline: &'a Outline,
    allowed: u64,
    work: Work,
}

impl Count<'_> {
    /// A subschema applied to a value.
    fn apply(&mut self, part: usize, data: &Value, depth: usize) -> Result<(), Unchecked> {
        if depth == MAX_DEPTH {
            return Err(Unchecked::TooDeep);
        }
        let outline = self.outline;
        let part = &outline.0[part];
        self.work.applied += 1;
        self.take(part.own + by_value(part, data))?;
        self.apply_all(part, data, depth)?;
        if part.unevaluated { self.look_again(part, data, depth) } else { Ok(()) }
    }

    /// What `unevaluatedProperties` and `unevaluatedItems` do: apply all again, and so within each
    /// that applies here.
    fn look_again(&mut self, part: &Part, data: &Value, depth: usize) -> Result<(), Unchecked> {
        if depth == MAX_DEPTH {
            return Err(Unchecked::TooDeep);
        }
        self.take(part.own + by_value(part, data))?;
        self.apply_all(part, data, depth)?;
        let outline = self.outline;
        for (place, other) in &part.applies {
            if matches!(place, Place::Here | Place::Having(_)) {
                self.look_again(&outline.0[*other], data, depth + 1)?;
            }
        }
        Ok(())
    }

    fn apply_all(&mut self, part: &Part, data: &Value, depth: usize) -> Result<(), Unchecked> {
        let depth = depth + 1;
        for (place, other) in &part.applies {
            match (place, data) {
                (Place::Here, _) => self.apply(*other, data, depth)?,
                (Place::Having(name), Value::Object(members)) if members.contains_key(name) => {
                    self.apply(*other, data, depth)?;
                }
                (Place::Property(name), Value::Object(members)) => {
                    members.get(name).map_or(Ok(()), |value| self.apply(*other, value, depth))?;
                }
                (Place::Properties, Value::Object(members)) => {
                    members.values().try_for_each(|value| self.apply(*other, value, depth))?;
                }
                (Place::OtherProperties, Value::Object(members)) => {
                    let mut others = members.iter().filter(|(name, _)| !part.named.contains(*name));
                    others.try_for_each(|(_, value)| self.apply(*other, value, depth))?;
                }
                (Place::Names, Value::Object(members)) => {
                    members.keys().try_for_each(|name| {
                        self.apply(*other, &Value::String(name.clone()), depth)
                    })?;
                }
                (Place::Item(at), Value::Array(elements)) => {
                    elements.get(*at).map_or(Ok(()), |value| self.apply(*other, value, depth))?;
                }
                (Place::Items, Value::Array(elements)) => {
                    elements.iter().try_for_each(|value| self.apply(*other, value, depth))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn take(&mut self, steps: u64) -> Result<(), Unchecked> {
        self.work.steps = self.work.steps.saturating_add(steps);
        if self.work.steps > self.allowed { Err(Unchecked::TooLong) } else { Ok(()) }
    }
}

/// The steps that a subschema's own keywords take because of the value's size.
fn by_value(part: &Part, data: &Value) -> u64 {
    match data {
        Value::String(text) => part.by_byte.saturating_mul(text.len() as u64),
        Value::Array(_) if part.unique_items => size(data),
        Value::Array(elements) => elements.len() as u64,
        Value::Object(members) => {
            let names = if part.by_name_byte == 0 {
                0
            } else {
                members.keys().map(|name| name.len() as u64).sum()
            };
            (members.len() as u64).saturating_add(part.by_name_byte.saturating_mul(names))
        }
        _ => 0,
    }
}

/// All there is within a value.
fn size(data: &Value) -> u64 {
    match data {
        Value::String(text) => 1 + text.len() as u64,
        Value::Array(elements) => 1 + elements.iter().map(size).sum::<u64>(),
        Value::Object(members) => {
            1 + members.iter().map(|(name, value)| name.len() as u64 + size(value)).sum::<u64>()
        }
        _ => 1,
    }
}
