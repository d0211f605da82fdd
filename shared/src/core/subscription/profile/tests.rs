use super::*;
use crate::core::signature::Secret;
use crate::core::subscription::policy::Format;

fn over(profile: &str, overrides: &str) -> Result<Arc<Policy>, InvalidPolicy> {
    serde_json::from_str::<Overrides>(overrides)
        .expect("an object")
        .over(find(profile).expect("a profile"))
}

#[test]
fn every_file_is_a_profile_and_the_five_are_there() {
    let names: Vec<_> = all().iter().map(|profile| profile.name.as_str()).collect();
    assert_eq!(names, ["cloudcart", "front-systems", "locally", "locallygrown", "standard"]);
    for profile in all() {
        let shown = serde_json::to_value(profile).expect("JSON");
        assert_eq!(shown["name"], profile.name.as_str());
        let fields: BTreeMap<String, Box<RawValue>> =
            serde_json::from_value(shown).expect("fields");
        assert_eq!(fields.len(), 18, "every field is shown");
    }
}

/// What each system promises, from `cases` of the four systems.
#[test]
fn the_promises_of_the_four_systems_are_kept_by_their_numbers() {
    let policy = |name| find(name).expect("a profile").policy.as_ref().clone();
    let breakers: Vec<_> =
        all().iter().filter(|found| found.policy.has_breaker()).map(|found| &found.name).collect();
    assert_eq!(breakers, ["locallygrown", "standard"]);
    for name in ["locallygrown", "standard"] {
        assert_eq!(policy(name).failing_after_attempts, 20);
        assert_eq!(
            policy(name).disable_after_failing(),
            Some(std::time::Duration::from_hours(120)),
            "five days"
        );
    }

    let locally = policy("locally");
    let attempts =
        u64::from(locally.timeout_seconds) * (locally.retry_waits_seconds.len() as u64 + 1);
    let waits: u64 = locally.retry_waits_seconds.iter().map(|wait| u64::from(*wait) + 1).sum();
    assert!(
        locally.retry_waits_seconds.len() == 3 && attempts + waits <= 60,
        "three more within a minute"
    );
    assert_eq!(locally.signature.header(), Some("locally-webhook-token"));

    let grown = policy("locallygrown");
    let longest = |wait: &u32| {
        u64::from(
            (*wait * (100 + u32::from(grown.jitter_percent)) / 100)
                .max(grown.max_retry_after_seconds),
        )
    };
    let within: u64 = grown.retry_waits_seconds.iter().map(longest).sum::<u64>() + 6 * 10;
    assert!(
        grown.retry_waits_seconds.len() == 5 && within < 24 * 3600,
        "{within} s, Retry-After included"
    );
    assert!(grown.retry_waits_seconds.windows(2).all(|pair| pair[1] == 5 * pair[0]), "exponential");
    assert_eq!((grown.timeout_seconds, grown.rate_limit_per_minute), (10, 100));

    let front = policy("front-systems");
    assert!(front.retry_waits_seconds.is_empty());

    let cloudcart = policy("cloudcart");
    assert_eq!(cloudcart.retry_waits_seconds, [60, 120, 180, 240, 300]);
    assert_eq!(
        (cloudcart.jitter_percent, cloudcart.timeout_seconds, cloudcart.max_retry_after_seconds),
        (0, 5, 0)
    );
    let disabling: Vec<u16> = (200..600).filter(|status| cloudcart.disables(*status)).collect();
    assert_eq!(disabling, [400, 401, 403, 404, 405, 406, 410, 411]);
    assert_eq!(
        (200..600).filter(|status| cloudcart.is_success(*status)).collect::<Vec<_>>(),
        [200]
    );
    assert!(
        cloudcart.unsubscribes(b"<p>PLEASE Unsubscribe me!</p>")
            && !cloudcart.unsubscribes(b"unsubscribe me")
    );
    assert!(!locally.unsubscribes(b"please unsubscribe me"));
}

#[test]
fn an_override_replaces_a_field_and_null_goes_back_to_the_profiles() {
    assert_eq!(over("standard", "{}"), Ok(Arc::clone(&find("standard").expect("there").policy)));
    let policy = over(
        "cloudcart",
        r#"{"body_format":"xml","success_status":["2xx"],"rate_limit_per_minute":30}"#,
    );
    let policy = policy.expect("within bounds");
    assert_eq!(
        (policy.body_format, policy.rate_limit_per_minute, policy.timeout_seconds),
        (Format::Xml, 30, 5)
    );
    assert!(policy.is_success(204));
    let overrides: Overrides =
        serde_json::from_str(r#"{"timeout_seconds":3,"jitter_percent":1}"#).expect("JSON");
    let patch = serde_json::from_str(r#"{"timeout_seconds":null,"body":{"b":"${data}","a":1}}"#)
        .expect("JSON");
    let patched = overrides.patched(patch);
    let json = r#"{"body":{"b":"${data}","a":1},"jitter_percent":1}"#;
    assert_eq!(serde_json::to_string(&patched).expect("JSON"), json);
    assert_eq!(patched, serde_json::from_str(json).expect("JSON"));
}

#[test]
fn an_override_out_of_bounds_or_unknown_names_its_field() {
    let path = |json: &str| over("standard", json).map_err(|error| error.path).unwrap_err();
    for (json, field) in [
        (r#"{"timeout_seconds":0}"#, "timeout_seconds"),
        (r#"{"timeout_seconds":31}"#, "timeout_seconds"),
        (r#"{"timeout_seconds":"5"}"#, "timeout_seconds"),
        (r#"{"jitter_percent":51}"#, "jitter_percent"),
        (r#"{"retry_waits_seconds":[0]}"#, "retry_waits_seconds"),
        (r#"{"retry_waits_seconds":[1,-1]}"#, "retry_waits_seconds[1]"),
        (r#"{"max_retry_after_seconds":43201}"#, "max_retry_after_seconds"),
        (r#"{"success_status":[]}"#, "success_status"),
        (r#"{"success_status":[200,99]}"#, "success_status[1]"),
        (r#"{"delete_on_response_text":"bye"}"#, "delete_on_response_text"),
        (r#"{"rate_limit_per_minute":1001}"#, "rate_limit_per_minute"),
        (r#"{"failing_after_attempts":0}"#, "failing_after_attempts"),
        (r#"{"failing_after_seconds":3601}"#, "failing_after_seconds"),
        (r#"{"probe_waits_seconds":[30,0]}"#, "probe_waits_seconds"),
        (r#"{"disable_after_failing_hours":8761}"#, "disable_after_failing_hours"),
        (r#"{"release_concurrency":0}"#, "release_concurrency"),
        (r#"{"signature":{"kind":"token","header":"host"}}"#, "signature.header"),
        (r#"{"signature":{"kind":"token","header":"webhook-id"}}"#, "signature.header"),
        (
            r#"{"signature":{"kind":"hmac_sha256_hex","header":"x-s","prefix":"a b"}}"#,
            "signature.prefix",
        ),
        (r#"{"body":"${nothing}"}"#, "body"),
        (r#"{"body_format":"yaml"}"#, "body_format"),
        (r#"{"timeout":1}"#, "timeout"),
    ] {
        assert_eq!(path(json), field, "{json}");
    }
    for json in [
        r#"{"signature":{"kind":"token"}}"#,
        r#"{"signature":{"kind":"md5"}}"#,
        r#"{"signature":{"kind":"token","header":"x","prefix":""}}"#,
    ] {
        assert!(over("standard", json).is_err(), "{json}");
    }
}

#[test]
fn a_file_that_is_no_profile_says_where() {
    let standard = FILES.iter().find(|(file, _)| *file == "standard.json").expect("there").1;
    let error = |file: &str, json: &str| Profile::read(file, json).unwrap_err().to_string();
    assert!(error("other.json", standard).starts_with("name: "));
    assert!(
        error("standard.json", &standard.replace("timeout_seconds", "timeout")).contains("timeout")
    );
    assert!(
        error("standard.json", &standard.replace("\"jitter_percent\": 10,", ""))
            .contains("jitter_percent")
    );
}

#[test]
fn a_schemes_secret_is_what_it_can_use() {
    let secret = |text: &str| text.parse::<Secret>().expect("a secret");
    let plain = secret("your-webhook-secret-key");
    for (profile, fits) in
        [("standard", false), ("locally", true), ("locallygrown", true), ("cloudcart", false)]
    {
        assert_eq!(
            find(profile).expect("there").policy.signature.takes(&plain).is_ok(),
            fits,
            "{profile}"
        );
    }
}
