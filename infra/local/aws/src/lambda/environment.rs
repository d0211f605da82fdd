//! The environment that a function's process gets: its own variables, Lambda's, and the local
//! endpoints.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use crate::template::{self, REGION};

/// Where the stand-ins listen, such as `http://127.0.0.1:9324`, and what the time is.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// SQS.
    pub sqs: String,
    /// DynamoDB.
    pub dynamodb: String,
    /// Secrets Manager.
    pub secrets_manager: String,
    /// Lambda's Runtime API.
    pub runtime_api: String,
    /// The file that says how far the clock is ahead of the machine's, if it can be.
    pub clock: Option<PathBuf>,
}

/// A function's environment.
#[derive(Debug, Clone)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// What every process of a function gets.
    #[must_use]
    pub fn of(function: &template::Function, endpoints: &Endpoints) -> Self {
        let mut variables = function.variables.clone();
        let lambda = [
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            // The stand-ins check no signatures, but the SDK signs before it sends, and by this
            // they know who asks.
            ("AWS_ACCESS_KEY_ID", &function.name),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_ENDPOINT_URL_SQS", &endpoints.sqs),
            ("AWS_ENDPOINT_URL_DYNAMODB", &endpoints.dynamodb),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &endpoints.secrets_manager),
            ("AWS_LAMBDA_FUNCTION_NAME", &function.name),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &function.memory.to_string()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", &format!("/aws/lambda/{}", function.name)),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "local"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ];
        variables.extend(lambda.map(|(name, value)| (name.to_owned(), value.to_owned())));
        if let Some(file) = &endpoints.clock {
            variables.insert("CLOCK_AHEAD_FILE".to_owned(), file.display().to_string());
        }
        Self { variables }
    }

    /// The variables.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Lines of shell that export every function's variables, one block a function. Whoever sources
    /// them all may do everything, so as to run any of the functions.
    pub fn exports<'a>(environments: impl IntoIterator<Item = (&'a str, &'a Self)>) -> String {
        let mut text =
            "# Written by the local stack at its start. One block a function: source the one you need.\n".to_owned();
        for (function, environment) in environments {
            let _ = writeln!(text, "\n# {function}");
            for (name, value) in environment.variables() {
                let _ = writeln!(text, "export {name}='{}'", value.replace('\'', r"'\''"));
            }
        }
        text.push_str("\n# All of them: no function's rights hold for the others.\nexport AWS_ACCESS_KEY_ID='local'\n");
        text
    }
}

#[cfg(test)]
mod tests;
