use super::*;

const PRODUCT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml");

fn product() -> System {
    product_with("false")
}

fn product_with(ordered_delivery: &str) -> System {
    let document = Document::read(PRODUCT.as_ref()).unwrap();
    let given = [("OrderedDelivery".to_owned(), ordered_delivery.to_owned())];
    let parameters = document.parameters(&given, &BTreeMap::new()).unwrap();
    let scope = Scope::new(&document, parameters, "http://127.0.0.1:9324", "http://127.0.0.1:4400")
        .unwrap();
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
    assert_eq!(
        delivery.variables["DELIVERIES_QUEUE_URL"],
        "http://127.0.0.1:9324/000000000000/DeliveriesQueue"
    );
    assert_eq!(delivery.timeout, Duration::from_secs(45));
    assert_eq!(delivery.mappings[0].queue, "DeliveriesQueue");
    assert!(delivery.mappings[0].reports_failures);
}

#[test]
fn the_portals_environment_fits_with_the_longest_parameters() {
    let document = Document::read(PRODUCT.as_ref()).unwrap();
    let long = |start: &str, length: usize| format!("{start}{}", "a".repeat(length - start.len()));
    let given = [
        ("PortalName", long("", 60)),
        ("PortalLogo", long("data:image/svg+xml;base64,", 2800)),
        ("PortalFrameOrigins", long("https://", 500)),
    ];
    let given = given.map(|(name, value)| (name.to_owned(), value));
    let parameters = document.parameters(&given, &BTreeMap::new()).unwrap();
    // As long as the address of an API in AWS.
    let api = "https://abcdefghij.execute-api.ap-southeast-2.amazonaws.com";
    let scope = Scope::new(&document, parameters, "http://127.0.0.1:9324", api).unwrap();
    let system = System::describe(&document, &scope).unwrap();
    let portal = system.functions.iter().find(|function| function.name == "portal").unwrap();
    assert_eq!(portal.variables["PORTAL_LOGO"].len(), 2800);
}

#[test]
fn a_function_has_lambdas_defaults_and_its_own_memory_and_storage() {
    let text = "
Resources:
  Role: { Type: 'AWS::IAM::Role' }
  Small:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: lambda/small, Role: !GetAtt Role.Arn }
  Large:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: lambda/large
      Role: !GetAtt Role.Arn
      MemorySize: 1024
      EphemeralStorage: { Size: 2048 }
";
    let document = Document::parse(text).unwrap();
    let scope = Scope::new(&document, BTreeMap::new(), "", "").unwrap();
    let functions = System::describe(&document, &scope).unwrap().functions;
    let sizes = |name: &str| {
        let function = functions.iter().find(|function| function.name == name).unwrap();
        (function.memory, function.temporary)
    };
    assert_eq!((sizes("small"), sizes("large")), ((128, 512), (1024, 2048)));
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
        let scope =
            Scope::new(&document, document.parameters(&given, &BTreeMap::new()).unwrap(), "", "")
                .unwrap();
        System::describe(&document, &scope)
            .unwrap()
            .queues
            .into_iter()
            .map(|queue| queue.name)
            .collect()
    };
    assert_eq!(queues("false"), ["First"]);
    assert_eq!(queues("true"), ["First", "Second"]);
}

#[test]
fn every_function_has_a_role_of_its_own_whose_rights_are_exact_and_on_what_the_template_describes()
{
    let system = product_with("true");
    let roles: BTreeSet<&str> =
        system.functions.iter().map(|function| function.role.as_str()).collect();
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
    let fifo = |system: &System| {
        system.queues.iter().filter(|queue| queue.name.ends_with(FIFO_SUFFIX)).count()
    };
    let url = |system: &System| {
        let fanout = system.functions.iter().find(|function| function.name == "fanout").unwrap();
        fanout.variables["DELIVERIES_ORDERED_QUEUE_URL"].clone()
    };
    assert_eq!((fifo(&without), fifo(&with)), (0, 4));
    assert_eq!(url(&without), "");
    assert_eq!(
        url(&with),
        "http://127.0.0.1:9324/000000000000/postrider-DeliveriesOrderedQueue.fifo"
    );
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
