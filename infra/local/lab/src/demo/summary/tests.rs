use super::*;

#[test]
fn columns_stand_below_their_titles_and_faults_are_told() {
    let cells = |profile: &str| [profile, "type", "1", "2", "5.0", "v1"].map(str::to_owned);
    let right = Row { cells: cells("a"), faults: Vec::new() };
    let wrong = Row {
        cells: cells("a longer one"),
        faults: vec!["a longer one: it is pending".to_owned()],
    };
    let table = text(std::slice::from_ref(&right));
    let titles =
        "  profile  event type  deliveries  attempts of each  seconds between  proved by\n";
    assert!(table.starts_with(titles), "{table}");
    assert!(table.ends_with("All as expected.\n"));
    let table = text(&[right, wrong]);
    let line = "\n  a             type        1           2                 5.0              v1\n";
    assert!(table.contains(line), "{table}");
    assert!(table.ends_with("NOT as expected:\n  a longer one: it is pending\n"));
}
