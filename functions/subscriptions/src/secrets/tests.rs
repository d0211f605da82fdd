use shared::core::subscription::Health;

use super::*;
use crate::tests::{NOW, fault, sealed, secret, subscription};

const HOUR: Duration = Duration::from_hours(1);

fn scheme(profile: &str) -> Scheme {
    let subscription = Subscription { profile: profile.to_owned(), ..subscription() };
    subscription.policy().expect("a policy").signature.clone()
}

fn overlap(seconds: Option<u64>) -> Result<Duration, ApiError> {
    Rotate { overlap_seconds: seconds, ..Rotate::default() }.overlap()
}

#[test]
fn the_earlier_secret_signs_as_well_until_the_overlap_ends() {
    let later = NOW.after(HOUR);
    let after = rotated(&subscription(), sealed("new"), HOUR, later);
    let earlier = subscription().secrets.current;
    assert_eq!(after.secrets.current, sealed("new"));
    assert_eq!(after.secrets.previous, Some((earlier, later.after(HOUR))));
    let but_for_these =
        Subscription { secrets: after.secrets.clone(), updated_at: later, ..subscription() };
    assert_eq!(after, but_for_these);
}

#[test]
fn without_an_overlap_the_earlier_secret_is_gone_at_once() {
    let once = rotated(&subscription(), sealed("second"), HOUR, NOW);
    let twice = rotated(&once, sealed("third"), Duration::ZERO, NOW);
    assert_eq!(twice.secrets, Secrets { current: sealed("third"), previous: None });
}

#[test]
fn a_second_rotation_within_the_overlap_ends_the_first_secret() {
    let once = rotated(&subscription(), sealed("second"), HOUR, NOW);
    let twice = rotated(&once, sealed("third"), HOUR, NOW);
    assert_eq!(twice.secrets.previous, Some((sealed("second"), NOW.after(HOUR))));
}

#[test]
fn the_overlap_is_a_day_where_none_is_given_and_a_week_at_most() {
    assert_eq!(overlap(None), Ok(24 * HOUR));
    assert_eq!(overlap(Some(0)), Ok(Duration::ZERO));
    assert_eq!(overlap(Some(604_800)), Ok(7 * 24 * HOUR));
    assert_eq!(fault(overlap(Some(604_801))), "overlap_seconds");
}

#[test]
fn a_rotated_secret_is_a_new_start_for_a_receiver_that_fails_and_for_no_other() {
    let rotated = |before: &Subscription| rotated(before, sealed("new"), HOUR, NOW);
    let healthy = subscription();
    assert!(rotated(&healthy).new_start(&healthy).is_none());
    let health = Health { failed_attempts: 9, failing_since: Some(NOW), ..Health::default() };
    let failing = Subscription { health, ..subscription() };
    assert!(rotated(&failing).new_start(&failing).is_some());
    let paused = Subscription { status: shared::core::subscription::Status::Paused, ..failing };
    assert!(rotated(&paused).new_start(&paused).is_none());
}

#[test]
fn a_secret_is_the_given_one_or_of_the_type_that_is_asked_for_or_the_schemes() {
    let standard = scheme("standard");
    let given = secret().reveal();
    let chosen = |given, asked| chosen_or_new(given, asked, &standard, [9; 32]);
    assert_eq!(chosen(Some(&given), None).expect("a secret").reveal(), given);
    let made = |kind| Secret::new(kind, [9; 32]).reveal();
    let asked = |asked| chosen(None, asked).expect("a secret").reveal();
    assert_eq!(asked(Some(SecretType::Hmac)), made(Kind::Hmac));
    assert_eq!(asked(Some(SecretType::Ed25519)), made(Kind::Ed25519));
    assert_eq!(asked(None), made(standard.kind()));
    let others = scheme("locally");
    let own = chosen_or_new(None, None, &others, [9; 32]).expect("a secret");
    assert_eq!(own.reveal(), made(others.kind()));
    assert_ne!(others.kind(), standard.kind());
}

#[test]
fn a_secret_that_the_scheme_cannot_use_is_refused_where_it_was_asked_for() {
    let refused = |given, asked, profile| {
        fault(chosen_or_new(given, asked, &scheme(profile), [9; 32]).map(|_| ()))
    };
    let plain = Secret::new(Kind::Plain, [9; 32]).reveal();
    assert_eq!(refused(Some("whsec_"), None, "standard"), "secret");
    assert_eq!(refused(Some(&plain), None, "standard"), "secret");
    assert_eq!(refused(None, Some(SecretType::Ed25519), "locally"), "secret_type");
    let both = Some(SecretType::Hmac);
    assert_eq!(refused(Some(&plain), both, "standard"), "secret_type");
}

#[test]
fn the_secret_before_is_shown_while_it_signs() {
    let keys: SealingKeys = "the-only-sealing-key-of-this-deployment".parse().expect("keys");
    let id = subscription().id.to_string();
    let seal = |secret: &Secret| keys.seal(&id, &secret.reveal(), [3; 12]);
    let pair = Secret::new(Kind::Ed25519, [4; 32]);
    let previous = Some((seal(&pair), NOW.after(HOUR)));
    let secrets = Secrets { current: seal(&secret()), previous };
    let subscription = Subscription { secrets, ..subscription() };
    let shown = |now| SecretView::new(&keys, &subscription, now).expect("it opens");
    let view = shown(NOW);
    assert_eq!((view.secret, view.public_key), (Some(secret().reveal()), None));
    assert_eq!(view.previous_secret, None, "a private key stays here");
    assert_eq!(view.previous_public_key, pair.public_key().map(|key| key.to_string()));
    assert_eq!(view.previous_secret_until, Some(NOW.after(HOUR)));
    let view = shown(NOW.after(HOUR));
    assert_eq!((view.previous_public_key, view.previous_secret_until), (None, None));
}
