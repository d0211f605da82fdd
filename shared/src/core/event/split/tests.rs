use std::collections::BTreeMap;

use super::*;
use crate::core::timestamp::Timestamp;
use proptest::prelude::*;

fn split(pointer: &str, json: &str) -> Result<Vec<String>, Unsplittable> {
    let parts = pointer.parse::<Split>()?.apply(json)?;
    Ok(parts.iter().map(|part| part.get().to_owned()).collect())
}

#[test]
fn a_cart_becomes_one_event_for_each_item_with_what_stands_around_it() {
    let cart = r#"{"order_id": "QE3QL6", "total": 1.50e0, "items": [{"upc": "1"}, {"upc": "2", "total": 0.5}]}"#;
    let expected = [
        r#"{"upc":"1","order_id":"QE3QL6","total":1.50e0}"#,
        r#"{"upc":"2","total":0.5,"order_id":"QE3QL6"}"#,
    ];
    assert_eq!(split("/items", cart).unwrap(), expected);
    let nested = r#"{"shop":7,"cart":{"id":1,"shop":8,"a/b":[{"n":[ 1 ]}]}}"#;
    assert_eq!(split("/cart/a~1b", nested).unwrap(), [r#"{"n":[ 1 ],"id":1,"shop":8}"#]);
}

#[test]
fn what_cannot_be_split_says_why() {
    assert_eq!(split("/items", "{}"), Err(Unsplittable::NoArray("/items".to_owned())));
    assert_eq!(split("/items", r#"{"items":{}}"#), Err(Unsplittable::NoArray("/items".to_owned())));
    assert_eq!(split("/a/b", r#"{"a":[]}"#), Err(Unsplittable::NoArray("/a/b".to_owned())));
    assert_eq!(split("/items", r#"{"items":[]}"#), Err(Unsplittable::Empty("/items".to_owned())));
    assert_eq!(
        split("/items", r#"{"items":[{},1]}"#),
        Err(Unsplittable::NoObject("/items".to_owned(), 1))
    );
    let many = format!("{{\"items\":[{}{{}}]}}", "{},".repeat(MAX_PARTS));
    assert_eq!(split("/items", &many), Err(Unsplittable::TooMany(MAX_PARTS + 1)));
    let (around, elements) = ("x".repeat(MAX_PARTS_BYTES / 100), "{},".repeat(110));
    let large = format!("{{\"around\":\"{around}\",\"items\":[{elements}{{}}]}}");
    assert_eq!(
        split("/items", &large),
        Err(Unsplittable::TooMany(111)),
        "a small request makes no large one"
    );
    for bad in ["", "items", "/", "/a//b", "/a~2", "/a/b/c/d/e/f/g/h/i"] {
        assert_eq!(bad.parse::<Split>(), Err(Unsplittable::Pointer), "{bad:?}");
    }
}

#[test]
fn the_same_element_of_the_same_parent_has_the_same_id_and_no_other_has_it() {
    let parent = |random| EventId::new(Timestamp::from_millis(1_700_000_000_123), random);
    assert_eq!(child(parent(1), 0), child(parent(1), 0));
    assert_eq!(child(parent(1), 0).timestamp(), parent(1).timestamp());
    let ids: std::collections::HashSet<_> =
        (0..100).flat_map(|n| [child(parent(1), n), child(parent(2), n)]).collect();
    assert_eq!(ids.len(), 200);
}

proptest! {
    #[test]
    fn every_member_is_there_once_and_the_elements_own_counts(
        around in prop::collection::btree_map("[a-e]", 0u8..9, 0..4),
        elements in prop::collection::vec(prop::collection::btree_map("[a-e]", 10u8..19, 0..4), 1..5),
    ) {
        let mut json = serde_json::to_value(&around).unwrap();
        json["items"] = serde_json::to_value(&elements).unwrap();
        let parts = split("/items", &json.to_string()).unwrap();
        for (part, element) in parts.iter().zip(&elements) {
            let mut expected = around.clone();
            expected.extend(element.clone());
            prop_assert_eq!(serde_json::from_str::<BTreeMap<String, u8>>(part).unwrap(), expected);
        }
        prop_assert_eq!(parts.len(), elements.len());
    }
}
