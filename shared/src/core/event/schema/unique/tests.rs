use super::*;
use serde_json::json;

#[test]
fn equal_elements_are_found_and_different_ones_told_apart() {
    let equal = [
        json!([1, 1.0]),
        json!([0, -0.0]),
        json!([-3, -3.0]),
        json!([{"a": 1, "b": [2.0]}, {"b": [2], "a": 1}]),
        json!([u64::MAX, u64::MAX]),
        json!([1.5, 15e-1]),
        json!([1e300, 10e299]),
    ];
    for array in equal {
        assert!(!UniqueItems(true).is_valid(&array), "{array}");
        assert!(UniqueItems(false).is_valid(&array), "{array}");
    }
    let different = [
        json!([[], [[]], [[], []], {}, null, "null", "", 0, false, "0", [0], ["0"]]),
        json!([{"a": "b"}, {"a,": "b"}, {"a": ["b"]}, {"a\":\"b": null}]),
        json!([9_007_199_254_740_993_u64, 9_007_199_254_740_992_u64, u64::MAX, i64::MIN, 1e20]),
    ];
    for array in different {
        assert!(UniqueItems(true).is_valid(&array), "{array}");
    }
    assert!(UniqueItems(true).is_valid(&json!("aa")));
}
