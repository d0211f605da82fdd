//! The names that a template has: its parameters, what stands for its resources, its conditions.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ACCOUNT, Document, Error, REGION, Resource, Scope, conditions, functions, stores};

impl Scope {
    /// The scope of a document's expressions. Queue URLs start with `sqs`, such as
    /// `http://127.0.0.1:9324`, and the API is at `api`.
    pub fn new(
        document: &Document,
        parameters: BTreeMap<String, Value>,
        sqs: &str,
        api: &str,
    ) -> Result<Self, Error> {
        let mut scope = Self {
            parameters,
            conditions: BTreeMap::new(),
            references: BTreeMap::new(),
            attributes: BTreeMap::new(),
        };
        let pseudo = [
            ("AWS::Region", REGION),
            ("AWS::AccountId", ACCOUNT),
            ("AWS::Partition", "aws"),
            ("AWS::StackName", "postrider"),
            ("AWS::URLSuffix", "amazonaws.com"),
        ];
        scope.references.extend(pseudo.map(|(name, value)| (name.to_owned(), value.to_owned())));
        scope.conditions = conditions::evaluate(&document.conditions, &scope)?;
        for (id, resource) in &document.resources {
            if resource.condition.as_deref().map_or(Ok(true), |name| scope.holds(id, name))? {
                scope.add(id, resource, sqs)?;
                if resource.kind == "AWS::ApiGatewayV2::Api" {
                    scope.attributes.insert(format!("{id}.ApiEndpoint"), api.to_owned());
                }
            }
        }
        Ok(scope)
    }

    fn add(&mut self, id: &str, resource: &Resource, sqs: &str) -> Result<(), Error> {
        let arn =
            |service: &str, rest: &str| format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}");
        let (reference, arn) = match resource.kind.as_str() {
            "AWS::DynamoDB::Table" => {
                (id.to_owned(), Some(arn("dynamodb", &format!("table/{id}"))))
            }
            "AWS::SQS::Queue" => {
                let name = stores::queue_name(id, resource, self)?;
                let referred = (format!("{sqs}/{ACCOUNT}/{name}"), Some(arn("sqs", &name)));
                self.attributes.insert(format!("{id}.QueueName"), name);
                referred
            }
            "AWS::SecretsManager::Secret" => {
                // Secrets Manager puts six characters of its own behind the name.
                let arn = arn("secretsmanager", &format!("secret:{id}-local1"));
                (arn.clone(), Some(arn))
            }
            "AWS::Serverless::Function" => {
                let name = functions::name(id, resource)?;
                let arn = arn("lambda", &format!("function:{name}"));
                (name, Some(arn))
            }
            "AWS::IAM::Role" => (id.to_owned(), Some(format!("arn:aws:iam::{ACCOUNT}:role/{id}"))),
            // CloudFormation's ARN of a log group means the streams in it.
            "AWS::Logs::LogGroup" => {
                (id.to_owned(), Some(arn("logs", &format!("log-group:{id}:*"))))
            }
            _ => (id.to_owned(), None),
        };
        self.references.insert(id.to_owned(), reference);
        if let Some(arn) = arn {
            self.attributes.insert(format!("{id}.Arn"), arn);
        }
        Ok(())
    }
}
