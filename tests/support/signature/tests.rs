use ring::signature::{Ed25519KeyPair, KeyPair as _};

use super::*;

/// The sample of the `standardwebhooks` crate, of the year 2022.
const SAMPLE: (&str, i64, &[u8]) = (
    "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
    1_649_367_553,
    br#"{"email":"test@example.com","username":"test_user"}"#,
);

fn is_signed(signatures: &str, secret: &str) -> bool {
    let (id, seconds, body) = SAMPLE;
    let others =
        [("msg_2", seconds, body), (id, seconds + 1, body), (id, seconds, b"{}".as_slice())];
    assert!(
        others.iter().all(|(id, seconds, body)| !is_among(signatures, secret, id, *seconds, body))
    );
    is_among(signatures, secret, id, seconds, body)
}

#[test]
fn a_signature_of_any_time_is_found_among_others() {
    let secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    let signature = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";
    assert!(is_signed(signature, secret));
    assert!(is_signed(&format!("v1,AA== {signature}"), secret));
    assert!(!is_signed(&signature.replace("v1,", "v1a,"), secret));
    assert!(!is_signed("", secret));
    // Its text as it stands is another key.
    assert!(!is_signed(signature, &secret["whsec_".len()..]));
}

#[test]
fn ed25519_signatures_are_verified_with_either_half() {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let public = pair.public_key().as_ref();
    let (id, seconds, body) = SAMPLE;
    let signature = pair.sign(&[format!("{id}.{seconds}.").as_bytes(), body].concat());
    let signatures = format!("v1,AA== v1a,{}", STANDARD.encode(signature));
    let both = [[7; 32].as_slice(), public].concat();
    assert!(is_signed(&signatures, &format!("whpk_{}", STANDARD.encode(public))));
    assert!(is_signed(&signatures, &format!("whsk_{}", STANDARD.encode(both))));
    assert!(!is_signed(&signatures, &format!("whpk_{}", STANDARD.encode([8; 32]))));
}
