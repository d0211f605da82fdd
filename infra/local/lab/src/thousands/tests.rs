use super::*;

#[test]
fn every_three_digits_are_apart() {
    let numbers = [0, 999, 1_000, 12_345, 1_234_567];
    assert_eq!(numbers.map(grouped), ["0", "999", "1,000", "12,345", "1,234,567"]);
}
