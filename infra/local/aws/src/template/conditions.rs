//! Conditions: which resources and values a template has under given parameters.

use std::collections::BTreeMap;

use serde_yaml_ng::{Mapping, Value as Yaml};

use super::{Error, Scope};

/// Every condition's value. `scope` has the parameters that conditions may refer to.
pub(super) fn evaluate(
    conditions: &Mapping,
    scope: &Scope,
) -> Result<BTreeMap<String, bool>, Error> {
    let section = Section { conditions, scope };
    let names = conditions.keys().filter_map(Yaml::as_str);
    names.map(|name| Ok((name.to_owned(), section.named(name, 0)?))).collect()
}

struct Section<'a> {
    conditions: &'a Mapping,
    scope: &'a Scope,
}

impl Section<'_> {
    /// The value of a condition, `depth` references away from the one that was asked for.
    fn named(&self, name: &str, depth: usize) -> Result<bool, Error> {
        let place = format!("Conditions.{name}");
        if depth > self.conditions.len() {
            return Err(Error::new(place, "it refers to itself"));
        }
        let condition = self
            .conditions
            .get(name)
            .ok_or_else(|| Error::new(&place, "there is no such condition"))?;
        self.holds(&place, condition, depth)
    }

    fn holds(&self, place: &str, condition: &Yaml, depth: usize) -> Result<bool, Error> {
        let (function, argument) = called(condition).ok_or_else(|| {
            Error::new(place, "it is not a condition function such as !Equals or !Not")
        })?;
        let all = |arguments: &[Yaml]| -> Result<Vec<bool>, Error> {
            arguments.iter().map(|argument| self.holds(place, argument, depth)).collect()
        };
        match (function, argument) {
            ("Condition", Yaml::String(name)) => self.named(name, depth + 1),
            ("Equals", Yaml::Sequence(sides)) if sides.len() == 2 => {
                Ok(self.scope.text(place, &sides[0])? == self.scope.text(place, &sides[1])?)
            }
            ("Not", Yaml::Sequence(one)) if one.len() == 1 => {
                Ok(!self.holds(place, &one[0], depth)?)
            }
            ("And", Yaml::Sequence(several)) if several.len() > 1 => {
                Ok(all(several)?.into_iter().all(|holds| holds))
            }
            ("Or", Yaml::Sequence(several)) if several.len() > 1 => {
                Ok(all(several)?.into_iter().any(|holds| holds))
            }
            _ => Err(Error::new(
                place,
                format!("the local stack does not understand this use of !{function}"),
            )),
        }
    }
}

/// The function that an expression calls, in its short form (`!Not`) or its long one (`Fn::Not`),
/// and its argument.
fn called(expression: &Yaml) -> Option<(&str, &Yaml)> {
    match expression {
        Yaml::Tagged(tagged) => {
            // `Tag` shows its name only by `Display`; these are all that a condition can be made
            // of.
            let names = ["Condition", "Equals", "Not", "And", "Or"];
            let name = names.into_iter().find(|name| tagged.tag == format!("!{name}"))?;
            Some((name, &tagged.value))
        }
        Yaml::Mapping(members) if members.len() == 1 => {
            let (name, argument) = members.iter().next()?;
            Some((name.as_str()?.trim_start_matches("Fn::"), argument))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
