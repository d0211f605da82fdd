use super::*;

#[test]
fn every_number_is_published_once_and_every_twentieth_request_is_a_batch() {
    let groups: Vec<_> = groups(100..200).collect();
    assert_eq!(
        groups.iter().cloned().flatten().collect::<Vec<_>>(),
        (100..200).collect::<Vec<_>>()
    );
    let sizes: Vec<_> = groups.iter().map(Range::len).collect();
    assert_eq!(sizes[..20], [[1; 19].as_slice(), &[BATCH]].concat());
    assert!(self::groups(5..5).next().is_none());
}
