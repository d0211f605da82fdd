//! What the program prints once it is ready: addresses, the admin key, and commands to paste.

use std::path::Path;

use aws::Addresses;

/// The text. `kept` is the data directory, if anything is kept.
pub fn text(addresses: &Addresses, receiver: &str, kept: Option<&Path>) -> String {
    let Addresses { api, invoke, sqs, dynamodb, admin_key, .. } = addresses;
    let kept = kept
        .map_or_else(|| "nothing is kept".to_owned(), |data| format!("kept in {}", data.display()));
    format!(
        r#"
Postrider is running ({kept}). Ctrl-C stops it.

  API        {api}
  Admin key  {admin_key}
  Receiver   {receiver}   prints here what it gets; its paths: curl {receiver}
  Lambda     {invoke}
  SQS        {sqs}
  DynamoDB   {dynamodb}

Paste these into another terminal to send a first webhook.

  api={api} key={admin_key} receiver={receiver}
  send() {{ curl -sS -H "authorization: Bearer $key" -H 'content-type: application/json' "$@"; echo; }}

  # a tenant, and a type of event
  send -X PUT  $api/v1/tenants/shop-1 -d '{{"name":"Shop 1"}}'
  send -X PUT  $api/v1/event-types/order.created -d '{{"description":"An order was placed"}}'

  # where that tenant wants its events; the receiver checks their signatures with the same secret
  secret=whsec_$(head -c 32 /dev/urandom | base64)
  send -X POST $api/v1/tenants/shop-1/subscriptions \
       -d '{{"url":"'$receiver'/ok","event_types":["order.*"],"secret":"'$secret'"}}'
  curl -sS $receiver/_secrets -d '{{"/ok":"'$secret'"}}'

  # something happened
  send -X POST $api/v1/tenants/shop-1/events -d '{{"type":"order.created","data":{{"order":1}}}}'

  # what became of it: put in the event's id from the answer above
  send $api/v1/tenants/shop-1/events/EVENT_ID/deliveries

  # the tenant's own page: open the url of the answer in a browser
  send -X POST $api/v1/tenants/shop-1/portal-links -d '{{"capabilities":["manage","resend"]}}'
"#
    )
}
