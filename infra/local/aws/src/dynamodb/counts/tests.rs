use super::*;

#[test]
fn requests_that_fail_are_told_apart_and_cost_what_they_consumed() {
    let counts = Counts::default();
    counts.succeeded(Operation::GetItem, 0.5);
    counts.succeeded(Operation::PutItem, 2.0);
    counts.failed(Operation::PutItem, 1.0);
    counts.failed(Operation::PutItem, 0.0);
    let read = counts.read();
    assert_eq!(
        (read.requests["GetItem"], read.requests["PutItem"], read.failed["PutItem"]),
        (1, 3, 2)
    );
    assert!(
        (read.units["GetItem"] - 0.5).abs() < f64::EPSILON
            && (read.units["PutItem"] - 3.0).abs() < f64::EPSILON
    );
    assert!(
        (read.read_units - 0.5).abs() < f64::EPSILON
            && (read.write_units - 3.0).abs() < f64::EPSILON
    );
}
