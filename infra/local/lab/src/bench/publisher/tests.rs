use super::*;

#[test]
fn exactly_as_many_are_taken_as_there_are() {
    let left = AtomicUsize::new(2);
    assert_eq!([take(&left), take(&left), take(&left), take(&left)], [true, true, false, false]);
}
