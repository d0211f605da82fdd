use super::*;

#[test]
fn percentiles_are_of_the_nearest_rank() {
    let latency = Latency::of((1..=200).rev().map(Duration::from_millis).collect());
    let found = [latency.p50, latency.p90, latency.p99, latency.max];
    assert!(
        found
            .iter()
            .zip([100.0, 180.0, 198.0, 200.0])
            .all(|(found, right)| (found - right).abs() < 1e-9)
    );
    assert!(Latency::of(Vec::new()).max.abs() < f64::EPSILON);
}

#[tokio::test]
async fn lost_repeated_and_foreign_arrivals_are_told_apart() {
    let start = Instant::now();
    let after = |ms| start + Duration::from_millis(ms);
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    let sent = [
        Sent { at: start, answered: after(1), ids: ids(&["a", "b"]) },
        Sent { at: after(100), answered: after(500), ids: ids(&["c"]) },
    ];
    let arrive = |id: &str, ms| Arrival { place: 0, id: id.to_owned(), at: after(ms) };
    let arrived = [arrive("a", 10), arrive("c", 130), arrive("a", 900), arrive("z", 1000)];
    let asked = Asked { http_requests: 2, ..Asked::default() };
    let used =
        [("stack".to_owned(), Duration::from_millis(6)), ("idle".to_owned(), Duration::ZERO)];
    let pattern = Pattern::Paced { per_second: 1, seconds: 3 };
    let run = result(pattern, &sent, &arrived, used.into(), asked);
    assert_eq!((run.accepted, run.missing, run.duplicates, run.unknown), (3, 1, 1, 1));
    assert!(!run.is_complete());
    assert!((run.accepted_per_second - 6.0).abs() < 1e-9);
    assert!((run.deliveries_per_second - 2.0).abs() < 1e-9);
    assert!((run.latency_ms.p50 - 10.0).abs() < 1e-9 && (run.latency_ms.max - 30.0).abs() < 1e-9);
    assert_eq!(run.cpu_ms.keys().collect::<Vec<_>>(), ["stack"]);
    assert!((run.cpu_ms["stack"] - 3.0).abs() < 1e-9);
}
