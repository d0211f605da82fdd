use super::*;

#[test]
fn lines_that_differ_in_numbers_are_of_one_class() {
    let line = |batch: u32| format!("the whole batch of {batch} fails: signal: {batch} (SIGKILL)");
    assert_eq!(class(&line(3)), class(&line(10)));
    assert_eq!(class(&line(3)).unwrap(), "the whole batch of # fails: signal: # (SIGKILL)");
    let json = r#"{"level":"ERROR","message":"not fanned out","event":"evt_1","failure":"SQS: InternalError"}"#;
    assert_eq!(class(json).unwrap(), "not fanned out: SQS: InternalError");
    let harmless = [
        r#"{"level":"INFO","message":"x"}"#,
        r#"{"_aws":{"Timestamp":1}}"#,
        "process 17 ended: signal: 9",
    ];
    assert_eq!(harmless.map(class), [None, None, None]);
}
