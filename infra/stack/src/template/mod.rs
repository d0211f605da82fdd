//! The template, read as the deployment reads it: what to run, and how it is wired.
//!
//! [`Document`] is the file; [`parameters`](Document::parameters) gives its parameters values; [`Scope`] knows which
//! conditions hold under these, and resolves `!Ref`, `!GetAtt`, `!Sub`, `!Join` and `!If`; [`System`] is the result, with
//! nothing left to resolve.
//! What this runner does not understand and what matters is an error, never passed over in silence.

mod api;
mod conditions;
mod document;
mod events;
mod functions;
mod parameters;
mod rights;
mod scope;
mod stores;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

pub use api::{RouteKey, Segment};
pub use document::{Document, Resource};
pub use scope::Scope;

/// The region that the local stack says it is in.
pub const REGION: &str = "us-east-1";
/// The account that the local stack says it is.
pub const ACCOUNT: &str = "000000000000";

/// How the names of FIFO queues end.
pub const FIFO_SUFFIX: &str = ".fifo";

/// What the template describes.
#[derive(Debug)]
pub struct System {
    /// The DynamoDB tables.
    pub tables: Vec<Table>,
    /// The SQS queues, dead-letter queues before the queues that name them.
    pub queues: Vec<Queue>,
    /// The secrets.
    pub secrets: Vec<Secret>,
    /// The Lambda functions.
    pub functions: Vec<Function>,
    /// The HTTP API's routes.
    pub routes: Vec<Route>,
}

/// A DynamoDB table.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The `CreateTable` request.
    pub definition: serde_json::Value,
    /// The attribute that holds an item's time to live, in seconds since 1970.
    pub expires: Option<String>,
}

/// An SQS queue.
#[derive(Debug)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Its attributes, as `CreateQueue` takes them.
    pub attributes: BTreeMap<String, String>,
}

/// A secret of Secrets Manager.
#[derive(Debug)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// How many letters and digits are made for it.
    pub length: usize,
}

/// A Lambda function.
#[derive(Debug)]
pub struct Function {
    /// Its name: the last segment of `CodeUri`, which is also its package and its binary.
    pub name: String,
    /// Its logical id in the template.
    pub id: String,
    /// The longest that one invocation may take.
    pub timeout: Duration,
    /// Its memory in MB. Told to it, not enforced.
    pub memory: u64,
    /// Its own environment variables.
    pub variables: BTreeMap<String, String>,
    /// The logical id of its role.
    pub role: String,
    /// What its role lets it ask of DynamoDB and SQS.
    pub rights: BTreeSet<Right>,
    /// The queues that invoke it.
    pub mappings: Vec<Mapping>,
    /// How often the schedule invokes it.
    pub schedule: Option<Duration>,
}

/// An action that may be asked for on a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// Such as `dynamodb:GetItem`.
    pub action: String,
    /// The resource's ARN.
    pub resource: String,
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.action, self.resource)
    }
}

/// An SQS event source mapping.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The queue's name.
    pub queue: String,
    /// The most messages in one invocation.
    pub batch_size: usize,
    /// How long to gather a batch. Zero: invoke as soon as something is there.
    pub window: Duration,
    /// Whether the function's answer names the messages that failed.
    pub reports_failures: bool,
    /// Concurrent invocations at most.
    pub concurrency: usize,
}

/// A route of the HTTP API.
#[derive(Debug)]
pub struct Route {
    /// What it matches.
    pub key: RouteKey,
    /// The name of the function that answers.
    pub function: String,
}

impl System {
    /// Reads everything that the stack runs out of a document.
    pub fn describe(document: &Document, scope: &Scope) -> Result<Self, Error> {
        document.check_types()?;
        let system = Self {
            tables: stores::tables(document, scope)?,
            queues: stores::queues(document, scope)?,
            secrets: stores::secrets(document, scope)?,
            functions: functions::functions(document, scope)?,
            routes: api::routes(document, scope)?,
        };
        if system.functions.is_empty() {
            return Err(Error::new("Resources", "it describes no function"));
        }
        Ok(system)
    }
}

/// What is wrong with the template or its parameters.
#[derive(Debug)]
pub struct Error {
    place: String,
    reason: String,
}

impl Error {
    pub(crate) fn new(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: place.into(), reason: reason.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "template: {}: {}", self.place, self.reason)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    const PRODUCT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");

    fn product() -> System {
        product_with("false")
    }

    fn product_with(ordered_delivery: &str) -> System {
        let document = Document::read(PRODUCT.as_ref()).unwrap();
        let given = [("OrderedDelivery".to_owned(), ordered_delivery.to_owned())];
        let parameters = document.parameters(&given, &BTreeMap::new()).unwrap();
        let scope = Scope::new(&document, parameters, "http://127.0.0.1:9324", "http://127.0.0.1:4400").unwrap();
        System::describe(&document, &scope).unwrap()
    }

    #[test]
    fn the_products_template_is_understood() {
        let system = product();
        let names: Vec<&str> = system.functions.iter().map(|function| function.name.as_str()).collect();
        assert!(names.contains(&"intake") && names.contains(&"delivery"), "{names:?}");
        assert!(system.routes.iter().any(|route| route.key == RouteKey::Default));
        assert!(system.tables.iter().any(|table| table.expires.as_deref() == Some("expires_at")));
    }

    #[test]
    fn a_functions_variables_are_resolved_and_globals_are_merged_in() {
        let system = product();
        let delivery = system.functions.iter().find(|function| function.name == "delivery").unwrap();
        assert_eq!(delivery.variables["LOG_LEVEL"], "info");
        assert_eq!(delivery.variables["DEPLOYMENT"], "postrider");
        assert_eq!(delivery.variables["LOG_TABLE"], "LogTable");
        assert_eq!(delivery.variables["DELIVERIES_QUEUE_URL"], "http://127.0.0.1:9324/000000000000/DeliveriesQueue");
        assert_eq!(delivery.timeout, Duration::from_secs(45));
        assert_eq!(delivery.mappings[0].queue, "DeliveriesQueue");
        assert!(delivery.mappings[0].reports_failures);
    }

    #[test]
    fn a_resource_whose_condition_does_not_hold_is_not_made() {
        let text = "
Parameters: { Second: { Type: String, Default: 'false' } }
Conditions: { HasSecond: !Equals [!Ref Second, 'true'] }
Resources:
  First: { Type: 'AWS::SQS::Queue' }
  Second: { Type: 'AWS::SQS::Queue', Condition: HasSecond }
  OrderRole: { Type: 'AWS::IAM::Role' }
  OrderFunction:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: ../target/lambda/order, Role: !GetAtt OrderRole.Arn }
";
        let document = Document::parse(text).unwrap();
        let queues = |second: &str| -> Vec<String> {
            let given = [("Second".to_owned(), second.to_owned())];
            let scope = Scope::new(&document, document.parameters(&given, &BTreeMap::new()).unwrap(), "", "").unwrap();
            System::describe(&document, &scope).unwrap().queues.into_iter().map(|queue| queue.name).collect()
        };
        assert_eq!(queues("false"), ["First"]);
        assert_eq!(queues("true"), ["First", "Second"]);
    }

    #[test]
    fn every_function_has_a_role_of_its_own_whose_rights_are_exact_and_on_what_the_template_describes() {
        let system = product_with("true");
        let roles: BTreeSet<&str> = system.functions.iter().map(|function| function.role.as_str()).collect();
        assert_eq!(roles.len(), system.functions.len(), "{roles:?}");
        let account = format!("{REGION}:{ACCOUNT}");
        let mut resources: BTreeSet<String> =
            system.queues.iter().map(|queue| format!("arn:aws:sqs:{account}:{}", queue.name)).collect();
        for table in &system.tables {
            let arn = format!("arn:aws:dynamodb:{account}:table/{}", table.name);
            let indexes = table.definition["GlobalSecondaryIndexes"].as_array().into_iter().flatten();
            let name = |index: &serde_json::Value| index["IndexName"].as_str().unwrap().to_owned();
            resources.extend(indexes.map(|index| format!("{arn}/index/{}", name(index))));
            resources.insert(arn);
        }
        resources.extend(system.secrets.iter().map(|secret| secret.arn.clone()));
        for function in &system.functions {
            // The page asks the API, and nobody else.
            assert_eq!(function.rights.is_empty(), function.name == "portal", "{}", function.name);
            for right in &function.rights {
                assert!(
                    resources.contains(&right.resource) && !right.action.contains('*'),
                    "{}: {right}",
                    function.name
                );
            }
        }
    }

    #[test]
    fn queues_hide_messages_for_six_times_their_functions_timeout_and_may_scale_to_two() {
        let system = product_with("true");
        let mappings = system
            .functions
            .iter()
            .flat_map(|function| function.mappings.iter().map(move |mapping| (function, mapping)));
        let mut count = 0;
        for (function, mapping) in mappings {
            let queue = system.queues.iter().find(|queue| queue.name == mapping.queue).unwrap();
            let visibility: u64 = queue.attributes["VisibilityTimeout"].parse().unwrap();
            // Lambda's advice for a queue as event source, and its least for MaximumConcurrency.
            assert!(visibility >= 6 * function.timeout.as_secs(), "{}: {visibility} s", mapping.queue);
            assert!(mapping.concurrency >= 2, "{}", function.name);
            count += 1;
        }
        assert_eq!(count, 4);
    }

    #[test]
    fn what_is_ordered_is_there_only_where_it_is_asked_for() {
        let (without, with) = (product(), product_with("true"));
        let fifo = |system: &System| system.queues.iter().filter(|queue| queue.name.ends_with(FIFO_SUFFIX)).count();
        let url = |system: &System| {
            let fanout = system.functions.iter().find(|function| function.name == "fanout").unwrap();
            fanout.variables["DELIVERIES_ORDERED_QUEUE_URL"].clone()
        };
        assert_eq!((fifo(&without), fifo(&with)), (0, 4));
        assert_eq!(url(&without), "");
        assert_eq!(url(&with), "http://127.0.0.1:9324/000000000000/postrider-DeliveriesOrderedQueue.fifo");
        for queue in with.queues.iter().filter(|queue| queue.name.ends_with(FIFO_SUFFIX)) {
            assert_eq!(queue.attributes["FifoQueue"], "true");
        }
    }

    #[test]
    fn dead_letter_queues_come_before_the_queues_that_name_them() {
        let names: Vec<String> = product().queues.into_iter().map(|queue| queue.name).collect();
        let place = |name: &str| names.iter().position(|other| other == name).unwrap();
        assert!(place("EventsDeadLetterQueue") < place("EventsQueue"));
        assert!(place("DeliveriesDeadLetterQueue") < place("DeliveriesQueue"));
    }
}
