//! Profiles: named delivery policies, signature schemes and body formats that a subscription starts
//! from. Each is a JSON file in `shared/profiles/`, whose `README.md` says what every field means;
//! another file there is another profile, without a line of Rust.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::core::subscription::policy::{InvalidPolicy, Policy};

/// The profile that a subscription has when neither it nor its tenant names one.
pub const DEFAULT: &str = "standard";

/// Bytes of an override at most, with the white space that it was given with: subscriptions keep it
/// as it is.
const MAX_OVERRIDE_LEN: usize = 8 * 1024;

/// A profile as its file says it.
#[derive(Debug)]
pub struct Profile {
    /// What a subscription calls it.
    pub name: String,
    /// What it promises, for people.
    pub description: String,
    /// What it is.
    pub policy: Arc<Policy>,
    /// The fields of the policy as they stand in the file.
    fields: BTreeMap<String, Box<RawValue>>,
}

impl Profile {
    /// Reads a profile's file, whose name without `.json` is the profile's.
    fn read(file: &str, json: &str) -> Result<Self, InvalidPolicy> {
        let invalid = |path: &str, wanted: String| InvalidPolicy { path: path.to_owned(), wanted };
        let mut fields: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(json).map_err(|error| invalid("", error.to_string()))?;
        let mut text = |field: &str| {
            let text = fields
                .remove(field)
                .and_then(|json| serde_json::from_str::<String>(json.get()).ok());
            text.ok_or_else(|| invalid(field, "a string is wanted".to_owned()))
        };
        let (name, description) = (text("name")?, text("description")?);
        if file != format!("{name}.json") {
            return Err(invalid("name", format!("'{name}' is not the name of its file")));
        }
        let policy = Policy::read(&borrowed(&fields))?;
        Ok(Self { name, description, policy: Arc::new(policy), fields })
    }
}

impl Serialize for Profile {
    /// As its file says it, with every field.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct View<'a> {
            name: &'a str,
            description: &'a str,
            #[serde(flatten)]
            policy: BTreeMap<&'a str, &'a RawValue>,
        }
        View { name: &self.name, description: &self.description, policy: borrowed(&self.fields) }
            .serialize(serializer)
    }
}

// The files of `shared/profiles/`, found by the build script.
include!(concat!(env!("OUT_DIR"), "/profiles.rs"));

static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    let read = |(file, json): &(&str, &str)| match Profile::read(file, json) {
        Ok(profile) => profile,
        Err(error) => panic!("shared/profiles/{file}: {error}"),
    };
    FILES.iter().map(read).collect()
});

/// All profiles of this build, by name.
///
/// # Panics
///
/// At the first call, if a file is not a profile. A test reads them all.
#[must_use]
pub fn all() -> &'static [Profile] {
    &PROFILES
}

/// The profile of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Profile> {
    all().iter().find(|profile| profile.name == name)
}

/// The name of a profile that this build has: the given one, or the default one where none is
/// given.
pub fn existing(name: Option<String>) -> Result<String, NoSuchProfile> {
    let name = name.unwrap_or_else(|| DEFAULT.to_owned());
    if find(&name).is_some() { Ok(name) } else { Err(NoSuchProfile(name)) }
}

/// This build has no profile of that name. Its text names those that exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSuchProfile(String);

impl fmt::Display for NoSuchProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<_> = all().iter().map(|profile| profile.name.as_str()).collect();
        write!(f, "there is no profile '{}'; there is {}", self.0, known.join(", "))
    }
}

impl std::error::Error for NoSuchProfile {}

/// The fields of a policy that a subscription has otherwise than its profile, as they were given.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Overrides(BTreeMap<String, Box<RawValue>>);

impl Overrides {
    /// With the fields of `patch` instead of its own; what is `null` there goes back to the
    /// profile's. A field is replaced as a whole.
    #[must_use]
    pub fn patched(&self, patch: Self) -> Self {
        let mut fields = self.0.clone();
        fields.extend(patch.0);
        fields.retain(|_, value| value.get() != "null");
        Self(fields)
    }

    /// Lays them over a profile, and checks what comes out.
    pub fn over(&self, profile: &Profile) -> Result<Arc<Policy>, InvalidPolicy> {
        if self.0.is_empty() {
            return Ok(Arc::clone(&profile.policy));
        }
        if let Some(path) = self
            .0
            .iter()
            .find(|(_, value)| value.get().len() > MAX_OVERRIDE_LEN)
            .map(|(name, _)| name)
        {
            let wanted = format!("at most {MAX_OVERRIDE_LEN} bytes are taken");
            return Err(InvalidPolicy { path: path.clone(), wanted });
        }
        let mut fields = borrowed(&profile.fields);
        fields.extend(borrowed(&self.0));
        Policy::read(&fields).map(Arc::new)
    }
}

impl PartialEq for Overrides {
    fn eq(&self, other: &Self) -> bool {
        let fields = |all: &Self| {
            all.0.iter().map(|(name, value)| format!("{name}:{}", value.get())).collect::<Vec<_>>()
        };
        fields(self) == fields(other)
    }
}

impl Eq for Overrides {}

fn borrowed(fields: &BTreeMap<String, Box<RawValue>>) -> BTreeMap<&str, &RawValue> {
    fields.iter().map(|(name, value)| (name.as_str(), &**value)).collect()
}

#[cfg(test)]
mod tests;
