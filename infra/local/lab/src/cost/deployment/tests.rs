use super::*;

#[test]
fn memory_mappings_and_resources_are_read_from_a_template() {
    let template = "
Parameters: { Memory: { Type: Number, Default: 512 } }
Conditions: { IsAskedFor: !Equals [!Ref Memory, 1024] }
Globals: { Function: { MemorySize: 256, LoggingConfig: { LogFormat: JSON, SystemLogLevel: WARN } } }
Resources:
  A:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ../target/lambda/intake
      Events: { Web: { Type: HttpApi } }
  B:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ../target/lambda/delivery
      MemorySize: !Ref Memory
      Events: { One: { Type: SQS }, Two: { Type: SQS } }
  C: { Type: AWS::CloudWatch::Alarm }
  Unasked: { Type: AWS::CloudWatch::Alarm, Condition: IsAskedFor }
  D:
    Type: AWS::CloudWatch::Alarm
    Properties: { Metrics: [{ Expression: m1 + m2 }, { Id: m1, MetricStat: {} }, { Id: m2, MetricStat: {} }] }
";
    let deployment = Deployment::parse(template).unwrap();
    assert_eq!(
        deployment.memory,
        [("delivery".to_owned(), 512.0), ("intake".to_owned(), 256.0)].into()
    );
    assert_eq!((deployment.mappings, deployment.quiet_logs), (2, true));
    let counts = ["AWS::CloudWatch::Alarm", "AWS::Serverless::Function", "AWS::SNS::Topic"];
    assert_eq!(counts.map(|kind| deployment.count(kind)), [3, 2, 0]);
}

#[test]
fn the_products_template_is_read() {
    let deployment = Deployment::read(&crate::readme::file("infra/template.yaml")).unwrap();
    assert!(
        deployment.memory.contains_key("delivery") && deployment.mappings == 2,
        "{deployment:?}"
    );
}
