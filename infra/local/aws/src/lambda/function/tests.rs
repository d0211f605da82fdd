use super::*;

#[test]
fn every_millisecond_begun_is_billed() {
    let billed = [0, 1, 999_999, 1_000_000, 1_000_001]
        .map(|nanos| whole_milliseconds(Duration::from_nanos(nanos)));
    assert_eq!(billed, [0, 1, 1, 1, 2]);
}
