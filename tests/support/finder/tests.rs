use super::*;
use base64::engine::general_purpose::STANDARD;

const KEY: &[u8] =
    b"\x31\xf2\x90\xf6\xbf\x06\x29\x8a\xab\x4f\x08\xd4\x3c\x3f\x08\x2c\xf6\x48\xa3\x62\xda\x2d\xa4\xb0";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn finds(secret: &str, planted: impl AsRef<[u8]>) -> bool {
    let finder = Finder::new(&BTreeSet::from([secret.to_owned()]));
    assert_eq!(finder.find(b"nothing of it is here"), None);
    finder.find(&[b"before ", planted.as_ref(), b" after"].concat()).is_some()
}

#[test]
fn a_planted_secret_is_found_as_text_as_a_key_in_hex_and_in_base64_wherever_it_starts() {
    for planted in [SECRET.as_bytes(), &SECRET.as_bytes()[6..], KEY] {
        assert!(finds(SECRET, planted));
        assert!(finds(SECRET, hex::encode(planted)) && finds(SECRET, hex::encode_upper(planted)));
        for before in ["", "1", "22", "333", "4444"] {
            let text = [before.as_bytes(), planted, b"behind"].concat();
            assert!(finds(SECRET, STANDARD.encode(&text)), "{before:?}");
            assert!(finds(SECRET, URL_SAFE_NO_PAD.encode(&text)), "{before:?}");
        }
    }
    assert!(
        finds(r#"pass"word\1"#, r#"{"x":"pass\"word\\1"}"#) && finds("plain-text", "plain-text")
    );
    assert!(!finds(SECRET, &SECRET[..20]));
}

#[test]
fn of_a_key_pair_the_private_half_alone_is_secret() {
    let both: Vec<u8> = (0..64).collect();
    let secret = format!("whsk_{}", STANDARD.encode(&both));
    assert!(
        finds(&secret, &both[..32])
            && finds(&secret, &secret)
            && finds(&secret, STANDARD.encode(&both[..32]))
    );
    assert!(!finds(&secret, &both[32..]) && !finds(&secret, STANDARD.encode(&both[32..])));
}
