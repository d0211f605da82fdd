use super::super::counts::Invoked;
use super::*;

fn deployment() -> Deployment {
    let memory = [("delivery".to_owned(), 512.0), ("scheduler".to_owned(), 1_769.0)].into();
    Deployment { memory, mappings: 2, quiet_logs: true, ..Deployment::default() }
}

fn invoked(name: &str, invocations: f64, wall_ms: f64, cpu_ms: f64) -> Counted {
    let functions = [(name.to_owned(), Invoked { invocations, wall_ms, cpu_ms })].into();
    Counted { functions, ..Counted::default() }
}

fn dollars(lines: &[Line], name: &str) -> f64 {
    lines.iter().find(|line| line.name == name).unwrap().dollars
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-4
}

#[test]
fn a_million_costs_its_requests_units_and_gigabytes() {
    let delivery = Counted {
        http_requests: 0.1,
        sqs_requests: 6.0,
        sqs_fair_requests: 3.0,
        read_units: 1.0,
        write_units: 2.0,
        log_bytes: 100.0,
        sent_bytes: 2_000.0,
        stored_bytes: 1_500.0,
        ..invoked("delivery", 0.5, 100.0, 0.0)
    };
    let bill = of_a_million(&delivery, &Prices::read().unwrap(), &deployment());
    let right = [
        ("API Gateway, HTTP API", 0.1),
        ("Lambda, requests", 0.1),
        ("Lambda, duration", 0.666_67),
        ("SQS, requests", 2.4),
        ("SQS, fair queue", 0.3),
        ("DynamoDB, units", 1.375),
        ("DynamoDB, 30 days of record", 0.375),
        ("CloudWatch Logs", 0.05),
        ("data to receivers and callers", 0.18),
    ];
    assert_eq!(bill.len(), right.len());
    assert!(right.iter().all(|(name, right)| near(dollars(&bill, name), *right)), "{bill:?}");
    assert!(near(total(&bill), 5.546_67));
}

#[test]
fn computing_takes_as_much_longer_as_the_function_has_less_than_a_cpu() {
    let gb_seconds = |name, cpu_ms| gb_seconds(&invoked(name, 1.0, 1_000.0, cpu_ms), &deployment());
    assert!(near(gb_seconds("delivery", 0.0), 0.5));
    assert!(near(gb_seconds("delivery", 1_000.0), 0.5 * 1_769.0 / 512.0));
    assert!(near(gb_seconds("scheduler", 1_000.0), 1_769.0 / 1_024.0));
}

#[test]
fn lambdas_own_lines_are_billed_unless_the_template_leaves_them_out() {
    let delivery = invoked("delivery", 2.0, 0.0, 0.0);
    assert!(near(log_bytes(&delivery, &deployment()), 0.0));
    assert!(near(log_bytes(&delivery, &Deployment { quiet_logs: false, ..deployment() }), 560.0));
}

#[test]
fn an_idle_month_has_ticks_and_long_polls() {
    let tick = Counted { read_units: 7.0, ..invoked("scheduler", 1.0, 0.0, 0.0) };
    let bill = of_a_month(&tick, &Prices::read().unwrap(), &deployment());
    assert!(near(dollars(&bill, "scheduler, a run each minute"), 0.0432 * (0.2 + 7.0 * 0.125)));
    assert!(near(dollars(&bill, "SQS, long polls of 2 queues"), 1.296 * 0.4));
    assert_eq!(bill.len(), 2);
}
