use super::*;
use proptest::prelude::*;

const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const AT: i64 = 1_614_265_330;
const PRIVATE_KEY: &str =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";

fn published() -> Secret {
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().expect("the specification's secret")
}

#[test]
fn the_published_vector_of_v1_comes_out() {
    let signature = published().sign(ID, AT, BODY);
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert!(published().verifies(&format!("v1,AAAA v1a,x {signature}"), ID, AT, BODY));
}

#[test]
fn the_vector_of_v1a_comes_out_and_verifies_with_the_public_key() {
    let secret: Secret = PRIVATE_KEY.parse().expect("a private key");
    let signature = secret.sign(ID, AT, BODY);
    let expected = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";
    assert_eq!(signature, expected);
    let public_key = secret.public_key().expect("a public key");
    assert_eq!(public_key.to_string(), "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=");
    assert_eq!(public_key.to_string().parse(), Ok(public_key));
    assert!(public_key.verifies(&format!("v1,AAAA {expected}"), ID, AT, BODY));
    assert!(!public_key.verifies(expected, ID, AT + 1, BODY));
    assert_eq!(secret.reveal(), PRIVATE_KEY);
}

#[test]
fn the_headers_of_earlier_systems_come_out() {
    let plain: Secret = "your-webhook-secret-key".parse().expect("a secret");
    let hex = Scheme::HmacSha256Hex { header: "x-s".to_owned(), prefix: "sha256=".to_owned() };
    // printf '%s' '{"test": 2432232314}' | openssl dgst -sha256 -hmac your-webhook-secret-key
    let expected = "sha256=7a31129acebd0d5fa9a40b1526e305a1b13702a25634492223e91aca995d437f";
    assert_eq!(hex.value(&plain, BODY).as_deref(), Some(expected));
    let token = Scheme::Token { header: "x-t".to_owned() };
    assert_eq!(token.value(&plain, BODY).as_deref(), Some("your-webhook-secret-key"));
    assert_eq!(Scheme::StandardWebhooks {}.value(&plain, BODY), None);
    // A receiver that moves on to Standard Webhooks verifies with the same bytes.
    let same: Secret =
        format!("whsec_{}", BASE64.encode("a secret of twenty-four.")).parse().expect("a secret");
    let plain: Secret = "a secret of twenty-four.".parse().expect("a secret");
    assert_eq!(plain.sign(ID, AT, BODY), same.sign(ID, AT, BODY));
}

#[test]
fn a_secret_is_never_printed() {
    for text in [published().reveal(), PRIVATE_KEY.to_owned(), "plain-and-simple".to_owned()] {
        assert_eq!(format!("{:?}", text.parse::<Secret>().expect("a secret")), "Secret(…)");
    }
}

#[test]
fn what_is_no_secret_is_refused_without_being_shown() {
    let mut damaged = BASE64.decode(&PRIVATE_KEY[5..]).expect("base64");
    damaged[40] ^= 1;
    let damaged = format!("whsk_{}", BASE64.encode(damaged));
    let short = |bytes: usize| format!("whsec_{}", BASE64.encode(vec![1; bytes]));
    let public_key = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=".to_owned();
    let texts = [
        short(1),
        short(23),
        short(65),
        damaged,
        public_key,
        "whsk_AAAA".to_owned(),
        "short".to_owned(),
    ];
    for text in texts.into_iter().chain([
        " spaced out ".to_owned(),
        "line\nbreak".to_owned(),
        "x".repeat(257),
    ]) {
        let refusal = text.parse::<Secret>().unwrap_err().to_string();
        assert!(!refusal.contains(&text), "{refusal}");
    }
}

#[test]
fn a_scheme_takes_what_it_can_use() {
    let (hmac, private): (_, Secret) = (published(), PRIVATE_KEY.parse().expect("a key"));
    let plain: Secret = "sécret text".parse().expect("a secret");
    let hex = Scheme::HmacSha256Hex { header: "x-s".to_owned(), prefix: String::new() };
    let token = Scheme::Token { header: "x-t".to_owned() };
    let taken =
        |scheme: &Scheme| [&hmac, &private, &plain].map(|secret| scheme.takes(secret).is_ok());
    assert_eq!(taken(&Scheme::StandardWebhooks {}), [true, true, false]);
    assert_eq!(taken(&hex), [true, false, true]);
    assert_eq!(taken(&token), [true, false, false]);
}

proptest! {
    #[test]
    fn any_change_to_id_time_or_body_is_noticed(key: [u8; 32], body: Vec<u8>, at in 0i64..1 << 40, flip in 0usize..64) {
        for kind in [Kind::Hmac, Kind::Ed25519, Kind::Plain] {
            let secret = Secret::new(kind, key);
            let signature = secret.sign(ID, at, &body);
            prop_assert!(secret.verifies(&signature, ID, at, &body));
            prop_assert!(!secret.verifies(&signature, ID, at + 1, &body));
            prop_assert!(!secret.verifies(&signature, "msg_other", at, &body));
            let mut other = body.clone();
            if other.is_empty() { other.push(0) } else { let i = flip % other.len(); other[i] ^= 1 }
            prop_assert!(!secret.verifies(&signature, ID, at, &other));
            prop_assert_eq!(secret.reveal().parse::<Secret>().unwrap(), secret);
        }
    }
}
