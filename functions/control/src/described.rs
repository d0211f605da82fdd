//! What the API's description says of what a platform sets up.

use serde_json::{Map, Value, json};
use shared::core::subscription::profile::Profile;
use shared::edges::api::description::{Area, Described};
use shared::edges::api::response::List;
use shared::edges::api::routes::control::Operation;
use shared::edges::api::schemas::JsonSchemaText;

use crate::Health;
use crate::api_keys::{KeyView, NewKey};
use crate::erasures::ErasureView;
use crate::event_types::{EventTypeView, Import, ImportedView, PutEventType};
use crate::portal_links::{NewPortalLink, PortalLinkView};
use crate::tenants::{PutTenant, TenantView};

/// The description of what this function answers.
#[must_use]
pub fn describe(operation: Operation) -> Described {
    match operation {
        Operation::ListTenants => Described::new(Area::Tenants, "List tenants")
            .knowing("By their ids.")
            .answers::<List<TenantView>>(200, "A page of tenants."),
        Operation::GetTenant => {
            Described::new(Area::Tenants, "Get a tenant").answers::<TenantView>(200, "The tenant.")
        }
        Operation::PutTenant => Described::new(Area::Tenants, "Create or replace a tenant")
            .may_take::<PutTenant>()
            .answers::<TenantView>(201, "It was created.")
            .answers::<TenantView>(200, "It was replaced.")
            .may_conflict(),
        Operation::DeleteTenant => Described::new(Area::Tenants, "Delete a tenant with everything")
            .knowing("Within five seconds it is not found and its keys are worth nothing; the rest follows in the background.")
            .answers::<ErasureView>(202, "It is being erased.")
            .may_conflict(),
        Operation::ErasePayloads => Described::new(Area::Tenants, "Erase the payloads of all of a tenant's events")
            .knowing(
                "In the background, of events accepted until now, with what receivers answered to them; the record stays. What \
                 was still to be delivered is cancelled.",
            )
            .answers::<ErasureView>(202, "They are being erased.")
            .may_conflict(),
        Operation::GetErasure => Described::new(Area::Tenants, "See how far an erasure is")
            .knowing("The one that runs, or the last; also of a tenant that is gone.")
            .answers::<ErasureView>(200, "The erasure."),

        Operation::ListKeys => Described::new(Area::Tenants, "List a tenant's API keys")
            .knowing("All at once, without the keys themselves.")
            .answers::<List<KeyView>>(200, "The keys."),
        Operation::CreateKey => Described::new(Area::Tenants, "Create an API key of a tenant")
            .may_take::<NewKey>()
            .answers::<KeyView>(201, "The key, shown this once.")
            .for_example(json!({
                "id": "key_01KGF4RZ5M3X8W0V3QH2A6T1EC", "name": "the shop's back office", "scope": "read_only",
                "created_at": "2026-01-31T08:50:46.020Z", "key": "pr_aVgbSRjKfjYUy3E4TciqAjMhB2kP3fWjLrWk6HuF9Ao",
            })),
        Operation::DeleteKey => Described::new(Area::Tenants, "Revoke an API key")
            .knowing("It is worth nothing within ten seconds.")
            .answers_nothing("It is revoked."),
        Operation::CreatePortalLink => {
            Described::new(Area::Tenants, "Create a link that opens a tenant's page for a while")
                .may_take::<NewPortalLink>()
                .answers::<PortalLinkView>(201, "The link with its token, shown this once.")
        }
        Operation::RevokePortalLinks => Described::new(Area::Tenants, "Revoke all of a tenant's portal tokens")
            .knowing("They open nothing within five seconds.")
            .answers_nothing("They are revoked."),

        Operation::ListEventTypes => Described::new(Area::Catalogue, "List event types")
            .knowing("By their names.")
            .answers::<List<EventTypeView<'_>>>(200, "A page of event types."),
        Operation::GetEventType => Described::new(Area::Catalogue, "Get an event type")
            .answers::<EventTypeView<'_>>(200, "The event type."),
        Operation::GetSchema => Described::new(Area::Catalogue, "Get the JSON Schema of an event type's data")
            .answers::<JsonSchemaText>(200, "The JSON Schema itself."),
        Operation::PutEventType => Described::new(Area::Catalogue, "Create or replace an event type")
            .knowing("422 also where the example does not fit the schema or cannot be split, or where there is none to enforce.")
            .may_take::<PutEventType>()
            .answers::<EventTypeView<'_>>(201, "It was created.")
            .answers::<EventTypeView<'_>>(200, "It was replaced."),
        Operation::ImportEventTypes => Described::new(Area::Catalogue, "Create or replace many event types")
            .knowing("All are checked before one is written; others stay.")
            .takes::<Import>()
            .answers::<ImportedView>(200, "How many were created and replaced."),
        Operation::DeleteEventType => Described::new(Area::Catalogue, "Delete an event type")
            .knowing("Events of it stay on record. To refuse new ones and keep it listed, put it with `retired`.")
            .answers_nothing("It is gone."),
        Operation::ListProfiles => Described::new(Area::Catalogue, "List the profiles of this build")
            .knowing("All at once, with every field.")
            .answers::<List<Profile>>(200, "The profiles."),
        Operation::GetProfile => {
            Described::new(Area::Catalogue, "Get a profile").answers::<Profile>(200, "The profile.")
        }

        Operation::Health => {
            Described::new(Area::Service, "See whether it runs").answers::<Health>(200, "It runs.")
        }
        Operation::GetOpenApi => Described::new(Area::Service, "Get this description")
            .answers::<Map<String, Value>>(200, "An OpenAPI 3.1 document.")
            .for_example(json!({ "openapi": "3.1.0" })),
    }
}
