use super::is_error;

#[test]
fn panics_and_lines_of_level_error_are_errors() {
    assert!(is_error(r#"{"level":"ERROR","message":"x"}"#));
    assert!(is_error("thread 'main' panicked at src/main.rs:1"));
    assert!(is_error(
        "User: arn:aws:sts::0:assumed-role/R/f is not authorized to perform: dynamodb:Scan on resource: x"
    ));
    assert!(!is_error(r#"{"level":"WARN","message":"x"}"#));
    assert!(!is_error("process 17 ended: signal: 9 (SIGKILL)"));
}
