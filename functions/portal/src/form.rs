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
}

/// Pairs as a query, or as a form sends them.
#[must_use]
pub fn encode(pairs: impl Iterator<Item = (&'static str, String)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
