use super::super::cost::Cost;
use super::*;

fn named(name: &str, read_units: f64, dynamodb: f64) -> Named {
    Named {
        name: name.to_owned(),
        cost: Cost { read_units, dynamodb, write_units: 1.25, sqs: 0.0 },
    }
}

#[test]
fn an_operation_is_a_row() {
    let table = operations(&[named("publish", 0.5, 3.0), named("list", 32.0, 10.004)]);
    let right = "| operation | read units | write units | DynamoDB requests | SQS requests |\n\
                 |---|--:|--:|--:|--:|\n\
                 | publish | 0.5 | 1.25 | 3 | 0 |\n\
                 | list | 32 | 1.25 | 10 | 0 |\n";
    assert_eq!(table, right);
}

#[test]
fn a_log_is_a_column() {
    let log =
        |deliveries, read_units| Log { deliveries, pages: vec![named("newest", read_units, 9.0)] };
    let table = pages(&[log(1_000, 4.5), log(1_000_000, 20.0)]);
    let right = "| page of 50 | 1,000 deliveries | 1,000,000 deliveries |\n\
                 |---|--:|--:|\n\
                 | newest | 4.5 (9) | 20 (9) |\n";
    assert_eq!(table, right);
}
