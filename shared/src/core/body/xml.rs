//! JSON rendered as XML 1.0, for receivers that take no JSON. Nothing is lost: what is read back by
//! this table equals the JSON, with the producer's number texts and order of members.
//!
//! | JSON | XML |
//! |---|---|
//! | object | its members as child elements, in order; of members with the same name the last one, in its place |
//! | empty object | an empty element with `type="object"` |
//! | string | text, without `type`; the empty string is an empty element without `type` |
//! | string with a character that XML cannot hold | `encoding="base64"`; the text is base64 (standard, padded) of the string's UTF-8 |
//! | number | `type="number"`; the producer's exact text |
//! | `true`, `false` | `type="boolean"` |
//! | `null` | an empty element with `type="null"` |
//! | array as an object's member | an element of the member's name for each of its elements, with `repeated="true"` |
//! | array anywhere else, or an empty one | an element with `type="array"` that holds an `<item>` for each of its elements |
//! | name that is a plain XML name | the element's name |
//! | any other name | an element `<member name="…">` |
//! | name with a character that XML cannot hold | an element `<member name-base64="…">` |
//!
//! A plain name is `[A-Za-z_][A-Za-z0-9._-]*` and does not begin with "xml" in any case. Attributes
//! stand in the order `name` or `name-base64`, `repeated`, `type` or `encoding`. An element without
//! `type` that has child elements is an object. No whitespace stands between elements; all
//! whitespace is data.

use std::borrow::Cow;
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::core::event::members::{Members, Text};

/// The media type of what [`render`] writes (RFC 7303 §9.1).
pub const CONTENT_TYPE: &str = "application/xml; charset=utf-8";
/// Arrays and objects nested deeper than this are not rendered.
pub const MAX_DEPTH: usize = 64;
/// A longer document, in bytes, is not rendered: 8 MiB. Each element of an array bears the array's
/// name, so that a long name over many elements would otherwise make hundreds of gigabytes of one
/// megabyte.
pub const MAX_BYTES: usize = 8 << 20;

const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

/// Why data is not rendered. It never will be: another try ends the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unrenderable {
    /// The text is not one JSON value.
    #[error("the data is not JSON")]
    NotJson,
    /// A string or a name holds half of a surrogate pair, such as `"\ud800"`: no text in any
    /// encoding.
    #[error(r"the data holds half of a surrogate pair (such as \ud800), which is no text")]
    NotText,
    /// Arrays and objects are nested deeper than [`MAX_DEPTH`].
    #[error("the data nests arrays and objects deeper than {} levels", MAX_DEPTH)]
    TooDeep,
    /// The document would be longer than [`MAX_BYTES`].
    #[error("the data as XML is longer than {} MiB", MAX_BYTES >> 20)]
    TooLong,
}

/// Renders the text of one JSON value as an XML document whose root element is named `root`. A root
/// that is not a plain name is written as any other such name: `<member name="…">`.
///
/// Takes at most [`MAX_DEPTH`] passes over the text and two more, whatever it holds.
pub fn render(json: &str, root: &str) -> Result<Vec<u8>, Unrenderable> {
    let value: &RawValue = serde_json::from_str(json).map_err(|_| Unrenderable::NotJson)?;
    let mut document = Document(DECLARATION.to_owned());
    document.element(&Tag::named(root), value, 0)?;
    Ok(document.0.into_bytes())
}

/// The document as far as it is written.
struct Document(String);

impl Document {
    /// Writes a value that stands within `depth` arrays and objects.
    fn element(
        &mut self,
        tag: &Tag<'_>,
        value: &RawValue,
        depth: usize,
    ) -> Result<(), Unrenderable> {
        let json = value.get();
        match json.as_bytes().first() {
            Some(b'{') => self.object(tag, value, depth),
            Some(b'[') => {
                let elements: Vec<&RawValue> = parts(value, depth)?;
                self.wrap(tag, r#" type="array""#, |document| {
                    document.each(&Tag::ITEM, &elements, depth + 1)
                })
            }
            Some(b'"') => self.string(tag, &text(value)?),
            Some(b't' | b'f') => self.leaf(tag, r#" type="boolean""#, json),
            Some(b'n') => self.leaf(tag, r#" type="null""#, ""),
            _ => self.leaf(tag, r#" type="number""#, json),
        }
    }

    fn object(
        &mut self,
        tag: &Tag<'_>,
        value: &RawValue,
        depth: usize,
    ) -> Result<(), Unrenderable> {
        let Members(members) = parts(value, depth)?;
        let last: HashMap<&str, usize> =
            members.iter().enumerate().map(|(at, (name, _))| (&**name, at)).collect();
        let attribute = if members.is_empty() { r#" type="object""# } else { "" };
        self.wrap(tag, attribute, |document| {
            for (at, (name, value)) in members.iter().enumerate() {
                if last[&**name] == at {
                    document.member(&Tag::named(name), value, depth + 1)?;
                }
            }
            Ok(())
        })
    }

    fn member(
        &mut self,
        tag: &Tag<'_>,
        value: &RawValue,
        depth: usize,
    ) -> Result<(), Unrenderable> {
        if value.get().starts_with('[') {
            let elements: Vec<&RawValue> = parts(value, depth)?;
            if !elements.is_empty() {
                return self.each(&tag.repeated(), &elements, depth + 1);
            }
        }
        self.element(tag, value, depth)
    }

    fn each(
        &mut self,
        tag: &Tag<'_>,
        elements: &[&RawValue],
        depth: usize,
    ) -> Result<(), Unrenderable> {
        elements.iter().try_for_each(|element| self.element(tag, element, depth))
    }

    fn string(&mut self, tag: &Tag<'_>, string: &str) -> Result<(), Unrenderable> {
        if string.chars().all(is_xml) {
            self.leaf(tag, "", &escape_text(string))
        } else {
            self.leaf(tag, r#" encoding="base64""#, &BASE64.encode(string))
        }
    }

    fn leaf(&mut self, tag: &Tag<'_>, attribute: &str, content: &str) -> Result<(), Unrenderable> {
        self.wrap(tag, attribute, |document| {
            document.0.push_str(content);
            Ok(())
        })
    }

    fn wrap(
        &mut self,
        tag: &Tag<'_>,
        attribute: &str,
        content: impl FnOnce(&mut Self) -> Result<(), Unrenderable>,
    ) -> Result<(), Unrenderable> {
        self.0.extend(["<", &tag.start, attribute, ">"]);
        let start = self.0.len();
        content(self)?;
        if self.0.len() == start {
            self.0.truncate(start - 1);
            self.0.push_str("/>");
        } else {
            self.0.extend(["</", tag.end, ">"]);
        }
        // After every element, and so before the next one is added: what grows with the square is
        // stopped early.
        if self.0.len() > MAX_BYTES { Err(Unrenderable::TooLong) } else { Ok(()) }
    }
}

/// An element's name with the attributes that come of its place in the data.
struct Tag<'a> {
    /// What follows `<`.
    start: Cow<'a, str>,
    /// What follows `</`.
    end: &'a str,
}

impl<'a> Tag<'a> {
    const ITEM: Self = Self { start: Cow::Borrowed("item"), end: "item" };

    fn named(name: &'a str) -> Self {
        if is_plain(name) {
            return Self { start: Cow::Borrowed(name), end: name };
        }
        let start = if name.chars().all(is_xml) {
            format!(r#"member name="{}""#, escape_attribute(name))
        } else {
            format!(r#"member name-base64="{}""#, BASE64.encode(name))
        };
        Self { start: Cow::Owned(start), end: "member" }
    }

    fn repeated(&self) -> Self {
        Self { start: Cow::Owned(format!(r#"{} repeated="true""#, self.start)), end: self.end }
    }
}

/// Names that begin with "xml" are reserved (XML 1.0 §2.3), and a colon parts a namespace from a
/// name.
fn is_plain(name: &str) -> bool {
    let reserved = name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("xml"));
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && !reserved && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// XML 1.0 §2.2, `Char`. A reference such as `&#1;` may not name any other character either.
const fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// A parser reads a bare CR as LF (XML 1.0 §2.11), and `]]>` may not stand in text (§2.4).
fn escape_text(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\r' => escaped.push_str("&#13;"),
            c => escaped.push(c),
        }
        escaped
    })
}

/// A parser reads bare whitespace in an attribute as spaces (XML 1.0 §3.3.3).
fn escape_attribute(text: &str) -> String {
    escape_text(text).replace('"', "&quot;").replace('\t', "&#9;").replace('\n', "&#10;")
}

/// Takes an array or object apart, one level of it, unless it stands within too many others.
fn parts<'a, T: Deserialize<'a>>(value: &'a RawValue, depth: usize) -> Result<T, Unrenderable> {
    if depth >= MAX_DEPTH {
        return Err(Unrenderable::TooDeep);
    }
    read(value)
}

fn text(value: &RawValue) -> Result<Cow<'_, str>, Unrenderable> {
    read(value).map(|Text(text)| text)
}

/// The value is known to be JSON; what a `RawValue` leaves unchecked are the surrogates.
fn read<'a, T: Deserialize<'a>>(value: &'a RawValue) -> Result<T, Unrenderable> {
    serde_json::from_str(value.get()).map_err(|_| Unrenderable::NotText)
}

#[cfg(test)]
mod tests;
