//! An event type of an import: the body of a `PUT` with the name beside its fields. serde's own
//! `flatten` neither refuses unknown fields nor keeps JSON as it was written.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::json;
use shared::core::event::event_type::EventTypeName;

use super::PutEventType;

const NAME: &str = "name";

/// An event type of an import.
#[derive(Debug)]
pub struct Imported {
    pub name: EventTypeName,
    pub put: PutEventType,
}

impl<'de> Deserialize<'de> for Imported {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Imported;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("struct Imported")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Imported, A::Error> {
        let mut name = None;
        let others = Others { map, name: &mut name };
        let put = PutEventType::deserialize(MapAccessDeserializer::new(others))?;
        Ok(Imported { name: name.ok_or_else(|| Error::missing_field(NAME))?, put })
    }
}

/// All fields but the name, which is kept on the way.
struct Others<'n, A> {
    map: A,
    name: &'n mut Option<EventTypeName>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Others<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let mut seed = Some(seed);
        while let Some(key) = self.map.next_key_seed(Key(&mut seed))? {
            if key.is_some() {
                return Ok(key);
            }
            if self.name.replace(self.map.next_value()?).is_some() {
                return Err(Error::duplicate_field(NAME));
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// A field's name; `None` for the name, for which the seed is not used. Read where the key stands,
/// so that an error says which it is.
struct Key<'s, K>(&'s mut Option<K>);

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for Key<'_, K> {
    type Value = Option<K::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let key = String::deserialize(deserializer)?;
        let seed = if key == NAME { None } else { self.0.take() };
        let key: StringDeserializer<D::Error> = key.into_deserializer();
        seed.map(|seed| seed.deserialize(key)).transpose()
    }
}

impl JsonSchema for Imported {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ImportedEventType".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let name = generator.subschema_for::<EventTypeName>();
        let mut schema = PutEventType::json_schema(generator);
        schema.insert("description".to_owned(), json!("An event type of an import."));
        schema.insert("required".to_owned(), json!([NAME]));
        if let Some(properties) =
            schema.get_mut("properties").and_then(serde_json::Value::as_object_mut)
        {
            properties.insert(NAME.to_owned(), name.to_value());
        }
        schema
    }
}
