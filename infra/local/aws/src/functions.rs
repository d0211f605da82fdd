//! The template's functions, made ready to run.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{self, Instant};

use crate::api::Routes;
use crate::data::Data;
use crate::lambda::{Endpoints, Environment, Function, Settings};
use crate::logs::Log;
use crate::template::{self, System};
use crate::{Error, Options};

/// How long the start waits for each function's first process to ask for work. One that does not
/// has said why.
const INIT_LIMIT: Duration = Duration::from_secs(3);

/// The functions, each with its environment, its log and its processes at most. None is started.
pub fn create(
    system: &System,
    data: &Data,
    endpoints: &Endpoints,
    options: &Options,
) -> Result<Vec<Arc<Function>>, Error> {
    let environments: Vec<Environment> =
        system.functions.iter().map(|function| Environment::of(function, endpoints)).collect();
    let names = system.functions.iter().map(|function| function.name.as_str());
    let exports = Environment::exports(names.zip(&environments));
    data.write("env", &exports).map_err(|error| Error::Data(data.path().join("env"), error))?;

    let (directory, logs, temporary) = (binaries(options), data.logs()?, data.temporary()?);
    let mut functions = Vec::new();
    for (description, environment) in system.functions.iter().zip(environments) {
        let settings = Settings {
            binary: directory.join(&description.name),
            environment,
            concurrency: concurrency(description, system, options.http_concurrency),
            runtime_api: endpoints.runtime_api.clone(),
            log: Log::open(&logs, &description.name, options.logs)?,
            temporary: temporary.clone(),
        };
        functions.push(Arc::new(Function::new(description, settings)));
    }
    Ok(functions)
}

/// Where the functions' binaries are: Cargo puts those of one build beside each other.
fn binaries(options: &Options) -> PathBuf {
    let beside =
        || std::env::current_exe().ok().and_then(|program| program.parent().map(PathBuf::from));
    options.functions.clone().or_else(beside).unwrap_or_default()
}

/// Processes at most: what the mappings may run at a time, and what the API may, whichever is more.
fn concurrency(function: &template::Function, system: &System, http: usize) -> usize {
    let mapped = function.mappings.iter().map(|mapping| mapping.concurrency).sum();
    let routed = system.routes.iter().any(|route| route.function == function.name);
    let http = if routed { http } else { 0 };
    http.max(mapped).max(1)
}

/// Starts a process of each function, and waits until each asks for work.
///
/// # Errors
/// One cannot be run, or ends before it asks for work.
pub async fn warm(functions: &[Arc<Function>]) -> Result<(), Error> {
    for function in functions {
        let failed =
            |error| Error::Function(function.name.clone(), function.binary().to_path_buf(), error);
        function.warm().map_err(failed)?;
    }
    let limit = Instant::now() + INIT_LIMIT;
    while !functions.iter().all(|function| function.is_settled()) && Instant::now() < limit {
        time::sleep(Duration::from_millis(2)).await;
    }
    match functions.iter().find(|function| function.failed_to_start()) {
        Some(function) => Err(Error::Start(function.name.clone())),
        None => Ok(()),
    }
}

/// The API's routes, each with the function that it leads to.
pub fn routes(
    routes: Vec<template::Route>,
    functions: &[Arc<Function>],
) -> Result<Routes<Arc<Function>>, Error> {
    let by_name: HashMap<&str, &Arc<Function>> =
        functions.iter().map(|function| (function.name.as_str(), function)).collect();
    let mut found = Vec::new();
    for route in routes {
        let Some(function) = by_name.get(route.function.as_str()) else {
            let reason = format!("it leads to {:?}, which is no function", route.function);
            return Err(template::Error::new(route.key.text(), reason).into());
        };
        found.push((route.key, (*function).clone()));
    }
    Ok(Routes::new(found))
}
