use super::*;

#[test]
fn a_variable_that_is_missing_is_named() {
    let missing = "POSTRIDER_HAS_NO_SUCH_VARIABLE";
    let named = format!("environment variable {missing}: must be set");
    assert_eq!(text(missing).unwrap_err().to_string(), named);
    assert_eq!(number::<u32>(missing).unwrap_err().to_string(), named);
    assert_eq!(optional(missing), None);
}

#[test]
fn a_variable_that_does_not_read_is_named_and_its_value_is_not_shown() {
    // Cargo sets it for every test.
    let error = number::<u32>("CARGO_PKG_NAME").unwrap_err().to_string();
    assert_eq!(error, "environment variable CARGO_PKG_NAME: a whole number is wanted");
    assert!(parsed("CARGO_PKG_NAME", str::parse::<bool>).is_err());
}
