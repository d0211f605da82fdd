//! `uniqueItems`, in time that grows with the data and nothing else. The crate's own compares each
//! element with all whose hash is the same, and that of arrays knows nothing of their brackets:
//! `[[]]`, `[[[]]]` and `[[],[]]` have one.

use std::collections::HashSet;

use jsonschema::{Keyword, ValidationError};
use serde_json::Value;

/// The keyword, with its value.
pub struct UniqueItems(pub bool);

impl<'i> Keyword<'i> for UniqueItems {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) {
            Ok(())
        } else {
            Err(ValidationError::custom("an element is there more than once"))
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        let Value::Array(elements) = instance else { return true };
        let mut seen = HashSet::with_capacity(elements.len());
        !self.0 || elements.iter().all(|element| seen.insert(text(element)))
    }
}

/// The same text for values that are equal, and only for those: numbers by what they are, members
/// by their names.
fn text(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Array(elements) => {
            text.push('[');
            for element in elements {
                write(element, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (name, value) in members {
                text.push_str(&Value::from(name.as_str()).to_string());
                write(value, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => text.push_str(&float_text(float)),
            None => text.push_str(&number.to_string()),
        },
        plain => text.push_str(&plain.to_string()),
    }
}

/// A whole number as an integer would be written, if there is such an integer: `1.0` is `1`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within the integers' bounds, and whole"
)]
fn float_text(float: f64) -> String {
    const ABOVE_ALL: f64 = 18_446_744_073_709_551_616.0;
    const LOWEST: f64 = -9_223_372_036_854_775_808.0;
    if float.fract() != 0.0 || !(LOWEST..ABOVE_ALL).contains(&float) {
        return format!("{float:e}");
    }
    if float < 0.0 { (float as i64).to_string() } else { (float as u64).to_string() }
}

#[cfg(test)]
mod tests;
