use super::*;

#[test]
fn milliseconds_are_written_as_seconds() {
    assert_eq!([0, 40, 1_250, 61_900].map(seconds), ["0 s", "0.0 s", "1.2 s", "61.9 s"]);
}
