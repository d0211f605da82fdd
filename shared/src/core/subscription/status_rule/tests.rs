use super::*;

#[test]
fn a_status_and_a_class_cover_what_they_say_and_are_written_as_they_were_read() {
    let json = r#"["2xx",410]"#;
    let rules: Vec<StatusRule> = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&rules).unwrap(), json);
    let covered = |status| rules.iter().any(|rule| rule.covers(status));
    assert_eq!(
        [199, 200, 299, 300, 409, 410, 411].map(covered),
        [false, true, true, false, false, true, false]
    );
}

#[test]
fn anything_else_is_refused() {
    for bad in ["199", "600", r#""1xx""#, r#""6xx""#, r#""200""#, r#""2XX""#, "true", "-1"] {
        assert!(serde_json::from_str::<StatusRule>(bad).is_err(), "{bad}");
    }
    assert_eq!("404".parse(), Ok(StatusRule::One(404)));
    for bad in ["0404", "+404", "99", "", " 404", "6xx"] {
        assert_eq!(bad.parse::<StatusRule>(), Err(InvalidStatusRule), "{bad:?}");
    }
}
