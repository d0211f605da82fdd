//! Secrets Manager: the template's secrets, each a file of the data directory, made when it is not
//! there. Who edits the file changes the secret, as `PutSecretValue` does.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::data::{Data, write_whole};
use crate::template::Secret;
use crate::{Error, random};

/// More than any request about a secret has, which is 64 KB at most (Secrets Manager quotas).
const BODY_LIMIT: usize = 512 * 1024;

/// The secrets: where they are kept, and their names by ARN.
#[derive(Clone, Debug)]
pub struct Secrets {
    directory: PathBuf,
    names: Arc<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    secret_id: String,
    secret_string: Option<String>,
}

/// What is refused, and why: the error's type and its message.
#[derive(Debug)]
struct Refusal(&'static str, String);

impl Secrets {
    /// The template's secrets. Those that are not there yet are made.
    pub fn open(data: &Data, secrets: &[Secret]) -> Result<Self, Error> {
        for secret in secrets {
            data.secret(&secret.name, || random::text(secret.length))?;
        }
        let names =
            secrets.iter().map(|secret| (secret.arn.clone(), secret.name.clone())).collect();
        Ok(Self { directory: data.path().to_path_buf(), names: Arc::new(names) })
    }

    /// Serves `GetSecretValue` and `PutSecretValue` of its JSON protocol.
    pub fn router(self) -> Router {
        Router::new().fallback(answer).with_state(self)
    }

    fn run(&self, operation: &str, body: &[u8]) -> Result<Value, Refusal> {
        let invalid = |message: String| Refusal("InvalidRequestException", message);
        let asked: Asked =
            serde_json::from_slice(body).map_err(|error| invalid(error.to_string()))?;
        let id = asked.secret_id.as_str();
        let known = self.names.iter().find(|(arn, name)| arn.as_str() == id || name.as_str() == id);
        let missing = || {
            Refusal(
                "ResourceNotFoundException",
                "Secrets Manager can't find the specified secret.".into(),
            )
        };
        let (arn, name) = known.ok_or_else(missing)?;
        let (file, failed) =
            (self.directory.join(name), |error: std::io::Error| invalid(error.to_string()));
        let answer = json!({ "ARN": arn, "Name": name, "VersionStages": ["AWSCURRENT"] });
        match (operation, asked.secret_string) {
            ("GetSecretValue", _) => {
                let text = fs::read_to_string(file).map_err(failed)?;
                let mut answer = answer;
                answer["SecretString"] = json!(text.trim());
                Ok(answer)
            }
            ("PutSecretValue", Some(text)) => {
                write_whole(&file, &format!("{text}\n")).map(|()| answer).map_err(failed)
            }
            _ => Err(Refusal(
                "UnknownOperationException",
                format!("{operation} is not understood here"),
            )),
        }
    }
}

async fn answer(State(secrets): State<Secrets>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let operation =
        target.and_then(|target| target.strip_prefix("secretsmanager.")).unwrap_or_default();
    let body = to_bytes(body, BODY_LIMIT).await.unwrap_or_default();
    let (status, answer) = match secrets.run(operation, &body) {
        Ok(answer) => (StatusCode::OK, answer),
        Err(Refusal(kind, message)) => {
            (StatusCode::BAD_REQUEST, json!({ "__type": kind, "message": message }))
        }
    };
    let response =
        Response::builder().status(status).header("content-type", "application/x-amz-json-1.1");
    response.body(Body::from(answer.to_string())).unwrap_or_default()
}

#[cfg(test)]
mod tests;
