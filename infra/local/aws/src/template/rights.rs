//! What a function may do: the statements of its role, action by action and resource by resource.
//!
//! A role must be the function's own and stand in the template. SAM makes one for a function that
//! names none, and puts AWS's managed policies into it, which grant `sqs:ReceiveMessage` and
//! `sqs:DeleteMessage` on every queue of the account, and writing to every log group.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Document, Error, Resource, Right, Scope};

/// Services that the stack stands in for: what a role grants of them is enforced.
const ENFORCED: [&str; 3] = ["dynamodb", "sqs", "secretsmanager"];
/// What Lambda itself writes in a function's name, and no code of ours.
const LOGS: &str = "logs";
/// How the ARN of a log group ends: it means the streams in it, whose names Lambda makes up.
const ALL_STREAMS: &str = ":*";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Policy {
    #[serde(rename = "PolicyName")]
    _name: String,
    policy_document: PolicyDocument,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PolicyDocument {
    #[serde(rename = "Version")]
    _version: String,
    statement: Vec<Statement>,
}

/// Without `NotAction`, `NotResource` and `Condition`, which are refused as unknown: what is
/// granted must be readable as a list.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Statement {
    #[serde(rename = "Sid")]
    _id: Option<String>,
    effect: String,
    action: OneOrMore,
    resource: OneOrMore,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn as_slice(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(more) => more,
        }
    }
}

/// A function's role and the rights in it that are enforced here.
pub(super) fn rights(
    document: &Document,
    id: &str,
    function: &Resource,
    scope: &Scope,
) -> Result<(String, BTreeSet<Right>), Error> {
    let (role_id, role) = role(document, id, function, scope)?;
    role.only(
        role_id,
        &["Policies"],
        &["AssumeRolePolicyDocument", "Description", "Path", "Tags"],
    )?;
    let mut rights = BTreeSet::new();
    let Some(policies) = role.properties.get("Policies") else {
        return Ok((role_id.to_owned(), rights));
    };
    let malformed =
        |error: serde_json::Error| Error::new(format!("{role_id}.Policies"), error.to_string());
    let policies: Vec<Policy> =
        serde_json::from_value(scope.resolve(role_id, policies)?).map_err(malformed)?;
    for statement in policies.iter().flat_map(|policy| &policy.policy_document.statement) {
        if statement.effect != "Allow" {
            let reason = format!(
                "Effect {} is not understood: a role grants, action by action",
                statement.effect
            );
            return Err(Error::new(role_id, reason));
        }
        for action in statement.action.as_slice() {
            for resource in statement.resource.as_slice() {
                rights.extend(right(role_id, action, resource)?);
            }
        }
    }
    Ok((role_id.to_owned(), rights))
}

fn role<'a>(
    document: &'a Document,
    id: &str,
    function: &Resource,
    scope: &'a Scope,
) -> Result<(&'a str, &'a Resource), Error> {
    let Some(role) = function.properties.get("Role") else {
        let reason = "Role is missing: the one that SAM would make may receive from every queue and write to every log";
        return Err(Error::new(id, reason));
    };
    let arn = scope.text(id, role)?;
    let role_id = arn.rsplit('/').next().unwrap_or_default();
    let found = document.of_type("AWS::IAM::Role", scope).find(|(id, _)| *id == role_id);
    found.ok_or_else(|| Error::new(id, format!("Role {arn} is not one of this template")))
}

/// A right, if it is one that is enforced here.
fn right(place: &str, action: &str, resource: &str) -> Result<Option<Right>, Error> {
    let service = action.split_once(':').map_or("", |(service, _)| service);
    let exact = if service == LOGS {
        resource.strip_suffix(ALL_STREAMS).unwrap_or(resource)
    } else {
        resource
    };
    if [action, exact].iter().any(|text| text.contains(['*', '?'])) {
        return Err(Error::new(
            place,
            format!("{action} on {resource} has a wildcard: name what is meant"),
        ));
    }
    if ENFORCED.contains(&service) {
        return Ok(Some(Right { action: action.to_owned(), resource: resource.to_owned() }));
    }
    if service == LOGS {
        return Ok(None);
    }
    Err(Error::new(
        place,
        format!("{action}: the local stack has no stand-in for {service:?}, so cannot enforce it"),
    ))
}

#[cfg(test)]
mod tests;
