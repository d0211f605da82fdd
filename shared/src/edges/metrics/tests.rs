use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_123);

fn delivered(metrics: &Metrics, first: u64, delivered: u64) {
    metrics.count(Count::AttemptsSucceeded);
    metrics.time(Time::PublishToFirstAttempt, Duration::from_millis(first));
    metrics.time(Time::PublishToDelivered, Duration::from_millis(delivered));
}

#[test]
fn an_invocation_is_one_line_of_the_embedded_metric_format() {
    let metrics = Metrics::new("postrider".to_owned());
    delivered(&metrics, 12, 40);
    delivered(&metrics, 7, 9);
    metrics.count(Count::Held);
    let expected = concat!(
        r#"{"_aws":{"Timestamp":1790000000123,"CloudWatchMetrics":[{"Namespace":"Postrider","#,
        r#""Dimensions":[["deployment"]],"Metrics":[{"Name":"attempts_succeeded","Unit":"Count"},"#,
        r#"{"Name":"held","Unit":"Count"},{"Name":"publish_to_first_attempt","Unit":"Milliseconds"},"#,
        r#"{"Name":"publish_to_delivered","Unit":"Milliseconds"}]}]},"deployment":"postrider","#,
        r#""attempts_succeeded":2,"held":1,"publish_to_delivered":[40,9],"publish_to_first_attempt":[12,7]}"#,
        "\n"
    );
    assert_eq!(metrics.take(NOW), expected);
    assert_eq!(
        metrics.take(NOW),
        "",
        "what was written is not written again, and nothing makes no line"
    );
}

#[test]
fn every_metric_has_a_name_of_its_own_and_fits_into_the_line() {
    let metrics = Metrics::new("d".to_owned());
    let counts = [
        Count::AttemptsSucceeded,
        Count::AttemptsRejected,
        Count::AttemptsTimedOut,
        Count::AttemptsUnreachable,
        Count::AttemptsBlocked,
        Count::Held,
        Count::Parked,
        Count::Exhausted,
        Count::Failing,
        Count::Recovered,
        Count::SubscriptionsDisabled,
    ];
    for what in counts {
        metrics.count(what);
    }
    for what in [Time::PublishToFirstAttempt, Time::PublishToDelivered] {
        metrics.time(what, Duration::ZERO);
    }
    let line: serde_json::Value = serde_json::from_str(&metrics.take(NOW)).unwrap();
    let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
    assert_eq!((metrics.len(), line.as_object().unwrap().len()), (13, 15));
    for metric in metrics {
        let value = &line[metric["Name"].as_str().unwrap()];
        let expected =
            if metric["Unit"] == "Count" { serde_json::json!(1) } else { serde_json::json!([0]) };
        assert_eq!(value, &expected, "{metric}");
    }
}

#[test]
fn more_values_than_a_line_takes_go_on_in_the_next_and_counts_are_not_repeated() {
    let metrics = Metrics::new("d".to_owned());
    (0..250).for_each(|n| delivered(&metrics, n, n));
    let text = metrics.take(NOW);
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name: &str| -> Vec<usize> {
        lines.iter().filter_map(|line| line[name].as_array()).map(Vec::len).collect()
    };
    assert_eq!(
        (of("publish_to_first_attempt"), of("publish_to_delivered")),
        (vec![100, 100, 50], vec![100, 100, 50])
    );
    let counts: Vec<_> = lines.iter().map(|line| line["attempts_succeeded"].as_u64()).collect();
    assert_eq!(counts, [Some(250), None, None]);
    assert_eq!(lines[2]["publish_to_delivered"][49], 249);
}

/// At half a dollar a GB of log, a million deliveries cost 0.02 dollars by tens, and 0.20 one by
/// one.
#[test]
fn the_line_of_deliveries_that_succeed_is_short() {
    for (deliveries, most) in [(1, 400), (10, 480)] {
        let metrics = Metrics::new("postrider".to_owned());
        (0..deliveries).for_each(|_| delivered(&metrics, 123, 145));
        let bytes = metrics.take(NOW).len();
        assert!(bytes <= most, "{bytes} bytes");
    }
}
