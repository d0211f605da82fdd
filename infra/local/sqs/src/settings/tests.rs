use super::{Redrive, Settings, Texts, arn_of};
use crate::refusal::Kind;

fn texts(pairs: &[(&str, &str)]) -> Texts {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn defaults_are_those_of_aws() {
    let settings = Settings::of_new("q", &Texts::new()).unwrap();
    assert_eq!((settings.visibility, settings.delay, settings.wait), (30_000, 0, 0));
    assert_eq!((settings.retention, settings.largest), (345_600_000, 1_048_576));
    assert!(!settings.fifo && settings.redrive.is_none());
}

#[test]
fn values_out_of_bounds_and_unknown_names_are_refused() {
    for (name, value, kind) in [
        ("VisibilityTimeout", "43201", Kind::InvalidAttributeValue),
        ("VisibilityTimeout", "-1", Kind::InvalidAttributeValue),
        ("DelaySeconds", "901", Kind::InvalidAttributeValue),
        ("MessageRetentionPeriod", "59", Kind::InvalidAttributeValue),
        ("RedrivePolicy", "{}", Kind::InvalidAttributeValue),
        ("ContentBasedDeduplication", "true", Kind::InvalidAttributeName),
        ("QueueArn", "x", Kind::InvalidAttributeName),
    ] {
        assert_eq!(
            Settings::of_new("q", &texts(&[(name, value)])).unwrap_err().kind,
            kind,
            "{name}"
        );
    }
}

#[test]
fn a_redrive_policy_takes_its_count_as_number_or_string() {
    for count in ["3", "\"3\""] {
        let text =
            format!("{{\"deadLetterTargetArn\":\"{}\",\"maxReceiveCount\":{count}}}", arn_of("d"));
        let settings = Settings::of_new("q", &texts(&[("RedrivePolicy", &text)])).unwrap();
        assert_eq!(settings.redrive, Some(Redrive { queue: "d".to_owned(), receives: 3 }));
        let without = settings.changed(&texts(&[("RedrivePolicy", "")])).unwrap();
        assert_eq!(without.redrive, None);
    }
}

#[test]
fn the_suffix_and_the_attribute_of_a_fifo_queue_go_together() {
    assert!(Settings::of_new("q.fifo", &texts(&[("FifoQueue", "true")])).unwrap().fifo);
    assert!(Settings::of_new("q.fifo", &Texts::new()).is_err());
    assert!(Settings::of_new("q", &texts(&[("FifoQueue", "true")])).is_err());
}
