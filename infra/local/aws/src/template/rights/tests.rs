use std::collections::BTreeMap;

use super::*;

fn read(function: &str, role: &str) -> Result<Vec<String>, String> {
    let text = format!(
        "
Resources:
  Orders: {{ Type: 'AWS::SQS::Queue' }}
  Log: {{ Type: 'AWS::DynamoDB::Table' }}
  Lines: {{ Type: 'AWS::Logs::LogGroup' }}
  OrderRole: {{ Type: 'AWS::IAM::Role', Properties: {role} }}
  OrderFunction: {{ Type: 'AWS::Serverless::Function', Properties: {{ CodeUri: order, {function} }} }}
"
    );
    let document = Document::parse(&text).unwrap();
    let scope = Scope::new(&document, BTreeMap::new(), "http://x", "http://y").unwrap();
    let (id, function) = document.of_type("AWS::Serverless::Function", &scope).next().unwrap();
    let (_, rights) = rights(&document, id, function, &scope).map_err(|error| error.to_string())?;
    Ok(rights.iter().map(ToString::to_string).collect())
}

fn granted(statement: &str) -> Result<Vec<String>, String> {
    let document = format!("{{ Version: '2012-10-17', Statement: [{statement}] }}");
    read(
        "Role: !GetAtt OrderRole.Arn",
        &format!("{{ Policies: [{{ PolicyName: order, PolicyDocument: {document} }}] }}"),
    )
}

#[test]
fn every_action_of_a_statement_is_granted_on_every_resource_of_it() {
    let statement = "{ Effect: Allow, Action: [dynamodb:Query, dynamodb:GetItem],
        Resource: [!GetAtt Log.Arn, !Sub '${Log.Arn}/index/due'] }";
    let table = "arn:aws:dynamodb:us-east-1:000000000000:table/Log";
    let expected = ["GetItem", "Query"].map(|action| {
        [format!("dynamodb:{action} on {table}"), format!("dynamodb:{action} on {table}/index/due")]
    });
    assert_eq!(granted(statement).unwrap(), expected.concat());
    let one = "{ Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt Orders.Arn }";
    assert_eq!(
        granted(one).unwrap(),
        ["sqs:SendMessage on arn:aws:sqs:us-east-1:000000000000:Orders"]
    );
}

#[test]
fn wildcards_are_refused_but_for_the_streams_of_a_log_group() {
    for (action, resource) in [
        ("'dynamodb:*'", "!GetAtt Log.Arn"),
        ("'sqs:Send?essage'", "!GetAtt Orders.Arn"),
        ("sqs:SendMessage", "'*'"),
        ("dynamodb:Query", "!Sub '${Log.Arn}/index/*'"),
        ("sqs:SendMessage", "!Sub '${Orders.Arn}:*'"),
        ("logs:PutLogEvents", "'*'"),
        ("logs:PutLogEvents", "'arn:aws:logs:us-east-1:000000000000:log-group:*:*'"),
    ] {
        let error =
            granted(&format!("{{ Effect: Allow, Action: {action}, Resource: {resource} }}"))
                .unwrap_err();
        assert!(error.contains("OrderRole") && error.contains("has a wildcard"), "{error}");
    }
    let streams = "{ Effect: Allow, Action: logs:PutLogEvents, Resource: !GetAtt Lines.Arn }";
    assert_eq!(granted(streams).unwrap(), Vec::<String>::new(), "Lambda's own, not enforced");
}

#[test]
fn what_would_make_a_list_of_rights_untrue_is_refused() {
    let refused = |statement: &str| granted(statement).unwrap_err();
    assert!(
        refused("{ Effect: Deny, Action: sqs:SendMessage, Resource: !GetAtt Orders.Arn }")
            .contains("Deny")
    );
    assert!(
        refused("{ Effect: Allow, NotAction: sqs:SendMessage, Resource: x }").contains("NotAction")
    );
    assert!(
        refused("{ Effect: Allow, Action: sqs:SendMessage, NotResource: x }")
            .contains("NotResource")
    );
    let condition = "{ Effect: Allow, Action: sqs:SendMessage, Resource: x, Condition: {} }";
    assert!(refused(condition).contains("Condition"));
    assert!(
        refused("{ Effect: Allow, Action: s3:GetObject, Resource: x }")
            .contains("no stand-in for \"s3\"")
    );
}

#[test]
fn a_function_has_a_role_of_its_own_that_the_template_describes_whole() {
    assert!(read("Timeout: 3", "{}").unwrap_err().contains("Role is missing"));
    assert!(
        read("Role: 'arn:aws:iam::000000000000:role/Other'", "{}")
            .unwrap_err()
            .contains("role/Other")
    );
    let managed = "{ ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }";
    assert!(
        read("Role: !GetAtt OrderRole.Arn", managed).unwrap_err().contains("ManagedPolicyArns")
    );
    assert_eq!(read("Role: !GetAtt OrderRole.Arn", "{}").unwrap(), Vec::<String>::new());
}
