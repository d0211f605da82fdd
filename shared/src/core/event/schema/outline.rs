//! A schema as far as it decides how much work a check is: which subschemas it applies where, and
//! what each looks at itself. The same for every draft: what a draft does not know is counted all
//! the same.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::InvalidSchema;
use super::patterns::Patterns;

/// Subschemas of a schema at most.
const MAX_SUBSCHEMAS: usize = 4_000;
/// References of a schema at most: it is compiled along them, one within the other.
const MAX_REFERENCES: usize = 500;
/// Subschemas that apply to the same value, one because of the other, at most.
const MAX_CHAIN: u32 = 50;
/// Subschemas that apply to the same value, however they come to it, at most.
const MAX_APPLIED: u64 = 10_000;
/// Subschemas within each other at most, references followed: it is read and compiled by recursion.
const MAX_DEPTH: usize = 200;
/// What a schema is made of; the first is the whole.
#[derive(Debug)]
pub struct Outline(pub Vec<Part>);

/// One subschema.
#[derive(Debug, Default)]
pub struct Part {
    /// Steps that it takes on any value.
    pub own: u64,
    /// Steps for each byte of a string.
    pub by_byte: u64,
    /// Steps for each byte of a property's name.
    pub by_name_byte: u64,
    /// Whether it looks at all there is within an array.
    pub unique_items: bool,
    /// Whether it looks at what others have looked at, and so applies them again.
    pub unevaluated: bool,
    /// The names in `properties`.
    pub named: BTreeSet<String>,
    /// The subschemas that it applies.
    pub applies: Vec<(Place, usize)>,
}

/// To what a subschema is applied.
#[derive(Debug)]
pub enum Place {
    /// The value itself.
    Here,
    /// The value itself, if it is an object with this property.
    Having(String),
    /// A property.
    Property(String),
    /// Every property.
    Properties,
    /// Every property that is not named.
    OtherProperties,
    /// Every property's name.
    Names,
    /// An element of an array.
    Item(usize),
    /// Every element of an array.
    Items,
}

impl Outline {
    /// Reads a schema; says what makes it unusable.
    pub fn of(schema: &Value) -> Result<Self, InvalidSchema> {
        let id = if is_draft_4(schema)? { "id" } else { "$id" };
        check_references(schema, id, true)?;
        let patterns = Patterns::default();
        let mut reader = Reader {
            root: schema,
            read: HashMap::new(),
            parts: Vec::new(),
            references: 0,
            depth: 0,
            patterns,
        };
        reader.part(schema)?;
        let outline = Self(reader.parts);
        let mut known = vec![Applied::Unknown; outline.0.len()];
        for part in 0..outline.0.len() {
            outline.applied(part, &mut known)?;
        }
        Ok(outline)
    }

    /// How many subschemas apply to a value that `part` applies to, that one included, and how long
    /// the longest chain is.
    fn applied(&self, part: usize, known: &mut [Applied]) -> Result<(u64, u32), InvalidSchema> {
        match known[part] {
            Applied::Known(count, chain) => return Ok((count, chain)),
            Applied::Asked => {
                return Err(InvalidSchema(
                    "it has a subschema that applies itself to the same value".to_owned(),
                ));
            }
            Applied::Unknown => known[part] = Applied::Asked,
        }
        let (mut count, mut chain) = (1_u64, 1);
        for (place, other) in &self.0[part].applies {
            if matches!(place, Place::Here | Place::Having(_)) {
                let (more, longer) = self.applied(*other, known)?;
                count = count.saturating_add(more);
                chain = chain.max(longer + 1);
            }
        }
        if count > MAX_APPLIED || chain > MAX_CHAIN {
            let limits = format!("{MAX_APPLIED}, and {MAX_CHAIN} one because of the other");
            return Err(InvalidSchema(format!(
                "too many subschemas apply to the same value: at most {limits} may"
            )));
        }
        known[part] = Applied::Known(count, chain);
        Ok((count, chain))
    }
}

#[derive(Debug, Clone, Copy)]
enum Applied {
    Unknown,
    Asked,
    Known(u64, u32),
}

/// The drafts that are known, by what stands in `$schema`; all but the first name subschemas by
/// `$id`.
const DRAFTS: [&str; 5] = [
    "http://json-schema.org/draft-04/schema",
    "http://json-schema.org/draft-06/schema",
    "http://json-schema.org/draft-07/schema",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
];

/// Whether a schema is one of draft 4; refuses one of a draft that is not known here, and may be to
/// the crate.
fn is_draft_4(schema: &Value) -> Result<bool, InvalidSchema> {
    let Some(named) = schema["$schema"].as_str() else { return Ok(false) };
    let known = DRAFTS.iter().position(|draft| named.strip_suffix('#').unwrap_or(named) == *draft);
    known.map(|known| known == 0).ok_or_else(|| {
        InvalidSchema(format!(
            "'{named}' is no draft that is known here; one of {} is",
            DRAFTS.join(", ")
        ))
    })
}

/// Refuses what would have a reference mean something else than its path in the whole: `id` is what
/// names a subschema.
fn check_references(schema: &Value, id: &str, is_root: bool) -> Result<(), InvalidSchema> {
    match schema {
        Value::Object(members) => {
            let is_foreign = |name: &&str| members.get(*name).is_some_and(Value::is_string);
            let below = if is_root { [].as_slice() } else { &[id, "$schema"] };
            if let Some(name) =
                ["$dynamicRef", "$recursiveRef"].iter().chain(below).find(|name| is_foreign(name))
            {
                let wanted = "write references as #/$defs/name, within the schema";
                return Err(InvalidSchema(format!("{name} is not taken in a subschema; {wanted}")));
            }
            members.values().try_for_each(|member| check_references(member, id, false))
        }
        Value::Array(elements) => {
            elements.iter().try_for_each(|element| check_references(element, id, false))
        }
        _ => Ok(()),
    }
}

/// Whether every `~` of a pointer stands for a character (RFC 6901 section 3): of others, readers
/// make different things.
fn is_escaped(pointer: &str) -> bool {
    pointer.split('~').skip(1).all(|after| after.starts_with(['0', '1']))
}

struct Reader<'a> {
    root: &'a Value,
    /// By where they stand in memory: what is referred to twice is read once.
    read: HashMap<*const Value, usize>,
    parts: Vec<Part>,
    references: usize,
    depth: usize,
    patterns: Patterns<'a>,
}

impl<'a> Reader<'a> {
    /// Reads a subschema and all that it applies; answers its place among the parts.
    fn part(&mut self, schema: &'a Value) -> Result<usize, InvalidSchema> {
        if let Some(read) = self.read.get(&std::ptr::from_ref(schema)) {
            return Ok(*read);
        }
        let number = self.parts.len();
        if number == MAX_SUBSCHEMAS || self.depth == MAX_DEPTH {
            let limits = format!("{MAX_SUBSCHEMAS} subschemas, or {MAX_DEPTH} within each other");
            return Err(InvalidSchema(format!("it has more than {limits}")));
        }
        self.depth += 1;
        self.read.insert(std::ptr::from_ref(schema), number);
        self.parts.push(Part::default());
        let mut part = Part { own: 1, ..Part::default() };
        if let Value::Object(keywords) = schema {
            for (keyword, value) in keywords {
                part.own += 1;
                self.keyword(&mut part, keyword, value)?;
            }
        }
        part.own += part.applies.len() as u64;
        self.parts[number] = part;
        self.depth -= 1;
        Ok(number)
    }

    fn keyword(
        &mut self,
        part: &mut Part,
        keyword: &str,
        value: &'a Value,
    ) -> Result<(), InvalidSchema> {
        match (keyword, value) {
            ("$ref", Value::String(reference)) => {
                let target = self.target(reference)?;
                self.add(part, Place::Here, target)
            }
            ("allOf" | "anyOf" | "oneOf", Value::Array(all)) => {
                all.iter().try_for_each(|one| self.add(part, Place::Here, one))
            }
            ("not" | "if" | "then" | "else", one) => self.add(part, Place::Here, one),
            ("prefixItems" | "items", Value::Array(all)) => all
                .iter()
                .enumerate()
                .try_for_each(|(at, one)| self.add(part, Place::Item(at), one)),
            ("items" | "additionalItems" | "contains", one) => self.add(part, Place::Items, one),
            ("additionalProperties", one) => self.add(part, Place::OtherProperties, one),
            ("propertyNames", one) => self.add(part, Place::Names, one),
            ("unevaluatedItems", one) => {
                part.unevaluated = true;
                self.add(part, Place::Items, one)
            }
            ("unevaluatedProperties", one) => {
                part.unevaluated = true;
                self.add(part, Place::OtherProperties, one)
            }
            ("pattern", Value::String(pattern)) => {
                part.by_byte += self.patterns.steps(pattern)?;
                Ok(())
            }
            (_, Value::Object(members)) => self.members(part, keyword, members),
            _ => assertion(part, keyword, value),
        }
    }

    fn members(
        &mut self,
        part: &mut Part,
        keyword: &str,
        members: &'a Map<String, Value>,
    ) -> Result<(), InvalidSchema> {
        for (name, value) in members {
            match (keyword, value) {
                ("properties", one) => {
                    part.named.insert(name.clone());
                    self.add(part, Place::Property(name.clone()), one)?;
                }
                ("patternProperties", one) => {
                    part.by_name_byte += self.patterns.steps(name)?;
                    self.add(part, Place::Properties, one)?;
                }
                (
                    "dependentSchemas" | "dependencies",
                    one @ (Value::Object(_) | Value::Bool(_)),
                ) => {
                    self.add(part, Place::Having(name.clone()), one)?;
                }
                ("dependentRequired" | "dependencies" | "const", other) => part.own += nodes(other),
                _ => {}
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        part: &mut Part,
        place: Place,
        schema: &'a Value,
    ) -> Result<(), InvalidSchema> {
        part.applies.push((place, self.part(schema)?));
        Ok(())
    }

    fn target(&mut self, reference: &str) -> Result<&'a Value, InvalidSchema> {
        self.references += 1;
        if self.references > MAX_REFERENCES {
            return Err(InvalidSchema(format!("it has more than {MAX_REFERENCES} references")));
        }
        let is_plain = |pointer: &&str| !pointer.contains('%') && is_escaped(pointer);
        let pointer = reference.strip_prefix('#').filter(is_plain);
        pointer.and_then(|pointer| self.root.pointer(pointer)).ok_or_else(|| {
            InvalidSchema(format!(
                "there is no '{reference}'; write references as #/$defs/name, within the schema"
            ))
        })
    }
}

/// Counts a keyword that applies no subschemas.
fn assertion(part: &mut Part, keyword: &str, value: &Value) -> Result<(), InvalidSchema> {
    match (keyword, value) {
        ("format", Value::String(format)) if format == "regex" => {
            return Err(InvalidSchema(
                "the format 'regex' is not taken: reading a pattern takes too long".to_owned(),
            ));
        }
        ("format", _) => part.by_byte += 8,
        ("minLength" | "maxLength" | "contentMediaType" | "contentEncoding", _) => {
            part.by_byte += 1;
        }
        ("uniqueItems", Value::Bool(true)) => part.unique_items = true,
        ("enum" | "const" | "required" | "type", _) => part.own += nodes(value),
        _ => {}
    }
    Ok(())
}

fn nodes(value: &Value) -> u64 {
    match value {
        Value::Array(elements) => 1 + elements.iter().map(nodes).sum::<u64>(),
        Value::Object(members) => 1 + members.values().map(nodes).sum::<u64>(),
        _ => 1,
    }
}
