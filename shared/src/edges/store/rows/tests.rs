use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;

use super::*;
use crate::edges::version::Version;

/// A row as it is once there was a second version: the first had a text for `count`.
#[derive(Debug, PartialEq)]
struct Note {
    count: u32,
}

#[derive(Deserialize)]
struct First {
    #[serde(rename = "v")]
    _v: Version<1>,
    count: String,
}

#[derive(serde::Serialize, Deserialize)]
struct Second {
    v: Version<2>,
    count: u32,
    comment: Option<String>,
}

impl TryFrom<First> for Note {
    type Error = StoreError;

    fn try_from(row: First) -> Result<Self, StoreError> {
        let count = row.count.parse().map_err(|_| StoreError::Corrupt("count".to_owned()))?;
        Ok(Self { count })
    }
}

impl TryFrom<Second> for Note {
    type Error = StoreError;

    fn try_from(row: Second) -> Result<Self, StoreError> {
        Ok(Self { count: row.count })
    }
}

rows! {
    Note: 1 => First, 2 => Second;
}

fn item(attributes: &[(&str, AttributeValue)]) -> Item {
    let own = |(name, value): &(&str, AttributeValue)| ((*name).to_owned(), value.clone());
    let key = [("partition", text("notes")), ("sort", text("a"))];
    Item(key.iter().chain(attributes).map(own).collect())
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(number: u8) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn wrong(attributes: &[(&str, AttributeValue)]) -> String {
    read::<Note>(item(attributes)).unwrap_err().to_string()
}

#[test]
fn a_row_of_either_version_is_read_and_what_is_absent_is_not_written() {
    let second = write(&Second { v: Version, count: 7, comment: None }).unwrap();
    let expected = [("v".to_owned(), number(2)), ("count".to_owned(), number(7))];
    assert_eq!(second, HashMap::from(expected));
    assert_eq!(read::<Note>(Item(second)).unwrap(), Note { count: 7 });
    let first = item(&[("v", number(1)), ("count", text("7"))]);
    assert_eq!(read::<Note>(first).unwrap(), Note { count: 7 });
}

#[test]
fn a_row_that_does_not_read_says_which_it_is_and_where() {
    for (attributes, part) in [
        (vec![("count", number(7))], "attribute v"),
        (vec![("v", number(3)), ("count", number(7))], "no version 3"),
        (vec![("v", number(2)), ("count", text("7"))], "count does not read"),
        (vec![("v", number(2))], "does not read"),
        (vec![("v", number(1)), ("count", text("seven"))], "count"),
    ] {
        let wrong = wrong(&attributes);
        assert!(wrong.contains("(notes, a)") && wrong.contains(part), "{wrong}");
    }
}
