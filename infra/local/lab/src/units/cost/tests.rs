use super::*;
use crate::asked::{DynamoDbAsked, SqsAsked};

fn reads(read_units: f64) -> Cost {
    Cost { read_units, dynamodb: 1.0, ..Cost::default() }
}

#[test]
fn questions_and_polls_that_found_nothing_are_not_counted() {
    let sqs = |requests, empty| SqsAsked {
        requests,
        empty,
        messages: requests - empty,
        billed: requests,
    };
    let dynamodb = |requests| DynamoDbAsked { requests, units: 1.5 };
    let asked = Asked {
        sqs: [
            ("ReceiveMessage", sqs(5, 3)),
            ("GetQueueAttributes", sqs(9, 9)),
            ("SendMessage", sqs(1, 0)),
        ]
        .map(|(action, asked)| (action.to_owned(), asked))
        .into(),
        dynamodb: [("Query", dynamodb(8)), ("PutItem", dynamodb(1))]
            .map(|(name, asked)| (name.to_owned(), asked))
            .into(),
        read_units: 4.0,
        write_units: 1.5,
        ..Asked::default()
    };
    assert_eq!(
        Cost::of(&asked),
        Cost { read_units: 4.0, write_units: 1.5, dynamodb: 9.0, sqs: 3.0 }
    );
}

#[test]
fn what_happens_once_in_a_while_is_not_in_the_median() {
    assert_eq!(Cost::median(&[reads(0.5), reads(7.0), reads(0.5)]), reads(0.5));
    assert_eq!(Cost::median(&[]), Cost::default());
}

#[test]
fn what_was_not_meant_is_taken_off_before_it_is_shared_out() {
    let shared = reads(10.0).without(reads(0.5).times(4)).per(8);
    assert_eq!(shared, Cost { read_units: 1.0, ..Cost::default() });
}
