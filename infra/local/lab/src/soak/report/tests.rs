use super::*;

fn waits(number: usize, ms: u64) -> Waits {
    let wait = Duration::from_millis(ms);
    Waits { number, accepted: wait, attempted: vec![wait * 2], delivered: vec![wait * 3] }
}

#[test]
fn events_with_and_without_faults_are_told_apart() {
    let tally = Tally {
        accepted: 2,
        due: 2,
        delivered: 2,
        waits: vec![waits(0, 10), waits(1, 25)],
        ..Tally::default()
    };
    let faults = BTreeMap::from([("kill: intake", 3)]);
    let mut report = Report { tally, calm: 1, faults, errors: BTreeMap::new(), left: 0 };
    let text = report.to_string();
    for line in [
        "without faults, 1 events\n  publish → accepted                10.0",
        "with faults, 1 events\n  publish → accepted                25.0",
        "with faults, times without\n  publish → accepted                 2.5",
        "faults: 3\n         3  kill: intake\nerrors logged: 0\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert!(report.is_sound());
    report.left = 1;
    assert!(!report.is_sound() && report.to_string().contains("1 messages are LEFT"));
}
