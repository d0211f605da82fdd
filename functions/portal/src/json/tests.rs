use super::*;

#[test]
fn json_is_indented_and_otherwise_left_as_it_is() {
    let given = r#"{"b":1.50, "a":[ ],"c":[1e3,{"d":"x\\\",{:"}], "e": {} }"#;
    let wanted = "{\n  \"b\": 1.50,\n  \"a\": [],\n  \"c\": [\n    1e3,\n    {\n      \"d\": \"x\\\\\\\",{:\"\n    }\n  ],\n  \"e\": {}\n}";
    assert_eq!(indented(given), wanted);
    assert!(shown("<b>not JSON").into_string().contains("&lt;b&gt;not JSON"));
}

#[test]
fn what_is_deep_or_long_stays_small() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(indented(&nested(DEEPEST)).contains('\n'));
    // Brackets in texts are none.
    let hidden = "[\"]\",".repeat(5_000) + "1" + &"]".repeat(5_000);
    for text in
        [nested(DEEPEST + 2), nested(20_000), hidden, format!("[{}1]", "1,".repeat(LONGEST))]
    {
        assert_eq!(indented(&text), text);
    }
    let page = shown(&"é\"".repeat(LONGEST)).into_string();
    assert!(page.len() < 8 * LONGEST && page.contains("bytes of 196608"), "{}", page.len());
}
