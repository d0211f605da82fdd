//! JSON Schemas of what is asked and answered, each under one name.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};
use shared::edges::api::description::Form;

/// Two generators: what may be left out of a request is not what may be missing in an answer.
#[derive(Debug)]
pub struct Schemas {
    asked: SchemaGenerator,
    answered: SchemaGenerator,
}

impl Schemas {
    pub fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        Self {
            asked: settings().for_deserialize().into_generator(),
            answered: settings().for_serialize().into_generator(),
        }
    }

    /// Of a request's type.
    pub fn asked(&mut self, form: Form) -> Value {
        form(&mut self.asked).to_value()
    }

    /// Of an answer's type.
    pub fn answered(&mut self, form: Form) -> Value {
        form(&mut self.answered).to_value()
    }

    /// All that have a name.
    pub fn components(&self) -> Map<String, Value> {
        let mut all = self.asked.definitions().clone();
        for (name, answered) in self.answered.definitions() {
            let asked = all.insert(name.clone(), answered.clone());
            assert!(
                asked.is_none_or(|asked| asked == *answered),
                "{name} is asked in another form than it is answered: it wants two types with two names"
            );
        }
        all
    }
}
