use super::*;

#[test]
fn uuids_are_of_version_4_and_keys_have_their_lengths() {
    let uuid = uuid();
    assert_eq!((uuid.len(), &uuid[14..15]), (36, "4"));
    assert!("89ab".contains(&uuid[19..20]), "{uuid}");
    assert_eq!(admin_key().len(), "pr_admin_".len() + 43);
    assert!(text(64).len() == 64 && text(64) != text(64));
}
