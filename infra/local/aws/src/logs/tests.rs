use super::*;

#[test]
fn a_lines_level_is_read_from_its_json() {
    assert_eq!(level_of(br#"{"timestamp":"t","level":"WARN","fields":{}}"#), Some(Level::Warn));
    assert_eq!(level_of(br#"{"level":"trace"}"#), Some(Level::Debug));
    assert_eq!(level_of(b"thread 'main' panicked at src/main.rs:1"), None);
    // As in Lambda, metrics have the level of standard output: to the file, and not to the
    // terminal.
    assert_eq!(
        level_of(br#"{"_aws":{"Timestamp":1,"CloudWatchMetrics":[]},"deployment":"d","held":1}"#),
        None
    );
}
