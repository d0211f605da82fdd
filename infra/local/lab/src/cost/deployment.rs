//! What of the template the bill depends on.

use std::collections::BTreeMap;
use std::path::Path;

use serde_yaml_ng::Value;

use aws::template::{Document, Scope};

/// A deployment with the template's defaults.
#[derive(Debug, Default)]
pub(super) struct Deployment {
    /// Each function's memory in MB, by its name.
    pub(super) memory: BTreeMap<String, f64>,
    /// Event source mappings of queues.
    pub(super) mappings: u32,
    /// Whether Lambda's own lines about each invocation are left out of the logs.
    pub(super) quiet_logs: bool,
    /// Resources by type, each as often as it is paid for.
    pub(super) resources: BTreeMap<String, u32>,
}

impl Deployment {
    /// Reads the template.
    pub(super) fn read(template: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(template).map_err(|error| error.to_string())?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let template: Value = serde_yaml_ng::from_str(text).map_err(|error| error.to_string())?;
        let document = Document::parse(text).map_err(|error| error.to_string())?;
        let parameters =
            document.parameters(&[], &BTreeMap::new()).map_err(|error| error.to_string())?;
        let scope = Scope::new(&document, parameters, "", "").map_err(|error| error.to_string())?;
        let globals = &template["Globals"]["Function"];
        let quiet_logs = globals["LoggingConfig"]["SystemLogLevel"] == "WARN";
        let mut deployment = Self { quiet_logs, ..Self::default() };
        for (id, resource) in template["Resources"].as_mapping().into_iter().flatten() {
            if !id.as_str().is_some_and(|id| scope.has(id)) {
                continue;
            }
            let kind = resource["Type"].as_str().unwrap_or_default();
            *deployment.resources.entry(kind.to_owned()).or_default() +=
                priced(&resource["Properties"]);
            if kind == "AWS::Serverless::Function" {
                deployment.add_function(&template, &resource["Properties"], globals)?;
            }
        }
        Ok(deployment)
    }

    fn add_function(
        &mut self,
        template: &Value,
        function: &Value,
        globals: &Value,
    ) -> Result<(), String> {
        let name = function["CodeUri"]
            .as_str()
            .and_then(|path| path.rsplit('/').next())
            .ok_or("CodeUri is no path")?;
        let memory = function.get("MemorySize").unwrap_or(&globals["MemorySize"]);
        let memory =
            number(template, memory).ok_or_else(|| format!("{name}: MemorySize is no number"))?;
        self.memory.insert(name.to_owned(), memory);
        let events = function["Events"].as_mapping().into_iter().flatten();
        self.mappings += u32::try_from(events.filter(|(_, event)| event["Type"] == "SQS").count())
            .unwrap_or(u32::MAX);
        Ok(())
    }

    /// How many resources of a type there are; of alarms, how many metrics they look at.
    pub(super) fn count(&self, kind: &str) -> u32 {
        self.resources.get(kind).copied().unwrap_or_default()
    }
}

/// How often a resource is paid for: an alarm on an expression, once for each metric in it.
fn priced(properties: &Value) -> u32 {
    let metrics = properties.get("Metrics").and_then(Value::as_sequence).into_iter().flatten();
    let count = metrics.filter(|metric| metric.get("MetricStat").is_some()).count();
    u32::try_from(count.max(1)).unwrap_or(u32::MAX)
}

/// A number, or the default of the parameter that `!Ref` names.
fn number(template: &Value, value: &Value) -> Option<f64> {
    match value {
        Value::Tagged(tagged) if tagged.tag == "Ref" => {
            template["Parameters"].get(&tagged.value)?["Default"].as_f64()
        }
        value => value.as_f64(),
    }
}

#[cfg(test)]
mod tests;
