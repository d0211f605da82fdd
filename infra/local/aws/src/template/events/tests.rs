use std::collections::BTreeMap;

use super::super::{Document, functions};
use super::*;

fn describe(events: &str) -> Result<Function, String> {
    let text = format!(
        "
Resources:
  Orders: {{ Type: 'AWS::SQS::Queue' }}
  OrderRole: {{ Type: 'AWS::IAM::Role' }}
  OrderFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ../target/lambda/order
      Role: !GetAtt OrderRole.Arn
      Events: {{ Source: {events} }}
"
    );
    let document = Document::parse(&text).unwrap();
    let scope = Scope::new(&document, BTreeMap::new(), "http://x", "http://y").unwrap();
    functions::functions(&document, &scope)
        .map(|mut all| all.remove(0))
        .map_err(|error| error.to_string())
}

#[test]
fn a_mapping_takes_lambdas_defaults_for_what_is_not_said() {
    let function = describe("{ Type: SQS, Properties: { Queue: !GetAtt Orders.Arn } }").unwrap();
    let mapping = &function.mappings[0];
    assert_eq!(
        (mapping.queue.as_str(), mapping.batch_size, mapping.concurrency),
        ("Orders", 10, 2)
    );
    assert!(!mapping.reports_failures && mapping.window.is_zero());
    assert_eq!((function.name.as_str(), function.timeout.as_secs()), ("order", 3));
}

#[test]
fn a_mapping_may_be_a_resource_of_its_own() {
    let text = "
Resources:
  Orders: { Type: 'AWS::SQS::Queue' }
  OrderRole: { Type: 'AWS::IAM::Role' }
  OrderFunction:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: ../target/lambda/order, Role: !GetAtt OrderRole.Arn }
  Second:
    Type: AWS::Lambda::EventSourceMapping
    Properties: { FunctionName: !Ref OrderFunction, EventSourceArn: !GetAtt Orders.Arn, BatchSize: 1 }
";
    let document = Document::parse(text).unwrap();
    let scope = Scope::new(&document, BTreeMap::new(), "http://x", "http://y").unwrap();
    let function = functions::functions(&document, &scope).unwrap().remove(0);
    let mapping = &function.mappings[0];
    assert_eq!((mapping.queue.as_str(), mapping.batch_size, mapping.concurrency), ("Orders", 1, 2));
    let other = Document::parse(&text.replace("!Ref OrderFunction", "other")).unwrap();
    let scope = Scope::new(&other, BTreeMap::new(), "http://x", "http://y").unwrap();
    assert!(
        functions::functions(&other, &scope)
            .unwrap_err()
            .to_string()
            .contains("other is no function here")
    );
}

#[test]
fn a_large_batch_needs_a_window() {
    let without = "{ Type: SQS, Properties: { Queue: !GetAtt Orders.Arn, BatchSize: 100 } }";
    assert!(describe(without).unwrap_err().contains("BatchSize 100"));
    let with = "{ Type: SQS, Properties: { Queue: !GetAtt Orders.Arn, BatchSize: 100, MaximumBatchingWindowInSeconds: 1 } }";
    assert_eq!(describe(with).unwrap().mappings[0].batch_size, 100);
}

#[test]
fn event_sources_and_filters_that_are_not_understood_are_errors() {
    assert!(describe("{ Type: Kinesis, Properties: {} }").unwrap_err().contains("Kinesis"));
    let filtered = "{ Type: SQS, Properties: { Queue: !GetAtt Orders.Arn, FilterCriteria: {} } }";
    assert!(describe(filtered).unwrap_err().contains("FilterCriteria"));
}

#[test]
fn a_schedule_is_a_rate() {
    let function =
        describe("{ Type: Schedule, Properties: { Schedule: rate(5 minutes) } }").unwrap();
    assert_eq!(function.schedule, Some(Duration::from_mins(5)));
    assert!(describe("{ Type: Schedule, Properties: { Schedule: cron(0 0 * * ? *) } }").is_err());
}
