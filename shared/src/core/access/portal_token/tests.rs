use super::*;

fn token() -> PortalToken {
    PortalToken {
        tenant: "shop-1".parse().unwrap(),
        capabilities: vec![Capability::View, Capability::Resend],
        issued_at: Timestamp::from_millis(1_800_000_000_000),
        expires_at: Timestamp::from_millis(1_800_000_060_000),
    }
}

fn key(byte: char) -> PortalKey {
    PortalKey::derived_from(&byte.to_string().repeat(24))
}

#[test]
fn a_token_opens_with_its_key_only_and_unchanged_only() {
    let text = key('a').sign(&token());
    assert!(is_token(&text));
    assert_eq!(key('a').open(&text), Some(token()));
    assert_eq!((key('b').open(&text), claims(&text)), (None, Some(token())));
    for at in 0..text.len() {
        let mut changed = text.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        assert_eq!(key('a').open(&String::from_utf8(changed).unwrap()), None, "byte {at}");
        assert_eq!(key('a').open(&text[..at]), None, "{at} bytes");
    }
    for other in ["", "prt_", "prt_.", "prt_e30.AA", "pr_key"] {
        assert_eq!((key('a').open(other), claims(other)), (None, None), "{other}");
    }
}

#[test]
fn another_implementation_derives_the_same_key() {
    let signed = "prt_eyJ0ZW5hbnQiOiJzaG9wLTEifQ";
    let signature = hmac::sign(&key('a').0, signed.as_bytes());
    assert_eq!(BASE64.encode(signature), "2dFw8jgl1t1Lna8pKdkXWFiGUyng3mkLyyVFw8Y3Rs4");
    assert_eq!(format!("{:?}", key('a')), "PortalKey(…)");
}
