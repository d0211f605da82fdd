use super::super::Document;
use super::*;

fn resolve(expression: &str) -> Result<Value, String> {
    let document = Document::parse(
        "
Parameters: { Size: { Type: Number, Default: 3 } }
Conditions:
  IsThree: !Equals [!Ref Size, 3]
  IsFour: !Equals [!Ref Size, 4]
Resources:
  Orders: { Type: 'AWS::SQS::Queue' }
  Named: { Type: 'AWS::SQS::Queue', Properties: { QueueName: !Sub '${AWS::StackName}-Named.fifo', FifoQueue: true } }
  Fourth: { Type: 'AWS::SQS::Queue', Condition: IsFour }
  Log: { Type: 'AWS::DynamoDB::Table' }
  Front: { Type: 'AWS::ApiGatewayV2::Api' }
",
    )
    .unwrap();
    let parameters = document.parameters(&[], &BTreeMap::new()).unwrap();
    let scope =
        Scope::new(&document, parameters, "http://127.0.0.1:1", "http://127.0.0.1:2").unwrap();
    let yaml: Yaml = serde_yaml_ng::from_str(expression).unwrap();
    scope.resolve("here", &yaml).map_err(|error| error.to_string())
}

#[test]
fn references_to_parameters_and_resources_are_resolved() {
    assert_eq!(resolve("!Ref Size").unwrap(), 3);
    assert_eq!(resolve("{ Ref: Orders }").unwrap(), "http://127.0.0.1:1/000000000000/Orders");
    assert_eq!(
        resolve("!Ref Named").unwrap(),
        "http://127.0.0.1:1/000000000000/postrider-Named.fifo"
    );
    assert_eq!(resolve("!GetAtt Named.QueueName").unwrap(), "postrider-Named.fifo");
    assert_eq!(resolve("!GetAtt Front.ApiEndpoint").unwrap(), "http://127.0.0.1:2");
    assert_eq!(resolve("!GetAtt Orders.Arn").unwrap(), "arn:aws:sqs:us-east-1:000000000000:Orders");
    assert_eq!(
        resolve("'Fn::GetAtt': [Log, Arn]").unwrap(),
        "arn:aws:dynamodb:us-east-1:000000000000:table/Log"
    );
}

#[test]
fn substitution_takes_names_attributes_and_literals() {
    assert_eq!(resolve("!Sub '${AWS::Region}/${Size}'").unwrap(), "us-east-1/3");
    let index = resolve("!Sub '${Log.Arn}/index/due'").unwrap();
    assert_eq!(index, "arn:aws:dynamodb:us-east-1:000000000000:table/Log/index/due");
    assert_eq!(resolve("!Sub 'a${!b}c'").unwrap(), "a${b}c");
}

#[test]
fn a_condition_chooses_between_two_values() {
    assert_eq!(resolve("!If [IsThree, !Ref Size, !Ref Fourth]").unwrap(), 3);
    assert_eq!(resolve("!If [IsFour, !Ref Fourth, !If [IsThree, yes, no]]").unwrap(), "yes");
    assert!(resolve("!If [IsFive, 1, 2]").unwrap_err().contains("IsFive"));
}

#[test]
fn no_value_leaves_a_member_out() {
    let list = resolve("[1, !If [IsFour, 2, !Ref 'AWS::NoValue'], 3]").unwrap();
    assert_eq!(list, serde_json::json!([1, 3]));
    let object = resolve("{ a: !Ref 'AWS::NoValue', b: 2 }").unwrap();
    assert_eq!(object, serde_json::json!({ "b": 2 }));
    assert!(resolve("!Ref 'AWS::NoValue'").unwrap_err().contains("AWS::NoValue"));
}

#[test]
fn a_resource_whose_condition_does_not_hold_is_not_there() {
    assert!(resolve("!Ref Fourth").unwrap_err().contains("Fourth"));
    assert!(resolve("!GetAtt Fourth.Arn").unwrap_err().contains("Fourth.Arn"));
}

#[test]
fn what_refers_to_nothing_or_is_not_understood_is_an_error() {
    assert!(resolve("!Ref Nothing").unwrap_err().contains("Nothing"));
    assert!(resolve("!GetAtt Orders.Colour").unwrap_err().contains("Orders.Colour"));
    assert!(resolve("!ImportValue x").unwrap_err().contains("!ImportValue"));
    assert!(resolve("{ nested: [!Sub '${open'] }").unwrap_err().contains("open"));
}
