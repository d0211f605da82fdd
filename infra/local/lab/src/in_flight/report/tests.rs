use super::*;

#[test]
fn numbers_are_written_for_people() {
    assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    assert_eq!([0, 40, 1_250, 61_900].map(seconds), ["0 s", "0.0 s", "1.2 s", "61.9 s"]);
}
