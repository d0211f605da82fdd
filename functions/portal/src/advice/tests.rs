use super::*;

fn attempt(status: Option<u16>, class: Option<&str>, headers: &[(&str, &str)]) -> Attempt {
    let mut json = serde_json::json!({
        "number": 1, "trigger": "event", "started_at": "2026-01-31T08:50:46.020Z", "duration_ms": 5,
        "outcome": if status == Some(200) { "succeeded" } else { "rejected" },
        "response_headers": headers.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
    });
    json["status"] = status.into();
    json["error_class"] = class.into();
    serde_json::from_value(json).unwrap()
}

#[test]
fn a_server_that_takes_no_connection_is_told_otherwise_than_one_that_does_not_answer() {
    let mut late = attempt(None, Some("timeout"), &[]);
    late.timeout_phase = Some(Phase::FirstByte);
    assert!(advice(&late).unwrap().contains("Answer with 200"));
    for phase in [Phase::Dns, Phase::Connect, Phase::Tls] {
        late.timeout_phase = Some(phase);
        assert!(advice(&late).unwrap().contains("did not take the connection"), "{phase:?}");
    }
}

#[test]
fn each_failure_says_what_to_do_and_a_success_nothing() {
    assert_eq!(advice(&attempt(Some(200), None, &[])), None);
    let moved =
        advice(&attempt(Some(301), Some("http_status"), &[("location", "https://new.example/")]))
            .unwrap();
    assert_eq!(
        moved,
        "Your server answered 301, which points to https://new.example/. Redirects are not followed: give the final URL."
    );
    let mut seen = std::collections::BTreeSet::new();
    for status in [202, 302, 400, 401, 404, 405, 408, 410, 413, 415, 418, 429, 500] {
        assert!(
            seen.insert(advice(&attempt(Some(status), Some("http_status"), &[])).unwrap()),
            "{status}"
        );
    }
    for class in ErrorClass::ALL {
        let words = advice(&attempt(None, Some(class.as_str()), &[])).unwrap();
        assert!(seen.insert(words), "{class}");
    }
}
