use super::*;

#[test]
fn members_keep_their_order_their_text_and_their_repeats() {
    let json = r#"{ "b": 1.50e0, "a\u0062": [ 1 ], "b": {} }"#;
    let Members(members) = serde_json::from_str(json).expect("an object");
    let seen: Vec<_> = members.iter().map(|(name, value)| (&**name, value.get())).collect();
    assert_eq!(seen, [("b", "1.50e0"), ("ab", "[ 1 ]"), ("b", "{}")]);
    assert!(serde_json::from_str::<Members<'_>>("[]").is_err());
}
