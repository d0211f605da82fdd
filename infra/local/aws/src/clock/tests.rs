use super::*;

#[test]
fn a_clock_starts_at_the_machines_time_and_is_only_put_forward() {
    let data = Data::ephemeral(false).unwrap();
    data.write("clock", "3600000").unwrap();
    let engine = sqs::Engine::open(None, "http://127.0.0.1").unwrap();
    let clock = Clock::start(&data, engine).unwrap();
    let said = || std::fs::read_to_string(clock.file()).unwrap();
    assert_eq!((said().as_str(), clock.ahead()), ("0", 0));
    // Two milliseconds: the time is that of all tests here.
    clock.run_ahead_by(2).unwrap();
    assert_eq!((said().as_str(), clock.ahead()), ("2", 2));
    clock.run_ahead_by(2).unwrap();
    assert!(matches!(clock.run_ahead_by(1), Err(ClockError::Backwards(2))));
    assert_eq!((said().as_str(), clock.ahead()), ("2", 2));
}
