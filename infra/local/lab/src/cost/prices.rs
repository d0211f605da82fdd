//! The prices: `infra/cost/prices.yaml`.

use serde::Deserialize;

/// What AWS charges, and others.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prices {
    pub(super) region: String,
    /// The day as of which they are believed.
    pub(super) date: String,
    pub(super) prices: Services,
    /// Resources that cost by the month.
    pub(super) monthly: Vec<Monthly>,
    pub(super) elsewhere: Vec<Elsewhere>,
}

/// Of each service that a delivery uses.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Services {
    pub(super) http_api_request: Price,
    pub(super) lambda_request: Price,
    pub(super) lambda_gb_second: Price,
    pub(super) sqs_request: Price,
    pub(super) sqs_fair_request: Price,
    pub(super) dynamodb_write_unit: Price,
    pub(super) dynamodb_read_unit: Price,
    pub(super) dynamodb_gb_month: Price,
    pub(super) log_gb: Price,
    pub(super) transfer_out_gb: Price,
}

/// A price in dollars.
#[derive(Debug, Deserialize)]
pub(super) struct Price {
    dollars: f64,
    /// For this many.
    per: f64,
    #[serde(flatten)]
    source: Source,
}

/// Where a price was read. Each has one, or the file does not read.
#[derive(Debug, Deserialize)]
pub(super) struct Source {
    pub(super) page: String,
    /// Who read it there, if the page shows it only to a browser.
    pub(super) by: Option<String>,
    /// When: a year, a month or a day.
    pub(super) seen: serde_json::Value,
}

/// A resource's price a month.
#[derive(Debug, Deserialize)]
pub(super) struct Monthly {
    /// The template's resource type.
    pub(super) r#type: String,
    pub(super) name: String,
    pub(super) dollars: f64,
    #[serde(flatten)]
    source: Source,
}

/// Somebody else's price for the same.
#[derive(Debug, Deserialize)]
pub(super) struct Elsewhere {
    pub(super) name: String,
    /// The plan's price a month.
    #[serde(default)]
    monthly: f64,
    /// Events that it includes.
    #[serde(default)]
    included: f64,
    /// Each further million.
    #[serde(default)]
    million: f64,
    pub(super) note: String,
    #[serde(flatten)]
    pub(super) source: Source,
}

const FILE: &str = include_str!("../../../../cost/prices.yaml");

impl Prices {
    /// Those of this source tree. Each must say where and when it was read.
    pub(super) fn read() -> Result<Self, serde_yaml_ng::Error> {
        let prices: Self = serde_yaml_ng::from_str(FILE)?;
        let untold =
            prices.sources().find(|source| !source.is_told()).map(|source| format!("{source:?}"));
        match untold {
            Some(source) => {
                Err(serde::de::Error::custom(format!("{source} tells no page and no year")))
            }
            None => Ok(prices),
        }
    }

    fn sources(&self) -> impl Iterator<Item = &Source> {
        let monthly = self.monthly.iter().map(|monthly| &monthly.source);
        let elsewhere = self.elsewhere.iter().map(|elsewhere| &elsewhere.source);
        self.prices.all().into_iter().map(|price| &price.source).chain(monthly).chain(elsewhere)
    }
}

impl Services {
    fn all(&self) -> [&Price; 10] {
        [
            &self.http_api_request,
            &self.lambda_request,
            &self.lambda_gb_second,
            &self.sqs_request,
            &self.sqs_fair_request,
            &self.dynamodb_write_unit,
            &self.dynamodb_read_unit,
            &self.dynamodb_gb_month,
            &self.log_gb,
            &self.transfer_out_gb,
        ]
    }
}

impl Price {
    /// Of so many.
    pub(super) fn of(&self, count: f64) -> f64 {
        self.dollars * count / self.per
    }
}

impl Elsewhere {
    /// Dollars for a million events in a month.
    pub(super) fn dollars(&self) -> f64 {
        self.monthly + self.million * (1.0 - self.included / 1e6)
    }
}

impl Source {
    fn is_told(&self) -> bool {
        let pages = [Some(&self.page), self.by.as_ref()];
        pages.into_iter().flatten().all(|page| page.starts_with("https://"))
            && self.seen().starts_with("20")
    }

    /// When it was read, as text.
    pub(super) fn seen(&self) -> String {
        self.seen.as_str().map_or_else(|| self.seen.to_string(), str::to_owned)
    }
}

#[cfg(test)]
mod tests;
