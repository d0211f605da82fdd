use super::*;

fn keys(bytes: &[u8]) -> SealingKeys {
    let list: Vec<_> = bytes.iter().map(|byte| hex::encode([*byte; 16])).collect();
    list.join(",").parse().expect("keys")
}

#[test]
fn sealed_text_opens_for_its_row_only_and_unchanged_only() {
    let keys = keys(&[1]);
    let sealed = keys.seal("sub_1", "whsec_x", [9; NONCE_LEN]);
    assert!(!sealed.as_str().contains("whsec"));
    assert_eq!(keys.open("sub_1", &sealed).unwrap(), "whsec_x");
    assert_eq!(keys.open("sub_2", &sealed), Err(SealingError::Damaged));
    for cut in 0..sealed.as_str().len() {
        let mut text = sealed.as_str().to_owned();
        text.truncate(cut);
        assert!(keys.open("sub_1", &Sealed(text)).is_err());
    }
}

#[test]
fn keys_rotate_by_a_new_one_in_front() {
    let old = keys(&[1]).seal("r", "text", [0; NONCE_LEN]);
    let both = keys(&[2, 1]);
    assert_eq!(both.open("r", &old).unwrap(), "text");
    let new = both.seal("r", "text", [0; NONCE_LEN]);
    assert!(both.knows(&new) && both.knows(&old) && !keys(&[1]).knows(&new));
    assert!(matches!(keys(&[1]).open("r", &new), Err(SealingError::UnknownKey(_))));
    assert_eq!(keys(&[2]).open("r", &new).unwrap(), "text");
}

#[test]
fn what_another_implementation_sealed_opens() {
    let sealed = Sealed("1.523b2e39.CQkJCQkJCQkJCQkJCfQ8Eg2wl6p97FchdJ5QIsIBCw84pVI=".to_owned());
    assert_eq!(keys(&[7]).open("sub_1", &sealed).unwrap(), "whsec_x");
}

#[test]
fn a_key_that_is_too_short_is_refused() {
    for bad in ["", ",", "x", &"x".repeat(31), &format!("{},x", "x".repeat(32))] {
        assert_eq!(bad.parse::<SealingKeys>().unwrap_err(), SealingError::InvalidKeys);
    }
}
