use super::fresh;

#[test]
fn an_identifier_has_the_shape_of_a_version_4_uuid_and_is_new() {
    let id = fresh();
    assert_eq!(id.len(), 36);
    assert_eq!(id.as_bytes()[14], b'4');
    assert!(id.match_indices('-').map(|(place, _)| place).eq([8, 13, 18, 23]));
    assert_ne!(id, fresh());
}
