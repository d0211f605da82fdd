//! What the program prints once it is ready: addresses, the admin key, and commands to paste.

use std::path::Path;

use stack::Addresses;

/// The text.
pub fn text(addresses: &Addresses, data: &Path, ephemeral: bool) -> String {
    let Addresses { api, invoke, sqs, dynamodb, admin_key, .. } = addresses;
    let kept = if ephemeral { "nothing is kept".to_owned() } else { format!("kept in {}", data.display()) };
    format!(
        r#"
Postrider is running ({kept}). Ctrl-C stops it.

  API        {api}
  Admin key  {admin_key}
  Lambda     {invoke}
  SQS        {sqs}
  DynamoDB   {dynamodb}

Paste these to send a first webhook. Put your receiver's address where it says http://127.0.0.1:8080/.

  api={api} key={admin_key}
  call() {{ curl -sS -H "authorization: Bearer $key" -H 'content-type: application/json' "$@"; echo; }}

  # a tenant, and a type of event
  call -X PUT  $api/v1/tenants/shop-1 -d '{{"name":"Shop 1"}}'
  call -X PUT  $api/v1/event-types/order.created -d '{{"description":"An order was placed"}}'

  # where that tenant wants its events
  call -X POST $api/v1/tenants/shop-1/subscriptions \
       -d '{{"url":"http://127.0.0.1:8080/","event_types":["order.*"]}}'

  # something happened
  call -X POST $api/v1/tenants/shop-1/events -d '{{"type":"order.created","data":{{"order":1}}}}'

  # what became of it: put in the event's id from the answer above
  call $api/v1/tenants/shop-1/events/EVENT_ID/deliveries
"#
    )
}
