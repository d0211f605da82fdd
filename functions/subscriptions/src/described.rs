//! What the API's description says of subscriptions.

use serde_json::json;
use shared::edges::api::description::{Area, Described};
use shared::edges::api::response::List;
use shared::edges::api::routes::subscriptions::Operation;

use crate::forms::{NewSubscription, Patch, SubscriptionView};
use crate::secrets::{Rotate, SecretView};
use crate::test_push::{Push, Pushed};

/// The description of what this function answers.
#[must_use]
pub fn describe(operation: Operation) -> Described {
    match operation {
        Operation::ListSubscriptions => Described::new(Area::Subscriptions, "List a tenant's subscriptions")
            .answers::<List<SubscriptionView>>(200, "A page of subscriptions."),
        Operation::GetSubscription => Described::new(Area::Subscriptions, "Get a subscription")
            .answers::<SubscriptionView>(200, "The subscription."),
        Operation::CreateSubscription => Described::new(Area::Subscriptions, "Create a subscription")
            .knowing("Events accepted after the answer are delivered to it.")
            .takes::<NewSubscription>()
            .answers::<SubscriptionView>(201, "It was created.")
            .may_conflict(),
        Operation::PatchSubscription => Described::new(Area::Subscriptions, "Change a subscription")
            .knowing(
                "A JSON Merge Patch (RFC 7396). Paused, its deliveries are held until it is active again; disabled, what was \
                 pending is cancelled.",
            )
            .takes::<Patch>()
            .for_example(json!({ "status": "paused", "overrides": { "timeout_seconds": 5 } }))
            .answers::<SubscriptionView>(200, "It was changed.")
            .may_conflict(),
        Operation::DeleteSubscription => Described::new(Area::Subscriptions, "Delete a subscription")
            .knowing("What is pending is cancelled; its deliveries can no longer be listed.")
            .answers_nothing("It is gone.")
            .may_conflict(),
        Operation::GetSecret => Described::new(Area::Subscriptions, "Get what verifies a subscription's signatures")
            .answers::<SecretView>(200, "The secret, or the public key of a private one."),
        Operation::RotateSecret => Described::new(Area::Subscriptions, "Replace a subscription's secret")
            .knowing("The new one signs at once, the earlier one as well until the overlap ends.")
            .may_take::<Rotate>()
            .answers::<SecretView>(200, "The new secret, and the earlier one.")
            .may_conflict(),
        Operation::PushTest => Described::new(Area::Subscriptions, "Send a sample now")
            .knowing(
                "Whatever the subscription's status. On record with trigger `test`, never retried, and of no consequence. 413 \
                 also for data of more than 1 MiB.",
            )
            .takes::<Push>()
            .answers::<Pushed>(200, "What was sent, and what came back."),
    }
}
