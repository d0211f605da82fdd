//! A subscription made or changed: its URL, and the event types it wants, chosen from the
//! catalogue.

use std::collections::BTreeMap;

use futures_util::future::try_join;
use lambda_http::http::{Method, StatusCode};
use maud::{Markup, html};
use serde_json::{Value, json};
use shared::core::id::SubscriptionId;

use super::subscription::heading;
use crate::answers::{EventType, List, Subscription};
use crate::api::{Fault, Refusal};
use crate::form::Form;
use crate::json::shown;
use crate::{Answer, Asked, Portal, see};

/// The most that one page of the catalogue has. Who has more types writes patterns for the others.
pub const CATALOGUE: &str = "/v1/event-types?limit=250&order=asc";

/// What stands in the form.
#[derive(Default)]
struct Entered {
    url: String,
    description: String,
    /// The types and patterns that are chosen.
    types: Vec<String>,
}

impl From<Subscription> for Entered {
    fn from(found: Subscription) -> Self {
        Self { url: found.url, description: found.description, types: found.event_types }
    }
}

impl Entered {
    fn of(form: &Form) -> Self {
        let text = |name| form.get(name).unwrap_or_default().to_owned();
        let written = form.get("patterns").unwrap_or_default().split([',', '\n', ' ']);
        let types = form.all("type").chain(written).map(str::trim).filter(|name| !name.is_empty());
        let mut types: Vec<_> = types.map(str::to_owned).collect();
        types.sort();
        types.dedup();
        Self { url: text("url"), description: text("description"), types }
    }

    fn json(&self) -> Value {
        json!({ "url": self.url, "description": self.description, "event_types": self.types })
    }
}

impl Portal {
    pub(crate) async fn new_subscription(&self, asked: &Asked<'_>) -> Answer {
        self.entry(asked, None, None).await
    }

    pub(crate) async fn edit(&self, asked: &Asked<'_>, id: SubscriptionId) -> Answer {
        self.entry(asked, Some(id), None).await
    }

    pub(crate) async fn create(&self, asked: &Asked<'_>) -> Answer {
        if asked.form.get("tenant") != Some(asked.session.tenant()) {
            let words = "This browser has opened another shop's page meanwhile. Open the first one again by its link, and enter it there.";
            return Err(Refusal::Conflict(words.to_owned()));
        }
        let entered = Entered::of(&asked.form);
        match self
            .api
            .send::<Subscription>(asked.session, Method::POST, "/subscriptions", entered.json())
            .await
        {
            Ok(made) => Ok(see(&format!("/portal/subscriptions/{}/secret", made.id))),
            Err(Refusal::Invalid(faults)) => self.entry(asked, None, Some((entered, faults))).await,
            Err(other) => Err(other),
        }
    }

    pub(crate) async fn save(&self, asked: &Asked<'_>, id: SubscriptionId) -> Answer {
        let (entered, path) = (Entered::of(&asked.form), format!("/subscriptions/{id}"));
        match self
            .api
            .send::<Subscription>(asked.session, Method::PATCH, &path, entered.json())
            .await
        {
            Ok(saved) => Ok(see(&format!("/portal/subscriptions/{}", saved.id))),
            Err(Refusal::Invalid(faults)) => {
                self.entry(asked, Some(id), Some((entered, faults))).await
            }
            Err(other) => Err(other),
        }
    }

    /// The form: empty, as the subscription is, or as it was sent with what is wrong.
    async fn entry(
        &self,
        asked: &Asked<'_>,
        id: Option<SubscriptionId>,
        sent: Option<(Entered, Vec<Fault>)>,
    ) -> Answer {
        let session = asked.session;
        let subscription = async {
            let Some(id) = id else { return Ok(None) };
            self.api.get::<Subscription>(session, &format!("/subscriptions/{id}")).await.map(Some)
        };
        let catalogue = self.api.get_shared::<List<EventType>>(session, CATALOGUE);
        let (subscription, catalogue) = try_join(subscription, catalogue).await?;
        let (title, head) = match &subscription {
            Some(subscription) => ("Edit", heading(session, subscription, "Edit")),
            None => ("Add a webhook", html! { h1 { "Add a webhook" } }),
        };
        let was_sent = sent.is_some();
        let (entered, faults) = sent
            .unwrap_or_else(|| (subscription.map(Entered::from).unwrap_or_default(), Vec::new()));
        let mut page = self.frame.page(
            session,
            title,
            &html! { (head) (form(session.tenant(), &entered, &catalogue, &faults)) },
        );
        if was_sent {
            *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Ok(page)
    }
}

fn form(tenant: &str, entered: &Entered, list: &List<EventType>, faults: &[Fault]) -> Markup {
    let catalogue: Vec<_> = list.items.iter().filter(|found| !found.retired).collect();
    let fault = |path: &str| {
        faults.iter().find(|fault| fault.path.starts_with(path)).map(|fault| &fault.message)
    };
    let own: Vec<_> = entered
        .types
        .iter()
        .filter(|name| !is_offered(name, &catalogue))
        .map(String::as_str)
        .collect();
    let beside = faults.iter().filter(|fault| {
        !["url", "description", "event_types"].iter().any(|known| fault.path.starts_with(known))
    });
    html! {
        form method="post" {
            // Links to two shops may be open in one browser.
            input type="hidden" name="tenant" value=(tenant);
            @if !faults.is_empty() { p.fault role="alert" tabindex="-1" autofocus { "Nothing was saved yet: see below what to change." } }
            @for fault in beside { p.fault { (fault.message) } }
            label for="url" { "URL of your server" }
            input.wide #url name="url" type="url" required value=(entered.url) placeholder="https://example.com/webhooks"
                aria-invalid=[fault("url").map(|_| "true")] aria-describedby="url-fault";
            p.fault #url-fault { @if let Some(message) = fault("url") { (message) } }
            label for="description" { "Description, for yourself (optional)" }
            input.wide #description name="description" maxlength="500" value=(entered.description)
                aria-invalid=[fault("description").map(|_| "true")] aria-describedby="description-fault";
            p.fault #description-fault { @if let Some(message) = fault("description") { (message) } }
            fieldset aria-describedby="types-fault" {
                legend { "Event types" }
                p.fault #types-fault {
                    @if entered.types.is_empty() && !faults.is_empty() { "Choose at least one event type." }
                    @else if let Some(message) = fault("event_types") { (message) }
                }
                (choice("*", "all, also those that will be added", entered))
                @if !catalogue.is_empty() {
                    label for="search" { "Search" }
                    input.wide #search type="search" data-filter="types" autocomplete="off";
                    div #types {
                        @for (group, types) in groups(&catalogue) {
                            (group_of(&group, &types, entered))
                        }
                    }
                }
                @if list.next_cursor.is_some() {
                    p.quiet { "The catalogue has more types than these. Name the others below." }
                }
                details open[!own.is_empty()] {
                    summary { "Others, by name or pattern" }
                    label for="patterns" { "Separated by commas; order.* is all that start with order." }
                    input.wide #patterns name="patterns" value=(own.join(", "));
                }
            }
            button.first { "Save" }
        }
    }
}

fn is_offered(name: &str, catalogue: &[&EventType]) -> bool {
    name == "*"
        || catalogue.iter().any(|known| known.name.as_str() == name)
        || name
            .strip_suffix(".*")
            .is_some_and(|prefix| catalogue.iter().any(|known| group(known) == Some(prefix)))
}

/// The word before the first dot.
fn group(of: &EventType) -> Option<&str> {
    of.name.as_str().split_once('.').map(|(group, _)| group)
}

/// The catalogue by the first word of its names; those without a dot first.
fn groups<'a>(catalogue: &[&'a EventType]) -> BTreeMap<String, Vec<&'a EventType>> {
    let mut groups: BTreeMap<String, Vec<&EventType>> = BTreeMap::new();
    for &found in catalogue {
        groups.entry(group(found).unwrap_or_default().to_owned()).or_default().push(found);
    }
    groups
}

fn group_of(group: &str, types: &[&EventType], entered: &Entered) -> Markup {
    html! {
        @if group.is_empty() {
            @for found in types { (offered(found, entered)) }
        } @else {
            fieldset {
                legend { (group) }
                (choice(&format!("{group}.*"), "all of these, also those that will be added", entered))
                @for found in types { (offered(found, entered)) }
            }
        }
    }
}

fn offered(found: &EventType, entered: &Entered) -> Markup {
    html! {
        div.type {
            (choice(found.name.as_str(), &found.description, entered))
            @if let Some(example) = &found.example {
                details { summary { "Example" } (shown(example.get())) }
            }
        }
    }
}

fn choice(value: &str, words: &str, entered: &Entered) -> Markup {
    let chosen = entered.types.iter().any(|chosen| chosen == value);
    html! {
        label.choice {
            input type="checkbox" name="type" value=(value) checked[chosen];
            code { (value) } " " (words)
        }
    }
}
