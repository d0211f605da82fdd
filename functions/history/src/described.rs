//! What the API's description says of the record.

use serde_json::json;
use shared::core::bulk_resend;
use shared::edges::api::description::{Area, Described};
use shared::edges::api::response::List;
use shared::edges::api::routes::history::Operation;

use crate::bulk::ResendView;
use crate::cancel::Cancelled;
use crate::events::EventList;
use crate::resend::Asked;
use crate::views::{DeliveryView, EventView, StatisticsView, TenantStatisticsView};

const COUNTED: &str = "Of a window of whole hours by the events' acceptance, the last 24 hours where none is given. One request \
                       counts about 20,000 deliveries; while `complete` is false, the next one goes on from there.";

/// The description of what this function answers.
#[must_use]
pub fn describe(operation: Operation) -> Described {
    match operation {
        Operation::ListEvents => Described::new(Area::Events, "List events")
            .knowing(
                "Without their payloads. With the oldest first also for polling: keep `resume_cursor`, start the next poll \
                 from it, and drop the ids that you know. A page may be shorter than `limit`, even empty, while there is a \
                 `next_cursor`.",
            )
            .answers::<EventList>(200, "A page of events."),
        Operation::GetEvent => Described::new(Area::Events, "Get an event with its payload")
            .answers::<EventView>(200, "The event.")
            .for_example(json!({
                "id": "evt_01KGF4S4M4T9CH7JD3M2XJ5V0R", "type": "order.created", "timestamp": "2026-01-31T08:50:46.020Z",
                "matched": 1, "data": { "order": 1, "total": 42.5 },
            })),
        Operation::ListDeliveriesOfEvent => Described::new(Area::Events, "List where an event went, and how that stands")
            .knowing("All at once, without a page, where it went to 100 subscriptions or fewer.")
            .answers::<List<DeliveryView>>(200, "A delivery for each subscription."),
        Operation::ListDeliveries => Described::new(Area::Deliveries, "List a subscription's deliveries")
            .knowing("`success=false` reads only what was not delivered. A page may be shorter than `limit`, even empty, while there is a \
                 `next_cursor`.")
            .answers::<List<DeliveryView>>(200, "A page of deliveries."),
        Operation::GetDelivery => Described::new(Area::Deliveries, "Get a delivery with its attempts and payload")
            .answers::<DeliveryView>(200, "The delivery."),
        Operation::ListResends => Described::new(Area::Deliveries, "List a subscription's bulk resends")
            .answers::<List<ResendView>>(200, "The one that runs with those that have ended."),
        Operation::GetResend => Described::new(Area::Deliveries, "See how far a bulk resend is")
            .answers::<ResendView>(200, "The bulk resend."),
        Operation::GetSubscriptionStatistics => Described::new(Area::Statistics, "Count a subscription's deliveries")
            .knowing(COUNTED)
            .answers::<StatisticsView>(200, "The counts."),
        Operation::GetTenantStatistics => {
            Described::new(Area::Statistics, "Count the deliveries of all of a tenant's subscriptions")
                .knowing(COUNTED)
                .answers::<TenantStatisticsView>(200, "The counts.")
        }

        Operation::ErasePayload => Described::new(Area::Events, "Erase an event's payload")
            .knowing(
                "With what receivers answered to it; the record stays. What was still to be delivered is cancelled, but for a \
                 first attempt that is in the queue already.",
            )
            .answers_nothing("It is gone.")
            .may_conflict(),
        Operation::Resend => Described::new(Area::Deliveries, "Send an event to a subscription again")
            .knowing(
                "One more attempt, now, which neither uses nor moves the schedule; its success ends it. An event that never \
                 went to the subscription goes to it then. 409 where the subscription is disabled or the payload erased.",
            )
            .answers::<Asked>(202, "The attempt is in the queue.")
            .may_conflict(),
        Operation::Cancel => Described::new(Area::Deliveries, "Cancel a delivery")
            .knowing("No attempt follows. What is settled already stays as it is.")
            .answers::<DeliveryView>(200, "The delivery as it stands then.")
            .may_conflict(),
        Operation::CancelAll => Described::new(Area::Deliveries, "Cancel a subscription's deliveries that wait for an attempt")
            .answers::<Cancelled>(200, "How many were cancelled.")
            .may_conflict(),
        Operation::StartResend => Described::new(Area::Deliveries, "Send many of a subscription's deliveries again")
            .knowing("In the background, one at a time for each subscription. 409 where another runs, or it is disabled.")
            .may_take::<bulk_resend::Request>()
            .answers::<ResendView>(202, "It was started.")
            .answers::<ResendView>(200, "The same runs already.")
            .may_conflict(),
        Operation::CancelResend => Described::new(Area::Deliveries, "Cancel a bulk resend")
            .knowing("Nothing more is sent; what is in the queue goes out. One that has ended stays as it is.")
            .answers::<ResendView>(200, "The bulk resend as it stands then.")
            .may_conflict(),
    }
}
