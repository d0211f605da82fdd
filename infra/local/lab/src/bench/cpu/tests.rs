use super::*;

#[test]
fn times_are_read_behind_a_name_with_brackets() {
    let stat = "42 (a (b) c) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0 12345 0 0";
    assert_eq!(parse(stat), Some(("a (b) c".to_owned(), Duration::from_secs(3))));
    assert_eq!(parse("42 (a) S 1"), None);
}

#[test]
fn only_what_was_used_since_counts() {
    let cpu = |times: &[(&str, u32, u64)]| {
        Cpu(times
            .iter()
            .map(|(name, id, ms)| (((*name).to_owned(), *id), Duration::from_millis(*ms)))
            .collect())
    };
    let used =
        cpu(&[("a", 1, 50), ("a", 2, 30), ("b", 3, 20)]).since(&cpu(&[("a", 1, 40), ("b", 3, 20)]));
    let expected = [("a".to_owned(), Duration::from_millis(40)), ("b".to_owned(), Duration::ZERO)];
    assert_eq!(used, expected.into());
}

#[test]
fn this_process_has_a_main_thread() {
    let mut cpu = Cpu::default();
    cpu.add_threads("tests", std::process::id(), "first").unwrap();
    assert!(cpu.0.keys().any(|(name, _)| name == "tests: first"));
}
