//! Functions and their environment.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_yaml_ng::Value as Yaml;

use crate::lambda::ENVIRONMENT_LIMIT;

use super::{Document, Error, Function, Resource, Scope, events, rights};

const USED: [&str; 7] =
    ["CodeUri", "Timeout", "MemorySize", "EphemeralStorage", "Environment", "Events", "Role"];

/// Properties that change nothing in how a binary runs here.
const PASSED_OVER: [&str; 11] = [
    "Architectures",
    "Description",
    // The schedule's runs are not repeated here.
    "EventInvokeConfig",
    "Handler",
    "LoggingConfig",
    "PackageType",
    "ReservedConcurrentExecutions",
    "Runtime",
    "Tags",
    "Tracing",
    "VpcConfig",
];

/// Lambda's own default, when neither the function nor the globals set one.
const DEFAULT_TIMEOUT_SECONDS: u64 = 3;
const DEFAULT_MEMORY_MB: u64 = 128;
const DEFAULT_STORAGE_MB: u64 = 512;

/// A function's name: the last segment of its `CodeUri`.
pub(super) fn name(id: &str, resource: &Resource) -> Result<String, Error> {
    let code = resource.property(id, "CodeUri")?.as_str();
    let name = code.and_then(|code| code.rsplit('/').find(|segment| !segment.is_empty()));
    name.map(str::to_owned).ok_or_else(|| Error::new(id, "CodeUri is not a path"))
}

pub(super) fn functions(document: &Document, scope: &Scope) -> Result<Vec<Function>, Error> {
    let functions = document.of_type("AWS::Serverless::Function", scope);
    let functions: Result<Vec<Function>, Error> =
        functions.map(|(id, resource)| function(document, id, resource, scope)).collect();
    let mut functions = functions?;
    for (id, resource) in document.of_type("AWS::Lambda::EventSourceMapping", scope) {
        let (name, mapping) = events::mapping(id, resource, scope)?;
        let function = functions.iter_mut().find(|function| function.name == name);
        function
            .ok_or_else(|| Error::new(id, format!("FunctionName {name} is no function here")))?
            .mappings
            .push(mapping);
    }
    Ok(functions)
}

fn function(
    document: &Document,
    id: &str,
    resource: &Resource,
    scope: &Scope,
) -> Result<Function, Error> {
    resource.only(id, &USED, &PASSED_OVER)?;
    let globals = &document.globals.function;
    let number = |name: &str, default: u64| -> Result<u64, Error> {
        let Some(value) = resource.properties.get(name).or_else(|| globals.get(name)) else {
            return Ok(default);
        };
        let value = scope.resolve(id, value)?;
        value
            .as_u64()
            .ok_or_else(|| Error::new(id, format!("{name}: {value} is not a whole number")))
    };
    let storage = match resource
        .properties
        .get("EphemeralStorage")
        .or_else(|| globals.get("EphemeralStorage"))
    {
        None => DEFAULT_STORAGE_MB,
        Some(storage) => {
            let storage = scope.resolve(id, storage)?;
            storage["Size"].as_u64().ok_or_else(|| {
                Error::new(id, format!("EphemeralStorage: {storage} has no Size in MB"))
            })?
        }
    };
    let (role, rights) = rights::rights(document, id, resource, scope)?;
    let mut function = Function {
        name: name(id, resource)?,
        id: id.to_owned(),
        timeout: Duration::from_secs(number("Timeout", DEFAULT_TIMEOUT_SECONDS)?),
        memory: number("MemorySize", DEFAULT_MEMORY_MB)?,
        temporary: storage,
        variables: BTreeMap::new(),
        role,
        rights,
        mappings: Vec::new(),
        schedule: None,
    };
    for environment in
        [globals.get("Environment"), resource.properties.get("Environment")].into_iter().flatten()
    {
        function.variables.extend(variables(id, environment, scope)?);
    }
    check_environment(id, &function.variables)?;
    if let Some(Yaml::Mapping(events)) = resource.properties.get("Events") {
        for (name, event) in events {
            let place = format!("{id}.Events.{}", name.as_str().unwrap_or_default());
            events::add(&mut function, &place, &scope.resolve(&place, event)?, scope)?;
        }
    }
    Ok(function)
}

/// Refuses variables that Lambda would refuse for their size. Deployed names, such as those of
/// queues, may be longer than the local ones.
fn check_environment(id: &str, variables: &BTreeMap<String, String>) -> Result<(), Error> {
    let json = serde_json::json!(variables).to_string();
    if json.len() <= ENVIRONMENT_LIMIT {
        return Ok(());
    }
    let reason = format!(
        "its environment variables have {} bytes as JSON, and Lambda allows {ENVIRONMENT_LIMIT}",
        json.len()
    );
    Err(Error::new(id, reason))
}

fn variables(
    id: &str,
    environment: &Yaml,
    scope: &Scope,
) -> Result<BTreeMap<String, String>, Error> {
    let mut variables = BTreeMap::new();
    if let Some(Yaml::Mapping(members)) = environment.get("Variables") {
        for (name, value) in members {
            let name =
                name.as_str().ok_or_else(|| Error::new(id, "a variable's name is not a string"))?;
            variables
                .insert(name.to_owned(), scope.text(&format!("{id}, variable {name}"), value)?);
        }
    }
    Ok(variables)
}
