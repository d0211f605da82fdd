//! The template's file, before anything in it is resolved.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_yaml_ng::{Mapping, Value};

use super::parameters::Declared;
use super::{Error, Scope};

/// Resource types that the stack builds or wires.
const UNDERSTOOD: [&str; 9] = [
    "AWS::DynamoDB::Table",
    "AWS::SecretsManager::Secret",
    "AWS::SQS::Queue",
    "AWS::Serverless::Function",
    "AWS::Lambda::EventSourceMapping",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
];

/// Resource types that change nothing about what runs locally: grants, logs, alarms and what
/// watches them, other ways in (a domain name, a function URL), and the network that a deployment
/// sends from.
const PASSED_OVER: [&str; 27] = [
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::SNS::Topic",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::IAM::Role",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::Lambda::Url",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway",
    "AWS::EC2::EIP",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::RouteTable",
    "AWS::EC2::Route",
    "AWS::EC2::SecurityGroup",
];

/// The template as it stands in its file.
#[derive(Debug, Deserialize)]
pub struct Document {
    #[serde(rename = "Parameters", default)]
    parameters: Declared,
    #[serde(rename = "Globals", default)]
    pub(super) globals: Globals,
    #[serde(rename = "Resources")]
    pub(super) resources: BTreeMap<String, Resource>,
    #[serde(rename = "Mappings", default)]
    mappings: Mapping,
    #[serde(rename = "Conditions", default)]
    pub(super) conditions: Mapping,
}

/// SAM's defaults for all functions.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Globals {
    #[serde(rename = "Function", default)]
    pub(super) function: Mapping,
}

/// One resource, unresolved.
#[derive(Debug, Deserialize)]
pub struct Resource {
    /// Such as `AWS::SQS::Queue`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// Its properties.
    #[serde(rename = "Properties", default)]
    pub properties: Mapping,
    /// The condition under which it exists. None: always.
    #[serde(rename = "Condition")]
    pub condition: Option<String>,
}

impl Document {
    /// Reads a template's file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let place = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|error| Error::new(&place, error.to_string()))?;
        Self::parse(&text).map_err(|error| Error::new(place, error.reason))
    }

    /// The document in this text.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let document: Self =
            serde_yaml_ng::from_str(text).map_err(|error| Error::new("YAML", error.to_string()))?;
        if !document.mappings.is_empty() {
            return Err(Error::new("Mappings", "the local stack does not understand this section"));
        }
        Ok(document)
    }

    /// Every parameter's value: from `overrides`, else from `local`, else the declared default.
    /// Numbers become numbers.
    pub fn parameters(
        &self,
        overrides: &[(String, String)],
        local: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, serde_json::Value>, Error> {
        self.parameters.values(overrides, local)
    }

    /// Refuses resources of a type that is neither built nor known to be irrelevant.
    pub(super) fn check_types(&self) -> Result<(), Error> {
        for (id, resource) in &self.resources {
            let kind = resource.kind.as_str();
            if !UNDERSTOOD.contains(&kind) && !PASSED_OVER.contains(&kind) {
                return Err(Error::new(
                    id,
                    format!("the local stack does not understand resources of type {kind}"),
                ));
            }
        }
        Ok(())
    }

    /// The resources of one type whose conditions hold, in the order of their logical ids.
    pub(super) fn of_type<'a>(
        &'a self,
        kind: &'static str,
        scope: &'a Scope,
    ) -> impl Iterator<Item = (&'a str, &'a Resource)> {
        let resources = self
            .resources
            .iter()
            .filter(move |(id, resource)| resource.kind == kind && scope.has(id));
        resources.map(|(id, resource)| (id.as_str(), resource))
    }
}

impl Resource {
    /// A property that must be there, unresolved.
    pub(super) fn property(&self, id: &str, name: &str) -> Result<&Value, Error> {
        self.properties.get(name).ok_or_else(|| Error::new(id, format!("{name} is missing")))
    }

    /// Refuses properties that this runner neither uses nor knows to change nothing locally.
    pub(super) fn only(&self, id: &str, used: &[&str], passed_over: &[&str]) -> Result<(), Error> {
        for name in self.properties.keys() {
            let name = name.as_str().unwrap_or_default();
            if !used.contains(&name) && !passed_over.contains(&name) {
                return Err(Error::new(
                    id,
                    format!("the local stack does not understand the property {name}"),
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
