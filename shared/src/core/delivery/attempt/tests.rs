use super::*;
use proptest::prelude::*;

#[test]
fn milliseconds_are_written_to_the_tenth_and_read_again() {
    for (micros, json) in [(0, "0"), (49, "0"), (50, "0.1"), (12_340, "12.3"), (2_000_000, "2000")]
    {
        let millis = Millis::from(Duration::from_micros(micros));
        assert_eq!(serde_json::to_string(&millis).unwrap(), json);
        assert_eq!(
            serde_json::from_str::<Millis>(json).unwrap(),
            Millis::from(Duration::from_micros(micros))
        );
    }
}

#[test]
fn an_attempt_from_before_there_were_timings_and_headers_reads_and_is_written_as_it_was() {
    let old = r#"{"number":1,"trigger":"event","started_at":"2026-01-31T08:50:46.020Z","duration_ms":5,"outcome":"succeeded","status":200}"#;
    let attempt: Attempt = serde_json::from_str(old).unwrap();
    assert!(
        attempt.timing.is_empty()
            && attempt.request_headers.is_none()
            && attempt.response_headers.is_none()
    );
    assert_eq!(serde_json::to_string(&attempt).unwrap(), old);
}

#[test]
fn the_log_and_the_api_say_the_same_words() {
    for outcome in Outcome::ALL {
        assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.to_string());
    }
    for class in ErrorClass::ALL {
        assert_eq!(serde_json::to_value(class).unwrap(), class.to_string());
    }
}

proptest! {
    #[test]
    fn any_duration_reads_as_it_was_written(micros in 0u64..1_000_000_000) {
        let millis = Millis::from(Duration::from_micros(micros));
        let json = serde_json::to_string(&millis).unwrap();
        prop_assert_eq!(serde_json::from_str::<Millis>(&json).unwrap(), millis);
    }
}
