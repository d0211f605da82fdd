use super::*;

#[test]
fn a_key_is_known_by_its_hash_and_never_printed() {
    let key = ApiKey::new([7; 32]);
    assert_eq!(key.hash(), ApiKey::from_bearer(key.reveal()).hash());
    assert!(key.hash().is_same(&key.hash()) && !key.hash().is_same(&ApiKey::new([8; 32]).hash()));
    assert_eq!(format!("{key:?}"), "ApiKey(…)");
    let known = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    assert_eq!(ApiKey::from_bearer("hello").hash().as_str(), known);
}

#[test]
fn each_of_the_admin_keys_is_one_and_short_ones_are_refused() {
    let (old, new) = ("o".repeat(24), "n".repeat(48));
    let keys: AdminKeys = format!("{new}, {old},").parse().unwrap();
    for key in [&old, &new] {
        assert!(keys.have(&ApiKey::from_bearer(key).hash()));
    }
    assert!(
        !keys.have(&ApiKey::from_bearer("other").hash()) && !format!("{keys:?}").contains(&old)
    );
    for bad in ["", ",", "short", &format!("{old},short")] {
        assert_eq!(bad.parse::<AdminKeys>().unwrap_err(), InvalidAdminKeys);
    }
}
