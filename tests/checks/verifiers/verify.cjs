// Verifies recorded deliveries with the official Standard Webhooks library for JavaScript.
"use strict";

const { readFileSync } = require("node:fs");
const { Webhook, WebhookVerificationError } = require("standardwebhooks");

const OTHER_SECRET = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** Each way in which a delivery can be changed, none of which may verify. */
function tampered({ headers, body, secret }) {
  const later = String(Number(headers["webhook-timestamp"]) + 1);
  const signature = headers["webhook-signature"];
  const flipped = signature
    .split(" ")
    .map((one) => one.split(","))
    .map(([version, text]) => `${version},${[...text.slice(0, -1)].reverse().join("")}=`)
    .join(" ");
  const { "webhook-signature": _, ...unsigned } = headers;
  return [
    ["body", headers, body.replace("order.created", "order.deleted"), secret],
    ["white space", headers, body + " ", secret],
    ["timestamp", { ...headers, "webhook-timestamp": later }, body, secret],
    ["id", { ...headers, "webhook-id": "evt_00000000000000000000000000" }, body, secret],
    ["signature", { ...headers, "webhook-signature": flipped }, body, secret],
    ["version", { ...headers, "webhook-signature": signature.replaceAll("v1,", "v2,") }, body, secret],
    ["secret", headers, body, OTHER_SECRET],
    ["no signature", unsigned, body, secret],
  ];
}

const recorded = JSON.parse(readFileSync(process.argv[2], "utf8"));
// The others have secrets that this library does not know.
const deliveries = recorded.filter(({ secret }) => secret.startsWith("whsec_"));
if (deliveries.length === 0) {
  throw new Error("there are no deliveries to verify");
}
let refused = 0;
for (const delivery of deliveries) {
  new Webhook(delivery.secret).verify(delivery.body, delivery.headers);
  for (const [what, headers, body, secret] of tampered(delivery)) {
    let accepted = true;
    try {
      new Webhook(secret).verify(body, headers);
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error;
      accepted = false;
      refused += 1;
    }
    if (accepted) {
      throw new Error(`JavaScript: a delivery with another ${what} was accepted: ${JSON.stringify(headers)}`);
    }
  }
}
console.log(`JavaScript: ${deliveries.length} deliveries verified, ${refused} tampered ones refused`);
