use super::*;

#[test]
fn only_what_stands_under_a_name_is_replaced() {
    let text =
        "before\n<!-- cost -->\n1.00\n<!-- /cost -->\nafter\n<!-- size -->\n<!-- /size -->\n";
    let replaced = replace(text, "cost", "2.00\n3.00\n").unwrap();
    assert_eq!(section(&replaced, "cost"), Some("2.00\n3.00\n"));
    assert_eq!(replaced.replace("2.00\n3.00", "1.00"), text);
    assert_eq!(section(&replaced, "size"), Some(""));
    assert_eq!(replace(text, "start", "x"), None);
}
