//! What names mean: parameters, resources, pseudo parameters, and the functions that refer to them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;
use serde_yaml_ng::Value as Yaml;

use super::Error;

/// The names that an expression in the template may refer to.
#[derive(Debug)]
pub struct Scope {
    pub(super) parameters: BTreeMap<String, Value>,
    pub(super) conditions: BTreeMap<String, bool>,
    pub(super) references: BTreeMap<String, String>,
    pub(super) attributes: BTreeMap<String, String>,
}

impl Scope {
    /// A secret's ARN, which is what `!Ref` says of it.
    pub(super) fn secret_arn(&self, id: &str) -> Result<String, Error> {
        self.references.get(id).cloned().ok_or_else(|| Error::new(id, "there is no such secret"))
    }

    /// A parameter's value.
    pub(super) fn parameter(&self, name: &str) -> Option<&Value> {
        self.parameters.get(name)
    }

    /// Whether a condition holds. None: there is no such condition.
    pub(super) fn condition(&self, name: &str) -> Option<bool> {
        self.conditions.get(name).copied()
    }

    pub(super) fn holds(&self, place: &str, condition: &str) -> Result<bool, Error> {
        self.condition(condition)
            .ok_or_else(|| Error::new(place, format!("there is no condition {condition}")))
    }

    /// Whether there is a resource of this logical id under the parameters.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.references.contains_key(id)
    }

    /// The value of an expression. `place` is named in errors.
    pub(super) fn resolve(&self, place: &str, value: &Yaml) -> Result<Value, Error> {
        self.resolve_optional(place, value)?
            .ok_or_else(|| Error::new(place, "AWS::NoValue leaves nothing here"))
    }

    /// The value of an expression, none for `AWS::NoValue`: what holds it then has no such member.
    fn resolve_optional(&self, place: &str, value: &Yaml) -> Result<Option<Value>, Error> {
        match value {
            Yaml::Tagged(tagged) => {
                let tag = tagged.tag.to_string();
                self.call(place, tag.trim_start_matches('!'), &tagged.value)
            }
            Yaml::Sequence(items) => {
                let items: Result<Vec<Option<Value>>, Error> =
                    items.iter().map(|item| self.resolve_optional(place, item)).collect();
                Ok(Some(items?.into_iter().flatten().collect()))
            }
            Yaml::Mapping(members) => {
                // The long forms: { "Ref": … } and { "Fn::GetAtt": … }.
                if let (1, Some((Yaml::String(name), argument))) =
                    (members.len(), members.iter().next())
                    && (name == "Ref" || name.starts_with("Fn::"))
                {
                    return self.call(place, name.trim_start_matches("Fn::"), argument);
                }
                let mut object = serde_json::Map::new();
                for (name, member) in members {
                    let name =
                        name.as_str().ok_or_else(|| Error::new(place, "a key is not a string"))?;
                    if let Some(member) = self.resolve_optional(place, member)? {
                        object.insert(name.to_owned(), member);
                    }
                }
                Ok(Some(Value::Object(object)))
            }
            scalar => serde_json::to_value(scalar)
                .map(Some)
                .map_err(|error| Error::new(place, error.to_string())),
        }
    }

    /// The value of an expression that must be a string.
    pub(super) fn text(&self, place: &str, value: &Yaml) -> Result<String, Error> {
        match self.resolve(place, value)? {
            Value::String(text) => Ok(text),
            Value::Number(number) => Ok(number.to_string()),
            Value::Bool(value) => Ok(value.to_string()),
            other => Err(Error::new(place, format!("{other} is not a string"))),
        }
    }

    fn call(&self, place: &str, function: &str, argument: &Yaml) -> Result<Option<Value>, Error> {
        match (function, argument) {
            ("Ref", Yaml::String(name)) if name == "AWS::NoValue" => Ok(None),
            ("If", Yaml::Sequence(arguments)) => match arguments.as_slice() {
                [Yaml::String(condition), then, otherwise] => self.resolve_optional(
                    place,
                    if self.holds(place, condition)? { then } else { otherwise },
                ),
                _ => Err(Error::new(place, "!If takes a condition's name and two values")),
            },
            _ => self.value_of(place, function, argument).map(Some),
        }
    }

    fn value_of(&self, place: &str, function: &str, argument: &Yaml) -> Result<Value, Error> {
        match (function, argument) {
            ("Ref", Yaml::String(name)) => self.reference(place, name),
            ("GetAtt", Yaml::String(path)) => self.attribute(place, path).map(Value::String),
            ("GetAtt", Yaml::Sequence(path)) => {
                let path: Vec<&str> = path.iter().filter_map(Yaml::as_str).collect();
                self.attribute(place, &path.join(".")).map(Value::String)
            }
            ("Sub", Yaml::String(text)) => self.substitute(place, text).map(Value::String),
            ("Join", Yaml::Sequence(arguments)) => match arguments.as_slice() {
                [Yaml::String(separator), Yaml::Sequence(items)] => {
                    let items: Result<Vec<String>, Error> =
                        items.iter().map(|item| self.text(place, item)).collect();
                    Ok(Value::String(items?.join(separator)))
                }
                _ => Err(Error::new(place, "!Join takes a separator and a list")),
            },
            _ => Err(Error::new(
                place,
                format!("the local stack does not understand this use of !{function}"),
            )),
        }
    }

    fn reference(&self, place: &str, name: &str) -> Result<Value, Error> {
        let parameter = self.parameters.get(name).cloned();
        let resource =
            || self.references.get(name).map(|reference| Value::String(reference.clone()));
        parameter
            .or_else(resource)
            .ok_or_else(|| Error::new(place, format!("!Ref {name} refers to nothing")))
    }

    fn attribute(&self, place: &str, path: &str) -> Result<String, Error> {
        let unknown = || Error::new(place, format!("the local stack does not know !GetAtt {path}"));
        self.attributes.get(path).cloned().ok_or_else(unknown)
    }

    fn substitute(&self, place: &str, text: &str) -> Result<String, Error> {
        let mut result = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            result.push_str(before);
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| Error::new(place, format!("{text:?} has an open ${{")))?;
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                // ${!Name} is CloudFormation's way to write ${Name} itself.
                let _ = write!(result, "${{{literal}}}");
            } else if name.contains('.') {
                result.push_str(&self.attribute(place, name)?);
            } else {
                result.push_str(&self.text(place, &Yaml::Tagged(Box::new(reference_to(name))))?);
            }
        }
        result.push_str(rest);
        Ok(result)
    }
}

fn reference_to(name: &str) -> serde_yaml_ng::value::TaggedValue {
    serde_yaml_ng::value::TaggedValue {
        tag: serde_yaml_ng::value::Tag::new("Ref"),
        value: Yaml::String(name.to_owned()),
    }
}

#[cfg(test)]
mod tests;
