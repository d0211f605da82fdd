//! What was entered, or stands in the query.

/// Fields by name, as often as they were given.
#[derive(Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// From `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn read(encoded: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// A field's value, without spaces around it; `None` if there is none, or an empty one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// All values of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Those of these fields that have a value, as a query.
    #[must_use]
    pub fn query(&self, names: &[&str]) -> String {
        let given = names.iter().filter_map(|name| Some((name, self.get(name)?)));
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish()
    }
}
