use super::*;

#[test]
fn the_nine_are_told_by_when_they_were_published_and_the_first_is_left_out() {
    let start = Instant::now();
    let at = |seconds| start + Duration::from_secs(seconds);
    let sent = |second, place| Published { at: at(second), id: format!("{second}-{place}"), place };
    let calm = [sent(0, 1), sent(1, 2), sent(2, 0)];
    let hung = [sent(10, 1), sent(26, 2), sent(27, 3), sent(28, 0)];
    let later =
        |sent: &Published, millis| (sent.id.clone(), sent.at + Duration::from_millis(millis));
    let arrived =
        [later(&calm[0], 4), later(&calm[1], 4), later(&hung[0], 400), later(&hung[1], 8)].into();
    let load = Load { pace: 1, seconds: 30, delivery_concurrency: 5 };
    let report = Report::new(load, &arrived, (&calm, &hung), at(10));
    let rows: Vec<_> = report.rows.iter().map(|row| (row.events, row.missing)).collect();
    assert_eq!(rows, [(2, 0), (3, 1), (1, 0), (2, 1)]);
    assert!(!report.is_complete());
    let text = report.to_string();
    let row = "| of these, published 0 to 15 s after it began | 1 | 400.0 ms | 400.0 ms | 400.0 ms | 100.0 | 100.0 |";
    assert!(text.contains(row) && text.ends_with("1 NEVER ARRIVED\n"), "{text}");
}
