use super::super::counts::{Conditions, Counted};
use super::*;

#[test]
fn each_workload_is_a_column_and_who_is_cheaper_stands_above() {
    let workload = |name: &str, traffic, write_units| Workload {
        name: name.to_owned(),
        traffic,
        deliveries: 10,
        counted: Counted { http_requests: 1.0, write_units, ..Counted::default() },
    };
    let counts = Counts {
        date: "2026-01-02".to_owned(),
        machine: "a machine".to_owned(),
        conditions: Conditions { receiver_ms: 100, aws_ms: 10 },
        tick: Counted { read_units: 8.0, ..Counted::default() },
        workloads: vec![
            workload(SINGLE, Traffic::Quiet, 2.0),
            workload("batches", Traffic::Busy, 1.6),
        ],
    };
    let memory = [("delivery".to_owned(), 256.0)].into();
    let deployment = Deployment { memory, mappings: 2, quiet_logs: true, ..Deployment::default() };
    let text = all(&counts, &Prices::read().unwrap(), &deployment);
    for part in [
        "| | single events, quiet | batches, busy |\n|---|--:|--:|\n| API Gateway, HTTP API | 1.00 | 1.00 |\n",
        "| DynamoDB, units | 1.25 | 1.00 |\n",
        "| **together** | **2.25** | **2.00** |\n",
        "| read / write units a delivery | 0.00 / 2.00 | 0.00 / 1.60 |\n",
        "a receiver takes 100 ms and each request to SQS and DynamoDB 10 ms",
        "billed 6.9 times as long, as 256 MB have 14 % of a CPU",
        "| scheduler, a run each minute | 0.04 |\n| SQS, long polls of 2 queues | 0.52 |\n| **together** | **0.56** |\n",
        "| **Postrider, single events, quiet** | 2.25 | 30 days of record | 2026-",
    ] {
        assert!(text.to_lowercase().contains(&part.to_lowercase()), "{part}\n{text}");
    }
    let place = |part: &str| text.find(part).unwrap();
    assert!(
        place("Amazon SNS") < place("Postrider, single")
            && place("Postrider, single") < place("Svix, Free")
    );
}
